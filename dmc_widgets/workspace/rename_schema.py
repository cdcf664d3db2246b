"""The table of renamed installations, which lets the history follow them."""

from __future__ import annotations

import sqlite3
from typing import Final

_TABLE: Final = """
CREATE TABLE installation_rename (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, author TEXT NOT NULL,
    old TEXT NOT NULL, new TEXT NOT NULL
) STRICT
"""
_OTHER_COLUMNS: Final = (
    "id, at, event, author, task_id, name, action, entity_type, original_file, plan, "
    "counts, detail"
)
_GUARDS: Final = (
    "DROP TRIGGER history_keeps_update",
    f"""
    CREATE TRIGGER history_keeps_update BEFORE UPDATE OF {_OTHER_COLUMNS} ON history
    BEGIN SELECT RAISE(ABORT, 'the history of a workspace is append-only'); END
    """,
    """
    CREATE TRIGGER history_keeps_installation BEFORE UPDATE OF installation ON history
    WHEN NOT EXISTS (
        SELECT 1 FROM installation_rename
        WHERE old = old.installation AND new = new.installation
    ) BEGIN SELECT RAISE(ABORT, 'the history of a workspace is append-only'); END
    """,
)


def create_renames(connection: sqlite3.Connection) -> None:
    """Create the table of renames, which alone let the history name another one."""
    for statement in (_TABLE, *_GUARDS):
        connection.execute(statement)
