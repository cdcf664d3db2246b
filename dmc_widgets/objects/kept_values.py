"""Values of types whose rules we do not know: kept as they came, JSON for JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from ..model.large_text import HELD_BYTES, LargeText
from .entry_faults import invalid_value

_DEPTH: Final = 100
"""Nesting beyond this is an attack on whoever reads it back."""


class _NoJson(ValueError):
    """A value that JSON does not hold."""


def kept_check(name: str) -> Callable[[Any], Any]:
    """Build the check that takes all of JSON and nothing else."""

    def check(value: Any) -> Any:
        try:
            return _plain(value, _DEPTH)
        except _NoJson:
            return invalid_value(name, value)

    return check


def _plain(value: Any, depth: int) -> Any:
    if depth == 0:
        raise _NoJson
    if isinstance(value, dict):
        return {_text(k): _plain(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth - 1) for each in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, LargeText) and value.size <= HELD_BYTES:
        return value.whole()
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, (float, Decimal)) and math.isfinite(value):
        return float(value)
    raise _NoJson


def _text(value: Any) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _NoJson from None
        return value
    raise _NoJson
