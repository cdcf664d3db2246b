"""Indexes on tasks, and the text in which a search for tasks looks.

The text has a table of its own, because the plans beside it in the table of the tasks
would have to be read from the disk, too. It has no foreign key: what is pruned of a
task are the rows of all tables that refer to it, and pruned tasks are still found.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ...model.entity_type import search_text
from ...storage.database import Transaction

_COUNTED: Final = ("created", "updated", "unchanged")
_NOT_SUCCESSFUL: Final = ("skipped", "failed", "unknown")


def _sum(names: tuple[str, ...]) -> str:
    terms = (f"coalesce(json_extract(counts, '$.{name}'), 0)" for name in names)
    return " + ".join(terms)


_COLUMNS: Final = {
    "source": "TEXT GENERATED ALWAYS AS (coalesce(json_extract(plan, '$.source'), ''))",
    "successful": f"INTEGER GENERATED ALWAYS AS ({_sum(_COUNTED)})",
    "failed": f"INTEGER GENERATED ALWAYS AS ({_sum(('failed',))})",
    "total": f"INTEGER GENERATED ALWAYS AS ({_sum(_COUNTED + _NOT_SUCCESSFUL)})",
    "seconds": "REAL GENERATED ALWAYS AS (iif(started > 0, updated - started, 0.0))",
}
_INDEXED: Final = {
    "name": "name COLLATE NOCASE",
    "action": "action",
    "entity_type": "entity_type",
    "installation": "installation",
    "author": "author",
    "created": "created",
    "status": "status",
    "source": "source",
    "successful": "successful",
    "failed": "failed",
    "total": "total",
    "seconds": "seconds",
}
_TABLE: Final = """
CREATE TABLE task_text (task_id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT
"""
_ON_REMOVAL: Final = """
CREATE TRIGGER text_of_removed_task AFTER DELETE ON task BEGIN
    DELETE FROM task_text WHERE task_id = old.id;
END
"""
_ERRORS: Final = "CREATE INDEX task_with_error ON task (error) WHERE error <> ''"


def create_task_indexes(connection: Transaction) -> None:
    """Create the indexes, and the text of each existing task."""
    for name, definition in _COLUMNS.items():
        connection.execute(f"ALTER TABLE task ADD COLUMN {name} {definition} VIRTUAL")
    for name, columns in _INDEXED.items():
        connection.execute(f"CREATE INDEX task_by_{name} ON task ({columns})")
    for statement in (_ERRORS, _TABLE, _ON_REMOVAL):
        connection.execute(statement)
    rows = connection.execute(
        "SELECT id, name, action, entity_type, installation, author, original_file, "
        "plan FROM task"
    ).fetchall()
    for row in rows:
        source = json.loads(row["plan"]).get("source", "")
        insert_task_text(connection, row["id"], {**dict(row), "source": source})


def insert_task_text(
    connection: Transaction, task_id: int, values: dict[str, Any]
) -> None:
    """Store the text in which a search for a task looks; its error is not in it.

    Args:
        connection: The connection of the transaction that adds the task.
        task_id: The id of the task.
        values: Its columns by name.
    """
    types = map(search_text, values["entity_type"].split(", "))
    columns = ("name", "action", "installation", "source", "author", "original_file")
    text = "\n".join([*(str(values[name] or "") for name in columns), *types])
    connection.execute("INSERT INTO task_text VALUES (?, ?)", [task_id, fold(text)])


def fold(text: str) -> str:
    """Return a text as it is searched for, whatever its case."""
    return text.casefold()
