"""One connection to tables of our own in PostgreSQL.

Its user and its password are those that libpq finds: in the address, ``PGPASSWORD``, a
``.pgpass`` file or a service file. Writing transactions come one after another, as in
SQLite: what they read first stays true until they write.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any, Final, NoReturn

import psycopg
from psycopg import sql
from psycopg.rows import RowMaker

from ..database import TableOfTasks
from ..sqlite_lock import LockWait, LockWaitCancelled
from .functions import FUNCTIONS, NOCASE, PLAIN_NOCASE
from .statements import (
    StatementTranslator,
    TableLayout,
    adapt_values,
    name_columns,
)

Migration = Sequence[str]
"""The statements of one step of a schema. A released step never changes."""

_ASK_EVERY_MS: Final = 200
_LONGEST_STATEMENT_WAIT_MS: Final = 5_000
_CONNECT_S: Final = 10

_LAYOUT: Final = """
SELECT a.attname AS name, a.attgenerated = '' AND a.attidentity <> 'a' AS is_given,
    a.attidentity = 'd' AS is_counted,
    EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary
        AND a.attnum = ANY (i.indkey)) AS is_key
FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0
    AND NOT a.attisdropped ORDER BY a.attnum
"""
_TABLES: Final = """
SELECT c.relname AS name, k.attname AS key, array(
    SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.atttypid IN ('text'::regtype, 'bytea'::regtype)
) AS columns
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = f.conkey[1]
WHERE f.contype = 'f' AND f.confdeltype = 'c' AND f.confrelid = %s::regclass
ORDER BY c.relname
"""


class NewerSchema(Exception):
    """The tables were made by a newer version of the package.

    Attributes:
        version: The number of steps that were applied.
        known: The number of steps that this version knows.
    """

    def __init__(self, version: int, known: int) -> None:
        super().__init__(f"schema version {version}, known here: {known}")
        self.version = version
        self.known = known


class PostgresRow(tuple[Any, ...]):
    """A row, whose values are found by their place and by the name of their column."""

    __slots__ = ()
    places: dict[str, int] = {}  # noqa: RUF012 - each kind of row has its own

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return tuple.__getitem__(self, self.places[key])
        return tuple.__getitem__(self, key)

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.places)


class PostgresDatabase:
    """One connection to a schema with our tables, safe to use from several threads.

    A connection that was lost is opened again for the next statement.

    Args:
        url: The address of the database: ``postgresql://user@host/name``.
        schema: The schema of the tables; it is created if it does not exist.
        migrations: All steps of the tables.
        waiting: How long to wait while others write.
        translate: Returns the exception to raise in place of a driver's error.
    """

    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(
        self,
        url: str,
        schema: str,
        migrations: Sequence[Migration],
        *,
        waiting: LockWait,
        translate: Callable[[Exception], Exception],
    ) -> None:
        self._url = url
        self._schema = schema
        self._waiting = waiting
        self._translate_error = translate
        self._lock = threading.RLock()
        self._statements = StatementTranslator(lru_cache(self._layout))
        digest = blake2b(schema.encode(), digest_size=7).digest()
        self._lock_key = int.from_bytes(digest, "big")
        self._closed = False
        self._process = os.getpid()
        with self._translated():
            self._connection = self._connect()
            try:
                self._migrate(migrations)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the connection. Closing twice is harmless.

        In a fork this does nothing: the connection is its parent's.
        """
        if os.getpid() != self._process:
            return
        with self._lock:
            self._closed = True
            self._connection.close()

    def __del__(self) -> None:
        if "_connection" in self.__dict__:
            self.close()

    def rows(self, sql: str, values: Any = ()) -> list[Any]:
        """Run a query and return its rows; it is asked again if the connection broke.

        A statement that changes rows and returns them is not: it may have been
        carried out.
        """
        with self._lock, self._translated():
            self._require_connection()
            try:
                return self._execute(sql, values).fetchall()
            except psycopg.OperationalError:
                is_query = sql.lstrip().startswith("SELECT")
                if not is_query or not self._connection.closed:
                    raise
            self._require_connection()
            return self._execute(sql, values).fetchall()

    def row(self, sql: str, values: Any = ()) -> Any:
        """Run a query and return its first row; None if there is none."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def run(self, sql: str, values: Any = ()) -> int:
        """Run one statement and return the id of the row that it inserted."""
        with self._lock, self._translated():
            self._require_connection()
            return self._execute(sql, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        """Commit everything that the block does, or nothing; others write after it."""
        with self._lock, self._translated():
            self._require_connection()
            self._begin()
            try:
                yield PostgresTransaction(self._execute, self._execute_many)
            except BaseException:
                with suppress(psycopg.Error):  # the connection may be gone
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def sync_each_commit(self) -> None:
        """Make every commit survive a loss of power, whatever the server's default."""
        self.run("SET synchronous_commit = on")

    def checkpoint(self) -> None:
        """Do nothing: the server completes its own files."""

    def tables_of(self, parent: str) -> list[TableOfTasks]:
        """Return the tables whose rows are deleted with a row of *parent*."""
        with self._lock, self._translated():
            self._require_connection()
            found = self._connection.execute(_TABLES, [parent]).fetchall()
        return [TableOfTasks(x["name"], x["key"], tuple(x["columns"])) for x in found]

    def _connect(self) -> psycopg.Connection[PostgresRow]:
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            row_factory=_make_rows,
            connect_timeout=_CONNECT_S,
            application_name="dmc_widgets workspace",
            client_encoding="utf-8",
        )
        path = sql.SQL("SET search_path = {}, pg_catalog")
        connection.execute(path.format(sql.Identifier(self._schema)))
        return connection

    def _require_connection(self) -> None:
        """Open the connection again if the server has ended it."""
        if self._connection.closed and not self._closed:
            self._connection = self._connect()

    def _begin(self) -> None:
        """Begin a transaction as soon as no other one of this schema is open."""
        began = time.monotonic()
        begin = (
            f"BEGIN; SET LOCAL lock_timeout = {_ASK_EVERY_MS}; "
            f"SELECT pg_advisory_xact_lock({self._lock_key}); "
            f"SET LOCAL lock_timeout = {_LONGEST_STATEMENT_WAIT_MS}"
        )
        while True:
            try:
                self._connection.execute(begin.encode())
            except psycopg.errors.LockNotAvailable:
                self._connection.execute("ROLLBACK")
                limit = self._waiting.limit_s
                if limit is not None and time.monotonic() - began >= limit:
                    raise
                if not self._waiting.should_continue():
                    raise LockWaitCancelled from None
            else:
                return

    def _execute(self, statement: str, values: Any = ()) -> PostgresCursor:
        translated = self._statements.translate(statement).encode()
        cursor = self._connection.execute(translated, adapt_values(values))
        return PostgresCursor(cursor)

    def _execute_many(self, statement: str, rows: Iterable[Any]) -> PostgresCursor:
        translated = self._statements.translate(statement, False).encode()
        cursor = self._connection.cursor()
        cursor.executemany(translated, map(adapt_values, rows))
        return PostgresCursor(cursor)

    def _layout(self, table: str) -> TableLayout:
        found = self._connection.execute(_LAYOUT, [table]).fetchall()
        return TableLayout(
            tuple(column["name"] for column in found if column["is_given"]),
            tuple(column["name"] for column in found if column["is_key"]),
            "".join(column["name"] for column in found if column["is_counted"]),
        )

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        """Apply the steps that the schema lacks, in one transaction."""
        if self._version() == len(migrations):
            return
        self._begin()
        try:
            self._apply(migrations)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _apply(self, migrations: Sequence[Migration]) -> None:
        version = self._version()  # another process may have been faster
        if version is None:
            self._create_schema()
        elif version > len(migrations):
            raise NewerSchema(version, len(migrations))
        for statement in chain.from_iterable(migrations[version or 0 :]):
            self._connection.execute(statement.encode())
        update = "UPDATE schema_version SET steps = %s"
        self._connection.execute(update, [len(migrations)])

    def _version(self) -> int | None:
        """Return the number of steps that were applied; None without our tables."""
        query = "SELECT to_regclass('schema_version')"
        row = self._connection.execute(query).fetchone()
        if row is None or row[0] is None:
            return None
        row = self._connection.execute("SELECT steps FROM schema_version").fetchone()
        return int(row[0]) if row else None

    def _create_schema(self) -> None:
        name = sql.Identifier(self._schema)
        self._connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
        for statement in FUNCTIONS:
            self._connection.execute(statement.encode())
        try:
            with self._connection.transaction():
                self._connection.execute(NOCASE)
        except psycopg.errors.FeatureNotSupported:
            self._connection.execute(PLAIN_NOCASE)
        self._connection.execute("CREATE TABLE schema_version (steps bigint NOT NULL)")
        self._connection.execute("INSERT INTO schema_version VALUES (0)")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.Error, NewerSchema) as error:
            self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        raise self._translate_error(error) from error


class PostgresCursor:
    """The result of a statement, as :mod:`sqlite3` gives it."""

    def __init__(self, cursor: psycopg.Cursor[PostgresRow]) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        """The number of rows that the statement has changed."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that the statement has inserted."""
        status = self._cursor.statusmessage or ""
        row = self.fetchone() if status.startswith("INSERT") else None
        return int(row[0]) if row else None

    def fetchone(self) -> PostgresRow | None:
        """Return the next row; None after the last one."""
        return self._cursor.fetchone() if self._cursor.description else None

    def fetchall(self) -> list[PostgresRow]:
        """Return the rows that are left; none of a statement that returns no rows."""
        return self._cursor.fetchall() if self._cursor.description else []

    def __iter__(self) -> Iterator[PostgresRow]:
        return iter(self._cursor)


class PostgresTransaction:
    """A transaction of a connection; its statements commit together."""

    def __init__(
        self,
        execute: Callable[[str, Any], PostgresCursor],
        execute_many: Callable[[str, Iterable[Any]], PostgresCursor],
    ) -> None:
        self._execute = execute
        self._execute_many = execute_many

    def execute(self, sql: str, values: Any = ()) -> PostgresCursor:
        """Run one statement."""
        return self._execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Any]) -> PostgresCursor:
        """Run a statement for each row of values."""
        return self._execute_many(sql, rows)


def _make_rows(cursor: psycopg.Cursor[Any]) -> RowMaker[PostgresRow]:
    description = cursor.description
    if description is None:
        return PostgresRow
    return _row_class(tuple(column.name for column in description))


@lru_cache(maxsize=512)
def _row_class(names: tuple[str, ...]) -> type[PostgresRow]:
    attributes = {"__slots__": (), "places": name_columns(names)}
    return type("PostgresRow", (PostgresRow,), attributes)
