"""The sandbox's own database: tasks of the batch engine, and ids of parts.

It is a folder beside the installation's database, with ``tasks.db`` and the zip files
of tasks. The installation has no place for either: object fields, relationships and
picklist entries have no ids there, and batch engine tasks exist only on a server.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from ..storage.private_files import (
    create_private_database,
    make_private_folder,
    restrict_tree,
)
from ..storage.sqlite_lock import (
    SHORT_WAIT,
    LockWait,
    begin_transaction,
    checkpoint,
    run_statement,
)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY AUTOINCREMENT, direction TEXT NOT NULL,
    erc TEXT NOT NULL, class_name TEXT NOT NULL, delegate TEXT NOT NULL,
    content_type TEXT NOT NULL, reader TEXT NOT NULL DEFAULT '',
    operation TEXT NOT NULL, strategy TEXT NOT NULL, mapping TEXT NOT NULL,
    fields TEXT NOT NULL, parameters TEXT NOT NULL, callback TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'INITIAL', error TEXT NOT NULL DEFAULT '',
    processed INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
    started INTEGER, ended INTEGER, onlooker TEXT NOT NULL DEFAULT '',
    UNIQUE (direction, erc)
) STRICT;
CREATE TABLE IF NOT EXISTS failed_item (
    task_id INTEGER NOT NULL REFERENCES task, item_index INTEGER NOT NULL,
    item TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (task_id, item_index)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
    owner TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, owner, name)
) STRICT;
"""
_ADD_ONLOOKER_COLUMN: Final = (
    "ALTER TABLE task ADD COLUMN onlooker TEXT NOT NULL DEFAULT ''"
)
"""Adds the column that folders of older sandboxes lack."""

_FIRST_PART_ID: Final = 30_000
"""Above most ids of definitions and entries, so that people can tell them apart."""


class SandboxDatabase:
    """The open database of a sandbox.

    Args:
        folder: The folder of the database; created if it does not exist.
        waiting: How long to wait while another process writes to the file.

    Attributes:
        folder: The same folder, for the files of tasks.
    """

    def __init__(self, folder: Path, waiting: LockWait = SHORT_WAIT) -> None:
        make_private_folder(folder)
        create_private_database(folder / "tasks.db")
        self.folder = folder
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            folder / "tasks.db", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._waiting = waiting
        for setting in ("journal_mode = WAL", "synchronous = NORMAL"):
            run_statement(self._connection, f"PRAGMA {setting}", waiting)
        with self.transaction() as connection:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            columns = connection.execute("PRAGMA table_info(task)")
            if "onlooker" not in {column["name"] for column in columns}:
                connection.execute(_ADD_ONLOOKER_COLUMN)
        restrict_tree(folder)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for one transaction, to one thread at a time."""
        with self._lock:
            begin_transaction(self._connection, self._waiting, writes=True)
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return the rows that a query selects."""
        with self._lock:
            return run_statement(self._connection, query, self._waiting, values).rows

    def part_ids(self, kind: str, owner: str, names: Sequence[str]) -> dict[str, int]:
        """Return the ids of parts by their names; give new parts a permanent id.

        Args:
            kind: The kind of the parts, such as ``ObjectField``.
            owner: The ERC of the definition or picklist that the parts belong to.
            names: The names that identify the parts of a kind within their owner.
        """
        known = self._known_parts(kind, owner)
        new = [name for name in names if name not in known]
        if new:
            with self.transaction() as connection:
                connection.executemany(
                    "INSERT OR IGNORE INTO part (id, kind, owner, name) VALUES "
                    "((SELECT max(coalesce(max(id), 0), ?) + 1 FROM part), ?, ?, ?)",
                    [(_FIRST_PART_ID, kind, owner, name) for name in new],
                )
            known = self._known_parts(kind, owner)
        return known

    def find_part(self, kind: str, number: int) -> tuple[str, str] | None:
        """Return the owner and the name of the part that has an id."""
        rows = self.rows(
            "SELECT owner, name FROM part WHERE kind = ? AND id = ?", (kind, number)
        )
        return (rows[0]["owner"], rows[0]["name"]) if rows else None

    def rename_part(self, kind: str, owner: str, old: str, new: str) -> None:
        """Give a part a new name under the same id; replace the part of that name."""
        if old == new:
            return
        with self.transaction() as connection:
            connection.execute(
                "DELETE FROM part WHERE kind = ? AND owner = ? AND name = ?",
                (kind, owner, new),
            )
            connection.execute(
                "UPDATE part SET name = ? WHERE kind = ? AND owner = ? AND name = ?",
                (new, kind, owner, old),
            )

    def close(self) -> None:
        """Write everything to the file and close it. Closing twice is harmless."""
        with self._lock:
            with suppress(sqlite3.ProgrammingError):  # closed already
                checkpoint(self._connection)
            self._connection.close()

    def _known_parts(self, kind: str, owner: str) -> dict[str, int]:
        query = "SELECT name, id FROM part WHERE kind = ? AND owner = ?"
        return {row["name"]: row["id"] for row in self.rows(query, (kind, owner))}
