"""The table of the history, which triggers fill and nothing can change afterwards.

Triggers write it, not the code that changes tasks: so no change of a task's status can
be left out, whichever process makes it, and each event commits with its change.
"""

from __future__ import annotations

import sqlite3

_TABLE = """
CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, event TEXT NOT NULL,
    author TEXT NOT NULL, task_id INTEGER NOT NULL, name TEXT NOT NULL,
    installation TEXT NOT NULL, action TEXT NOT NULL, entity_type TEXT NOT NULL,
    original_file TEXT NOT NULL, plan TEXT NOT NULL, counts TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT
"""
_INDEX = "CREATE INDEX history_by_task ON history (task_id)"
_COLUMNS = (
    "at, event, author, task_id, name, installation, action, entity_type, "
    "original_file, plan, counts, detail"
)
_EXISTING = """
INSERT INTO history ({columns})
SELECT modified, status, author, id, name, installation, action, entity_type,
    original_file, plan, counts, error FROM task ORDER BY id
"""
_ON_NEW_TASK = """
CREATE TRIGGER history_of_new_task AFTER INSERT ON task BEGIN
    INSERT INTO history ({columns}) VALUES (
        new.created, new.status, new.author, new.id, new.name, new.installation,
        new.action, new.entity_type, new.original_file, new.plan, new.counts, ''
    );
END
"""
_ON_STATUS = """
CREATE TRIGGER history_of_status AFTER UPDATE OF status ON task
WHEN new.status <> old.status BEGIN
    INSERT INTO history ({columns}) VALUES (
        new.modified, new.status, new.author, new.id, new.name, new.installation,
        new.action, new.entity_type, new.original_file, '', new.counts, new.error
    );
END
"""
_ON_REMOVAL = """
CREATE TRIGGER history_of_removed_task AFTER DELETE ON task BEGIN
    INSERT INTO history ({columns}) VALUES (
        strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'Removed', old.author, old.id, old.name,
        old.installation, old.action, old.entity_type, old.original_file, '',
        old.counts, ''
    );
END
"""
_GUARD = """
CREATE TRIGGER history_keeps_{verb} BEFORE {verb} ON history BEGIN
    SELECT RAISE(ABORT, 'the history of a workspace is append-only');
END
"""

_STATEMENTS = (_TABLE, _INDEX, _EXISTING, _ON_NEW_TASK, _ON_STATUS, _ON_REMOVAL)
_ON_FILE = """
CREATE TRIGGER history_of_file AFTER UPDATE OF file_sha256 ON task
WHEN new.file_sha256 <> old.file_sha256 BEGIN
    INSERT INTO history ({columns}) VALUES (
        new.modified, 'File', new.author, new.id, new.name, new.installation,
        new.action, new.entity_type, new.original_file, '', new.counts,
        'SHA-256 ' || new.file_sha256
    );
END
"""


_NO_REPLACEMENT = """
CREATE TRIGGER history_keeps_replace BEFORE INSERT ON history
WHEN EXISTS (SELECT 1 FROM history WHERE id = new.id) BEGIN
    SELECT RAISE(ABORT, 'the history of a workspace is append-only');
END
"""


def refuse_replacements(connection: sqlite3.Connection) -> None:
    """Refuse INSERT OR REPLACE of an event, which runs no trigger of a deletion."""
    connection.execute(_NO_REPLACEMENT)


def create_file_events(connection: sqlite3.Connection) -> None:
    """Let the digest of an imported file be an event, too."""
    connection.execute(_ON_FILE.replace("{columns}", _COLUMNS))


def create_history(connection: sqlite3.Connection) -> None:
    """Create the table with its triggers, and an event for each existing task."""
    for statement in _STATEMENTS:
        connection.execute(statement.replace("{columns}", _COLUMNS))
    for verb in ("update", "delete"):
        connection.execute(_GUARD.format(verb=verb.upper()))
