"""Tables in HTML, in which values show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


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
