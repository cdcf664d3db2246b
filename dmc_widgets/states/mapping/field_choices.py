"""The choices of the field editor, and their conversion from and to field mappings."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from ...model.entity_type import Field
from ...model.field_mapping import ABSENT, FieldMapping
from ...model.outcome import Problem
from ...model.value_conversion import (
    BooleanFormat,
    DateFormat,
    NumberFormat,
    TextFormat,
    convert_text,
)
from .mapping_text import format_spellings, parse_spellings

DEFAULT_SPELLINGS: Final = ("yes, y, true, 1, x", 'no, n, false, 0, ""')
"""Spellings of yes and of no that the editor begins with."""

_PATTERNS: Final = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%y",
    "%m/%d/%y",
    "%d/%m/%y",
)
_TIMES: Final = ("%H:%M", "%H:%M:%S", "%I:%M %p")


class ValueOrigin(StrEnum):
    """Where the value of a field comes from."""

    NOTHING = "nothing"
    SOURCE = "source"
    CONSTANT = "constant"
    EXPRESSION = "expression"


class DefaultKind(StrEnum):
    """The kind of value that a field gets by default."""

    NONE = "none"
    NULL = "null"
    VALUE = "value"


class Conversion(StrEnum):
    """How a value is converted before it is stored."""

    NONE = "none"
    TABLE = "table"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    BOOLEAN = "boolean"


DATE_CONVERSIONS: Final = frozenset({Conversion.DATE, Conversion.DATETIME})

_BY_TYPE: Final = {
    "Picklist": (Conversion.TABLE,),
    "MultiselectPicklist": (Conversion.TABLE,),
    "Date": (Conversion.DATE, Conversion.TABLE),
    "DateTime": (Conversion.DATETIME, Conversion.TABLE),
    "Boolean": (Conversion.BOOLEAN, Conversion.TABLE),
    "boolean": (Conversion.BOOLEAN, Conversion.TABLE),
    "Integer": (Conversion.NUMBER, Conversion.TABLE),
    "LongInteger": (Conversion.NUMBER, Conversion.TABLE),
    "Decimal": (Conversion.NUMBER, Conversion.TABLE),
    "PrecisionDecimal": (Conversion.NUMBER, Conversion.TABLE),
    "integer": (Conversion.NUMBER, Conversion.TABLE),
    "number": (Conversion.NUMBER, Conversion.TABLE),
}


def list_conversions(
    field: Field | None, selected: Conversion
) -> tuple[Conversion, ...]:
    """List the conversions that suit the type of *field*, and the selected one."""
    suitable = _BY_TYPE.get(field.type) if field else None
    options = tuple(Conversion) if suitable is None else (Conversion.NONE, *suitable)
    return options if selected in options else (*options, selected)


def infer_origin(pair: FieldMapping | None) -> ValueOrigin:
    """Return where *pair* takes its value from."""
    if pair is None:
        return ValueOrigin.NOTHING
    if pair.constant is not ABSENT:
        return ValueOrigin.CONSTANT
    return ValueOrigin.EXPRESSION if pair.expression else ValueOrigin.SOURCE


def infer_default_kind(value: Any) -> DefaultKind:
    """Return the kind of a default value."""
    if value is ABSENT:
        return DefaultKind.NONE
    return DefaultKind.NULL if value is None else DefaultKind.VALUE


def infer_conversion(pair: FieldMapping | None) -> Conversion:
    """Return how *pair* converts its values."""
    if pair is None or (pair.format is None and not pair.values):
        return Conversion.NONE
    if isinstance(pair.format, DateFormat):
        return Conversion.DATETIME if pair.format.with_time else Conversion.DATE
    if isinstance(pair.format, NumberFormat):
        return Conversion.NUMBER
    return Conversion.BOOLEAN if pair.format else Conversion.TABLE


def format_texts(pair: FieldMapping | None) -> dict[str, str]:
    """Return the texts of the format of *pair*, by the names of their traits."""
    form = pair.format if pair else None
    texts = {"pattern": "", "decimal": ",", "grouping": "", "true": "", "false": ""}
    if isinstance(form, DateFormat):
        return texts | {"pattern": form.pattern}
    if isinstance(form, NumberFormat):
        return texts | {"decimal": form.decimal, "grouping": form.grouping}
    if isinstance(form, BooleanFormat):
        return texts | {
            "true": format_spellings(form.true),
            "false": format_spellings(form.false),
        }
    return texts


def build_text_format(
    conversion: Conversion, texts: dict[str, str]
) -> TextFormat | None:
    """Build a format from the *texts* of its traits, as in :func:`format_texts`.

    Raises:
        InvalidPlan: The texts do not make a format.
    """
    if conversion in DATE_CONVERSIONS:
        return DateFormat(texts["pattern"], with_time=conversion is Conversion.DATETIME)
    if conversion is Conversion.NUMBER:
        return NumberFormat(texts["decimal"], texts["grouping"])
    if conversion is Conversion.BOOLEAN:
        return BooleanFormat(
            parse_spellings(texts["true"]), parse_spellings(texts["false"])
        )
    return None


def rank_date_patterns(
    values: Iterable[str], *, with_time: bool
) -> tuple[tuple[str, int], ...]:
    """Rank the well-known date patterns by the number of *values* that they read.

    Returns:
        Pairs of a pattern and the number of values that it reads. If two read the
        same number, as with 03/04/2024, only a person knows which one is meant.
    """
    texts = tuple(values)
    date_times = [f"{day} {time}" for time in _TIMES for day in _PATTERNS]
    counts = {
        pattern: _count_matches(pattern, texts) for pattern in (*_PATTERNS, *date_times)
    }
    suitable = [
        (pattern, count)
        for pattern, count in counts.items()
        if count or ("%H" in pattern) == with_time
    ]
    return tuple(sorted(suitable, key=lambda pair: -pair[1]))


def _count_matches(pattern: str, texts: tuple[str, ...]) -> int:
    form = DateFormat(pattern)
    return sum(not isinstance(convert_text(form, "", text), Problem) for text in texts)
