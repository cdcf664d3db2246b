"""Values of records as short texts for tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..center.task_changes import format_change_value

_CHOICE = {"key", "name", "name_i18n"}


def format_value(value: Any) -> str:
    """Return a value as people read it; what has no shorter form stays JSON.

    Both name and key of a choice are shown, because either of them may be what is
    wrong with it, or what has changed.

    >>> format_value({"key": "road", "name": "Road Bike"})
    'Road Bike (road)'
    """
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if _is_choice(value):
        key, name = str(value["key"]), str(value.get("name") or "")
        return f"{name} ({key})" if name and name != key else key
    if isinstance(value, list) and value and all(map(_is_choice, value)):
        return ", ".join(map(format_value, value))
    return format_change_value(value)


def format_json_value(text: str | None) -> str:
    """Return a value that is there as JSON text, without the quotes of JSON.

    A text that begins or ends with a space, or is empty, keeps its quotes: it
    would be invisible without.
    """
    if text is None:
        return ""
    try:
        value = json.loads(text)
    except ValueError:  # long values are cut
        return text
    if isinstance(value, str) and value.strip() != (value or None):
        return text
    return format_value(value)


def _is_choice(value: Any) -> bool:
    return isinstance(value, Mapping) and "key" in value and value.keys() <= _CHOICE
