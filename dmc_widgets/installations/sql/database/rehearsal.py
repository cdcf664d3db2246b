"""A database in one transaction that is never committed, for rehearsals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from .dialect import Contents
from .engine import Database

if TYPE_CHECKING:
    from typing import Self


class RehearsalDatabase(Database):
    """A database where everything that is written is taken back in the end.

    One connection holds the write lock, and everything is read and written through
    it: what was written earlier in the rehearsal is seen by what comes later. Others
    read the database as it was; those who want to write wait until the rehearsal has
    ended. A copy of the database in place of the lock was rejected: it takes as long,
    and as much of the disk, as the database is large, however small the rehearsal.

    Args:
        database: The database, which stays open for as long as the rehearsal lasts.
        connection: A connection in a transaction that writes.
        contents: The contents of attachments, with those of the rehearsal.
    """

    def __init__(
        self, database: Database, connection: Connection, contents: Contents
    ) -> None:
        self.name = database.name
        self.dialect = database.dialect
        self.contents = contents
        self._connection = connection
        self._engine = database._engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the one connection."""
        with self._translating():
            yield self._connection

    @contextmanager
    def _transaction(self, _options: dict[str, Any]) -> Iterator[Connection]:
        """Give the one connection; an exception takes back what the block wrote."""
        with self._connection.begin_nested():
            yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[Self]:  # type: ignore[override]
        """Give this rehearsal: no other writer changes what it sees."""
        yield self

    def close(self) -> None:
        """Leave the connection to the holder of the rehearsal."""


@contextmanager
def rehearse(database: Database) -> Iterator[RehearsalDatabase]:
    """Give a database whose changes are rolled back when the block ends.

    Raises:
        Unreachable: Others hold the write lock for too long.
    """
    with database.rolled_back() as connection:
        contents = database.contents.rehearsed(connection)
        try:
            yield RehearsalDatabase(database, connection, contents)
        finally:
            contents.discard()
