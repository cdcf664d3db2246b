"""The installations that a workspace knows by name, without their secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from ..errors import InvalidPlan, NameTaken, NotPermitted, UnknownName
from ..model.access import NO_ACCESS, Access
from ..model.representation import ValueDisplay
from ..model.roles import EVERYWHERE, Role
from ..storage.database import Row
from .database import WorkspaceDatabase
from .permissions import Permissions


@dataclass(frozen=True, slots=True, repr=False)
class Connection(ValueDisplay):
    """An installation that people know by a name.

    Attributes:
        name: The name, unique in the workspace.
        url: The address, without a password; it may be shown.
        access: The user or client that signs in, without a secret.
        owner: The one user of a shared workspace who sees it; empty if all do. Secrets
            of the environment are not sent there: they are for shared ones.
    """

    name: str
    url: str
    access: Access = NO_ACCESS
    owner: str = ""


class ConnectionStore:
    """The connections of a workspace.

    Args:
        database: Holds the connections.
        now: Returns the time.
        find_backup: Returns the connection to the backup of a name, which :meth:`all`
            does not list; None if there is none.
        permissions: What the user of this process may do; None for everything.
    """

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        find_backup: Callable[[str], Connection | None] = lambda _name: None,
        *,
        permissions: Permissions | None = None,
    ) -> None:
        self._permissions = permissions
        self._database = database
        self._now = now
        self._find_backup = find_backup

    def all(self) -> list[Connection]:
        """Return the connections that the user sees, in the order of their making."""
        query = "SELECT name, url, access, owner FROM installation ORDER BY rowid"
        return [
            Connection(row["name"], row["url"], _access(row["access"]), row["owner"])
            for row in self._database.rows(query)
            if self._may(Role.LOOK, row["name"])
        ]

    def get(self, name: str) -> Connection:
        """Return the connection called *name*; ``Backup 7`` is what task 7 has made.

        Raises:
            UnknownName: There is none; the error lists the known names.
        """
        known = self.all()
        for connection in known:
            if connection.name == name:
                return connection
        backup = self._find_backup(name)
        if backup is not None and self._may_see_backup(name):
            return backup
        raise UnknownName(
            kind="installation",
            name=name,
            known=tuple(connection.name for connection in known),
        )

    def put(self, name: str, url: str, access: Access = NO_ACCESS) -> Connection:
        """Add a connection, or change the address of the one of that name.

        Raises:
            InvalidPlan: The name is empty or longer than 75 characters.
            NotPermitted: The user may not; see :meth:`require_put`.
        """
        owner = self.require_put(name, url)
        self._database.run(
            "INSERT INTO installation (name, url, created, access, owner) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
            "SET url = excluded.url, access = excluded.access",
            [name, url, self._now(), orjson.dumps(access.as_dict()).decode(), owner],
        )
        return Connection(name, url, access, owner)

    def require_put(self, name: str, url: str) -> str:
        """Return the owner that a connection would get, before anything is opened.

        Those who administer the workspace add shared ones. Others add servers for
        themselves: a file or database of the server's machine is not theirs to open.

        Raises:
            InvalidPlan: The name is empty or longer than 75 characters.
            NameTaken: It was the name of another, whose tasks are still there.
            NotPermitted: The user may not change this one, or not add such a one.
        """
        require_connection_name(name)
        permissions = self._permissions
        if permissions is None or not permissions.is_restricted:
            row = self._row(name)
            return str(row["owner"]) if row else ""
        existing = self._row(name)
        is_own = existing is not None and existing["owner"] == permissions.user
        if existing is not None and not is_own:
            permissions.require(Role.ADMINISTER, name)
            permissions.require(Role.ADMINISTER)
            return ""
        if permissions.may(Role.ADMINISTER) and not is_own:
            return ""
        permissions.require_anywhere(Role.EXPORT)
        if not url.startswith(("https://", "http://")):
            raise NotPermitted(permissions.user, Role.ADMINISTER, EVERYWHERE)
        if existing is None and self._has_tasks(name):
            raise NameTaken(kind="installation", name=name)  # with tasks of others
        return permissions.user

    def _has_tasks(self, name: str) -> bool:
        query = "SELECT 1 FROM task WHERE installation = ? LIMIT 1"
        return self._database.row(query, [name]) is not None

    def _row(self, name: str) -> Row | None:
        query = "SELECT * FROM installation WHERE name = ?"
        row: Row | None = self._database.row(query, [name])
        return row

    def _may(self, role: Role, name: str) -> bool:
        return self._permissions is None or self._permissions.may(role, name)

    def _may_see_backup(self, name: str) -> bool:
        row = self._database.row(
            "SELECT installation FROM task WHERE 'Backup ' || id = ?", [name]
        )
        return row is not None and self._may(Role.LOOK, row["installation"])

    def remove(self, name: str) -> None:
        """Remove the connection called *name*; the installation itself stays.

        Raises:
            UnknownName: There is none; the error lists the known names.
            NotPermitted: The user may not administer it.
        """
        known = tuple(connection.name for connection in self.all())
        if name not in known:
            raise UnknownName(kind="installation", name=name, known=known)
        if self._permissions is not None:
            self._permissions.require(Role.ADMINISTER, name)
        self._database.run("DELETE FROM installation WHERE name = ?", [name])


def require_connection_name(name: str) -> None:
    """Refuse a text that cannot be the name of a connection.

    Raises:
        InvalidPlan: It is empty or longer than 75 characters.
    """
    if not name.strip() or len(name) > 75:
        reason = "An installation needs a name of at most 75 characters."
        raise InvalidPlan(reason)


def _access(text: str) -> Access:
    return Access.from_dict(orjson.loads(text))
