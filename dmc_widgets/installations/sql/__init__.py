"""Installations in SQL databases: the embedded one in a SQLite file."""

from __future__ import annotations

from pathlib import Path

from ...storage.sqlite_lock import SHORT_WAIT, LockWait
from .database.engine import Database
from .database.sqlite import Sqlite
from .installation import SqlInstallation

__all__ = ["SqlInstallation", "open_sqlite"]


def open_sqlite(
    path: Path, name: str, *, waiting: LockWait = SHORT_WAIT
) -> SqlInstallation:
    """Open the embedded installation in a file, and make it if it is missing.

    Args:
        path: Of the file; its folder has to be there.
        name: How messages name it.
        waiting: How long to wait while others have the file locked.

    Raises:
        Refused: It cannot be opened, or is not ours.
        Unreachable: It does not answer now.
    """
    absolute = path.expanduser().absolute()
    return SqlInstallation(Database(name, Sqlite(absolute, waiting)))
