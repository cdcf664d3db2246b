"""SQLite as the database of an installation: opening, expressions, bulk writing.

Another kind of database needs one more file like this one and nothing else; see
:class:`~.dialect.Dialect`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    collate,
    create_engine,
    delete,
    event,
    exc,
    func,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from ....errors import InstallationError, Refused, Unreachable
from ....model.query.filter_expression import Operator
from ....objects.entries.stored_entries import NewEntries
from ....storage.private_files import restrict_database
from ....storage.sqlite import enable_wal, find_problem, open_connection
from ....storage.sqlite_lock import (
    SHORT_WAIT,
    LockWait,
    begin_transaction,
    checkpoint,
)
from .content_store import ContentStore
from .dialect import WRITES, JsonType, SharedColumns
from .sequences import next_id
from .tables import entry

_DECIMAL: Final = "dmc_decimal"
_ROWS_PER_STATEMENT: Final = 250
"""Row by row, most of the time goes into the calls; many more rows gain nothing."""

_INSERT: Final = (
    "INSERT INTO entry (id, definition_id, scope, erc, status, body, created, modified)"
    " VALUES {rows}",
    "(?, ?, ?, ?, ?, ?, ?, ?)",
)
_INSERT_ALIKE: Final = _INSERT[0].format(
    rows=", ".join(
        f"(?{at}, ?1, ?2, ?{at + 1}, ?3, ?{at + 2}, ?4, ?5)"
        for at in range(6, 6 + 3 * _ROWS_PER_STATEMENT, 3)
    )
)
"""For rows that differ in their id, ERC and body only: fewer values to bind."""
# All rows exist, so none is inserted. An UPDATE statement takes one row at a time.
_UPDATE: Final = (
    "INSERT INTO entry (status, body, modified, id, definition_id, erc, created)"
    " VALUES {rows} ON CONFLICT (id) DO UPDATE SET"
    " status = excluded.status, body = excluded.body, modified = excluded.modified",
    "(?, ?, ?, ?, 0, '', 0)",
)

_MALFORMED: Final = "malformed JSON"
"""SQLite's message where a filter or an order meets bytes that are not JSON."""

_SETTINGS: Final = (
    # A batch is on the disk before its outcomes are returned.
    "synchronous = FULL",
    # Large imports touch the whole index of codes, and write pages twice.
    "cache_size = -32768",  # KiB
    "wal_autocheckpoint = 8000",  # pages, 32 MiB
    # The log shrinks again after it has grown during a long read.
    "journal_size_limit = 67108864",  # bytes, 64 MiB
)


class Sqlite:
    """Implement :class:`~.dialect.Dialect` with the standard library's driver.

    Args:
        path: The database file; it may be missing, its folder may not.
        waiting: How long to wait while others have the file locked.
    """

    orders_by_site = True

    def __init__(self, path: Path, waiting: LockWait = SHORT_WAIT) -> None:
        self._path = path
        self._waiting = waiting

    def contents(self, _engine: Engine, installation: str) -> ContentStore:
        """Return the contents in the folder beside the database, named after it."""
        folder = self._path.with_name(f"{self._path.name}.files")
        return ContentStore(folder, installation)

    def open(self, installation: str) -> Engine:
        """Return an engine for the file.

        Raises:
            Refused: The path cannot be that of a database.
        """
        if self._path.is_dir():
            reason = "This is a folder, not a database file. Name a file in it."
            raise Refused(installation, reason)
        if not self._path.parent.is_dir():
            reason = f"The folder {self._path.parent} does not exist. Create it first."
            raise Refused(installation, reason)
        engine = create_engine(
            URL.create("sqlite", database=str(self._path)),
            creator=self._connect,
            hide_parameters=True,  # records stay out of tracebacks
            max_overflow=-1,  # a caller that waits or reads slowly holds a connection
        )
        event.listen(engine, "begin", self._on_begin)
        return engine

    def prepare(self, connection: Connection) -> None:
        """Enable write-ahead logging, and let only the owner read the files."""
        with _sqlalchemy_errors():
            enable_wal(_driver_connection(connection), self._waiting)
        restrict_database(self._path)

    def checkpoint(self, connection: Connection) -> None:
        """Move the log into the file; a part that others are busy with stays in it."""
        with _sqlalchemy_errors():
            checkpoint(_driver_connection(connection))

    def any_of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Compare *column* with the parameter ``keys``, made by :meth:`keys`."""
        return column.in_(text("SELECT value FROM json_each(:keys)"))

    def keys(self, values: Collection[str] | Collection[int]) -> str:
        """Return any number of values as one parameter."""
        return orjson.dumps(list(values)).decode()

    def among(
        self, value: ColumnElement[Any], wanted: Sequence[Any]
    ) -> ColumnElement[bool]:
        """Compare *value* with any of *wanted*, in one parameter."""
        listed = func.json_each(orjson.dumps(wanted).decode()).table_valued("value")
        return value.in_(select(listed.c.value))

    def value(
        self, body: ColumnElement[Any], name: str, _type: JsonType = JsonType.TEXT
    ) -> ColumnElement[Any]:
        """Return a property of a JSON object, which has a type of its own."""
        return func.json_extract(cast(body, Text), f'$."{name}"')

    def elements(self, body: ColumnElement[Any], name: str) -> TableValuedAlias:
        """Return a list in a JSON object as a table with the column ``value``."""
        return func.json_each(cast(body, Text), f'$."{name}"').table_valued("value")

    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Make canonical texts of decimals compare and sort as the numbers do.

        SQLite's own numbers have 15 digits.
        """
        return collate(value, _DECIMAL)

    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Remove the case of a text; SQLite's ``lower`` knows only English."""
        return func.dmc_folded(value)

    def holds(
        self, value: ColumnElement[Any], function: Operator, text: str
    ) -> ColumnElement[bool]:
        """Test whether a text contains, starts with or ends with another.

        SQLite's ``LIKE`` ignores case.
        """
        if function is Operator.CONTAINS:
            return func.instr(value, text) > 0
        if function is Operator.STARTS_WITH:
            return func.substr(value, 1, len(text)) == text
        return func.substr(value, func.length(value) - len(text) + 1) == text

    def parameter(self, value: Any, _type: TypeEngine[Any]) -> Any:
        """Return the value as it is."""
        return value

    def reserve_ids(self, connection: Connection, count: int, /) -> Sequence[int]:
        """Return the first free ids; the write lock keeps other writers out."""
        first = next_id(connection, entry)
        return range(first, first + count)

    def insert_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of id, definition, scope, ERC, status, body and two times."""
        _execute_in_groups(connection, *_INSERT, rows)

    def insert_alike(
        self, connection: Connection, shared: SharedColumns, rows: NewEntries
    ) -> None:
        """Insert entries that differ in their id, ERC and body only."""
        size = _ROWS_PER_STATEMENT
        whole = len(rows.ids) - len(rows.ids) % size
        differing = zip(*rows, strict=True)
        for _ in range(0, whole, size):
            values = chain.from_iterable(islice(differing, size))
            connection.exec_driver_sql(_INSERT_ALIKE, (*shared, *values))
        definition_id, scope, *others = shared
        rest = [
            (entry_id, definition_id, scope, code, others[0], body, *others[1:])
            for entry_id, code, body in differing
        ]
        _execute_in_groups(connection, *_INSERT, rest)

    def update_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Update entries; rows of status, body, time and id."""
        _execute_in_groups(connection, *_UPDATE, rows)

    def index_text(self, text: str, /) -> str:
        """Return the text: an index holds texts of any length."""
        return text

    def insert_rows(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of all columns of a table, in their order."""
        names = ", ".join(table.columns.keys())
        # The names are those of our own tables.
        statement = f"INSERT INTO {table.name} ({names}) VALUES {{rows}}"  # noqa: S608
        row = f"({', '.join('?' * len(table.columns))})"
        _execute_in_groups(connection, statement, row, rows)

    def delete_rows(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Delete the rows that have the values of *rows*."""
        same = (table.c[name] == bindparam(name) for name in rows[0])
        connection.execute(delete(table).where(*same), rows)

    def is_conflict(self, _error: exc.DBAPIError) -> bool:
        """Return False: only one transaction writes at a time."""
        return False

    def retries(self) -> Iterator[None]:
        """Yield once: what writes waits before it begins."""
        yield

    def find_problem(
        self, error: BaseException
    ) -> tuple[type[InstallationError], str] | None:
        """Return what an error of the driver means; None if it does not say."""
        problem = find_problem(error)
        if problem is None:
            return None
        return Unreachable if problem.is_temporary else Refused, problem.reason

    def is_damage(self, error: BaseException) -> bool:
        """Return True if an error means that stored bytes are not JSON."""
        return _MALFORMED in str(error)

    def _connect(self) -> sqlite3.Connection:
        connection = open_connection(self._path, self._waiting, _SETTINGS)
        connection.create_collation(_DECIMAL, _compare_decimals)
        connection.create_function("dmc_folded", 1, _casefold, deterministic=True)
        return connection

    def _on_begin(self, connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get(WRITES))
        with _sqlalchemy_errors():
            begin_transaction(
                _driver_connection(connection), self._waiting, writes=writes
            )


def _driver_connection(connection: Connection) -> sqlite3.Connection:
    driver_connection = connection.connection.driver_connection
    if not isinstance(driver_connection, sqlite3.Connection):
        message = "The connection is closed, or not one to SQLite."
        raise TypeError(message)
    return driver_connection


def _execute_in_groups(
    connection: Connection, statement: str, row: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Execute a statement for many rows at a time, and for the rest one by one."""
    whole = len(rows) - len(rows) % _ROWS_PER_STATEMENT
    many = statement.format(rows=", ".join([row] * _ROWS_PER_STATEMENT))
    for start in range(0, whole, _ROWS_PER_STATEMENT):
        values = chain.from_iterable(rows[start : start + _ROWS_PER_STATEMENT])
        connection.exec_driver_sql(many, tuple(values))
    if whole < len(rows):
        connection.exec_driver_sql(statement.format(rows=row), list(rows[whole:]))


@contextmanager
def _sqlalchemy_errors() -> Iterator[None]:
    """Wrap the driver's errors as SQLAlchemy does, to be translated alike."""
    try:
        yield
    except sqlite3.Error as error:
        wrapped = exc.DBAPIError.instance(None, None, error, sqlite3.Error)
        raise wrapped from error


def _compare_decimals(one: str, other: str) -> int:
    """Compare two canonical texts of decimals; the fields hold no other texts."""
    left, right = Decimal(one), Decimal(other)
    return (left > right) - (left < right)


def _casefold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
