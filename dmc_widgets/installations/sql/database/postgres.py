"""PostgreSQL as the database of an installation: opening, expressions, bulk writing.

Several batches are written at once: each transaction sees the database as it was when
it began (``REPEATABLE READ``), and one that meets what another has changed since is
rolled back and done again, from its look-ups on. So batches that name the same code
take effect in the order in which they commit. What changes more than entries
(definitions, deletions, undoing) takes a lock that batches share, and runs alone, as in
SQLite.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

import psycopg
from psycopg import IsolationLevel, pq
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Numeric,
    Select,
    Table,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    cast,
    collate,
    column,
    create_engine,
    event,
    exc,
    func,
    literal,
)
from sqlalchemy.engine import Compiled, ExecutionContext
from sqlalchemy.types import JSON, Boolean, TypeEngine, UserDefinedType

from ....errors import InstallationError, Refused, Unreachable
from ....model.query.filter_expression import Operator
from ....objects.entries.stored_entries import NewEntries
from ....storage.sqlite_lock import SHORT_WAIT, LockWait, LockWaitCancelled
from .content_table import TableContents
from .dialect import MIGRATES, SHARES, WRITES, JsonType, SharedColumns
from .postgres_binary import (
    NUL,
    BinaryArray,
    BytesArray,
    IntegerArray,
    TextArray,
    copied_entries,
    require_storable,
)
from .postgres_errors import CONFLICTS, DAMAGED, find_problem

_LOCK_TABLE: Final = "write_lock"
_MIGRATION_LOCK: Final = 0x646D635F
"""The key of an advisory lock, ``dmc_``: before the tables, there is none to lock."""

_LOCK_WAIT: Final = "SET LOCAL lock_timeout = '300ms'"
"""Then the caller is asked whether to go on waiting."""

_BY_INDEX: Final = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
"""What a batch names is found by its keys: the planner, which does not know how many
there are, would rather read all entries of a table that it takes for small."""

_READ_COMMITTED: Final = "dmc_read_committed"
"""The execution option of transactions whose statements each see what is committed."""

_C: Final = "C"
"""The collation by code points, which is SQLite's and Python's, too."""

_TYPES: Final[Mapping[JsonType, TypeEngine[Any]]] = {
    JsonType.TEXT: Text(),
    JsonType.NUMBER: Numeric(),
    JsonType.BOOLEAN: Boolean(),
}

_ANALYZE: Final = (
    "ANALYZE (SKIP_LOCKED) entry (definition_id, scope, erc),"
    " unique_value (definition_id, scope, field, value),"
    " relationship (parent_definition_id, parent_erc, field)"
)
_UNKNOWN_TABLES: Final = (
    "SELECT FROM pg_class WHERE reltuples <= 0 AND pg_relation_size(oid) > 65536 AND "
    "oid IN ('entry'::regclass, 'unique_value'::regclass, 'relationship'::regclass)"
)
"""Tables that have grown since the server last looked at them, or were restored."""

_LARGEST: Final = 2**63 - 1

_INDEXED_CHARACTERS: Final = 500
"""An index takes about 2,700 bytes in a row, and a character has up to four."""

_INSERT: Final = (
    "COPY entry (definition_id, scope, status, created, modified, id, erc, body)"
    " FROM STDIN (FORMAT BINARY)"
)
_UPDATE: Final = (
    "UPDATE entry SET status = new.status, body = new.body, modified = new.modified"
    " FROM unnest(%s, %s, %s, %s) AS new (id, status, body, modified)"
    " WHERE entry.id = new.id"
)
_RESERVE: Final = (
    "SELECT min(id), CASE WHEN max(id) - min(id) + 1 > count(*) THEN array_agg(id) END"
    " FROM (SELECT nextval('entry_id_seq') AS id FROM generate_series(1, %s)) AS taken"
)


class _ArrayType(UserDefinedType[Collection[Any]]):
    """The type of any number of texts, or of integers, as one parameter.

    Args:
        array: Packs them.
    """

    cache_ok = True

    def __init__(self, array: type[TextArray | IntegerArray]) -> None:
        self.array = array

    def bind_processor(self, dialect: object) -> Callable[[Any], BinaryArray]:
        """Return what packs the values of a parameter."""
        del dialect
        return self.array.pack


class Postgres:
    """Implement :class:`~.dialect.Dialect` with psycopg.

    Args:
        parameters: The parameters of libpq, a password among them.
        waiting: How long to wait while others hold what is needed.
    """

    orders_by_site = False

    def __init__(
        self, parameters: Mapping[str, Any], waiting: LockWait = SHORT_WAIT
    ) -> None:
        self._parameters = dict(parameters)
        self._waiting = waiting
        self._inserted = 0
        self._analyze_at = 0

    def __repr__(self) -> str:
        return "Postgres()"  # the parameters hold a password

    def open(self, _installation: str) -> Engine:
        """Return an engine; the first statement connects."""
        engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            hide_parameters=True,  # records stay out of tracebacks
            max_overflow=-1,  # a caller that waits or reads slowly holds a connection
            pool_pre_ping=True,  # the server may have restarted in between
            use_native_hstore=False,  # which would cost a query at each connection
        )
        event.listen(engine, "begin", self._on_begin)
        event.listen(engine, "before_cursor_execute", _on_execute)
        return engine

    def contents(self, engine: Engine, installation: str) -> TableContents:
        """Return the contents of attachments, which are in tables."""
        committed = engine.execution_options(**{_READ_COMMITTED: True})
        return TableContents(committed.begin, installation)

    def prepare(self, connection: Connection) -> None:
        """Require an encoding that holds every text."""
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            reason = (
                f"Its encoding is {encoding}, which does not hold every text. Create a "
                "database with the encoding UTF8."
            )
            raise exc.NotSupportedError(None, None, psycopg.NotSupportedError(reason))

    def checkpoint(self, connection: Connection) -> None:
        """Do nothing: the server does it."""

    def any_of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Compare *column* with the parameter ``keys``, made by :meth:`keys`."""
        is_text = isinstance(column.type, Text)
        type_ = _ArrayType(TextArray if is_text else IntegerArray)
        return column == any_(bindparam("keys", type_=type_))

    def keys(
        self, values: Collection[str] | Collection[int]
    ) -> Collection[str] | Collection[int]:
        """Return the values as they are: the type of the parameter packs them."""
        return values

    def among(
        self, value: ColumnElement[Any], wanted: Sequence[Any]
    ) -> ColumnElement[bool]:
        """Compare *value* with any of *wanted*, in one parameter."""
        if any(map(_is_inexact, wanted)):
            decimals = list(map(_decimal, wanted))
            return value == any_(literal(decimals, type_=ARRAY(Numeric())))
        values = list(map(_storable, wanted))
        return value == any_(literal(values, type_=ARRAY(value.type)))

    def value(
        self, body: ColumnElement[Any], name: str, type_: JsonType = JsonType.TEXT
    ) -> ColumnElement[Any]:
        """Return a property of a JSON object; NULL if it is absent."""
        found = _json(body).op("->>", return_type=Text())(literal(name, Text()))
        text = collate(found, _C)
        return text if type_ is JsonType.TEXT else cast(text, _TYPES[type_])

    def elements(self, body: ColumnElement[Any], name: str) -> TableValuedAlias:
        """Return a list in a JSON object as a table with the column ``value``."""
        listed = _json(body).op("->", return_type=JSON())(literal(name, Text()))
        return func.json_array_elements_text(listed).table_valued(
            column("value", Text(collation=_C))
        )

    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Make texts of decimals compare and sort as the numbers do."""
        return cast(value, Numeric())

    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Remove the case of a text; PostgreSQL's ``lower`` keeps ``ß``."""
        return collate(func.dmc_folded(value, type_=Text()), _C)

    def holds(
        self, value: ColumnElement[Any], function: Operator, text: str
    ) -> ColumnElement[bool]:
        """Test whether a text contains, starts with or ends with another."""
        text = _storable(text)
        if function is Operator.CONTAINS:
            return func.strpos(value, text) > 0
        if function is Operator.STARTS_WITH:
            return func.left(value, len(text)) == text
        return func.right(value, len(text)) == text

    def parameter(self, value: Any, type_: TypeEngine[Any]) -> Any:
        """Return a value of a filter with the type that it is compared as."""
        if isinstance(value, str):
            is_number = isinstance(type_, Numeric)
            return literal(_storable(value), Numeric() if is_number else Text())
        return literal(_decimal(value), Numeric()) if _is_inexact(value) else value

    def reserve_ids(self, connection: Connection, count: int, /) -> Sequence[int]:
        """Return ids of the sequence; others may have taken some in between."""
        if not count:
            return ()
        first, ids = connection.exec_driver_sql(_RESERVE, (count,)).one()
        return range(first, first + count) if ids is None else ids

    def insert_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of id, definition, scope, ERC, status, body and two times."""
        groups: dict[SharedColumns, list[tuple[Any, ...]]] = {}
        for entry_id, definition, scope, code, status, body, *times in rows:
            shared = SharedColumns(definition, scope, status, *times)
            groups.setdefault(shared, []).append((entry_id, code, body))
        for shared, listed in groups.items():
            self.insert_alike(
                connection, shared, NewEntries(*zip(*listed, strict=True))
            )

    def insert_alike(
        self, connection: Connection, shared: SharedColumns, rows: NewEntries
    ) -> None:
        """Insert entries that differ in their id, ERC and body only."""
        with (
            _sqlalchemy_errors(),
            _driver_connection(connection).cursor() as cursor,
            cursor.copy(_INSERT) as copy,
        ):
            copy.write(copied_entries(shared, rows))
        self._inserted += len(rows.ids)

    def update_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Update entries; rows of status, body, time and id."""
        # In the order of ids, in which others lock them, too.
        ordered = sorted(rows, key=itemgetter(3))
        statuses, bodies, times, ids = zip(*ordered, strict=True)
        values = (
            IntegerArray.pack(ids),
            IntegerArray.pack(statuses),
            BytesArray.pack(bodies),
            IntegerArray.pack(times),
        )
        connection.exec_driver_sql(_UPDATE, values)

    def index_text(self, text: str, /) -> str:
        """Return the text, or the digest of one that no index takes."""
        if len(text) <= _INDEXED_CHARACTERS:
            return text
        return f"sha256:{sha256(text.encode()).hexdigest()}"

    def insert_rows(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of all columns of a table, in their order."""
        if not rows:
            return
        columns = table.columns.keys()
        statement = (
            f"INSERT INTO {table.name} ({', '.join(columns)})"  # noqa: S608
            f" SELECT * FROM unnest({_places(columns)})"
        )
        connection.exec_driver_sql(statement, _arrays(table, columns, rows))

    def delete_rows(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Delete the rows with some texts and integers, all in one statement."""
        columns = list(rows[0])
        same = " AND ".join(f"{table.name}.{name} = gone.{name}" for name in columns)
        statement = (
            f"DELETE FROM {table.name} USING unnest({_places(columns)})"  # noqa: S608
            f" AS gone ({', '.join(columns)}) WHERE {same}"
        )
        values = [tuple(row.values()) for row in rows]
        connection.exec_driver_sql(statement, _arrays(table, columns, values))

    def is_conflict(self, error: exc.DBAPIError) -> bool:
        """Return True if another transaction was in the way, and a new one may pass."""
        return getattr(error.orig, "sqlstate", None) in CONFLICTS

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
        return getattr(error, "sqlstate", None) in DAMAGED

    def retries(self) -> Iterator[None]:
        """Yield before each attempt at a transaction, for as long as it may wait.

        Raises:
            LockWaitCancelled: The caller cancelled.
        """
        began, pause_s = time.monotonic(), 0.0
        while True:
            yield
            waited_s = time.monotonic() - began
            limit_s = self._waiting.limit_s
            if limit_s is not None and waited_s >= limit_s:
                return
            if not self._waiting.should_continue():
                raise LockWaitCancelled
            time.sleep(pause_s)
            pause_s = min(0.2, pause_s + 0.01)

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(**self._parameters)
        # Our functions hold backslashes, which the setting of old programs would drop.
        if connection.info.parameter_status("standard_conforming_strings") == "off":
            connection.execute("SET standard_conforming_strings = on")
            connection.commit()
        return connection

    def _on_begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        sees_all = options.get(MIGRATES) or options.get(_READ_COMMITTED)
        driver = _driver_connection(connection)
        driver.isolation_level = (
            IsolationLevel.READ_COMMITTED
            if sees_all
            else IsolationLevel.REPEATABLE_READ
        )
        if options.get(WRITES):
            self._lock(driver, options)

    def _analyze(self, driver: psycopg.Connection[Any]) -> None:
        """Let the planner know how entries are spread, as they become four times more.

        Until the server itself does so, it takes the entries of one definition for
        few, and reads all of them where an index of their codes would do.
        """
        self._analyze_at = max(4 * self._inserted, 1)
        with _sqlalchemy_errors():
            driver.autocommit = True
            try:
                if self._inserted or driver.execute(_UNKNOWN_TABLES).fetchone():
                    driver.execute(_ANALYZE)
            finally:
                driver.autocommit = False

    def _lock(
        self, driver: psycopg.Connection[Any], options: Mapping[str, Any]
    ) -> None:
        """Begin the transaction with a lock that keeps others out, or shares it."""
        if self._inserted >= self._analyze_at and not options.get(MIGRATES):
            self._analyze(driver)
        if options.get(MIGRATES):
            lock = f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"
        else:
            # Unlike an advisory lock, it is there before the transaction's view is.
            mode = "ROW EXCLUSIVE" if options.get(SHARES) else "SHARE ROW EXCLUSIVE"
            lock = f"LOCK TABLE {_LOCK_TABLE} IN {mode} MODE"
        with _sqlalchemy_errors():
            for _ in self.retries():
                try:
                    driver.execute(f"{_LOCK_WAIT}; {_BY_INDEX}; {lock}")
                except psycopg.errors.LockNotAvailable as error:
                    driver.rollback()
                    unlocked = error
                else:
                    return
            raise unlocked


def _on_execute(
    _connection: Connection,
    cursor: psycopg.Cursor[Any],
    _statement: str,
    _parameters: Any,
    context: ExecutionContext | None,
    _is_many: bool,
) -> None:
    """Ask for bytes as they are: else the server sends two digits for each."""
    compiled = None if context is None else context.compiled
    if isinstance(compiled, Compiled) and _returns_bytes(compiled):
        cursor.format = pq.Format.BINARY


@lru_cache(maxsize=500)
def _returns_bytes(compiled: Compiled) -> bool:
    statement = compiled.statement
    return isinstance(statement, Select) and any(
        isinstance(column.type, LargeBinary) for column in statement.selected_columns
    )


def _driver_connection(connection: Connection) -> psycopg.Connection[Any]:
    driver_connection = connection.connection.driver_connection
    if not isinstance(driver_connection, psycopg.Connection):
        message = "The connection is closed, or not one to PostgreSQL."
        raise TypeError(message)
    return driver_connection


def _places(columns: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(columns))


def _arrays(
    table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> tuple[BinaryArray, ...]:
    """Return an array for each column of rows."""
    arrays: list[BinaryArray] = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        if isinstance(table.c[name].type, Text):
            with _sqlalchemy_errors():
                require_storable(values)
            arrays.append(TextArray.pack(values))
        else:
            arrays.append(IntegerArray.pack(values))
    return tuple(arrays)


def _json(body: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return stored bytes, or the text of an element of a list, as JSON."""
    if isinstance(body.type, LargeBinary):
        return func.dmc_json(body)
    return cast(body, JSON())


@contextmanager
def _sqlalchemy_errors() -> Iterator[None]:
    """Wrap the driver's errors as SQLAlchemy does, to be translated alike."""
    try:
        yield
    except psycopg.Error as error:
        wrapped = exc.DBAPIError.instance(None, None, error, psycopg.Error)
        raise wrapped from error


def _is_inexact(value: Any) -> bool:
    """Return True for a number that is not a 64-bit integer."""
    if isinstance(value, int):
        return not -_LARGEST <= value <= _LARGEST
    return isinstance(value, float)


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _storable(value: Any) -> Any:
    return value.replace("\0", NUL) if isinstance(value, str) else value
