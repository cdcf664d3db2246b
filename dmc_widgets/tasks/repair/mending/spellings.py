"""Recognise values that a spreadsheet has only spelled in another way.

A spreadsheet rewrites what it takes for a number, a date or a truth value when it saves
a CSV file: ``007`` becomes ``7``, ``1.50`` becomes ``1,5``, ``2024-03-04`` becomes
``04.03.2024`` or ``3/4/2024``, ``true`` becomes ``WAHR``, and of more than 15 digits it
keeps the first ones. Characters that its encoding lacks become question marks. None of
this is what a person has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, NamedTuple

_TRUE: Final = frozenset({"true", "wahr", "vrai", "verdadero", "verdadeiro", "vero"})
_FALSE: Final = frozenset({"false", "falsch", "faux", "falso"})

_WORDS: Final = {"true": _TRUE, "false": _FALSE}
_MONTHS: Final = 12

_EXACT_DIGITS: Final = 15
"""The digits of a number that spreadsheets keep."""

_SHOWN_DIGITS: Final = 9
"""With fewer digits a number is not taken for the beginning of a longer one."""

_ISO: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ](.+))?")
_LOCAL: Final = re.compile(r"(\d\d?)([./-])(\d\d?)\2(\d{4}|\d\d)(?:,? (.+))?")
_TIME: Final = re.compile(
    r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,]0*)?)?(?: ?([AP])M)?(?:Z|\+00:?00)?", re.IGNORECASE
)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}([.,' \u00a0\u202f])\d{3}(\1\d{3})*")


def spells_same(shown: Any, given: Any) -> bool:
    """Return True if a value that was given back only spells another one differently.

    >>> spells_same("2024-03-04", "3/4/2024"), spells_same("1.5", "1.6")
    (True, False)

    Args:
        shown: The value as it was written.
        given: The value as it came back.
    """
    if shown is None or given is None:
        return False
    left, right = _text(shown), _text(given)
    for words in _WORDS.values():
        if left.casefold() in words:
            return right.casefold() in words
    return (
        left == right
        or _is_same_number(left, right)
        or _is_same_time(left, right)
        or _is_same_with_gaps(left, right)
    )


def _text(value: Any) -> str:
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _is_same_number(left: str, right: str) -> bool:
    number = _number(left)
    if number is None:
        return False
    return any(_is_rounded(number, reading) for reading in _readings(right))


def _readings(text: str) -> Iterator[Decimal]:
    """Yield the numbers that a text may mean, with a comma or a point for decimals."""
    text = text.strip()
    candidates = [text]
    if text.count(",") == 1:
        candidates.append(text.replace(",", "."))
    whole, *decimals = re.split(r"[.,](?=\d*\Z)", text, maxsplit=1)
    for part, rest in ((text, []), (whole, decimals)):
        if (found := _GROUPED.fullmatch(part)) is not None:
            candidates.append(".".join([part.replace(found[1], ""), *rest]))
    for candidate in candidates:
        number = _number(candidate)
        if number is not None:
            yield number


def _is_rounded(number: Decimal, given: Decimal) -> bool:
    """Return True if a number is the same, or its first digits are."""
    if number == given:
        return True
    digits = len(given.normalize().as_tuple().digits)
    has_exponent = given.as_tuple().exponent not in range(-400, 1)
    is_long = len(number.normalize().as_tuple().digits) > _EXACT_DIGITS
    if is_long and _round(number, _EXACT_DIGITS) == given:
        return True
    is_start = digits >= _SHOWN_DIGITS or (has_exponent and digits > 1)
    return is_start and _round(number, digits) == given


def _round(number: Decimal, digits: int) -> Decimal:
    return Decimal(f"{number:.{digits - 1}e}")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


class _Moment(NamedTuple):
    """A day, as the numbers of month and day in either order, and a time.

    Attributes:
        days: What may be the month and the day.
        year: The year, which may have two digits.
        time: Hour, minute and second; None for midnight. The second may be missing.
        separator: What is between the numbers; empty for ISO 8601.
    """

    days: frozenset[tuple[int, int]]
    year: int
    time: tuple[int, int, int | None]
    separator: str


def _is_same_time(left: str, right: str) -> bool:
    before, after = _moment(left), _moment(right)
    if before is None or after is None:
        return False
    if before.separator == after.separator != "":  # the same form, so a change
        return False
    years = {before.year, after.year}
    is_short = min(years) < 100
    is_year = len({year % 100 for year in years} if is_short else years) == 1
    is_time = before.time[:2] == after.time[:2] and (
        None in (before.time[2], after.time[2]) or before.time[2] == after.time[2]
    )
    return is_year and is_time and not before.days.isdisjoint(after.days)


def _moment(text: str) -> _Moment | None:
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        year, month, day, clock = iso.groups()
        days = frozenset({(int(month), int(day))})
        separator = ""
    elif local := _LOCAL.fullmatch(text):
        first, separator, second, year, clock = local.groups()
        pair = int(first), int(second)
        days = frozenset({pair, pair[::-1]})
    else:
        return None
    time = (0, 0, 0) if clock is None else _time(clock)
    return None if time is None else _Moment(days, int(year), time, separator)


def _time(text: str) -> tuple[int, int, int | None] | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, half = found.groups()
    hours = int(hour) % 12 + 12 * (half in {"P", "p"}) if half else int(hour)
    return hours, int(minute), None if second is None else int(second)


def _is_same_with_gaps(left: str, right: str) -> bool:
    """Return True if only characters beyond ASCII became question marks."""
    if "?" not in right or len(left) != len(right):
        return False
    return all(
        old == new or (new == "?" and not old.isascii())
        for old, new in zip(left, right, strict=True)
    )


class _Kind(StrEnum):
    """What a spreadsheet takes the values of a column for."""

    DATE = "date"
    NUMBER = "number"
    TRUTH = "truth value"


_KINDS_BY_CODE: Final = {
    "invalid-date": (_Kind.DATE,),
    "invalid-value": (_Kind.TRUTH, _Kind.NUMBER),
    "exceeds-integer-size": (_Kind.NUMBER,),
    "exceeds-long-size": (_Kind.NUMBER,),
    "exceeds-long-max-size": (_Kind.NUMBER,),
    "exceeds-long-min-size": (_Kind.NUMBER,),
}
"""What the target wants in a field, by the code of the problem with it."""

_CUT_OFF: Final = re.compile(r"[+-]?\d[.,]\d+[eE]\+?\d+")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_FIRST_YEAR: Final = 30
"""Spreadsheets take years of two digits from 30 on for the last century."""


class SpreadsheetSpelling:
    """How a spreadsheet has spelled a file, found out from values that stayed the same.

    What a person types in a spreadsheet is saved in its spelling, too: the date
    ``2024-02-29`` as ``29.02.2024``. Where the file had the other spelling, mended
    values are given in that of the file.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._zones: dict[str, str] = {}
        self._is_day_first: bool | None = None
        self._has_comma: bool | None = None

    def learn(self, column: str, shown: Any, given: Any) -> None:
        """Learn from a value that is the same.

        Args:
            column: The column of the value.
            shown: The value as it was written.
            given: The value as it came back.
        """
        left, right = _text(shown).strip(), _text(given).strip()
        iso, local = _ISO.fullmatch(left), _LOCAL.fullmatch(right)
        if left.casefold() in _TRUE | _FALSE:
            self._kinds[column] = _Kind.TRUTH
        elif iso and local:
            self._kinds[column] = _Kind.DATE
            self._zones[column] = "Z" if left.endswith("Z") else ""
            if iso[2].lstrip("0") != iso[3].lstrip("0"):
                self._is_day_first = int(local[1]) == int(iso[3])
        elif (number := _number(left)) is not None:
            self._kinds[column] = _Kind.NUMBER
            if _DECIMAL_COMMA.fullmatch(right) and number % 1:
                self._has_comma = True
            elif "." in right and number % 1:
                self._has_comma = False

    def restore(self, column: str, value: Any, code: str = "") -> Any:
        """Return a mended value as the file would spell it.

        Args:
            column: The column of the value.
            value: The value as it came back.
            code: The code of the problem with the value before; empty for none.
        """
        if not isinstance(value, str):
            return value
        known = self._kinds.get(column)
        for kind in (known,) if known else _KINDS_BY_CODE.get(code, ()):
            restored = self._restore(kind, column, value.strip())
            if restored is not None:
                return restored
        return value

    def _restore(self, kind: _Kind, column: str, text: str) -> str | None:
        if kind is _Kind.TRUTH:
            folded = text.casefold()
            return next((x for x, known in _WORDS.items() if folded in known), None)
        if kind is _Kind.NUMBER:
            return self._restore_number(text)
        return self._restore_date(text, self._zones.get(column, ""))

    def _restore_number(self, text: str) -> str | None:
        if not _DECIMAL_COMMA.fullmatch(text) or self._has_comma is False:
            return None
        is_group = len(text.partition(",")[2]) == 3
        return None if is_group and not self._has_comma else text.replace(",", ".")

    def _restore_date(self, text: str, zone: str) -> str | None:
        found = _LOCAL.fullmatch(text)
        if found is None:
            return None
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        is_day_first = self._is_day_first
        if first > _MONTHS or second > _MONTHS or found[2] == ".":
            is_day_first = second <= _MONTHS
        clock = _time(found[5]) if found[5] else None
        if is_day_first is None or (found[5] and clock is None):
            return None
        month, day = (second, first) if is_day_first else (first, second)
        if year < 100:
            year += 2000 if year < _FIRST_YEAR else 1900
        restored = f"{year:04}-{month:02}-{day:02}"
        if clock is None:
            return restored
        return f"{restored}T{clock[0]:02}:{clock[1]:02}:{clock[2] or 0:02}{zone}"


def is_cut_off(given: Any, shown: Any) -> bool:
    """Return True for a number of which a spreadsheet has kept the first digits only.

    >>> is_cut_off("9.0072E+15", "9007199254740991")
    True
    """
    return (
        isinstance(given, str)
        and _CUT_OFF.fullmatch(given.strip()) is not None
        and _CUT_OFF.fullmatch(str(shown).strip()) is None
    )
