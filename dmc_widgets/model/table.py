"""The table of a value mapping, and what a record says that does not fit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from .outcome import Problem

CODE = "mapping-error"
_VALUE_CHARS: Final = 300
_SHOWN: Final = 20


def mapping_problem(target: str, value: Any, expected: str) -> Problem:
    """Say that *value* cannot become the field *target*, and what could."""
    text = _as_json(value)
    message = f"The field {target!r} got {text}; the mapping expects {expected}."
    return Problem(CODE, message, target, text)


def look_up(
    table: dict[str, Any], target: str, value: Any, *, refuse: bool, split: bool
) -> Any:
    """Replace *value* by the table; lists element by element.

    Args:
        table: Target values by the text of the source value.
        target: The field that is filled.
        value: A text, number, truth value, picklist entry (its key counts) or a
            list of them. What is empty and not in the table passes.
        refuse: A value that is not in the table is a problem; else it passes.
        split: A text is a list of texts, separated by commas.

    Returns:
        The target value, or a :class:`Problem`.
    """
    if split and isinstance(value, str) and value.strip() not in {"", "[]"}:
        value = [each.strip() for each in value.split(",") if each.strip()]
    if not isinstance(value, list):
        return _one(table, target, value, refuse=refuse)
    made = [_one(table, target, each, refuse=refuse) for each in value]
    return next((each for each in made if isinstance(each, Problem)), made)


def _one(table: dict[str, Any], target: str, value: Any, *, refuse: bool) -> Any:
    text = value_text(value)
    if text is not None and text in table:
        return table[text]
    empty = value is None or (isinstance(value, str) and not value.strip())
    if empty or not refuse:
        return value
    known = ", ".join(map(repr, list(table)[:_SHOWN]))
    more = ", …" if len(table) > _SHOWN else ""
    return mapping_problem(target, value, f"one of {known}{more}")


def value_text(value: Any) -> str | None:
    """Return the text that a table goes by; None for what it does not translate."""
    if isinstance(value, dict):
        value = value.get("key")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float, Decimal)):
        return str(value)
    return None


def _as_json(value: Any) -> str:
    if isinstance(value, Decimal):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _VALUE_CHARS else text[:_VALUE_CHARS] + "…"
