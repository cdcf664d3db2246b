"""Renaming an installation everywhere that the workspace names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import InvalidPlan, NameTaken, NotSupported, UnknownName
from ..model.representation import ValueDisplay
from ..model.roles import EVERYWHERE, Role
from ..storage.database import Transaction
from .connections import require_connection_name
from .database import WorkspaceDatabase
from .permissions import Permissions
from .task_queries.schema import insert_task_text
from .users import UserStore

_WORKING: Final = """
SELECT id FROM task WHERE (installation = :old OR source = :old)
AND status IN ('Queued', 'Running') ORDER BY id LIMIT 1
"""
_TEXTS: Final = """
SELECT id, name, action, entity_type, installation, source, author, original_file
FROM task WHERE installation = :new OR source = :new
"""
_UPDATES: Final = (
    "UPDATE installation SET name = :new WHERE name = :old",
    "UPDATE task SET plan = json_set(plan, '$.source', :new) WHERE source = :old",
    "UPDATE task SET installation = :new WHERE installation = :old",
    "UPDATE template SET plan = json_set(plan, '$.source', :new) "
    "WHERE json_extract(plan, '$.source') = :old",
    "UPDATE draft SET installation = :new WHERE installation = :old",
    "UPDATE draft SET choices = json_set(choices, '$.source', :new) "
    "WHERE json_extract(choices, '$.source') = :old",
    "UPDATE draft SET choices = json_set(choices, '$.target', :new) "
    "WHERE json_extract(choices, '$.target') = :old",
    "UPDATE history SET installation = :new WHERE installation = :old",
)


@dataclass(frozen=True, slots=True, repr=False)
class Rename(ValueDisplay):
    """A rename of an installation.

    Attributes:
        number: Its number in the workspace; a later one has a larger number.
        old: The old name.
        new: The new name.
    """

    number: int
    old: str
    new: str


class InstallationRenaming:
    """Renames an installation.

    Args:
        database: The database of the workspace.
        users: The users, whose roles follow.
        permissions: What the user of this process may do.
        now: Returns the time.
        author: Returns who renames.
    """

    def __init__(
        self,
        database: WorkspaceDatabase,
        users: UserStore,
        permissions: Permissions,
        now: Callable[[], str],
        author: Callable[[], str],
    ) -> None:
        self._database, self._users, self._permissions = database, users, permissions
        self._now, self._author = now, author

    def list_after(self, number: int) -> list[Rename]:
        """Return the renames with a larger number, in their order."""
        query = "SELECT id, old, new FROM installation_rename WHERE id > ? ORDER BY id"
        rows = self._database.rows(query, [number])
        return [Rename(row["id"], row["old"], row["new"]) for row in rows]

    def require(self, old: str, new: str) -> None:
        """Refuse what cannot be renamed now, before a secret is stored for it.

        Raises:
            InvalidPlan: The new name is empty, too long, or stands for something else.
            UnknownName: There is no installation of the old name.
            NameTaken: There is one of the new name, or tasks of one that was removed.
            NotPermitted: The user may not administer the installation.
            NotSupported: A task that names it waits or runs.
        """
        require_connection_name(new)
        if new == EVERYWHERE or new != new.strip():
            reason = "The name may not be '*', nor begin or end with a space."
            raise InvalidPlan(reason)
        self._permissions.require(Role.ADMINISTER, old)
        with self._database.transaction() as connection:
            _require_free(connection, old, new)

    def rename(self, old: str, new: str) -> None:
        """Rename an installation, in tasks, templates, drafts, history and roles.

        Roles are given for the new name first and taken from the old one last, so that
        no user may do more in between than before.

        Raises:
            DmcError: As :meth:`require` says.
        """
        self.require(old, new)
        self._users.copy_roles(old, new)
        names = {"old": old, "new": new}
        with self._database.transaction() as connection:
            _require_free(connection, old, new)
            connection.execute(
                "INSERT INTO installation_rename (at, author, old, new) "
                "VALUES (?, ?, ?, ?)",
                [self._now(), self._permissions.user or self._author(), old, new],
            )
            for statement in _UPDATES:
                connection.execute(statement, names)
            _index_again(connection, new)
        self._users.remove_roles(old)


def _require_free(connection: Transaction, old: str, new: str) -> None:
    rows = connection.execute("SELECT name FROM installation ORDER BY rowid").fetchall()
    known = tuple(row["name"] for row in rows)
    if old not in known:
        raise UnknownName(kind="installation", name=old, known=known)
    tasks = "SELECT 1 FROM task WHERE installation = ? OR source = ? LIMIT 1"
    if new in known or connection.execute(tasks, [new, new]).fetchone():
        raise NameTaken(kind="installation", name=new)
    working = connection.execute(_WORKING, {"old": old}).fetchone()
    if working is not None:
        what = f"Task {working['id']} uses {old}, and has not ended."
        raise NotSupported(what=what, instead="Wait for its end, or cancel it.")


def _index_again(connection: Transaction, name: str) -> None:
    """Let a search for tasks find the new name, and no longer the old one."""
    rows = connection.execute(_TEXTS, {"new": name}).fetchall()
    for row in rows:
        connection.execute("DELETE FROM task_text WHERE task_id = ?", [row["id"]])
        insert_task_text(connection, row["id"], dict(row))
