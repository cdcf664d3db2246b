"""What a database has to provide for itself; all other statements are SQLAlchemy's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import Any, Final, NamedTuple, Protocol, Self

from sqlalchemy import ColumnElement, Connection, Engine, Table, TableValuedAlias, exc
from sqlalchemy.types import TypeEngine

from ....errors import InstallationError
from ....model.query.filter_expression import Operator
from ....model.record import LargeText
from ....objects.entries.stored_entries import NewEntries
from ....objects.fields.attachment import FileContent, Keep

WRITES: Final = "dmc_writes"
"""The execution option of a connection whose transactions write. They take the write
lock when they begin: one that reads first and writes later would fail if another
process had written in between, however long it waited."""

SHARES: Final = "dmc_shares"
"""The execution option of those that may run beside others with it, where the database
has more than one writer at a time: it notices when they meet."""

MIGRATES: Final = "dmc_migrates"
"""The execution option of the transaction that changes the tables."""


class JsonType(Enum):
    """The type of a property of a JSON object, as a statement compares it."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()


class Contents(Protocol):
    """The contents of attachments by their digest.

    A content is complete before the transaction that refers to it commits: an entry
    never refers to a missing content, and a transaction that is rolled back leaves at
    most a content that no entry refers to.
    """

    def storing(self) -> AbstractContextManager[Keep]:
        """Give a function that takes contents; they are stored when the block ends."""
        ...

    def text(self, content: FileContent, /) -> LargeText:
        """Return a content as Base64, which is read when it is used."""
        ...

    def prune(self, named: Collection[str], before_ms: int, /, *, dry_run: bool) -> int:
        """Remove the contents from before a time but the named ones; count bytes."""
        ...

    def rehearsed(self, connection: Connection, /) -> Self:
        """Return the contents with those of a rehearsal, which :meth:`discard` ends.

        Args:
            connection: The connection whose transaction will be rolled back.
        """
        ...

    def discard(self) -> None:
        """Remove the contents of the rehearsal."""
        ...


class SharedColumns(NamedTuple):
    """What new entries of a batch have in common: the columns of ``entry``."""

    definition_id: int
    scope: str
    status: int
    created: int
    modified: int


class Dialect(Protocol):
    """How one kind of database is opened, and the expressions that it spells its way.

    Parameters of statements hold any number of values: a statement for each number of
    keys would be compiled anew.

    Attributes:
        orders_by_site: The index of codes holds those of each site together. Without,
            it holds the sites of each code together, which is faster to search.
    """

    orders_by_site: bool

    def open(self, installation: str) -> Engine:
        """Return an engine whose transactions honour :data:`WRITES`.

        Args:
            installation: The installation's name for messages.
        """
        ...

    def contents(self, engine: Engine, installation: str) -> Contents:
        """Return the contents of attachments."""
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

    def value(
        self, body: ColumnElement[Any], name: str, type_: JsonType = JsonType.TEXT
    ) -> ColumnElement[Any]:
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

    def parameter(self, value: Any, type_: TypeEngine[Any]) -> Any:
        """Return a value of a filter as an expression of a type is compared with it."""
        ...

    def reserve_ids(self, connection: Connection, count: int, /) -> Sequence[int]:
        """Return *count* entry ids that are free, in ascending order."""
        ...

    def insert_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of id, definition, scope, ERC, status, body and two times."""
        ...

    def insert_alike(
        self, connection: Connection, shared: SharedColumns, rows: NewEntries
    ) -> None:
        """Insert entries that differ in their id, ERC and body only."""
        ...

    def update_entries(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Update entries; rows of status, body, time and id."""
        ...

    def index_text(self, text: str, /) -> str:
        """Return what stands for a unique value in the table of them.

        It is the value itself, unless that is too long for an index.
        """
        ...

    def insert_rows(
        self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows of all columns of a table, in their order."""
        ...

    def delete_rows(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Delete the rows that have the values of *rows*, as :meth:`insert_rows`."""
        ...

    def is_conflict(self, error: exc.DBAPIError) -> bool:
        """Return True if another transaction was in the way, and a new one may pass."""
        ...

    def retries(self) -> Iterator[None]:
        """Yield before each attempt at a transaction, for as long as it may wait."""
        ...

    def find_problem(
        self, error: BaseException
    ) -> tuple[type[InstallationError], str] | None:
        """Return what an error of the driver means; None if it does not say."""
        ...

    def is_damage(self, error: BaseException) -> bool:
        """Return True if an error means that stored bytes are not JSON."""
        ...
