"""Which language is in use, and which one a browser prefers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .table import ENGLISH, LANGUAGES, Language

COOKIE = "dmc-language"
"""The cookie in which a browser keeps the choice of its user."""

VARIABLE = "DMC_LANGUAGE"
"""The environment variable with the language of a kernel's page."""

_BY_CODE = {language.code.lower(): language for language in LANGUAGES}
_of_context: ContextVar[Language | None] = ContextVar("_of_context", default=None)
# Widgets handle messages on any thread, and a new thread has a context of its own.
_of_process = [ENGLISH]


def current_language() -> Language:
    """Return the language in use."""
    return _of_context.get() or _of_process[0]


def set_language(code: str) -> Language:
    """Use a language in this process from now on; an unknown one becomes English.

    >>> set_language("de-AT").name
    'Deutsch'
    """
    _of_process[0] = choose_language([code])
    return _of_process[0]


@contextmanager
def using_language(code: str) -> Iterator[Language]:
    """Use a language within the block, in this context only."""
    language = choose_language([code])
    reset = _of_context.set(language)
    try:
        yield language
    finally:
        _of_context.reset(reset)


def choose_language(preferred: Iterable[str]) -> Language:
    """Return the first of the preferred languages that there is, or English.

    >>> choose_language(["fr-CA", "es-MX", "en"]).code
    'es'
    """
    for code in preferred:
        wanted = code.strip().lower().replace("_", "-")
        found = _BY_CODE.get(wanted) or _BY_CODE.get(wanted.partition("-")[0])
        if found is not None:
            return found
    return ENGLISH


def parse_accept_language(header: str) -> list[str]:
    """List the languages of an ``Accept-Language`` header, the preferred one first.

    >>> parse_accept_language("en;q=0.5, de-DE")
    ['de-DE', 'en']
    """
    weighted = []
    for part in header.split(","):
        code, _, parameters = part.partition(";")
        weight = _parse_weight(parameters)
        if code.strip() and weight > 0:
            weighted.append((code.strip(), weight))
    # Sorting is stable: of equal weights the first one stays first.
    return [code for code, _ in sorted(weighted, key=lambda item: -item[1])]


def _parse_weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
