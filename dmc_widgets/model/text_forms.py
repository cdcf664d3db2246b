"""How the texts of a file become dates, numbers and truth values.

Nothing is guessed: the person says how the file writes them, and a text that is
written otherwise is a failed record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ..errors import InvalidPlan
from .outcome import Problem
from .record import DateCell
from .table import mapping_problem

_SPACES: Final = " \u00a0\u202f"
_GROUPINGS: Final = frozenset({"", *_SPACES, ".", ",", "'", "\u2019"})
_read_moment: Final = datetime.strptime  # aware or not, as the text is
_EXAMPLE: Final = datetime(2024, 12, 31, 15, 30, tzinfo=UTC)
_DIGITS: Final = 300  # beyond this no database keeps a number


@dataclass(frozen=True, slots=True)
class DateForm:
    """A day, or a moment, written by a pattern of :meth:`datetime.strptime`.

    A day becomes ``2024-01-05``; a moment ``2024-01-05T15:00:00.000Z``, or with the
    offset that the text states. A moment without an offset counts as UTC, as in
    Liferay.

    Attributes:
        pattern: Such as ``%d.%m.%Y``. It holds year, month and day.
        with_time: Make a moment, not a day.
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
            _read_moment("", self.pattern)  # only the pattern counts
        except (ValueError, re.error) as exc:
            if "does not match format" not in str(exc):
                fault = f"It cannot be used ({exc})"
        if fault:
            reason = (
                f"{self.pattern!r} is no pattern of a date. {fault}, "
                "such as %d.%m.%Y or %Y-%m-%d %H:%M."
            )
            raise InvalidPlan(reason)

    def read(self, target: str, value: Any) -> Any:
        """Return the ISO text of *value*, or the problem of the record.

        A date of a workbook is one already, whatever the pattern.
        """
        try:
            if isinstance(value, DateCell):
                moment = datetime.fromisoformat(value)
            else:
                moment = _read_moment(value.strip(), self.pattern)
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
class NumberForm:
    """A number as a text writes it; every digit is kept.

    Attributes:
        decimal: The sign before the fraction, ``,`` or ``.``.
        grouping: What may stand between groups of three digits: a space (any
            that does not break, too), ``.``, ``,`` or an apostrophe; else empty.
    """

    decimal: str = "."
    grouping: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in {",", "."}:
            reason = f"{self.decimal!r} is no decimal separator. Use ',' or '.'."
            raise InvalidPlan(reason)
        if self.grouping not in _GROUPINGS or self.grouping == self.decimal:
            reason = (
                f"{self.grouping!r} cannot separate groups of digits where "
                f'{self.decimal!r} is the decimal separator. Use a space, "\'" or '
                "the other one of ',' and '.', or nothing."
            )
            raise InvalidPlan(reason)

    def read(self, target: str, value: Any) -> Any:
        """Return the int or the exact Decimal that *value* says, or a problem."""
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and len(value) <= 2 * _DIGITS:
            found = _number(self.decimal, self.grouping).fullmatch(value.strip())
            if found:
                sign = "-" if found["sign"] in {"-", "\u2212"} else ""
                whole = sign + re.sub("[^0-9]", "", found["whole"])
                part = found["part"]
                return int(whole) if part is None else Decimal(f"{whole}.{part}")
        return mapping_problem(target, value, self._expected())

    def _expected(self) -> str:
        return f"a number like 1{self.grouping}234{self.decimal}5"


def _number(decimal: str, grouping: str) -> re.Pattern[str]:
    between = _SPACES if grouping in _SPACES else re.escape(grouping)
    groups = rf"[0-9]{{1,3}}(?:[{between}][0-9]{{3}})+|" if grouping else ""
    return re.compile(  # the module keeps what was compiled before
        rf"(?P<sign>[+\-\u2212]?)(?P<whole>{groups}[0-9]+)"
        rf"(?:{re.escape(decimal)}(?P<part>[0-9]+))?"
    )


@dataclass(frozen=True, slots=True)
class BooleanForm:
    """The spellings of yes and no; case and surrounding spaces do not count.

    Attributes:
        true: Such as ``("yes", "x", "1")``.
        false: Such as ``("no", "", "0")``.
    """

    true: tuple[str, ...]
    false: tuple[str, ...]

    def __post_init__(self) -> None:
        both = {_plain(each) for each in self.true} & {_plain(x) for x in self.false}
        if both or not (self.true and self.false):
            what = (
                f"{min(both)!r} stands on both sides" if both else "One side is empty"
            )
            reason = (
                f"{what} of a boolean. Give the spellings of true and those of false."
            )
            raise InvalidPlan(reason)

    def read(self, target: str, value: Any) -> Any:
        """Return the truth value that *value* spells, or a problem."""
        if isinstance(value, bool):
            return value
        if isinstance(value, (str, int)):
            text = _plain(str(value))
            if text in map(_plain, self.true):
                return True
            if text in map(_plain, self.false):
                return False
        known = ", ".join(map(repr, (*self.true, *self.false)))
        return mapping_problem(target, value, f"one of {known}")

    def spells(self, text: str) -> bool:
        """Say whether *text* is one of the spellings."""
        return _plain(text) in map(_plain, (*self.true, *self.false))


def _plain(text: str) -> str:
    return text.strip().casefold()


TextForm = DateForm | NumberForm | BooleanForm


def read_text(form: TextForm, target: str, value: Any) -> Any:
    """Read *value* by *form*; what is empty stays so unless a boolean spells it.

    Returns:
        What the target gets, or the :class:`Problem` of the record.
    """
    if value is None:
        return None
    if isinstance(value, str) and not value.strip():
        spelt = isinstance(form, BooleanForm) and form.spells(value)
        return form.read(target, value) if spelt else value
    read: Any | Problem = form.read(target, value)
    return read
