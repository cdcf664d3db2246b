"""Scalars as texts: one rule for texts, codes, the codes of parents and picklist keys.

A workbook has numbers where a table of texts has digits, and so has JSON. Wherever a
text is expected, a number counts as its digits, without exponent, and a boolean as
``true`` or ``false``, as Liferay reads them. Zeros in front of a number in a workbook
are lost before a file is read, so nothing can bring them back.

Lists in one cell of a table: texts separated by commas.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

_MOST_DIGITS: Final = 300
"""Beyond this no database keeps a number; it bounds what a hostile number costs."""


def scalar_text(value: Any) -> str | None:
    """Return the text of a scalar; None for what has no text of its own.

    >>> scalar_text(7), scalar_text(7.0), scalar_text(0.5), scalar_text(True)
    ('7', '7', '0.5', 'true')
    >>> scalar_text(1.59001810629457e17)
    '159001810629457000'
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1000 else None
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Decimal):
        return _decimal_text(value)
    return None


def format_erc(value: Any) -> str:
    """Return the text of an external reference code; empty where it has none."""
    return value if type(value) is str else scalar_text(value) or ""


def _float_text(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    # The shortest digits that mean this float; those of 7.0 are whole.
    text = format(Decimal(repr(value)), "f").removesuffix(".0")
    return "0" if value == 0 else text


def _decimal_text(value: Decimal) -> str | None:
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        return None
    return format(value, "f")


_TEXT: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)')


def split_list_cell(cell: str) -> list[str]:
    """Return the texts of a cell, without empty ones; ``[]`` is an empty list.

    What holds a comma stands in quotes, as in Liferay's tables.
    """
    if cell.strip() == "[]":
        return []
    found = []
    for match in _TEXT.finditer(cell):
        text = match[2].strip() if match[1] is None else match[1].replace('""', '"')
        if text:
            found.append(text)
    return found
