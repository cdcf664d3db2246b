"""Placeholders that Liferay fills in where it deploys packages: ``[$GROUP_ID$]``.

Client extensions and site initializers contain them in place of ids and texts that only
the receiving instance knows. The key ``[$FOR_EACH_LANGUAGE_ID$]`` in a map of
translations stands for every language of the instance. They cannot be filled in here,
so a definition, picklist or folder with one is refused. A placeholder within a longer
text is taken as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..model.outcome import Problem
from .errors.document_problem_types import DocumentProblemType

FOR_EACH_LANGUAGE: Final = "[$FOR_EACH_LANGUAGE_ID$]"

_TOKEN: Final = re.compile(
    r"\[\$[A-Z][A-Z0-9_]*(?::[^$\[\]]+)?\$\]|\[#[A-Z][A-Z0-9_]*(?::[^#\[\]]+)?#\]"
    r"|\[\$[A-Za-z0-9_]+#[^$\[\]]+\$\]"
)
_EACH_LANGUAGE: Final = "State the text of each language, such as en_US."
_ANY: Final = "State what it stands for."


class Token(NamedTuple):
    """A placeholder and the path of its property."""

    path: str
    text: str


def is_token(text: object) -> bool:
    """Return True if a text is a placeholder and nothing else."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


def find_tokens(value: Any, path: str = "") -> Iterator[Token]:
    """Yield the placeholders among the keys and the texts of a JSON value."""
    if isinstance(value, str):
        if is_token(value):
            yield Token(path, value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if is_token(name):
                yield Token(path, name)
            else:
                yield from find_tokens(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            own = inner.get("name") or inner.get("key") if _is_part(inner) else None
            named = isinstance(own, str) and not is_token(own)
            yield from find_tokens(inner, f"{path}.{own}" if named else path)


def check_tokens(item: Mapping[str, Any]) -> Problem | None:
    """Report the first placeholder in a document."""
    token = next(find_tokens(item), None)
    if token is None:
        return None
    remedy = _EACH_LANGUAGE if token.text == FOR_EACH_LANGUAGE else _ANY
    return DocumentProblemType.TOKEN.problem(
        token.path, token.text, token=token.text, remedy=remedy
    )


def explain_language_token(key: object) -> str:
    """Explain a placeholder in place of a language; empty for any other key."""
    if key != FOR_EACH_LANGUAGE:
        return ""
    return (
        f"The placeholder {FOR_EACH_LANGUAGE} of Liferay's packages is not supported. "
        f"{_EACH_LANGUAGE}"
    )


def format_token_warning(name: str, records: Iterable[Mapping[str, Any]]) -> str:
    """Return a warning about placeholders in entries; empty where there are none.

    Args:
        name: The name of the file.
        records: Some of its records.
    """
    for record in records:
        for token in find_tokens(record):
            return (
                f"{name} holds placeholders of Liferay's packages, such as "
                f"{token.text} in {token.path!r}. They are not filled in: a text field "
                "keeps them as they stand."
            )
    return ""


def _is_part(value: Any) -> bool:
    return isinstance(value, Mapping)
