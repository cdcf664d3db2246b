"""Mending a value in the preview: how it is entered, and what the text becomes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from ...errors import InvalidPlan
from ...model.entity_type import Field
from ...model.field_mapping import FieldMapping
from .mapping_text import BOOLEAN_TYPES, NESTED_TYPES, NUMBER_TYPES, parse_input

_BOOLEANS: Final = (("true", "true"), ("false", "false"))
_KINDS: Final = {"Date": "date"}


class ValueEditor(NamedTuple):
    """How the value of a field is entered.

    Attributes:
        kind: ``text``, ``number``, ``date`` or ``choice``.
        choices: Pairs of a value and its label, for a choice.
    """

    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()


def find_editor(field: Field) -> ValueEditor:
    """Return how a value of *field* is entered."""
    if field.type in BOOLEAN_TYPES:
        return ValueEditor("choice", _BOOLEANS)
    if field.choices:
        labels = ((key, f"{name} ({key})") for key, name in field.choices)
        return ValueEditor("choice", tuple(labels))
    if field.type in NUMBER_TYPES:
        return ValueEditor("number")
    return ValueEditor(_KINDS.get(field.type, "text"))


def can_replace_values(pair: FieldMapping | None, field: Field) -> bool:
    """Return True if a table of values can replace what *pair* takes from the file.

    A list is replaced part by part, which the editor of a mapping does.
    """
    if pair is None or not pair.has_source or pair.lookup:
        return False
    return field.type not in NESTED_TYPES


def parse_mended_value(text: str, field: Field) -> Any:
    """Return the value of *field* that a person has entered: a number as a number.

    Raises:
        InvalidPlan: It is not a value of the field's type; the error names an example.
    """
    value = parse_input(text, field)
    if isinstance(value, str) and field.type in NUMBER_TYPES and value.strip():
        _require_number(value, field)
    return value


def _require_number(text: str, field: Field) -> None:
    """Refuse a text that is not a number; one beyond a float's digits stays a text."""
    try:
        Decimal(text.strip())
    except InvalidOperation:
        reason = (
            f"{text!r} is not a number, which {field.name} expects. Write it with a "
            "decimal point and without groups, such as 1234.5."
        )
        raise InvalidPlan(reason) from None
