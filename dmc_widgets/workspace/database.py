"""The workspace's own database file."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import DiskFull, DmcError, WorkspaceUnusable
from ..storage.private_files import create_private_database, restrict_database
from ..storage.sqlite_lock import (
    STATEMENT_WAIT_S,
    LockWait,
    begin_transaction,
    is_busy,
    run_statement,
)

_LEAST_BYTES = 64 * 1024  # SQLite needs about as much to open a database

INTERACTIVE_WAIT = LockWait(limit_s=10.0)
"""For callers behind whom a person waits; a worker waits without a limit."""

# One entry a version, applied in order; a released step never changes.
_MIGRATIONS = (
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE installation (
        name TEXT PRIMARY KEY, url TEXT NOT NULL, created TEXT NOT NULL
    ) STRICT;
    CREATE TABLE template (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
        action TEXT NOT NULL, plan TEXT NOT NULL,
        created TEXT NOT NULL, author TEXT NOT NULL
    ) STRICT;
    CREATE TABLE task (
        id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL, installation TEXT NOT NULL, action TEXT NOT NULL,
        entity_type TEXT NOT NULL, plan TEXT NOT NULL, author TEXT NOT NULL,
        created TEXT NOT NULL, modified TEXT NOT NULL, status TEXT NOT NULL,
        counts TEXT NOT NULL DEFAULT '{}', notes TEXT NOT NULL DEFAULT '[]',
        done INTEGER NOT NULL DEFAULT 0, whole INTEGER NOT NULL DEFAULT 0,
        started REAL NOT NULL DEFAULT 0, updated REAL NOT NULL DEFAULT 0,
        original_file TEXT NOT NULL DEFAULT '',
        exported_file TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '', error_code TEXT NOT NULL DEFAULT '',
        cancel INTEGER NOT NULL DEFAULT 0, host TEXT NOT NULL DEFAULT '',
        worker INTEGER NOT NULL DEFAULT 0, worker_started REAL NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE outcome (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        first_index INTEGER NOT NULL, number INTEGER NOT NULL, payload BLOB,
        PRIMARY KEY (task_id, first_index)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE failure (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        item_index INTEGER NOT NULL, code TEXT NOT NULL, field TEXT NOT NULL,
        value TEXT, message TEXT NOT NULL, item TEXT NOT NULL,
        PRIMARY KEY (task_id, item_index)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE used_mapping (
        id INTEGER PRIMARY KEY AUTOINCREMENT, entity_type TEXT NOT NULL,
        source TEXT NOT NULL, target TEXT NOT NULL,
        UNIQUE (entity_type, source, target)
    ) STRICT;
    """,
    "ALTER TABLE installation ADD COLUMN access TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE task ADD COLUMN parts TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE used_mapping ADD COLUMN how TEXT NOT NULL DEFAULT ''",
    """
    ALTER TABLE task ADD COLUMN boot TEXT NOT NULL DEFAULT '';
    ALTER TABLE task ADD COLUMN ticks INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE pending (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        batch INTEGER NOT NULL, first_index INTEGER NOT NULL,
        number INTEGER NOT NULL, payload BLOB NOT NULL,
        PRIMARY KEY (task_id, batch)
    ) STRICT, WITHOUT ROWID
    """,
)


class WorkspaceDatabase:
    """One connection to the file, safe to use from several threads.

    Args:
        path: Made, with its tables, where it is not there yet.
        waiting: How long to wait while other processes have the file locked.

    Raises:
        WorkspaceUnusable: The file is no workspace database, or a newer one.
        DiskFull: There is no room to make it.
    """

    def __init__(self, path: Path, waiting: LockWait = INTERACTIVE_WAIT) -> None:
        self._path = path
        self._waiting = waiting
        self._lock = threading.RLock()
        create_private_database(path)
        with self._translated():
            self._connection = sqlite3.connect(
                path,
                timeout=STATEMENT_WAIT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._prepare()
                restrict_database(path)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run a query and return what it found."""
        with self._lock, self._translated():
            return run_statement(self._connection, sql, self._waiting, values).rows

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Run a query and return the first row, if there is one."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement and return the id of the row that it added."""
        with self._lock, self._translated():
            return run_statement(self._connection, sql, self._waiting, values).new_id

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything that the block does, or nothing."""
        with self._lock, self._translated():
            begin_transaction(self._connection, self._waiting, writes=True)
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # a full disk rolls back by itself
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def sync_each_commit(self) -> None:
        """Let no commit of this connection be lost, even when the power is cut."""
        self.run("PRAGMA synchronous = FULL")

    def _prepare(self) -> None:
        for setting in ("journal_mode = WAL", "synchronous = NORMAL"):
            run_statement(self._connection, f"PRAGMA {setting}", self._waiting)
        self._connection.execute("PRAGMA foreign_keys = ON")
        if self._version() == len(_MIGRATIONS):
            return
        with self.transaction() as connection:
            version = self._version()  # another process may have been faster
            if version > len(_MIGRATIONS):
                reason = (
                    f"this workspace was written by a newer version (step {version}, "
                    f"known here: {len(_MIGRATIONS)}). Update dmc-widgets."
                )
                raise WorkspaceUnusable(str(self._path), reason)
            for step in _MIGRATIONS[version:]:
                for statement in step.split(";"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")

    def _version(self) -> int:
        query = "PRAGMA user_version"
        ((version,),) = run_statement(self._connection, query, self._waiting).rows
        return int(version)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise translate_error(exc, self._path) from exc


def translate_error(exc: sqlite3.Error, path: Path) -> DmcError:
    """Say in our words what SQLite met at *path*."""
    name = getattr(exc, "sqlite_errorname", "") or ""
    is_io_error = name.startswith("SQLITE_IOERR")  # also without room to begin
    if name.startswith("SQLITE_FULL") or (is_io_error and _has_no_room(path)):
        return disk_full_error(path)
    if is_busy(exc):
        reason = "another program keeps the workspace locked. End it, or try later."
    elif name.startswith("SQLITE_NOTADB"):
        reason = "this is no workspace database. Choose another workspace folder."
    elif name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR")):
        reason = (
            f"the workspace database cannot be opened or written ({exc}). "
            "Check the folder's permissions and the disk, or choose another."
        )
    else:
        reason = f"the workspace database did not answer as expected ({exc})."
    return WorkspaceUnusable(str(path), reason)


def _has_no_room(path: Path) -> bool:
    """Return True if not even the files beside a database find room."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_BYTES
    except OSError:
        return False


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def disk_full_error(path: Path) -> DiskFull:
    """Build the error for a write that found no room at *path*."""
    reason = (
        "the disk is full, or the file is larger than allowed here. "
        "Free some space, or choose a workspace on another disk."
    )
    return DiskFull(str(path), reason)
