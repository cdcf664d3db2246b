"""The sandbox's own database: tasks of the batch engine, and ids of parts.

It is a folder beside the installation's database, with ``tasks.db`` and the zip files
of tasks. The installation has no place for either: object fields, relationships and
picklist entries have no ids there, and batch engine tasks exist only on a server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..errors import InstallationError, Refused, Unreachable
from ..storage.private_files import make_private_folder, restrict_tree
from ..storage.sqlite import Migration, NewerSchema, SqliteDatabase, find_problem
from ..storage.sqlite_lock import SHORT_WAIT, LockWait

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


def _add_onlooker_column(connection: sqlite3.Connection) -> None:
    """Add the column that folders of older sandboxes lack."""
    columns = connection.execute("PRAGMA table_info(task)")
    if "onlooker" not in {column["name"] for column in columns}:
        connection.execute(
            "ALTER TABLE task ADD COLUMN onlooker TEXT NOT NULL DEFAULT ''"
        )


_PLANS: Final = """
CREATE TABLE IF NOT EXISTS plan (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
    export INTEGER NOT NULL, template INTEGER NOT NULL,
    class_name TEXT NOT NULL, delegate TEXT NOT NULL,
    external_type TEXT NOT NULL, external_url TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS plan_mapping (
    id INTEGER PRIMARY KEY AUTOINCREMENT, plan_id INTEGER NOT NULL REFERENCES plan,
    external_name TEXT NOT NULL, external_type TEXT NOT NULL,
    internal_name TEXT NOT NULL, internal_type TEXT NOT NULL, script TEXT NOT NULL,
    UNIQUE (plan_id, external_name, internal_name)
) STRICT;
CREATE TABLE IF NOT EXISTS plan_policy (
    id INTEGER PRIMARY KEY AUTOINCREMENT, plan_id INTEGER NOT NULL REFERENCES plan,
    name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (plan_id, name)
) STRICT;
"""

_MIGRATIONS: Final[tuple[Migration, ...]] = (_SCHEMA, _add_onlooker_column, _PLANS)
"""The oldest sandboxes have a ``user_version`` of 0 and some of these tables."""

_FIRST_PART_ID: Final = 30_000
"""Above most ids of definitions and entries, so that people can tell them apart."""

_NAME: Final = "The sandbox"


class SandboxDatabase(SqliteDatabase):
    """The open database of a sandbox.

    Args:
        folder: The folder of the database; created if it does not exist.
        waiting: How long to wait while another process writes to the file.

    Attributes:
        folder: The same folder, for the files of tasks.

    Raises:
        Refused: The file cannot be used, or a newer version has created it.
        Unreachable: Another process keeps it locked.
    """

    def __init__(self, folder: Path, waiting: LockWait = SHORT_WAIT) -> None:
        make_private_folder(folder)
        self.folder = folder
        super().__init__(
            folder / "tasks.db",
            _MIGRATIONS,
            waiting=waiting,
            translate=_translate_error,
        )
        restrict_tree(folder)

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
        """Write everything to the file and close it. Closing twice is harmless.

        What there is no room for in the file stays in the log beside it.
        """
        with suppress(sqlite3.OperationalError):
            self.checkpoint()
        super().close()

    def _known_parts(self, kind: str, owner: str) -> dict[str, int]:
        query = "SELECT name, id FROM part WHERE kind = ? AND owner = ?"
        return {row["name"]: row["id"] for row in self.rows(query, (kind, owner))}


def _translate_error(error: sqlite3.Error) -> InstallationError | None:
    """Return the error to raise; a conflict of keys is for the caller to judge."""
    if isinstance(error, sqlite3.IntegrityError):
        return None
    if isinstance(error, NewerSchema):
        reason = "A newer version of dmc-widgets has created its tasks.db. Update."
        return Refused(_NAME, reason)
    problem = find_problem(error)
    if problem is None:
        return None
    leaf = Unreachable if problem.is_temporary else Refused
    return leaf(_NAME, problem.reason)
