"""A database: its connections, its transactions, and whether it is one of ours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    TableValuedAlias,
    inspect,
    text,
)

from ....errors import Refused
from ....model.query.filter_expression import Operator
from .content_store import ContentStore
from .errors import describe_damage, translate_errors
from .tables import metadata

HEAD: Final = "0006"
"""The revision that this version of the package works with."""

_VERSION_TABLE: Final = "alembic_version"


class Dialect(Protocol):
    """What differs between databases. Statements elsewhere are SQLAlchemy's."""

    @property
    def files_folder(self) -> Path | None:
        """Where the contents of attachments lie; None where there is no place."""
        ...

    def open(self, installation: str) -> Engine:
        """Make an engine; *installation* is the name for messages."""
        ...

    def begin_writing(self, connection: Connection) -> Connection:
        """Make the connection's next transaction one that alone may write."""
        ...

    def prepare(self, connection: Connection) -> None:
        """Set what lasts in the database itself, outside any transaction."""
        ...

    def protect_files(self) -> None:
        """Keep files of the database, where this process has them, to their owner."""
        ...

    def settle(self, connection: Connection) -> None:
        """Bring what lies beside the database's file into it, as far as possible."""
        ...

    def any_of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Compare *column* with the one parameter ``keys``."""
        ...

    def keys(self, values: Collection[str] | Collection[int]) -> Any:
        """Make that parameter."""
        ...

    def among(
        self, value: ColumnElement[Any], wanted: Sequence[Any]
    ) -> ColumnElement[bool]:
        """Compare *value* with any of *wanted*, in one parameter."""
        ...

    def value(self, body: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        """Return a property of a JSON object; NULL where it is not there."""
        ...

    def elements(self, body: ColumnElement[Any], name: str) -> TableValuedAlias:
        """Return a list in a JSON object as a table with the column ``value``."""
        ...

    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Make canonical texts of decimals compare and sort as the numbers do."""
        ...

    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Take the case out of a text, as Python's ``casefold`` does."""
        ...

    def holds(
        self, value: ColumnElement[Any], function: Operator, text: str
    ) -> ColumnElement[bool]:
        """Say whether a text contains, starts with or ends with another."""
        ...

    def reserve_ids(self, connection: Connection, count: int, /) -> int:
        """Return the first of *count* entry ids in a line that nobody else gets."""
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


class Database:
    """An open database with our tables in it, of the right revision.

    Args:
        name: How messages name it.
        dialect: Of the database.

    Attributes:
        contents: Of the files of attachments.

    Raises:
        Refused: It cannot be opened, or is not ours.
        Unreachable: It does not answer now.
    """

    def __init__(self, name: str, dialect: Dialect) -> None:
        self.name = name
        self.dialect = dialect
        self.contents = ContentStore(dialect.files_folder, name)
        with translate_errors(name):
            self._engine = dialect.open(name)
            try:
                self._set_up()
                dialect.protect_files()
            except BaseException:
                self._engine.dispose()
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection with one view of the database; it blocks no writer."""
        with self._translating(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write until the block ends.

        The block's end commits; an exception takes everything back.
        """
        with self._translating(), self._engine.connect() as plain:
            connection = self.dialect.begin_writing(plain)
            with connection.begin():
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the database as it is now; what others write meanwhile is not in it.

        While it is held, SQLite's log (``-wal``) keeps everything that others write,
        and so grows by that much.
        """
        with (
            self._translating(),
            self._engine.connect() as connection,
            connection.begin(),
        ):
            yield Snapshot(self, connection)

    def _translating(self) -> AbstractContextManager[None]:
        return translate_errors(self.name, self._describe_damage)

    def _describe_damage(self) -> str:
        with translate_errors(self.name), self._engine.connect() as connection:
            return describe_damage(connection)

    def settle(self) -> None:
        """Bring what was written into the database's own file, to be copied.

        While others read or write, as much as they let.
        """
        with translate_errors(self.name), self._engine.connect() as plain:
            self.dialect.settle(plain)

    def close(self) -> None:
        """Close all connections. Closing twice is harmless."""
        self._engine.dispose()

    def _set_up(self) -> None:
        if self._is_current():
            return
        with self._engine.connect() as plain:
            self.dialect.prepare(plain)
        with self.writing() as connection:
            # Another process may have done it while this one waited for the lock.
            if _revision(connection, self.name) != HEAD:
                # Alembic takes longer to import than most commands take to run.
                upgrading = import_module("..upgrading", __package__)
                upgrading.upgrade_tables(connection, HEAD)

    def _is_current(self) -> bool:
        with self._engine.connect() as connection:
            return _revision(connection, self.name) == HEAD


class Snapshot(Database):
    """A database as it was at one moment, for reading.

    Args:
        database: It stays open for as long as this is used.
        connection: In a transaction that nobody ends meanwhile.
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
    def writing(self) -> Iterator[Connection]:
        """Refuse: nothing is written into the past."""
        message = "A snapshot is for reading only."
        raise ValueError(message)
        yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give this one: it does not change."""
        yield self

    def close(self) -> None:
        """Leave the connection to who holds the snapshot."""


def _revision(connection: Connection, name: str) -> str | None:
    """Return the revision of our tables; None for an empty database.

    Raises:
        Refused: The tables are not ours, or of a newer version.
    """
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if _VERSION_TABLE not in names or not names & set(metadata.tables):
        shown = ", ".join(sorted(names)[:3])
        reason = (
            f"The database holds tables of another program ({shown}). "
            "Name another file, or a new one."
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
