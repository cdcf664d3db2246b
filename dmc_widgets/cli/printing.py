"""Tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 10_000  # a program that reads the table wants whole values


def print_json(value: object) -> None:
    """Print *value* as JSON in UTF-8, whatever the terminal's encoding is."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def print_table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Print *lines* under *columns*; numbers stand on the right."""
    rows = [list(line) for line in lines]
    if not rows:
        typer.echo("No items were found.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        number = all(isinstance(row[index], int) for row in rows)
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    console().print(table)


def print_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print one name and value a line; empty values are left out."""
    shown = [(name, value) for name, value in pairs if value not in {"", None}]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        typer.echo(f"{name:<{width}}  {_shown(value)}")


def print_warnings(warnings: Iterable[str]) -> None:
    """Print one warning a line on standard error."""
    for warning in warnings:
        typer.echo(f"Warning: {printable(warning)}", err=True)


def console() -> Console:
    """Return a console on standard output, as it is at this moment."""
    made = Console(highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width = _PIPED_WIDTH
    return made


def printable(text: str) -> str:
    """Show control characters, which could steer a terminal, as escapes.

    File names and the values of records are strangers' text.
    """
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int):
        return f"{value:,}"
    return printable(str(value))
