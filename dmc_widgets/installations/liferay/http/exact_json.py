"""JSON without loss: numbers keep every digit, in both directions."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

# The shape of a text has a character for digits and points, exponents, signs, and all
# else. Searching it costs a fraction of what a regular expression does.
_KINDS: Final = {
    **dict.fromkeys(b"0123456789.", b"0"),
    **dict.fromkeys(b"eE", b"e"),
    ord("-"): b"-",
}
_SHAPES: Final = b"".join(_KINDS.get(byte, b" ") for byte in range(256))

# A number of 16 digits or with a large exponent may not fit a float. A false positive,
# from a text that looks like such a number, only costs time.
_LONG: Final = b"0" * 16
_LARGE: Final = b"0e000"
_SMALL: Final = b"0e-000"


def decode(data: bytes) -> Any:
    """Read a JSON text.

    Raises:
        ValueError: It is not JSON.
    """
    shape = data.translate(_SHAPES)
    if _LONG in shape or _LARGE in shape or _SMALL in shape:
        return json.loads(data, parse_float=_exact)
    return orjson.loads(data)


def encode(value: Any) -> bytes:
    """Write *value* as compact JSON, decimals with all their digits.

    Raises:
        ValueError: JSON cannot express it: NaN, half of a surrogate pair.
        TypeError: It has a type that JSON does not have.
    """
    try:
        return orjson.dumps(value, default=_decimal)
    except TypeError:  # an integer beyond 64 bits, or something that is refused
        return _encode_exactly(value).encode()


def canonical(value: Any) -> bytes:
    """Write *value* so that equal values are equal bytes."""
    try:
        return orjson.dumps(value, default=_decimal, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, sort_keys=True, default=str).encode()


def _exact(text: str) -> float | Decimal:
    number = float(text)
    try:
        decimal = Decimal(text)
    except InvalidOperation:  # an exponent beyond all measure
        return number
    return number if Decimal(repr(number)) == decimal else decimal


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def _encode_exactly(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (
            f"{_encode_exactly(name)}:{_encode_exactly(part)}"
            for name, part in value.items()
        )
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_encode_exactly, value)) + "]"
    if isinstance(value, Decimal):
        if value.is_finite():
            return str(value)
        raise ValueError(str(value))
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
