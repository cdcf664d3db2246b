"""The choices of the field editor, and the mapping of a field taken apart into them."""

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
"""Of yes and no, to begin with."""

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
    """What a field gets in place of a value."""

    NONE = "none"
    NULL = "null"
    VALUE = "value"


class Conversion(StrEnum):
    """What is made of a value before it is stored."""

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


def list_conversions(field: Field | None, chosen: Conversion) -> tuple[Conversion, ...]:
    """Return what suits the type of *field*, and what is *chosen* anyway."""
    suiting = _BY_TYPE.get(field.type) if field else None
    offered = tuple(Conversion) if suiting is None else (Conversion.NONE, *suiting)
    return offered if chosen in offered else (*offered, chosen)


def infer_origin(pair: FieldMapping | None) -> ValueOrigin:
    """Say where *pair* takes its value from."""
    if pair is None:
        return ValueOrigin.NOTHING
    if pair.constant is not ABSENT:
        return ValueOrigin.CONSTANT
    return ValueOrigin.EXPRESSION if pair.expression else ValueOrigin.SOURCE


def infer_default_kind(value: Any) -> DefaultKind:
    """Say what kind of default *value* is."""
    if value is ABSENT:
        return DefaultKind.NONE
    return DefaultKind.NULL if value is None else DefaultKind.VALUE


def infer_conversion(pair: FieldMapping | None) -> Conversion:
    """Say what *pair* makes of its values."""
    if pair is None or (pair.format is None and not pair.values):
        return Conversion.NONE
    if isinstance(pair.format, DateFormat):
        return Conversion.DATETIME if pair.format.with_time else Conversion.DATE
    if isinstance(pair.format, NumberFormat):
        return Conversion.NUMBER
    return Conversion.BOOLEAN if pair.format else Conversion.TABLE


def format_texts(pair: FieldMapping | None) -> dict[str, str]:
    """Return the texts of the format of *pair* under the names of their traits."""
    form = pair.format if pair else None
    found = {"pattern": "", "decimal": ",", "grouping": "", "true": "", "false": ""}
    if isinstance(form, DateFormat):
        return found | {"pattern": form.pattern}
    if isinstance(form, NumberFormat):
        return found | {"decimal": form.decimal, "grouping": form.grouping}
    if isinstance(form, BooleanFormat):
        return found | {
            "true": format_spellings(form.true),
            "false": format_spellings(form.false),
        }
    return found


def build_text_form(conversion: Conversion, texts: dict[str, str]) -> TextFormat | None:
    """Build the format that *texts* spell, under the names that :func:`spelt` gives.

    Raises:
        InvalidPlan: They spell none; it says what to write.
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
    """Return well-known patterns of dates, those that fit most of *values* first.

    Returns:
        Pairs of a pattern and the number of values that it reads. Where two read as
        many, such as 03/04/2024, only a person knows which one is meant.
    """
    texts = tuple(values)
    days = [f"{day} {time}" for time in _TIMES for day in _PATTERNS]
    found = [(each, _count_matches(each, texts)) for each in [*_PATTERNS, *days]]
    wanted = [x for x in found if x[1] or ("%H" in x[0]) == with_time]
    return tuple(sorted(wanted, key=lambda pair: -pair[1]))


def _count_matches(pattern: str, texts: tuple[str, ...]) -> int:
    form = DateFormat(pattern)
    return sum(not isinstance(convert_text(form, "", text), Problem) for text in texts)
