"""Conversion of a file's values: value tables, and formats of dates and numbers.

Nothing is guessed: a mapping states how the file writes a value, and a record with a
value that is written otherwise fails.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ..errors import InvalidPlan
from .coercion import name_tuple
from .outcome import Problem
from .record import DateCell

MAPPING_ERROR_CODE = "mapping-error"
_VALUE_CHARS: Final = 300
_MAX_LISTED_VALUES: Final = 20


def mapping_problem(target: str, value: Any, expected: str) -> Problem:
    """Return the problem of a *value* that cannot be converted for a target field."""
    text = _json_excerpt(value)
    message = f"The field {target!r} got {text}; the mapping expects {expected}."
    return Problem(MAPPING_ERROR_CODE, message, target, text)


def translate_value(
    table: dict[str, Any], target: str, value: Any, *, refuse: bool, split: bool
) -> Any:
    """Replace *value* by the target value in *table*; lists element by element.

    Args:
        table: Target values by the text of the source value.
        target: The field that is filled.
        value: A text, number, truth value, picklist entry (by its key) or a list of
            them. An empty value that is not in the table passes.
        refuse: Make a value that is not in the table a problem; otherwise it passes.
        split: Treat a text as a list of texts, separated by commas.

    Returns:
        The target value, or a :class:`Problem`.
    """
    if split and isinstance(value, str) and value.strip() not in {"", "[]"}:
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        return _translate_one(table, target, value, refuse=refuse)
    values = [_translate_one(table, target, part, refuse=refuse) for part in value]
    return next((part for part in values if isinstance(part, Problem)), values)


def _translate_one(
    table: dict[str, Any], target: str, value: Any, *, refuse: bool
) -> Any:
    text = value_table_key(value)
    if text is not None and text in table:
        return table[text]
    empty = value is None or (isinstance(value, str) and not value.strip())
    if empty or not refuse:
        return value
    known = ", ".join(map(repr, list(table)[:_MAX_LISTED_VALUES]))
    more = ", …" if len(table) > _MAX_LISTED_VALUES else ""
    return mapping_problem(target, value, f"one of {known}{more}")


def value_table_key(value: Any) -> str | None:
    """Return the text that stands for *value* in a table; None if it has none."""
    if isinstance(value, dict):
        value = value.get("key")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float, Decimal)):
        return str(value)
    return None


def _json_excerpt(value: Any) -> str:
    if isinstance(value, Decimal):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _VALUE_CHARS else text[:_VALUE_CHARS] + "…"


_SPACE_CHARS: Final = " \u00a0\u202f"
_GROUPINGS: Final = frozenset({"", *_SPACE_CHARS, ".", ",", "'", "\u2019"})
_parse_datetime: Final = datetime.strptime  # aware or not, as the text is
_EXAMPLE: Final = datetime(2024, 12, 31, 15, 30, tzinfo=UTC)
_MAX_DIGITS: Final = 300  # beyond this no database keeps a number


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A day, or a moment, written by a pattern of :meth:`datetime.strptime`.

    A day becomes ``2024-01-05``; a moment ``2024-01-05T15:00:00.000Z``, or with the
    offset that the text states. A moment without an offset counts as UTC, as in
    Liferay.

    Attributes:
        pattern: Such as ``%d.%m.%Y``. It holds year, month and day.
        with_time: Produce a moment, not a day.
    """

    pattern: str
    with_time: bool = False

    def __post_init__(self) -> None:
        given = set(re.findall(r"%(.)", self.pattern))
        whole = given & set("Yy") and (
            (given & set("mbB") and "d" in given) or "j" in given
        )
        fault = "" if whole else "It has to hold year, month and day"
        try:
            _parse_datetime("", self.pattern)  # only the pattern counts
        except (ValueError, re.error) as exc:
            if "does not match format" not in str(exc):
                fault = f"It cannot be used ({exc})"
        if fault:
            reason = (
                f"{self.pattern!r} is not a pattern of a date. {fault}, "
                "such as %d.%m.%Y or %Y-%m-%d %H:%M."
            )
            raise InvalidPlan(reason)

    def read(self, target: str, value: Any) -> Any:
        """Return the ISO text of *value*, or the problem of the record.

        A date cell of a workbook is a date already, whatever the pattern.
        """
        try:
            if isinstance(value, DateCell):
                moment = datetime.fromisoformat(value)
            else:
                moment = _parse_datetime(value.strip(), self.pattern)
        except (AttributeError, ValueError):  # no text, or no date
            return mapping_problem(target, value, self._expected())
        if not self.with_time:
            return moment.date().isoformat()
        text = moment.isoformat(timespec="milliseconds")
        return f"{text}Z" if moment.tzinfo is None else text

    def _expected(self) -> str:
        example = _EXAMPLE if self.with_time else _EXAMPLE.date()
        return f"a date like {example.strftime(self.pattern)} ({self.pattern})"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The format of numbers in texts; every digit is kept.

    Attributes:
        decimal: The sign before the fraction, ``,`` or ``.``.
        grouping: What may stand between groups of three digits: a space (any
            that does not break, too), ``.``, ``,`` or an apostrophe; else empty.
    """

    decimal: str = "."
    grouping: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in {",", "."}:
            reason = f"{self.decimal!r} is not a decimal separator. Use ',' or '.'."
            raise InvalidPlan(reason)
        if self.grouping not in _GROUPINGS or self.grouping == self.decimal:
            reason = (
                f"{self.grouping!r} cannot separate groups of digits where "
                f'{self.decimal!r} is the decimal separator. Use a space, "\'" or '
                "the other one of ',' and '.', or nothing."
            )
            raise InvalidPlan(reason)

    def read(self, target: str, value: Any) -> Any:
        """Return *value* as an int or exact Decimal, or the problem of the record."""
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and len(value) <= 2 * _MAX_DIGITS:
            match = _number_pattern(self.decimal, self.grouping).fullmatch(
                value.strip()
            )
            if match:
                sign = "-" if match["sign"] in {"-", "\u2212"} else ""
                whole = sign + re.sub("[^0-9]", "", match["whole"])
                part = match["part"]
                return int(whole) if part is None else Decimal(f"{whole}.{part}")
        return mapping_problem(target, value, self._expected())

    def _expected(self) -> str:
        return f"a number like 1{self.grouping}234{self.decimal}5"


def _number_pattern(decimal: str, grouping: str) -> re.Pattern[str]:
    between = _SPACE_CHARS if grouping in _SPACE_CHARS else re.escape(grouping)
    groups = rf"[0-9]{{1,3}}(?:[{between}][0-9]{{3}})+|" if grouping else ""
    return re.compile(  # the module keeps what was compiled before
        rf"(?P<sign>[+\-\u2212]?)(?P<whole>{groups}[0-9]+)"
        rf"(?:{re.escape(decimal)}(?P<part>[0-9]+))?"
    )


@dataclass(frozen=True, slots=True)
class BooleanFormat:
    """The spellings of true and false; case and surrounding spaces do not count.

    Attributes:
        true: The spellings of true, such as ``("yes", "x", "1")``; a single one may
            stand alone.
        false: The spellings of false, such as ``("no", "", "0")``.
    """

    true: tuple[str, ...]
    false: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "true", name_tuple(self.true, "true"))
        object.__setattr__(self, "false", name_tuple(self.false, "false"))
        both = {_normalized(text) for text in self.true} & {
            _normalized(text) for text in self.false
        }
        if both or not (self.true and self.false):
            what = (
                f"{min(both)!r} stands on both sides" if both else "One side is empty"
            )
            reason = (
                f"{what} of a boolean. Give the spellings of true and those of false."
            )
            raise InvalidPlan(reason)

    def read(self, target: str, value: Any) -> Any:
        """Return the truth value that *value* spells, or the problem of the record."""
        if isinstance(value, bool):
            return value
        if isinstance(value, (str, int)):
            text = _normalized(str(value))
            if text in map(_normalized, self.true):
                return True
            if text in map(_normalized, self.false):
                return False
        known = ", ".join(map(repr, (*self.true, *self.false)))
        return mapping_problem(target, value, f"one of {known}")

    def spells(self, text: str) -> bool:
        """Return True if *text* is one of the spellings."""
        return _normalized(text) in map(_normalized, (*self.true, *self.false))


def _normalized(text: str) -> str:
    return text.strip().casefold()


TextFormat = DateFormat | NumberFormat | BooleanFormat


def convert_listed_text(
    table: dict[str, Any], form: TextFormat, target: str, value: Any
) -> Any:
    """Replace *value* by what *table* lists for it; convert any other one by *form*.

    Returns:
        The value of the target, or the :class:`Problem` of the record.
    """
    if table:
        text = value_table_key(value)
        if text is not None and text in table:
            return table[text]
    return convert_text(form, target, value)


def convert_text(form: TextFormat, target: str, value: Any) -> Any:
    """Convert *value* by *form*; an empty one stays empty unless it spells a boolean.

    Returns:
        The value of the target, or the :class:`Problem` of the record.
    """
    if value is None:
        return None
    if isinstance(value, str) and not value.strip():
        spelt = isinstance(form, BooleanFormat) and form.spells(value)
        return form.read(target, value) if spelt else value
    read: Any | Problem = form.read(target, value)
    return read
