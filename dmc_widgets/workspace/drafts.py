"""Drafts of forms: choices that were made and not run yet, and the file with them.

A draft belongs to a person and outlives the page on which it was begun.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import UnknownName
from ..model.representation import ValueDisplay
from ..storage.database import Row
from .database import WorkspaceDatabase
from .file_transfer import copy_into_workspace

_FILE: Final = "file"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Draft(ValueDisplay):
    """A form in progress.

    Attributes:
        id: Its number.
        action: What the form is for: ``Import``.
        title: What it is about, in a few words: ``customers.csv → Customer``.
        installation: The name of the installation that the form works on.
        values: The choices, as plain data without secrets.
        file_name: The name of the file; empty without one.
        path: Where the file is; None without one, or if it is gone.
        page: The page that has changed it last.
        author: Whose draft it is.
        created: When it was begun.
        modified: When it was changed last.
    """

    id: int
    action: str
    title: str
    installation: str
    values: dict[str, Any] = field(default_factory=dict)
    file_name: str = ""
    path: Path | None = None
    page: str = ""
    author: str = ""
    created: str = ""
    modified: str = ""


class DraftStore:
    """The drafts of a workspace.

    Args:
        database: The database of the workspace.
        now: Returns the time.
        author: Returns the name of the person.
        folder: Where the files of drafts are kept.
    """

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        author: Callable[[], str],
        folder: Path,
    ) -> None:
        self._database, self._folder = database, folder
        self._now, self._author = now, author

    def mine(self) -> list[Draft]:
        """Return the drafts of the person, the latest first."""
        rows = self._database.rows(
            "SELECT * FROM draft WHERE author = ? ORDER BY modified DESC, id DESC",
            [self._author()],
        )
        return [self._draft(row) for row in rows]

    def get(self, draft_id: int) -> Draft:
        """Return a draft of the person.

        Raises:
            UnknownName: There is none of this number.
        """
        row = self._database.row(
            "SELECT * FROM draft WHERE id = ? AND author = ?",
            [draft_id, self._author()],
        )
        if row is None:
            raise UnknownName(kind="draft", name=str(draft_id))
        return self._draft(row)

    def add(self, action: str, installation: str, page: str) -> int:
        """Begin a draft, and return its number."""
        now = self._now()
        with self._database.transaction() as connection:
            done = connection.execute(
                "INSERT INTO draft (action, title, installation, choices, file_name, "
                "file_path, page, author, created, modified) "
                "VALUES (?, '', ?, '{}', '', '', ?, ?, ?, ?)",
                [action, installation, page, self._author(), now, now],
            )
            return int(done.lastrowid or 0)

    def save(self, draft: Draft) -> None:
        """Store what has changed; a draft that was discarded elsewhere comes back."""
        path = "" if draft.path is None else str(draft.path)
        now = self._now()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO draft (id, action, title, installation, choices, "
                "file_name, file_path, page, author, created, modified) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET title = excluded.title, installation = excluded.installation, "
                "choices = excluded.choices, file_name = excluded.file_name, "
                "file_path = excluded.file_path, page = excluded.page, "
                "modified = excluded.modified WHERE author = excluded.author",
                [
                    *(draft.id, draft.action, draft.title, draft.installation),
                    *(json.dumps(draft.values), draft.file_name, path, draft.page),
                    *(self._author(), draft.created or now, now),
                ],
            )

    def keep_file(self, draft_id: int, path: Path) -> Path:
        """Move an upload to its draft, and return where it is now."""
        kept = self._file(draft_id)
        copy_into_workspace(path, kept, consume=True)
        return kept

    def drop_file(self, draft_id: int) -> None:
        """Remove the file of a draft."""
        shutil.rmtree(self._folder / str(draft_id), ignore_errors=True)

    def discard(self, draft_id: int) -> None:
        """Remove a draft of the person with its file. Harmless if it is gone."""
        with self._database.transaction() as connection:
            done = connection.execute(
                "DELETE FROM draft WHERE id = ? AND author = ?",
                [draft_id, self._author()],
            )
        if done.rowcount:
            self.drop_file(draft_id)

    def prune(self, before: str, *, dry_run: bool = False) -> int:
        """Remove the drafts of all that were changed last before a time.

        Returns:
            Their number.
        """
        rows = self._database.rows("SELECT id FROM draft WHERE modified < ?", [before])
        if not dry_run:
            for row in rows:
                self._database.run("DELETE FROM draft WHERE id = ?", [row["id"]])
                self.drop_file(row["id"])
        return len(rows)

    def _file(self, draft_id: int) -> Path:
        return self._folder / str(draft_id) / _FILE

    def _draft(self, row: Row) -> Draft:
        path = Path(row["file_path"]) if row["file_path"] else None
        return Draft(
            id=row["id"],
            action=row["action"],
            title=row["title"],
            installation=row["installation"],
            values=json.loads(row["choices"]),
            file_name=row["file_name"],
            path=path if path is not None and path.is_file() else None,
            page=row["page"],
            author=row["author"],
            created=row["created"],
            modified=row["modified"],
        )
