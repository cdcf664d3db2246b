"""How values show themselves: as tables in a notebook, as text in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, fields
from html import escape
from typing import Any, Final

_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")

_MAX_CHARS: Final = 60


class ValueDisplay:
    """Shows a dataclass in one line, and as a table in a notebook.

    Values that are defaults are left out, and long ones are cut. A dataclass that takes
    part is declared with ``repr=False``, or writes its own line.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        values = (f"{name}={_cut(repr(value))}" for name, value in chosen_values(self))
        return f"{type(self).__name__}({', '.join(values)})"

    def _repr_html_(self) -> str:
        pairs = [
            (name.replace("_", " ").capitalize(), _cut(str(value)))
            for name, value in chosen_values(self)
        ]
        return html_pairs(type(self).__name__, pairs)


def chosen_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield names and values of the fields of a dataclass that are not defaults."""
    for field in fields(value):
        held = getattr(value, field.name)
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        if field.repr and (default is MISSING or held != default):
            yield field.name, held


def html_fields(value: Any) -> str:
    """Return a named tuple as a table; it cannot inherit from :class:`ValueDisplay`."""
    pairs = [
        (name.replace("_", " ").capitalize(), _cut(str(getattr(value, name))))
        for name in value._fields
    ]
    return html_pairs(type(value).__name__, pairs)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_CHARS else f"{text[: _MAX_CHARS - 1]}…"


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


def printable(text: str) -> str:
    """Return *text* with control characters, which could steer a terminal, escaped.

    File names and the values of records come from untrusted sources.
    """
    return "".join(
        character if character.isprintable() else _escape(character)
        for character in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
