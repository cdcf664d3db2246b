"""The two ways in which Liferay writes languages: ``en_US`` and ``en-US``.

Liferay takes both. It gives out ``en_US`` in the labels of definitions and folders, and
``en-US`` in the names of picklists, where Chinese has its script as in BCP 47.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_SCRIPTS: Final = {"zh_CN": "zh-Hans-CN", "zh_TW": "zh-Hant-TW"}
_WITHOUT_SCRIPT: Final = {tag: language_id for language_id, tag in _SCRIPTS.items()}

_MAX_KEYS: Final = 1024

NAMES: Final = "name_i18n"
"""The property of a picklist and its entries that holds their names by language."""

TEXTS: Final = frozenset(
    ["description", "errorLabel", "errorMessage", "label", "name", "pluralLabel"]
)
"""Properties of definitions, folders and parts that may hold texts by language."""


@lru_cache(_MAX_KEYS)
def to_language_id(key: str) -> str:
    """Return ``en_US`` for ``en-US``; any other text unchanged."""
    if not _LANGUAGE.fullmatch(key):
        return key
    return _WITHOUT_SCRIPT.get(key) or key.replace("-", "_")


@lru_cache(_MAX_KEYS)
def to_language_tag(key: str) -> str:
    """Return ``en-US`` for ``en_US``; any other text unchanged."""
    if not _LANGUAGE.fullmatch(key):
        return key
    language_id = to_language_id(key)
    return _SCRIPTS.get(language_id) or language_id.replace("_", "-")


def write_languages(texts: Any, write: Callable[[str], str]) -> Any:
    """Return texts by language with their keys written in one way.

    Args:
        texts: The texts; a value of another type is returned unchanged.
        write: Writes a key: :func:`to_language_id` or :func:`to_language_tag`.
    """
    if not isinstance(texts, dict) or all(write(key) == key for key in texts):
        return texts
    written = {write(key): text for key, text in texts.items()}
    # What is written in that way already counts, if a text stands under both keys.
    return written | {key: text for key, text in texts.items() if write(key) == key}


def unify_languages(value: Any, name: str) -> Any:
    """Return the value of a property for comparison: ``en_US`` equals ``en-US``."""
    if name in TEXTS or name == NAMES:
        return write_languages(value, to_language_id)
    return value


def write_label_languages(value: Any, name: str = "") -> Any:
    """Return a definition, a folder or a part with ``en_US`` in all labels.

    It is returned itself if nothing changes, as with most: every read comes here.
    """
    if isinstance(value, list):
        written = [write_label_languages(element) for element in value]
        is_same = all(new is old for new, old in zip(written, value, strict=True))
        return value if is_same else written
    if not isinstance(value, dict):
        return value
    if name in TEXTS:
        return write_languages(value, to_language_id)
    changed = {}
    for key, inner in value.items():
        if isinstance(inner, (dict, list)):
            new = write_label_languages(inner, key)
            if new is not inner:
                changed[key] = new
    return value | changed if changed else value
