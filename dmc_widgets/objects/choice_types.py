"""Picklist fields: one key, or several, of those that the picklist holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..model.outcome import Problem
from .entry_faults import invalid_value, list_type_entry


def picklist_check(
    name: str, picklist: Mapping[str, str]
) -> Callable[[Any], str | Problem | None]:
    """Build the check of one choice: ``{key}``, ``{key, name}`` or the key."""

    def check(value: Any) -> str | Problem | None:
        key = value.get("key") if isinstance(value, dict) else value
        if isinstance(key, str):
            if key in picklist:
                return key
            return list_type_entry(name, value) if key.strip() else None
        if key is None and value:  # {"key": null}, as an empty CSV column gives
            return None
        return invalid_value(name, value)

    return check


def multiselect_check(
    name: str, picklist: Mapping[str, str]
) -> Callable[[Any], list[str] | Problem | None]:
    """Build the check of several choices; none at all is kept as no value.

    Taken: a list of keys or objects, one object, ``"a, b"`` and ``"[]"``.
    """
    one = picklist_check(name, picklist)

    def check(value: Any) -> list[str] | Problem | None:
        if isinstance(value, str):
            choices: list[Any] = _split(value)
        elif isinstance(value, dict):
            choices = [value]
        elif isinstance(value, list):
            choices = value
        else:
            return invalid_value(name, value)
        keys: dict[str, None] = {}
        for choice in choices:
            key = None if choice is None else one(choice)
            if isinstance(key, Problem):
                return key
            if key is not None:
                keys[key] = None
        return list(keys) or None

    return check


def _split(text: str) -> list[Any]:
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [each.strip() for each in inner.split(",")]
