"""Tables in HTML, in which values show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")


def html_pairs(title: str, pairs: Iterable[tuple[str, object]]) -> str:
    """Return a table of names and values under a title; empty values are left out."""
    rows = "".join(
        f"<tr><th style='text-align: left'>{escape(name)}</th>"
        f"<td style='text-align: left'>{escape(str(value))}</td></tr>"
        for name, value in pairs
        if value not in ("", None, (), False)
    )
    return f"<table><caption>{escape(title)}</caption>{rows}</table>"


def html_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> str:
    """Return a table with a line of column names under a title."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>"
        for row in rows
    )
    return (
        f"<table><caption>{escape(title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def format_bytes(number: int) -> str:
    """Return a number of bytes with a unit: ``1.5 MB``."""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{number} bytes"
