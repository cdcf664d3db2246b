"""Integer, LongInteger, Decimal and PrecisionDecimal fields, and reading numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import (
    invalid_value,
)
from ..text import quote_value

INTEGER_MAX: Final = 2**31 - 1
_LONG_MAX: Final = 2**53 - 1
"""The largest integer that JavaScript, and so Liferay's forms, can hold exactly."""

_MOST_DIGITS: Final = 300
"""More digits than a database stores; it bounds the cost of a hostile text."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,4})?"
)

MAX_ID: Final = 2**63 - 1
"""The largest id of an entry or a document, which databases store in 64 bits."""


def build_integer_check(name: str) -> Callable[[Any], int | Problem | None]:
    """Build the check of a 32-bit integer."""

    def check(value: Any) -> int | Problem | None:
        if type(value) is int and -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
            return value
        if _is_blank(value):
            return None
        if isinstance(value, (bool, dict, list)):
            return invalid_value(name, value, _not_whole(name, value))
        whole = parse_integer(value)
        if whole is not None and -INTEGER_MAX - 1 <= whole <= INTEGER_MAX:
            return whole
        if whole is None:
            cause = _not_whole(name, value)
        elif whole > 0:
            cause = _above(name, value, INTEGER_MAX)
        else:
            cause = _below(name, value, -INTEGER_MAX - 1)
        return EntryProblemType.INTEGER_SIZE.problem(name, value, cause=cause)

    return check


def build_long_check(name: str) -> Callable[[Any], int | Problem | None]:
    """Build the check of an integer that JavaScript can hold exactly."""

    def check(value: Any) -> int | Problem | None:
        if _is_blank(value):
            return None
        if isinstance(value, (bool, dict, list)):
            return invalid_value(name, value, _not_whole(name, value))
        whole = parse_integer(value)
        if whole is None:
            return EntryProblemType.LONG_SIZE.problem(
                name, value, cause=_not_whole(name, value)
            )
        if whole > _LONG_MAX:
            return EntryProblemType.LONG_MAX_SIZE.problem(
                name, value, cause=_above(name, value, _LONG_MAX)
            )
        if whole < -_LONG_MAX:
            return EntryProblemType.LONG_MIN_SIZE.problem(
                name, value, cause=_below(name, value, -_LONG_MAX)
            )
        return whole

    return check


def build_decimal_check(name: str) -> Callable[[Any], float | Problem | None]:
    """Build the check of a double; numbers with more digits are rounded."""

    def check(value: Any) -> float | Problem | None:
        if type(value) is float and math.isfinite(value):
            return value
        if _is_blank(value):
            return None
        number = None
        if not isinstance(value, (bool, dict, list)):
            number = _double(value)
        if number is None:
            return invalid_value(name, value, _not_a_number(name, value))
        return number

    return check


def _double(value: Any) -> float | None:
    """Read a number as a double; None where it is not finite or out of range."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return None
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def build_precision_decimal_check(name: str) -> Callable[[Any], str | Problem | None]:
    """Build the check of an exact number, which is stored as a canonical text."""

    def check(value: Any) -> str | Problem | None:
        if _is_blank(value):
            return None
        exact = None
        if not isinstance(value, (bool, dict, list)):
            exact = parse_decimal(value)
        if exact is None:
            return invalid_value(name, value, _not_a_number(name, value))
        return format_decimal(exact)

    return check


def parse_integer(value: Any) -> int | None:
    """Read an integer from a number or a text; None where it is not an integer."""
    if type(value) is int:
        return value
    if isinstance(value, str):
        text = value.strip()
        return int(text) if _WHOLE.fullmatch(text) else None
    exact = parse_decimal(value)
    if exact is None or exact != exact.to_integral_value():
        return None
    return int(exact)


def parse_decimal(value: Any) -> Decimal | None:
    """Read a number exactly; None where it is not a number, or has too many digits."""
    if isinstance(value, float):
        value = repr(value)  # the shortest text that means this float
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            return None
        value = text
    try:
        exact = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None
    if not exact.is_finite() or abs(exact.adjusted()) > _MOST_DIGITS:
        return None
    return exact if len(exact.as_tuple().digits) <= _MOST_DIGITS else None


def format_decimal(exact: Decimal) -> str:
    """Write a number without an exponent and without trailing zeros."""
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", "+0"} else text


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _not_whole(name: str, value: Any) -> str:
    return f'{quote_value(value)} in the field "{name}" is not a whole number.'


def _not_a_number(name: str, value: Any) -> str:
    return (
        f'{quote_value(value)} in the field "{name}" is not a number that the field '
        "can hold. Write digits and a decimal point, such as 1234.5, or say in the "
        "mapping how the file writes numbers."
    )


def _above(name: str, value: Any, most: int) -> str:
    return (
        f'{quote_value(value)} in the field "{name}" is more than {most:,}, the '
        "largest whole number that the field can hold."
    )


def _below(name: str, value: Any, least: int) -> str:
    return (
        f'{quote_value(value)} in the field "{name}" is less than {least:,}, the '
        "smallest whole number that the field can hold."
    )
