"""The choices of the field editor, and the mapping of a field taken apart into them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from ..model.entity import Field
from ..model.field_mapping import ABSENT, FieldMapping
from ..model.outcome import Problem
from ..model.text_forms import BooleanForm, DateForm, NumberForm, TextForm, read_text
from .mapping_words import spellings_of, spellings_text

SPELLINGS: Final = ("yes, y, true, 1, x", 'no, n, false, 0, ""')
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


class Filling(StrEnum):
    """Where the value of a field comes from."""

    NOTHING = "nothing"
    SOURCE = "source"
    CONSTANT = "constant"
    EXPRESSION = "expression"


class Default(StrEnum):
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


DATES: Final = frozenset({Conversion.DATE, Conversion.DATETIME})

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


def conversions(field: Field | None, chosen: Conversion) -> tuple[Conversion, ...]:
    """Return what suits the type of *field*, and what is *chosen* anyway."""
    suiting = _BY_TYPE.get(field.type) if field else None
    offered = tuple(Conversion) if suiting is None else (Conversion.NONE, *suiting)
    return offered if chosen in offered else (*offered, chosen)


def filling_of(pair: FieldMapping | None) -> Filling:
    """Say where *pair* takes its value from."""
    if pair is None:
        return Filling.NOTHING
    if pair.constant is not ABSENT:
        return Filling.CONSTANT
    return Filling.EXPRESSION if pair.expression else Filling.SOURCE


def default_of(value: Any) -> Default:
    """Say what kind of default *value* is."""
    if value is ABSENT:
        return Default.NONE
    return Default.NULL if value is None else Default.VALUE


def conversion_of(pair: FieldMapping | None) -> Conversion:
    """Say what *pair* makes of its values."""
    if pair is None or (pair.format is None and not pair.values):
        return Conversion.NONE
    if isinstance(pair.format, DateForm):
        return Conversion.DATETIME if pair.format.with_time else Conversion.DATE
    if isinstance(pair.format, NumberForm):
        return Conversion.NUMBER
    return Conversion.BOOLEAN if pair.format else Conversion.TABLE


def spelt(pair: FieldMapping | None) -> dict[str, str]:
    """Return the texts of the format of *pair* under the names of their traits."""
    form = pair.format if pair else None
    found = {"pattern": "", "decimal": ",", "grouping": "", "true": "", "false": ""}
    if isinstance(form, DateForm):
        return found | {"pattern": form.pattern}
    if isinstance(form, NumberForm):
        return found | {"decimal": form.decimal, "grouping": form.grouping}
    if isinstance(form, BooleanForm):
        return found | {
            "true": spellings_text(form.true),
            "false": spellings_text(form.false),
        }
    return found


def form_of(conversion: Conversion, texts: dict[str, str]) -> TextForm | None:
    """Build the format that *texts* spell, under the names that :func:`spelt` gives.

    Raises:
        InvalidPlan: They spell none; it says what to write.
    """
    if conversion in DATES:
        return DateForm(texts["pattern"], with_time=conversion is Conversion.DATETIME)
    if conversion is Conversion.NUMBER:
        return NumberForm(texts["decimal"], texts["grouping"])
    if conversion is Conversion.BOOLEAN:
        return BooleanForm(spellings_of(texts["true"]), spellings_of(texts["false"]))
    return None


def fitting_patterns(
    values: Iterable[str], *, with_time: bool
) -> tuple[tuple[str, int], ...]:
    """Return well-known patterns of dates, those that fit most of *values* first.

    Returns:
        Pairs of a pattern and the number of values that it reads. Where two read as
        many, such as 03/04/2024, only a person knows which one is meant.
    """
    texts = tuple(values)
    days = [f"{day} {time}" for time in _TIMES for day in _PATTERNS]
    found = [(each, _fits(each, texts)) for each in [*_PATTERNS, *days]]
    wanted = [x for x in found if x[1] or ("%H" in x[0]) == with_time]
    return tuple(sorted(wanted, key=lambda pair: -pair[1]))


def _fits(pattern: str, texts: tuple[str, ...]) -> int:
    form = DateForm(pattern)
    return sum(not isinstance(read_text(form, "", text), Problem) for text in texts)
