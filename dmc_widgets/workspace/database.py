"""The workspace's database file: its schema, and its errors in our words."""

from __future__ import annotations

import shutil
import sqlite3
from functools import partial
from pathlib import Path
from typing import Final

from ..errors import DiskFull, DmcError, WorkspaceUnusable
from ..storage.database import Database
from ..storage.sqlite import Migration, NewerSchema, SqliteDatabase, primary_code
from ..storage.sqlite_lock import LockWait, is_busy
from .course.schema import create_course
from .history.schema import (
    create_file_events,
    create_history,
    refuse_replacements,
)
from .outcome_migration import pack_outcomes_as_runs
from .rename_schema import create_renames
from .task_queries.schema import create_task_indexes

_MIN_FREE_BYTES: Final = 64 * 1024  # SQLite needs about as much to open a database

INTERACTIVE_WAIT: Final = LockWait(limit_s=10.0)
"""For callers that a person is waiting for; a worker waits without a limit."""

_MIGRATIONS: Final[tuple[Migration, ...]] = (
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
    """
    CREATE TABLE change (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        first_index INTEGER NOT NULL, summary TEXT NOT NULL, payload BLOB NOT NULL,
        PRIMARY KEY (task_id, first_index)
    ) STRICT
    """,
    "ALTER TABLE task ADD COLUMN pause INTEGER NOT NULL DEFAULT 0",
    create_history,
    """
    CREATE TABLE digest (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        first_index INTEGER NOT NULL, layout TEXT NOT NULL, digests BLOB NOT NULL,
        PRIMARY KEY (task_id, first_index)
    ) STRICT;
    CREATE TABLE verification (
        task_id INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
        subject INTEGER REFERENCES task ON DELETE SET NULL, content TEXT NOT NULL
    ) STRICT;
    CREATE TABLE mismatch (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        number INTEGER NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL,
        PRIMARY KEY (task_id, number)
    ) STRICT
    """,
    "ALTER TABLE task ADD COLUMN pruned TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE repair_round (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        number INTEGER NOT NULL, rest INTEGER NOT NULL, status TEXT NOT NULL,
        error TEXT NOT NULL, is_open INTEGER NOT NULL,
        PRIMARY KEY (task_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE repair (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        item_index INTEGER NOT NULL, round INTEGER NOT NULL, mend TEXT NOT NULL,
        done INTEGER NOT NULL DEFAULT 0, stored INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (task_id, item_index)
    ) STRICT, WITHOUT ROWID
    """,
    """
    ALTER TABLE task ADD COLUMN start_notes TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE task ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE task ADD COLUMN file_size INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE moved (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        first_index INTEGER NOT NULL, batch INTEGER NOT NULL, part INTEGER NOT NULL,
        codes BLOB NOT NULL, PRIMARY KEY (task_id, first_index)
    ) STRICT, WITHOUT ROWID
    """,
    "ALTER TABLE task ADD COLUMN file_sha256 TEXT NOT NULL DEFAULT ''",
    create_file_events,
    """
    CREATE TABLE matched_code (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        entity_type TEXT NOT NULL, site TEXT NOT NULL, code TEXT NOT NULL,
        stored TEXT NOT NULL, PRIMARY KEY (task_id, entity_type, site, code)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX matched_code_stored ON matched_code (task_id, entity_type, stored)
    """,
    """
    ALTER TABLE repair_round ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE repair_round ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
    UPDATE repair_round SET first = number
    """,
    refuse_replacements,
    """
    CREATE TABLE repair_draft (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        item_index INTEGER NOT NULL, mend TEXT NOT NULL,
        PRIMARY KEY (task_id, item_index)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE repair_draft_choice (
        task_id INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
        new_keys TEXT NOT NULL, replaced TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE added_key (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        key TEXT NOT NULL, change BLOB NOT NULL, UNIQUE (task_id, key)
    ) STRICT
    """,
    create_task_indexes,
    create_course,
    """
    ALTER TABLE template ADD COLUMN modified TEXT NOT NULL DEFAULT '';
    ALTER TABLE template ADD COLUMN used TEXT NOT NULL DEFAULT ''
    """,
    "ALTER TABLE installation ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE draft (
        id INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL,
        title TEXT NOT NULL, installation TEXT NOT NULL, choices TEXT NOT NULL,
        file_name TEXT NOT NULL, file_path TEXT NOT NULL, page TEXT NOT NULL,
        author TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL
    ) STRICT
    """,
    create_renames,
    pack_outcomes_as_runs,
    """
    CREATE TABLE partition (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        number INTEGER NOT NULL, content TEXT NOT NULL, records INTEGER NOT NULL,
        done INTEGER NOT NULL, status TEXT NOT NULL, worker TEXT NOT NULL,
        worker_name TEXT NOT NULL, summary TEXT NOT NULL,
        PRIMARY KEY (task_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE partition_notes (
        task_id INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
        notes TEXT NOT NULL
    ) STRICT
    """,
)


WorkspaceDatabase = Database
"""The database of a workspace, whichever it is."""


class WorkspaceFile(SqliteDatabase):
    """The database of a workspace that is one file in its folder.

    Args:
        path: The file; it is created, with its tables, if it does not exist.
        waiting: How long to wait while other processes have the file locked.

    Raises:
        WorkspaceUnusable: The file is not a workspace database, or a newer one.
        DiskFull: There is no room to create it.
    """

    def __init__(self, path: Path, waiting: LockWait = INTERACTIVE_WAIT) -> None:
        super().__init__(
            path,
            _MIGRATIONS,
            waiting=waiting,
            translate=partial(translate_error, path=path),
        )


def translate_error(error: sqlite3.Error, path: Path) -> DmcError:
    """Return the error to raise for what SQLite reported about *path*."""
    code = primary_code(error)
    is_io_error = code == "SQLITE_IOERR"  # also without room to open the file
    if code == "SQLITE_FULL" or (is_io_error and _is_disk_full(path)):
        return disk_full_error(path)
    if isinstance(error, NewerSchema):
        reason = (
            "this workspace was written by a newer version "
            f"(step {error.version}, known here: {error.known}). Update dmc-widgets."
        )
    elif is_busy(error):
        reason = "another program keeps the workspace locked. End it, or try later."
    elif code == "SQLITE_NOTADB":
        reason = "this is not a workspace database. Choose another workspace folder."
    elif code in {"SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR"}:
        reason = (
            f"the workspace database cannot be opened or written ({error}). "
            "Check the folder's permissions and the disk, or choose another."
        )
    else:
        reason = f"the workspace database did not answer as expected ({error})."
    return WorkspaceUnusable(str(path), reason)


def _is_disk_full(path: Path) -> bool:
    """Return True if there is no room even for the files beside a database."""
    try:
        return shutil.disk_usage(path.parent).free < _MIN_FREE_BYTES
    except OSError:
        return False


def disk_full_error(path: Path) -> DiskFull:
    """Return the error for a write to *path* that found no room."""
    reason = (
        "the disk is full, or the file is larger than allowed here. "
        "Free some space, or choose a workspace on another disk."
    )
    return DiskFull(str(path), reason)
