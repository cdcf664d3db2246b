"""Installations in SQL databases: in a SQLite file, and at a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from ...storage.sqlite_lock import SHORT_WAIT, LockWait
from .database.engine import Database
from .database.sqlite import Sqlite
from .installation import SqlInstallation
from .sandbox_installation import SandboxInstallation

__all__ = [
    "SandboxInstallation",
    "SqlInstallation",
    "load_postgresql",
    "open_for_server",
    "open_sqlite",
]


def open_sqlite(
    path: Path, name: str, *, waiting: LockWait = SHORT_WAIT
) -> SqlInstallation:
    """Open the embedded installation in a file; create it if it does not exist.

    Args:
        path: The database file; its folder must exist.
        name: The installation's name for messages.
        waiting: How long to wait while others have the file locked.

    Raises:
        Refused: It cannot be opened, or is not ours.
        Unreachable: It does not answer now.
    """
    return SqlInstallation(_open_database(path, name, waiting))


def open_for_server(
    path: Path, name: str, *, waiting: LockWait = SHORT_WAIT
) -> SandboxInstallation:
    """Open the embedded installation in a file, as a server needs it.

    The arguments and errors are those of :func:`open_sqlite`.
    """
    return SandboxInstallation(_open_database(path, name, waiting))


def load_postgresql() -> Callable[..., SqlInstallation]:
    """Import psycopg, and return a function that opens a database of a server.

    Raises:
        ModuleNotFoundError: psycopg is not installed.
    """
    postgres = import_module(".database.postgres", __package__)

    def open_postgresql(
        parameters: Mapping[str, str],
        name: str,
        *,
        waiting: LockWait = SHORT_WAIT,
        for_server: bool = False,
    ) -> SqlInstallation:
        database = Database(name, postgres.Postgres(parameters, waiting))
        opened = SandboxInstallation if for_server else SqlInstallation
        return opened(database)

    return open_postgresql


def _open_database(path: Path, name: str, waiting: LockWait) -> Database:
    return Database(name, Sqlite(path.expanduser().absolute(), waiting))
