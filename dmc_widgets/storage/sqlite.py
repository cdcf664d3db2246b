"""Open, lock and migrate a SQLite file, and classify its errors.

Every SQLite file of the package is opened by :func:`open_connection`, waits for
locks as :mod:`.sqlite_lock` does, and has its errors classified by
:func:`find_problem`. The workspace and the sandbox speak SQL directly, through a
:class:`SqliteDatabase` whose tables are migrated by ``user_version``. The embedded
installation puts SQLAlchemy over the same connection and migrates with Alembic,
because its tables are to work in other databases, too.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from .database import TableOfTasks
from .private_files import create_private_database, restrict_database
from .sqlite_lock import (
    STATEMENT_WAIT_S,
    LockWait,
    begin_transaction,
    checkpoint,
    run_statement,
)

Migration = str | Callable[[sqlite3.Connection], None]
"""One step of a schema: statements separated by semicolons, or a function that runs
them. Steps are applied in order; a released step never changes."""


class NewerSchema(sqlite3.DatabaseError):
    """The tables were made by a newer version of the package.

    Attributes:
        version: The number of steps that were applied to the file.
        known: The number of steps that this version knows.
    """

    def __init__(self, version: int, known: int) -> None:
        super().__init__(f"schema version {version}, known here: {known}")
        self.version = version
        self.known = known


class SqliteProblem(NamedTuple):
    """What an error of SQLite means.

    Attributes:
        is_temporary: The same statement may succeed later.
        reason: The cause and the remedy, in full sentences.
    """

    is_temporary: bool
    reason: str


NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Numbers of the operating system's errors that mean a full disk or a quota."""

DISK_FULL: Final = "The disk is full. Make room and start again."

PROBLEMS: Final[dict[str, SqliteProblem]] = {
    "SQLITE_BUSY": SqliteProblem(True, "Another program is writing to the database."),
    "SQLITE_LOCKED": SqliteProblem(True, "Another program is writing to the database."),
    "SQLITE_READONLY": SqliteProblem(
        False, "The database file is read-only. Change its permissions, or copy it."
    ),
    "SQLITE_PERM": SqliteProblem(
        False, "The database file may not be opened by this user."
    ),
    "SQLITE_CANTOPEN": SqliteProblem(
        False, "The database file cannot be opened. Check its path and permissions."
    ),
    "SQLITE_NOTADB": SqliteProblem(
        False, "The file is not a SQLite database. Name another file."
    ),
    "SQLITE_CORRUPT": SqliteProblem(
        False, "The database file is damaged. Restore it from a backup."
    ),
    "SQLITE_FULL": SqliteProblem(False, DISK_FULL),
    "SQLITE_IOERR": SqliteProblem(True, "The disk did not read or write the database."),
    "SQLITE_NOMEM": SqliteProblem(True, "There is not enough memory for the database."),
    "SQLITE_CONSTRAINT": SqliteProblem(
        True, "Another program changed the same things in the meantime."
    ),
    "SQLITE_ERROR": SqliteProblem(
        False, "The database holds other tables than expected."
    ),
}
"""By primary result code. Codes that are not listed have no meaning of their own."""


def primary_code(error: BaseException) -> str:
    """Return SQLite's result code without its details; empty if there is none.

    ``SQLITE_IOERR_WRITE`` becomes ``SQLITE_IOERR``.
    """
    name = getattr(error, "sqlite_errorname", None) or ""
    return "_".join(name.split("_")[:2])


def find_problem(error: BaseException) -> SqliteProblem | None:
    """Return what a driver's error means; None if its code does not say."""
    return PROBLEMS.get(primary_code(error))


def open_connection(
    path: Path, waiting: LockWait, settings: Sequence[str] = ()
) -> sqlite3.Connection:
    """Open a file, readable by its owner only; create it if it does not exist.

    The connection is in autocommit mode, so that transactions begin where
    :func:`~.sqlite_lock.begin_transaction` says and nowhere else. Any thread may use
    it, one at a time.

    Args:
        path: The database file; its folder must exist.
        waiting: How long to wait while others have the file locked.
        settings: Pragmas of the connection, such as ``synchronous = FULL``.

    Raises:
        sqlite3.Error: The file cannot be opened, or is not a SQLite database.
        LockWaitCancelled: The caller cancelled while the file was locked.
    """
    create_private_database(path)
    connection = sqlite3.connect(
        path, timeout=STATEMENT_WAIT_S, isolation_level=None, check_same_thread=False
    )
    try:
        for setting in ("foreign_keys = ON", *settings):
            run_statement(connection, f"PRAGMA {setting}", waiting)
    except BaseException:
        connection.close()
        raise
    return connection


def open_temporary() -> sqlite3.Connection:
    """Open a database of its own on the disk, which is gone once it is closed."""
    return sqlite3.connect("")  # an empty name is SQLite's word for that


def enable_wal(connection: sqlite3.Connection, waiting: LockWait) -> None:
    """Switch the file to write-ahead logging: readers and writers do not wait.

    The mode is part of the file. It is changed only where it is another one, because
    the change needs a lock that no other connection may share.
    """
    ((mode,),) = run_statement(connection, "PRAGMA journal_mode", waiting).rows
    if mode != "wal":
        run_statement(connection, "PRAGMA journal_mode = WAL", waiting)


def migrate(
    connection: sqlite3.Connection, migrations: Sequence[Migration], waiting: LockWait
) -> None:
    """Apply the steps that the file lacks, in one transaction.

    ``user_version`` holds the number of steps that were applied.

    Raises:
        NewerSchema: More steps were applied than there are in *migrations*.
    """
    if _user_version(connection, waiting) == len(migrations):
        return
    with transaction(connection, waiting):
        version = _user_version(connection, waiting)  # another process may be faster
        if version > len(migrations):
            raise NewerSchema(version, len(migrations))
        for step in migrations[version:]:
            if isinstance(step, str):
                for statement in step.split(";"):
                    connection.execute(statement)
            else:
                step(connection)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


@contextmanager
def transaction(connection: sqlite3.Connection, waiting: LockWait) -> Iterator[None]:
    """Hold the write lock for a block; its end commits, an exception rolls back."""
    begin_transaction(connection, waiting, writes=True)
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk rolls back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _user_version(connection: sqlite3.Connection, waiting: LockWait) -> int:
    ((version,),) = run_statement(connection, "PRAGMA user_version", waiting).rows
    return int(version)


class SqliteDatabase:
    """One connection to a file with our tables, safe to use from several threads.

    Args:
        path: The database file; it is created, with its tables, if it does not
            exist.
        migrations: All steps of its schema.
        waiting: How long to wait while other processes have the file locked.
        translate: Returns the exception to raise in place of a driver's error; None
            lets the error pass.
    """

    skip_locked = ""  # a transaction that writes is the only one

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration],
        *,
        waiting: LockWait,
        translate: Callable[[sqlite3.Error], Exception | None],
    ) -> None:
        self.path = path
        self._waiting = waiting
        self._translate = translate
        self._lock = threading.RLock()
        with self._translated():
            self._connection = open_connection(path, waiting, ["synchronous = NORMAL"])
            self._connection.row_factory = sqlite3.Row
            try:
                enable_wal(self._connection, waiting)
                migrate(self._connection, migrations, waiting)
                restrict_database(path)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the connection. Closing twice is harmless."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run a query and return its rows."""
        with self._lock, self._translated():
            return run_statement(self._connection, sql, self._waiting, values).rows

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Run a query and return its first row, if there is one."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement and return the id of the row that it inserted."""
        with self._lock, self._translated():
            return run_statement(self._connection, sql, self._waiting, values).new_id

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything that the block does, or nothing."""
        with (
            self._lock,
            self._translated(),
            transaction(self._connection, self._waiting),
        ):
            yield self._connection

    def tables_of(self, parent: str) -> list[TableOfTasks]:
        """Return the tables whose rows are deleted with a row of *parent*."""
        found = self.rows(
            'SELECT m.name AS name, f."from" AS key FROM sqlite_master m '
            "JOIN pragma_foreign_key_list(m.name) f "
            "WHERE m.type = 'table' AND f.\"table\" = ? AND f.on_delete = 'CASCADE'",
            [parent],
        )
        return [
            TableOfTasks(row["name"], row["key"], self._value_columns(row["name"]))
            for row in found
        ]

    def _value_columns(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table with texts and bytes."""
        query = "SELECT name FROM pragma_table_info(?) WHERE type IN ('TEXT', 'BLOB')"
        return tuple(row["name"] for row in self.rows(query, [table]))

    def sync_each_commit(self) -> None:
        """Make every commit of this connection survive a loss of power."""
        self.run("PRAGMA synchronous = FULL")

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, so that the file may be copied.

        A closed database has nothing to move.
        """
        with self._lock, suppress(sqlite3.ProgrammingError):
            checkpoint(self._connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            translated = self._translate(error)
            if translated is None:
                raise
            raise translated from error
