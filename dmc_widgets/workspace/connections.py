"""The installations that a workspace knows by name, without their secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from ..errors import InvalidPlan, UnknownName
from ..model.access import NO_ACCESS, Access
from .database import WorkspaceDatabase


@dataclass(frozen=True, slots=True)
class Connection:
    """An installation that people know by a name.

    Attributes:
        name: The name, unique in the workspace.
        url: The address, without a password; it may be shown.
        access: The user or client that signs in, without a secret.
    """

    name: str
    url: str
    access: Access = NO_ACCESS


class ConnectionStore:
    """The connections of a workspace.

    Args:
        database: Holds the connections.
        now: Returns the time.
        find_backup: Returns the connection to the backup of a name, which :meth:`all`
            does not list; None if there is none.
    """

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        find_backup: Callable[[str], Connection | None] = lambda _name: None,
    ) -> None:
        self._database = database
        self._now = now
        self._find_backup = find_backup

    def all(self) -> list[Connection]:
        """Return every connection, in the order in which they were made."""
        query = "SELECT name, url, access FROM installation ORDER BY rowid"
        return [
            Connection(row["name"], row["url"], _access(row["access"]))
            for row in self._database.rows(query)
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
        if backup is not None:
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
        """
        require_connection_name(name)
        self._database.run(
            "INSERT INTO installation (name, url, created, access) "
            "VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
            "SET url = excluded.url, access = excluded.access",
            [name, url, self._now(), orjson.dumps(access.as_dict()).decode()],
        )
        return Connection(name, url, access)

    def remove(self, name: str) -> None:
        """Remove the connection called *name*; the installation itself stays.

        Raises:
            UnknownName: There is none; the error lists the known names.
        """
        known = tuple(connection.name for connection in self.all())
        if name not in known:
            raise UnknownName(kind="installation", name=name, known=known)
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
