"""What the workspace needs of a database, whichever it is.

Statements are written in the SQL that SQLite and PostgreSQL share, with ``?`` or
``:name`` for values, and with the few functions of SQLite's that
:mod:`.postgres.functions` gives to PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, Protocol

NO_LIMIT: Final = 1 << 62
"""The limit of a query that returns all rows."""


class Row(Protocol):
    """A row, whose values are found by their place and by the name of their column."""

    def __getitem__(self, key: int | str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Any:
        """Return the names of the columns."""
        ...


class Cursor(Protocol):
    """The result of a statement."""

    @property
    def rowcount(self) -> int:
        """The number of rows that it has changed."""
        ...

    @property
    def lastrowid(self) -> int | None:
        """The id of the row that it has inserted."""
        ...

    def fetchone(self) -> Any:
        """Return the next row; None after the last one."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Transaction(Protocol):
    """A transaction of a connection; its statements commit together."""

    def execute(self, sql: str, values: Any = (), /) -> Cursor:
        """Run one statement."""
        ...

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Cursor:
        """Run a statement for each row of values."""
        ...


class TableOfTasks(NamedTuple):
    """A table whose rows belong to tasks and go with them.

    Attributes:
        name: The name of the table.
        key: The column that names the task.
        columns: The columns with texts and bytes.
    """

    name: str
    key: str
    columns: tuple[str, ...]


class Database(Protocol):
    """One connection to a database with our tables, safe between threads.

    Attributes:
        skip_locked: What a query ends with that takes rows for itself which no other
            transaction has taken; empty where only one transaction writes at a time.
    """

    skip_locked: str

    def close(self) -> None:
        """Close the connection. Closing twice is harmless."""

    def rows(self, sql: str, values: Any = ()) -> list[Any]:
        """Run a query and return its rows."""
        ...

    def row(self, sql: str, values: Any = ()) -> Any:
        """Run a query and return its first row; None if there is none."""
        ...

    def run(self, sql: str, values: Any = ()) -> int:
        """Run one statement and return the id of the row that it inserted."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Commit everything that the block does, or nothing; others write after it."""
        ...

    def sync_each_commit(self) -> None:
        """Make every commit of this connection survive a loss of power."""

    def checkpoint(self) -> None:
        """Complete the database's own file, if it has one, so that it may be copied."""

    def tables_of(self, parent: str) -> list[TableOfTasks]:
        """Return the tables whose rows are deleted with a row of *parent*."""
        ...
