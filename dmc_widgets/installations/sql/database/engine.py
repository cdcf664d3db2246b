"""An open database: its transactions, its snapshots, and the revision of its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, exc, inspect, text

from ....errors import Refused
from .dialect import MIGRATES, SHARES, WRITES, Dialect
from .errors import describe_damage, translate_errors
from .tables import metadata

T = TypeVar("T")

HEAD: Final = "0012"
"""The revision that this version of the package works with."""

_VERSION_TABLE: Final = "alembic_version"


class Database:
    """An open database with our tables in it, of the right revision.

    Args:
        name: The installation's name for messages.
        dialect: How this kind of database is opened and queried.

    Attributes:
        contents: The contents of attachments.

    Raises:
        Refused: It cannot be opened, or holds the tables of another program.
        Unreachable: It does not answer now.
    """

    def __init__(self, name: str, dialect: Dialect) -> None:
        self.name = name
        self.dialect = dialect
        with translate_errors(name, dialect):
            self._engine = dialect.open(name)
            try:
                self._set_up()
            except BaseException:
                self._engine.dispose()
                raise
        self.contents = dialect.contents(self._engine, name)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection with one view of the database; it blocks no writer."""
        with self._translating(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that no other may write beside until the block ends.

        The end of the block commits; an exception rolls back.
        """
        with self._translating(), self._transaction({WRITES: True}) as connection:
            yield connection

    def write(self, work: Callable[[Connection], T], *, shares: bool = False) -> T:
        """Run *work* in a transaction that writes, and return what it returns.

        Args:
            work: Runs again, from the beginning, if another transaction was in the way.
            shares: Others that share may write at the same time, if the database can
                tell when they meet.
        """
        options = {WRITES: True, SHARES: shares}
        with self._translating():
            for _ in self.dialect.retries():
                try:
                    with self._transaction(options) as connection:
                        return work(connection)
                except exc.DBAPIError as error:
                    if not self.dialect.is_conflict(error):
                        raise
                    conflict = error
            raise conflict

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        with self._engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the database as it is now, without what others write afterwards.

        While it is held, SQLite's log (``-wal``) keeps everything that others write,
        and grows by that much.
        """
        with (
            self._translating(),
            self._engine.connect() as connection,
            connection.begin(),
        ):
            yield Snapshot(self, connection)

    @contextmanager
    def rolled_back(self) -> Iterator[Connection]:
        """Give a connection as :meth:`writing` does; the end of the block rolls back.

        Until then others can read, and wait with what they want to write.
        """
        with self._translating(), self._engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: True})
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    def checkpoint(self) -> None:
        """Complete the database's own file, so that it may be copied.

        What other processes are reading or writing at the moment may stay outside.
        """
        with self._translating(), self._engine.connect() as plain:
            self.dialect.checkpoint(plain)

    def close(self) -> None:
        """Close all connections. Closing twice is harmless."""
        self._engine.dispose()

    def _translating(self) -> AbstractContextManager[None]:
        return translate_errors(self.name, self.dialect, self._describe_damage)

    def _describe_damage(self) -> str:
        with (
            translate_errors(self.name, self.dialect),
            self._engine.connect() as connection,
        ):
            return describe_damage(connection)

    def _set_up(self) -> None:
        with self._engine.connect() as connection:
            revision = _read_revision(connection, self.name)
        with self._engine.connect() as plain:
            self.dialect.prepare(plain)
        if revision == HEAD:
            return
        # Alembic takes longer to import than most commands take to run, and longer
        # than others should wait for the lock.
        upgrade = import_module(".upgrade", __package__)
        with self._transaction({WRITES: True, MIGRATES: True}) as connection:
            # Another process may have migrated it while this one waited for the lock.
            if _read_revision(connection, self.name) != HEAD:
                upgrade.upgrade_tables(connection, HEAD)


class Snapshot(Database):
    """A database as it was at one moment, for reading.

    Args:
        database: The database, which stays open for as long as the snapshot is used.
        connection: A connection whose transaction lasts as long.
    """

    def __init__(self, database: Database, connection: Connection) -> None:
        self.name = database.name
        self.dialect = database.dialect
        self.contents = database.contents
        self._connection = connection
        self._engine = database._engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the one connection, always with the same view of the database."""
        with self._translating():
            yield self._connection

    @contextmanager
    def _transaction(self, _options: dict[str, Any]) -> Iterator[Connection]:
        """Refuse: a snapshot cannot be changed."""
        message = "A snapshot is for reading only."
        raise ValueError(message)
        yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give this snapshot: it does not change."""
        yield self

    def close(self) -> None:
        """Leave the connection to the holder of the snapshot."""


def _read_revision(connection: Connection, name: str) -> str | None:
    """Return the revision of our tables; None for an empty database.

    Raises:
        Refused: The tables are not ours, or of a newer version.
    """
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if _VERSION_TABLE not in names or not names & set(metadata.tables):
        tables = ", ".join(sorted(names)[:3])
        reason = (
            f"The database holds tables of another program ({tables}). "
            "Name another one, or a new one."
        )
        raise Refused(name, reason)
    query = text("SELECT version_num FROM alembic_version")
    revision: str | None = connection.execute(query).scalar()
    if revision is not None and revision > HEAD:
        reason = (
            f"The database was made by a newer version of dmc-widgets (revision "
            f"{revision}; this one knows {HEAD}). Update dmc-widgets."
        )
        raise Refused(name, reason)
    return revision
