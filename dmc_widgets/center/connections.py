"""The installations that a workspace knows."""

from __future__ import annotations

from dataclasses import replace

from ..installations import connect, settled_url, shown_url
from ..workspace import Connection
from .part import Part


class Connections(Part):
    """Connecting, and listing what is connected."""

    def connect(self, name: str, url: str) -> Connection:
        """Give the installation at *url* a name, after a look whether it answers.

        A connection of that name gets the new address.

        Raises:
            NotSupported: There is no kind of installation for such an address.
            InstallationError: It does not answer, or is something else.
            InvalidPlan: The name is empty or too long.
        """
        url = settled_url(url)
        connect(url).close()
        connection = self._workspace.connections.put(name, url)
        return replace(connection, url=shown_url(url))

    def installations(self) -> list[Connection]:
        """Return the installations of the workspace; their addresses may be shown."""
        known = self._workspace.connections.all()
        return [replace(each, url=shown_url(each.url)) for each in known]
