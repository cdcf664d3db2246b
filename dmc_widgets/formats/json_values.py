"""JSON values in and out without loss: every digit, every text, or a clear refusal."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

import orjson

from ..model.large_text import LargeText
from ..model.outcome import Problem
from ..model.record import Unreadable

CODE = "unreadable-record"
"""The code of every problem that a reader reports."""

RECORD_LIMIT_BYTES = 64 * 1024 * 1024
"""The largest record that is read. Only a record is ever held, never a file."""

VALUE_LIMIT = 1_000_000
"""Values in a record of more than a mebibyte: texts, numbers, objects and arrays. In
memory each takes many times the bytes that it takes in a file."""

DEPTH_LIMIT = 200
"""Levels of nesting in a record. orjson writes up to 254, and the database and
the batch format put a few of their own around a record."""

DIGIT_LIMIT = 4300
"""Digits of one number: Python's own guard, applied to decimals as well."""

_TEXT_LIMIT = 2000
_TOO_MANY_DIGITS = f"A number has more than {DIGIT_LIMIT:,} digits."
_TOO_DEEP = f"The record is nested more than {DEPTH_LIMIT} levels deep."
HALF_PAIR = "A text holds half of a surrogate pair, which is no character."
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_KINDS = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}


class RefusedValue(ValueError):
    """A number that JSON or this package does not allow; its text says which."""


def _exact(text: str) -> float | Decimal:
    """Read a decimal number as a float where that keeps it, else as a Decimal."""
    number = float(text)
    if len(text) < 16 and "e" not in text and "E" not in text:
        return number
    try:
        decimal = Decimal(text)
    except InvalidOperation as exc:
        raise RefusedValue(_TOO_MANY_DIGITS) from exc
    if Decimal(repr(number)) == decimal:
        return number
    if len(text) > DIGIT_LIMIT or abs(decimal.adjusted()) > DIGIT_LIMIT:
        # Such a number is short to write and takes gigabytes to spell out.
        raise RefusedValue(_TOO_MANY_DIGITS)
    return decimal


def _refuse(name: str) -> Any:
    msg = f"{name} is not a JSON value."  # Python would read NaN and Infinity
    raise RefusedValue(msg)


STRICT = json.JSONDecoder(parse_float=_exact, parse_constant=_refuse)
# Finds the end of a value that the strict one refuses, so that reading goes on.
LENIENT = json.JSONDecoder(
    parse_float=lambda _: None, parse_int=lambda _: None, parse_constant=lambda _: None
)


def refusal(exc: ValueError) -> str:
    """Say in a sentence why :data:`STRICT` refused a well-formed value."""
    return str(exc) if isinstance(exc, RefusedValue) else _TOO_MANY_DIGITS


def record_fault(value: Any, raw: str) -> str:
    """Say why *value*, written as *raw*, is no record; empty if it is one."""
    if type(value) is not dict:
        kind = _KINDS.get(type(value), "a number")
        return f"An object is expected, found {kind}."
    if raw.count("{") + raw.count("[") > DEPTH_LIMIT and _is_deep(value):
        return _TOO_DEEP
    if "\\u" in raw and _SURROGATE.search(raw) and _has_half_pair(value):
        return HALF_PAIR
    return ""


def unreadable(line: int, reason: str, raw: str) -> Unreadable:
    """Build the value that stands for a bad record in the stream."""
    problem = Problem(CODE, f"Line {line}: {reason}")
    return Unreadable(problem, raw[:_TEXT_LIMIT])


def to_json(value: Any) -> bytes:
    """Spell *value* as compact JSON in UTF-8, decimals with all their digits.

    Large texts are loaded for it; :mod:`.json_writing` writes them without.
    """
    try:
        return dumped(value)
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        return _spelled(value).encode("utf-8", "backslashreplace")


def dumped(value: Any) -> bytes:
    """Spell what nearly every value holds, quickly.

    Raises:
        TypeError: It holds an integer beyond 64 bits, half of a surrogate pair, or a
            large text.
    """
    return orjson.dumps(value, default=_decimal)


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(key)}:{_spelled(each)}" for key, each in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_spelled, value)) + "]"
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, LargeText):
        value = value.whole()
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _key(key: object) -> str:
    if not isinstance(key, str):
        msg = f"a JSON key is a text, not {key!r}"
        raise TypeError(msg)
    return json.dumps(key, ensure_ascii=False)


def _is_deep(value: Any) -> bool:
    level: list[Any] = [value]
    depth = 0
    while level and depth <= DEPTH_LIMIT:
        depth += 1
        inner = (each.values() if type(each) is dict else each for each in level)
        level = [x for x in chain.from_iterable(inner) if type(x) in (dict, list)]
    return depth > DEPTH_LIMIT


def _has_half_pair(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return True
    return False
