"""The texts of a script that runs in the page, translated in the kernel.

A script writes ``t("Next page")`` and ``tn("{count} entry", "{count} entries", count)``
with plain literals; it gets their translations with its traits.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from .catalogs import gettext, load_catalog
from .choice import current_language
from .table import ENGLISH, Language

_LITERAL = r'"([^"\\\n]+)"'
_ONE = re.compile(rf"\bt\(\s*{_LITERAL}")
_PLURAL = re.compile(rf"\btn\(\s*{_LITERAL},\s*{_LITERAL}")
_PERIOD = 100


def list_messages(script: str) -> list[str]:
    """List the messages of a script, plural forms not among them."""
    return _ONE.findall(script)


def list_plurals(script: str) -> list[tuple[str, str]]:
    """List the messages of a script that have a plural."""
    return _PLURAL.findall(script)


def translate_script(script: str) -> dict[str, Any]:
    """Return what a script needs to show its texts in the language in use.

    ``texts`` holds the translations, a list of forms where there is a plural. ``forms``
    says which form a number asks for: that of 1,234 is at ``134``, so the digits are
    those of all numbers below 100 and then of those from 100 on.
    """
    return _translate(current_language(), script)


@cache
def _translate(language: Language, script: str) -> dict[str, Any]:
    about = {"code": language.code, "dir": language.direction}
    if language == ENGLISH:
        return about
    catalog = load_catalog(language)
    texts: dict[str, Any] = {text: gettext(text) for text in list_messages(script)}
    plurals = list_plurals(script)
    forms = [_find_form(catalog, number) for number in range(2 * _PERIOD)]
    for one, many in plurals:
        samples = {form: number for number, form in reversed([*enumerate(forms)])}
        texts[one] = [
            catalog.ngettext(one, many, samples[form]) for form in sorted(samples)
        ]
    return about | {"texts": texts, "forms": "".join(map(str, forms))}


def _find_form(catalog: Any, number: int) -> int:
    plural = getattr(catalog, "plural", lambda count: int(count != 1))
    return int(plural(number))
