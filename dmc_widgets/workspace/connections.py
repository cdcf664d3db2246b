"""The installations that a workspace knows by name."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from ..errors import InvalidPlan, UnknownName
from ..model.access import NO_ACCESS, Access
from .database import WorkspaceDatabase
from .outcomes import Connection


class ConnectionStore:
    """Names and addresses of installations, without secrets."""

    def __init__(self, database: WorkspaceDatabase, now: Callable[[], str]) -> None:
        self._database = database
        self._now = now

    def all(self) -> list[Connection]:
        """Return every connection, in the order in which they were made."""
        query = "SELECT name, url, access FROM installation ORDER BY rowid"
        return [
            Connection(row["name"], row["url"], _access(row["access"]))
            for row in self._database.rows(query)
        ]

    def get(self, name: str) -> Connection:
        """Return the connection called *name*.

        Raises:
            UnknownName: There is none; the error lists those there are.
        """
        known = self.all()
        for each in known:
            if each.name == name:
                return each
        raise UnknownName(
            kind="installation", name=name, known=tuple(each.name for each in known)
        )

    def put(self, name: str, url: str, access: Access = NO_ACCESS) -> Connection:
        """Add a connection, or give the one of that name another address.

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


def require_connection_name(name: str) -> None:
    """Refuse what cannot be the name of a connection.

    Raises:
        InvalidPlan: It is empty or longer than 75 characters.
    """
    if not name.strip() or len(name) > 75:
        reason = "An installation needs a name of at most 75 characters."
        raise InvalidPlan(reason)


def _access(text: str) -> Access:
    return Access.from_dict(orjson.loads(text))
