"""The installations that a workspace knows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ..installations import connect, settled_url, shown_url
from ..objects.comparing import Difference
from ..tasks.comparing import compare, differences_frame
from ..workspace import Connection
from .part import Part

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd


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

    def differences(self, source: str, target: str) -> list[Difference]:
        """Return where folders, picklists and definitions of two installations differ.

        Raises:
            UnknownName: There is no installation of such a name.
            InstallationError: One of them does not answer.
        """
        with closing(self._open(source)) as there, closing(self._open(target)) as here:
            return compare(there, here)

    def compare(self, source: str, target: str) -> pd.DataFrame:
        """Return the :meth:`differences` as a dataframe.

        Returns:
            One line a difference: type, name, externalReferenceCode, change (what
            would make *target* like *source*: added, removed or changed), path, and
            the values of source and target as JSON text.
        """
        return differences_frame(self.differences(source, target))
