"""Installations in SQL databases: the embedded one in a SQLite file."""

from __future__ import annotations

from pathlib import Path

from .engine import Database
from .installation import SqlInstallation
from .sqlite import BUSY_TIMEOUT_S, Sqlite

__all__ = ["SqlInstallation", "open_sqlite"]


def open_sqlite(
    path: Path, name: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> SqlInstallation:
    """Open the embedded installation in a file, and make it if it is missing.

    Args:
        path: Of the file; its folder has to be there.
        name: How messages name it.
        busy_timeout_s: How long to wait for other writers.

    Raises:
        Refused: It cannot be opened, or is not ours.
        Unreachable: It does not answer now.
    """
    absolute = path.expanduser().absolute()
    return SqlInstallation(Database(name, Sqlite(absolute, busy_timeout_s)))
