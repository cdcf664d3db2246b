"""Values as texts: scalars, external reference codes, cells, and quotations.

A workbook has numbers where a table of texts has digits, and so has JSON. Wherever a
text is expected, a number counts as its digits, without exponent, and a boolean as
``true`` or ``false``, as Liferay reads them. Leading zeros of a number in a workbook
are lost before a file is read, so nothing can bring them back.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any, Final

_CELL_TEXT: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)')

_MAX_DIGITS: Final = 300
"""Beyond this no database keeps a number; it bounds what a hostile number costs."""


def format_scalar(value: Any) -> str | None:
    """Return the text of a scalar; None for what has no text of its own.

    >>> format_scalar(7), format_scalar(7.0), format_scalar(0.5), format_scalar(True)
    ('7', '7', '0.5', 'true')
    >>> format_scalar(1.59001810629457e17)
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
    return value if type(value) is str else format_scalar(value) or ""


def _float_text(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    # The shortest digits that mean this float; those of 7.0 are whole.
    text = format(Decimal(repr(value)), "f").removesuffix(".0")
    return "0" if value == 0 else text


def _decimal_text(value: Decimal) -> str | None:
    if not value.is_finite() or abs(value.adjusted()) > _MAX_DIGITS:
        return None
    return format(value, "f")


def split_list_cell(cell: str) -> list[str]:
    """Split a cell of a table at its commas, leaving out empty texts.

    A text with a comma stands in quotes, as in Liferay's tables. ``[]`` is an empty
    list.
    """
    if cell.strip() == "[]":
        return []
    texts = []
    for match in _CELL_TEXT.finditer(cell):
        text = match[2].strip() if match[1] is None else match[1].replace('""', '"')
        if text:
            texts.append(text)
    return texts


def format_json(value: Any) -> str:
    """Write any value as JSON for a report."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    except (RecursionError, ValueError, TypeError):
        return '"(a value that JSON cannot hold)"'
    return text


def shorten_text(text: str, limit: int = 80) -> str:
    """Cut a text that a message quotes to *limit* characters."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def quote_value(value: Any) -> str:
    """Write a value for a message: a text in quotes, all else as JSON, cut short."""
    if isinstance(value, str):
        return f'"{shorten_text(value)}"'
    return shorten_text(format_json(value))
