"""The ordinary values of each business type, as msgspec decodes and checks them.

Nearly every value of a file is stored as it stands. For those each business type states
a *typed value*: what msgspec converts in one call for many entries, and what is left to
do for a column of them at once. It accepts no more than the check of the field, and
stores the same; whatever it does not accept is left to that check, which also knows why
a value is refused.

Some types have their check called for each value all the same, and values of types
without rules, which may be any JSON, are not taken at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

from ...model.outcome import Problem
from .field_rules import (
    Check,
    FieldRules,
    compile_check,
    stores_entered_time,
    text_limit,
)
from .number import INTEGER_MAX

Column = Sequence[Any]
"""The values of one field in many entries; UNSET where an entry leaves it out."""

_FLOAT_END: Final = 1e15
"""Beyond it, encoders differ in how they write an exponent."""

_REMEMBERED: Final = 10_000
_NO_NUMBER: Final = frozenset({type(None), UnsetType})
_TEXT_OR_NONE: Final = frozenset({str}) | _NO_NUMBER
_EXACT: Final = frozenset({int, float, str, Decimal}) | _NO_NUMBER
_NOTHING: Final = frozenset({None, UNSET, ""})
_PLAIN_NUMBERS: Final = re.compile(
    r"(?:-?+(?:0|[1-9][0-9]{0,99}+)(?:\.[0-9]{1,99}+)?+,)*+"
)
"""Numbers with a comma after each; so many digits are fewer than a number may have."""


class TypedValue(NamedTuple):
    """The ordinary values of one field.

    Attributes:
        type: The type that msgspec converts a value to.
        store: Returns what is stored for a column, with None for a value that means
            none; None if some value is out of the ordinary. Where it is missing, a
            value of the type is stored as it is.
        has_fractions: Its numbers may have a fraction, so that a reader of JSON may not
            simply round them.
    """

    type: Any
    store: Callable[[Column], Column | None] | None = None
    has_fractions: bool = False


class _Choice(Struct, frozen=True):
    """An entry of a picklist in an item; what stands beside the key is not read."""

    key: str


def typed_value(rules: FieldRules) -> TypedValue | None:
    """Return how ordinary values of a field are taken; None if none are."""
    if rules.type in _TEXT_TYPES:
        limit = text_limit(rules)
        return TypedValue(
            str if limit is None else Annotated[str, Meta(max_length=limit)]
        )
    build = _TYPES.get(rules.type)
    if build is None:
        return None
    return build(rules)._replace(has_fractions=rules.type in _FRACTIONS)


def _store_remembered(check: Check) -> Callable[[Column], list[Any] | None]:
    """Check texts that occur again and again once each."""
    known = _Remembered(check)

    def store(column: Column) -> list[Any] | None:
        try:
            return list(map(known.__getitem__, column))
        except _UnusualValueError:
            return None

    return store


def _store_exact(check: Check) -> Callable[[Column], list[Any] | None]:
    """Write exact numbers as they are stored, a column at once.

    One that is written in another way than with digits and a point has the whole column
    checked value by value.
    """
    check_each = _store_checked(check)

    def store(column: Column) -> list[Any] | None:
        types = set(map(type, column))
        if not types <= _EXACT:
            return None
        is_full = types.isdisjoint(_NO_NUMBER) and "" not in column
        given = column if is_full else [x for x in column if x not in _NOTHING]
        numbers = _format_numbers(given)
        if numbers is None:
            return check_each(column)
        if is_full:
            return numbers
        number = iter(numbers)
        return [
            next(number) if x not in _NOTHING else None if x == "" else x
            for x in column
        ]

    return store


def _format_numbers(given: Column) -> list[str] | None:
    """Return numbers as they are stored; None if one has to be looked at."""
    try:
        texts = list(map(str, given))
    except ValueError:  # a whole number of thousands of digits
        return None
    joined = ",".join([*texts, ""])
    if joined.count(",") != len(texts) or not _PLAIN_NUMBERS.fullmatch(joined):
        return None
    stored = [
        x.rstrip("0").rstrip(".") if x[-1] == "0" and "." in x else x for x in texts
    ]
    return ["0" if x == "-0" else x for x in stored] if "-0" in joined else stored


class _UnusualValueError(Exception):
    """A value that the check of the field refuses."""


class _Remembered(dict[Any, Any]):
    """What is stored for a text, by the text."""

    def __init__(self, check: Check) -> None:
        super().__init__({UNSET: UNSET, None: None})
        self._check = check

    def __missing__(self, value: Any) -> Any:
        stored = self._check(value)
        if isinstance(stored, Problem):
            raise _UnusualValueError
        if len(self) < _REMEMBERED:
            self[value] = stored
        return stored


def _store_checked(check: Check) -> Callable[[Column], list[Any] | None]:
    """Check value by value."""

    def store(column: Column) -> list[Any] | None:
        stored = [
            value if value is UNSET or value is None else check(value)
            for value in column
        ]
        return None if Problem in set(map(type, stored)) else stored

    return store


def _moment(rules: FieldRules) -> TypedValue:
    """Take moments that are written as they are stored, and check all others."""
    end = "" if stores_entered_time(rules) else "Z"
    check_each = _store_checked(compile_check(rules))

    def store(column: Column) -> list[Any] | None:
        return list(column) if _are_moments(column, end) else check_each(column)

    return TypedValue(str, store)


_MARKS: Final = ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."))
_SIZE: Final = 23


def _are_moments(column: Column, end: str) -> bool:
    """Return True if all are like ``2024-01-05T15:00:00.000`` with *end* after it.

    All texts are compared at once, place by place.
    """
    size = _SIZE + len(end)
    try:
        sizes = set(map(len, column))
        joined = "".join(column)
    except TypeError:  # some have none
        return False
    marks = (*_MARKS, (_SIZE, end)) if end else _MARKS
    number = len(column)
    if sizes != {size} or not joined.isascii():
        return False
    if any(joined[place::size] != mark * number for place, mark in marks):
        return False
    digits = "".join(joined[place::size] for place in (20, 21, 22))
    try:
        for value in column:
            datetime.fromisoformat(value)
    except ValueError:
        return False
    return digits.isdigit()


def _picklist(rules: FieldRules) -> TypedValue:
    known = rules.picklist.names
    keys: dict[Any, Any] = {UNSET: UNSET, None: None}
    for key in known:
        keys[key] = keys[_Choice(key)] = key

    def store(column: Column) -> list[Any] | None:
        try:
            return list(map(keys.__getitem__, column))
        except KeyError:
            return None

    return TypedValue(str | _Choice, store)


def _auto_increment(rules: FieldRules) -> TypedValue:
    """Take texts; where an item has none, it is as if it left the field out."""
    check_each = _store_checked(compile_check(rules))

    def store(column: Column) -> Column | None:
        types = set(map(type, column))
        if types == {UnsetType}:
            return column
        stored = check_each(column) if types <= _TEXT_OR_NONE else None
        if stored is None or None not in stored:
            return stored
        return [UNSET if text is None else text for text in stored]

    return TypedValue(str, store)


def _by_check(kind: Any) -> Callable[[FieldRules], TypedValue]:
    return lambda rules: TypedValue(kind, _store_checked(compile_check(rules)))


def _or_text(kind: Any) -> Callable[[FieldRules], TypedValue]:
    """Take values that are stored as they are, and the texts of tables for them."""

    def build(rules: FieldRules) -> TypedValue:
        check_each = _store_checked(compile_check(rules))

        def store(column: Column) -> Column | None:
            if str not in set(map(type, column)):
                return column
            stored = check_each(column)
            return None if stored is None or any(map(_is_far, stored)) else stored

        return TypedValue(kind | str, store)

    return build


def _is_far(value: Any) -> bool:
    return isinstance(value, float) and abs(value) >= _FLOAT_END


_FRACTIONS: Final = frozenset({"Decimal", "PrecisionDecimal", "MultiselectPicklist"})
_TEXT_TYPES: Final = frozenset({"Text", "LongText", "RichText"})

_TYPES: Final[dict[str, Callable[[FieldRules], TypedValue]]] = {
    "Integer": _or_text(Annotated[int, Meta(ge=-INTEGER_MAX - 1, le=INTEGER_MAX)]),
    "LongInteger": _by_check(int | str),
    "Decimal": _or_text(Annotated[float, Meta(gt=-_FLOAT_END, lt=_FLOAT_END)]),
    "PrecisionDecimal": lambda rules: TypedValue(
        Any, _store_exact(compile_check(rules))
    ),
    "Boolean": _or_text(bool),
    "Date": lambda rules: TypedValue(str, _store_remembered(compile_check(rules))),
    "DateTime": _moment,
    "Picklist": _picklist,
    "MultiselectPicklist": _by_check(Any),
    "AutoIncrement": _auto_increment,
    "EmailAddress": _by_check(str),
    "PhoneNumber": _by_check(str),
}
