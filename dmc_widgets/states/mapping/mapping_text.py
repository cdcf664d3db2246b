"""Texts of the mapping forms: summaries of field mappings, and typed values."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

from ...languages import gettext as _
from ...languages import ngettext
from ...model.entity_type import Field
from ...model.field_mapping import ABSENT, FieldMapping, OtherValues
from ...model.value_conversion import BooleanFormat, DateFormat, NumberFormat

NULL_TEXT: Final = "(null)"
"""The text that stands for null in an input."""

_PREVIEW_LENGTH: Final = 120
_CONSTANT_LENGTH: Final = 40
BOOLEAN_TYPES: Final = {"boolean", "Boolean"}
NUMBER_TYPES: Final = {
    "integer",
    "number",
    "Integer",
    "LongInteger",
    "Decimal",
    "PrecisionDecimal",
}
NESTED_TYPES: Final = {"array", "object", "MultiselectPicklist"}
_PATTERN_NAMES: Final = {
    "%d": "dd",
    "%m": "mm",
    "%Y": "yyyy",
    "%y": "yy",
    "%H": "HH",
    "%I": "hh",
    "%M": "MM",
    "%S": "SS",
    "%f": "ffffff",
    "%p": "AM/PM",
    "%b": "Mon",
    "%B": "Month",
    "%z": "+hh:mm",
}


def format_json(value: object) -> str:
    """Return *value* as JSON text, at most 120 characters."""
    if isinstance(value, Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _PREVIEW_LENGTH else f"{text[:_PREVIEW_LENGTH]}…"


def describe_mapping(pair: FieldMapping) -> str:
    """Summarize what *pair* does besides taking a value as it is."""
    if pair.constant is not ABSENT:
        return _("constant {constant}").format(constant=_format_constant(pair.constant))
    parts = [_("expression")] if pair.expression else []
    if pair.values:
        number = len(pair.values)
        text = ngettext("{count} value mapped", "{count} values mapped", number)
        parts.append(text.format(count=number))
        if pair.other_values is OtherValues.REFUSE:
            parts.append(_("others refused"))
    if pair.format is not None:
        parts.append(_describe_format(pair.format))
    if pair.if_missing is not ABSENT:
        parts.append(
            _("{constant} if missing").format(
                constant=_format_constant(pair.if_missing)
            )
        )
    if pair.if_empty is not ABSENT:
        parts.append(
            _("{constant} if empty").format(constant=_format_constant(pair.if_empty))
        )
    if pair.lookup:
        parts.append(_("looked up by {lookup}").format(lookup=pair.lookup))
    return ", ".join(parts)


def format_pattern(pattern: str) -> str:
    """Format a date pattern for people: ``%d.%m.%Y`` as ``dd.mm.yyyy``."""
    return re.sub("%.", lambda match: _PATTERN_NAMES.get(match[0], match[0]), pattern)


def format_input(value: Any) -> str:
    """Format a value for an input; :func:`parse_input` reads it."""
    if value is ABSENT:
        return ""
    if isinstance(value, str):
        return value
    return NULL_TEXT if value is None else json.dumps(value, ensure_ascii=False)


def parse_input(text: str, field: Field, previous: Any = ABSENT) -> Any:
    """Parse a value that a person typed for *field*.

    A text that is not a value of the field's type stays a text.

    Args:
        text: The text as typed.
        field: The destination field; its type tells numbers and lists from texts.
        previous: The value before the edit. It is returned if the text was not
            changed, so that a value of another type than the field's survives.
    """
    if previous is not ABSENT and text == format_input(previous):
        return previous
    if text.strip() == NULL_TEXT:
        return None
    if field.type in BOOLEAN_TYPES and text.strip().lower() in {"true", "false"}:
        return text.strip().lower() == "true"
    if field.type in NUMBER_TYPES:
        return _parse_number(text)
    return _parse_nested(text) if field.type in NESTED_TYPES else text


def format_spellings(spellings: tuple[str, ...]) -> str:
    """Join spellings in one line, separated by commas; the empty one is ``""``."""
    plain = re.compile(r'[^\s",](?:[^",]*[^\s",])?')
    return ", ".join(
        spelling
        if plain.fullmatch(spelling)
        else '"' + spelling.replace('"', '""') + '"'
        for spelling in spellings
    )


def parse_spellings(text: str) -> tuple[str, ...]:
    """Parse the spellings that :func:`format_spellings` joined."""
    matches = re.finditer(r'\s*(?:"((?:[^"]|"")*)"|([^,]+))', text)
    spellings = [
        match[2].strip() if match[1] is None else match[1].replace('""', '"')
        for match in matches
        if match[1] is not None or match[2].strip()
    ]
    return tuple(dict.fromkeys(spellings))


def _describe_format(form: DateFormat | NumberFormat | BooleanFormat) -> str:
    if isinstance(form, DateFormat):
        pattern = format_pattern(form.pattern)
        text = _("date and time {pattern}") if form.with_time else _("date {pattern}")
        return text.format(pattern=pattern)
    if isinstance(form, NumberFormat):
        return _("numbers like 1{grouping}234{decimal}5").format(
            grouping=form.grouping, decimal=form.decimal
        )
    spellings = "/".join((*form.true[:1], *form.false[:1]))
    return _("yes and no as {spellings}").format(spellings=spellings)


def _format_constant(value: Any) -> str:
    if isinstance(value, str):
        text = f"'{value}'"
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _CONSTANT_LENGTH else f"{text[:_CONSTANT_LENGTH]}…"


def _parse_number(text: str) -> Any:
    try:
        value = json.loads(text, parse_float=Decimal)
    except ValueError:
        return text
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else text
    return value if isinstance(value, int) and not isinstance(value, bool) else text


def _parse_nested(text: str) -> Any:
    if text.strip()[:1] not in {"[", "{"}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
