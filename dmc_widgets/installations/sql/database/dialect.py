"""What a database has to provide for itself; all other statements are SQLAlchemy's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, TableValuedAlias

from ....model.query.filter_expression import Operator

WRITES: Final = "dmc_writes"
"""The execution option of a connection whose transactions write. They take the write
lock when they begin: one that reads first and writes later would fail if another
process had written in between, however long it waited."""


class Dialect(Protocol):
    """How one kind of database is opened, and the expressions that it spells its way.

    Parameters of statements hold any number of values: a statement for each number of
    keys would be compiled anew.
    """

    @property
    def contents_folder(self) -> Path | None:
        """The folder for the contents of attachments; None if there is no place."""
        ...

    def open(self, installation: str) -> Engine:
        """Return an engine whose transactions honour :data:`WRITES`.

        Args:
            installation: The installation's name for messages.
        """
        ...

    def prepare(self, connection: Connection) -> None:
        """Set up what outlives connections, once the database is known to be ours."""
        ...

    def checkpoint(self, connection: Connection) -> None:
        """Complete the database's own file, as far as other processes permit."""
        ...

    def any_of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Compare *column* with the one parameter ``keys``."""
        ...

    def keys(self, values: Collection[str] | Collection[int]) -> Any:
        """Return the value of that parameter."""
        ...

    def among(
        self, value: ColumnElement[Any], wanted: Sequence[Any]
    ) -> ColumnElement[bool]:
        """Compare *value* with any of *wanted*, in one parameter."""
        ...

    def value(self, body: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        """Return a property of a JSON object; NULL if it is absent."""
        ...

    def elements(self, body: ColumnElement[Any], name: str) -> TableValuedAlias:
        """Return a list in a JSON object as a table with the column ``value``."""
        ...

    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Make canonical texts of decimals compare and sort as the numbers do."""
        ...

    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Remove the case of a text, as Python's ``casefold`` does."""
        ...

    def holds(
        self, value: ColumnElement[Any], function: Operator, text: str
    ) -> ColumnElement[bool]:
        """Test whether a text contains, starts with or ends with another."""
        ...

    def reserve_ids(self, connection: Connection, count: int, /) -> int:
        """Return the first of *count* consecutive entry ids that are free."""
        ...

    def insert_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of id, definition, scope, ERC, status, body and two times."""
        ...

    def update_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Update entries; rows of status, body, time and id."""
        ...
