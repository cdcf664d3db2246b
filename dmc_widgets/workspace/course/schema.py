"""The tables of the steps and the samples of tasks."""

from __future__ import annotations

import sqlite3
from typing import Final

_STATEMENTS: Final = (
    """
    CREATE TABLE task_step (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        number INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
        detail TEXT NOT NULL, PRIMARY KEY (task_id, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE task_sample (
        task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        second REAL NOT NULL, counts TEXT NOT NULL, PRIMARY KEY (task_id, second)
    ) STRICT, WITHOUT ROWID
    """,
)


def create_course(connection: sqlite3.Connection) -> None:
    """Create the tables."""
    for statement in _STATEMENTS:
        connection.execute(statement)
