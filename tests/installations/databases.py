"""Databases of each kind, for tests that hold for all of them.

Tests of a module that is marked *each_database* run once with each kind; those that are
marked *own_file* are about a file, and run with that alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from dmc_widgets.installations import ConnectOptions
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.postgresql_access import connection_parameters
from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.installations.sql.database.dialect import Dialect
from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.installations.sql.database.sqlite import Sqlite
from dmc_widgets.model.access import Access
from dmc_widgets.storage.sqlite_lock import SHORT_WAIT, LockWait
from tests.postgresql import create_installation, lent_installation

KINDS: Final = ("sqlite", "postgresql")


class Place(Protocol):
    """Where a test keeps an installation; there is none before it is opened.

    Attributes:
        url: Its address.
    """

    url: str

    def dialect(self, waiting: LockWait = SHORT_WAIT) -> Dialect:
        """Return the database."""
        ...

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Execute a statement behind the installation's back; return its rows.

        A question mark stands for each of *values*.
        """
        ...


class FilePlace:
    """A file with a database of SQLite.

    Args:
        path: The file, which may be missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def dialect(self, waiting: LockWait = SHORT_WAIT) -> Dialect:
        """Return the database in the file."""
        return Sqlite(self.path, waiting)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Execute a statement; see :class:`Place`."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = ON")
            return connection.execute(statement, values).fetchall()


class ServerPlace:
    """A database of the PostgreSQL server of the tests.

    Args:
        url: Its address.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def dialect(self, waiting: LockWait = SHORT_WAIT) -> Dialect:
        """Return the database of the server."""
        return postgres(self.url, waiting)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Execute a statement; see :class:`Place`."""
        import psycopg  # most tests need none

        with psycopg.connect(self.url) as connection:
            spelled = statement.replace("%", "%%").replace("?", "%s").encode()
            cursor = connection.execute(spelled, values)
            return [] if cursor.description is None else cursor.fetchall()


NewPlace = Callable[[], Place]


@contextmanager
def new_place(kind: str, path: Path) -> Iterator[Place]:
    """Give a place of a kind, without an installation; *path* is that of a file."""
    if kind == "sqlite":
        yield FilePlace(path)
        return
    with lent_installation() as url:
        yield ServerPlace(url)


def file_of(place: Place) -> Path:
    """Return the file of a place, in a test that is marked *own_file*."""
    assert isinstance(place, FilePlace)
    return place.path


def open_at(
    place: Place,
    name: str,
    opened: type[SqlInstallation] = SqlInstallation,
    **more: Any,
) -> Any:
    """Open the installation at a place; *more* are arguments of its class."""
    return opened(Database(name, place.dialect()), **more)


def empty_database(kind: str, folder: Path) -> Dialect:
    """Return an empty database of a kind, with our tables or without."""
    if kind == "sqlite":
        return Sqlite(folder / "empty.db")
    return postgres(create_installation())


def postgres(url: str, waiting: LockWait = SHORT_WAIT) -> Dialect:
    """Return the database at an address of the server of the tests."""
    from dmc_widgets.installations.sql.database.postgres import Postgres

    address = parse_address(url)
    options = replace(ConnectOptions(), access=Access(user=address.user))
    return Postgres(connection_parameters(address, options), waiting)
