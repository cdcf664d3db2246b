"""Write statements of the workspace as PostgreSQL and its driver want them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Final, NamedTuple

_SPECIAL: Final = re.compile(r"'(?:[^']|'')*'|\?|(?<!:):[a-z_]+|%")
_INSERT: Final = re.compile(
    r"\s*INSERT (OR (?P<rule>REPLACE|IGNORE) )?INTO (?P<table>\w+)\s*"
    r"(?P<columns>\([^)]*\))?"
)
_NUL: Final = "\N{SYMBOL FOR NULL}"


class TableLayout(NamedTuple):
    """The columns of a table.

    Attributes:
        columns: All that can be inserted, in their order.
        key: Those of the primary key.
        counted: The column that numbers the rows; empty if there is none.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    counted: str = ""


class StatementTranslator:
    """Translates statements, each once.

    Args:
        layout_of: Returns the columns of a table.
    """

    def __init__(self, layout_of: Callable[[str], TableLayout]) -> None:
        self._layout_of = layout_of
        self.translate = lru_cache(maxsize=512)(self._translate)

    def _translate(self, sql: str, returns_id: bool = True) -> str:
        """Return a statement as the driver wants it.

        Args:
            sql: The statement.
            returns_id: One that inserts a numbered row returns its number.
        """
        match = _INSERT.match(sql)
        if match is None:
            return with_placeholders(sql)
        layout = self._layout_of(match["table"])
        statement = sql
        if match["rule"]:
            statement = _insertion(match, layout, sql[match.end() :])
        if returns_id and layout.counted:
            statement += f" RETURNING {layout.counted}"
        return with_placeholders(statement)


def with_placeholders(sql: str) -> str:
    """Return a statement with the driver's placeholders; texts in it stay."""

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        if found == "?":
            return "%s"
        if found.startswith(":"):
            return f"%({found[1:]})s"
        return found.replace("%", "%%")

    return _SPECIAL.sub(replace, sql)


def adapt_values(values: Any) -> Any:
    """Return values as PostgreSQL takes them.

    A text cannot hold the character NUL there: its symbol takes its place, because
    such texts are only shown. True and False are numbers, as in SQLite.
    """
    if isinstance(values, Mapping):
        return {name: _adapt(value) for name, value in values.items()}
    return [_adapt(value) for value in values]


def _adapt(value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value.replace("\0", _NUL) if "\0" in value else value
    return int(value) if isinstance(value, bool) else value


def _insertion(match: re.Match[str], layout: TableLayout, rest: str) -> str:
    """Return an insertion that replaces rows with the same key, or leaves them."""
    columns = match["columns"] or f"({', '.join(layout.columns)})"
    others = [name for name in layout.columns if name not in layout.key]
    start = f"INSERT INTO {match['table']} {columns} {rest.strip()}"
    if match["rule"] == "IGNORE" or not others:
        return f"{start} ON CONFLICT DO NOTHING"
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f"{start} ON CONFLICT ({', '.join(layout.key)}) DO UPDATE SET {changes}"


def name_columns(names: Sequence[str]) -> dict[str, int]:
    """Return the place of each column by its name; of equal names the first."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(name, place)
    return places
