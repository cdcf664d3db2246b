"""What a mapping says of a field, in a few words, and values as people type them."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

from ...model.entity_type import Field
from ...model.field_mapping import ABSENT, FieldMapping, OtherValues
from ...model.value_conversion import BooleanFormat, DateFormat, NumberFormat

NULL_TEXT: Final = "(null)"
"""What stands for null where a text is typed."""

_PREVIEW_LENGTH: Final = 120
_WORD_LENGTH: Final = 40
_BOOLEANS: Final = {"boolean", "Boolean"}
_NUMBERS: Final = {
    "integer",
    "number",
    "Integer",
    "LongInteger",
    "Decimal",
    "PrecisionDecimal",
}
_NESTED: Final = {"array", "object", "MultiselectPicklist"}
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
    """Return *value* as JSON text, cut where it gets long."""
    if isinstance(value, Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _PREVIEW_LENGTH else f"{text[:_PREVIEW_LENGTH]}…"


def describe_mapping(pair: FieldMapping) -> str:
    """Say how *pair* fills its field, beyond taking a value as it is."""
    if pair.constant is not ABSENT:
        return f"constant {_format_word(pair.constant)}"
    told = ["expression"] if pair.expression else []
    if pair.values:
        number = len(pair.values)
        told.append(f"{number} value{'' if number == 1 else 's'} mapped")
        if pair.other_values is OtherValues.REFUSE:
            told.append("others refused")
    if pair.format is not None:
        told.append(_describe_form(pair.format))
    if pair.if_missing is not ABSENT:
        told.append(f"{_format_word(pair.if_missing)} if missing")
    if pair.if_empty is not ABSENT:
        told.append(f"{_format_word(pair.if_empty)} if empty")
    if pair.lookup:
        told.append(f"looked up by {pair.lookup}")
    return ", ".join(told)


def format_pattern(pattern: str) -> str:
    """Write a pattern of a date as people do: ``dd.mm.yyyy``."""
    return re.sub("%.", lambda found: _PATTERN_NAMES.get(found[0], found[0]), pattern)


def format_input(value: Any) -> str:
    """Write a value into an input, for :func:`parse_input` to read."""
    if value is ABSENT:
        return ""
    if isinstance(value, str):
        return value
    return NULL_TEXT if value is None else json.dumps(value, ensure_ascii=False)


def parse_input(text: str, field: Field, before: Any = ABSENT) -> Any:
    """Read what a person typed for *field*; what its type cannot be stays a text.

    Args:
        text: As typed.
        field: The target, whose type decides what a number or a list is.
        before: What stood there. It comes back if the text was not changed, so that
            a value of another type than the field's outlives an edit.
    """
    if before is not ABSENT and text == format_input(before):
        return before
    if text.strip() == NULL_TEXT:
        return None
    if field.type in _BOOLEANS and text.strip().lower() in {"true", "false"}:
        return text.strip().lower() == "true"
    if field.type in _NUMBERS:
        return _parse_number(text)
    return _parse_nested(text) if field.type in _NESTED else text


def format_spellings(spellings: tuple[str, ...]) -> str:
    """Write spellings in one line, separated by commas; the empty one is ``""``."""
    plain = re.compile(r'[^\s",](?:[^",]*[^\s",])?')
    return ", ".join(
        spelling
        if plain.fullmatch(spelling)
        else '"' + spelling.replace('"', '""') + '"'
        for spelling in spellings
    )


def parse_spellings(text: str) -> tuple[str, ...]:
    """Read what :func:`format_spellings` wrote."""
    found = re.finditer(r'\s*(?:"((?:[^"]|"")*)"|([^,]+))', text)
    read = [
        each[2].strip() if each[1] is None else each[1].replace('""', '"')
        for each in found
        if each[1] is not None or each[2].strip()
    ]
    return tuple(dict.fromkeys(read))


def _describe_form(form: DateFormat | NumberFormat | BooleanFormat) -> str:
    if isinstance(form, DateFormat):
        return f"{'date and time' if form.with_time else 'date'} " + format_pattern(
            form.pattern
        )
    if isinstance(form, NumberFormat):
        return f"numbers like 1{form.grouping}234{form.decimal}5"
    shown = "/".join((*form.true[:1], *form.false[:1]))
    return f"yes and no as {shown}"


def _format_word(value: Any) -> str:
    if isinstance(value, str):
        text = f"'{value}'"
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WORD_LENGTH else f"{text[:_WORD_LENGTH]}…"


def _parse_number(text: str) -> Any:
    try:
        value = json.loads(text, parse_float=Decimal)
    except ValueError:
        return text
    if isinstance(value, Decimal):
        near = float(value)
        return near if Decimal(repr(near)) == value else text
    return value if isinstance(value, int) and not isinstance(value, bool) else text


def _parse_nested(text: str) -> Any:
    if text.strip()[:1] not in {"[", "{"}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
