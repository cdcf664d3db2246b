"""The installations that a workspace knows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ..installations import (
    ConnectOptions,
    connect,
    mask_url,
    missing_secret,
    normalize_address,
    save_caller_secret,
)
from ..model.access import NO_ACCESS, Access
from ..objects.comparison.differences import Difference
from ..tasks.installation_access import open_snapshot
from ..tasks.installation_comparison import compare_installations, differences_to_frame
from ..workspace import Connection
from ..workspace.connections import require_connection_name
from .base import CenterBase

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd


class InstallationsMixin(CenterBase):
    """Connecting, and listing what is connected."""

    def connect(
        self,
        name: str,
        url: str,
        access: Access = NO_ACCESS,
        secret: str | None = None,
    ) -> Connection:
        """Give the installation at *url* a name, after a look whether it answers.

        A connection of that name gets the new address. The workspace keeps no
        secret: the keyring of the system does.

        Args:
            name: What to call it.
            url: A user and a password in it are taken out, and kept as *access* and
                *secret* are.
            access: Who signs in at a server, and which certificates to trust.
            secret: The password or client secret. Without one the environment and
                the keyring are asked.

        Raises:
            NotSupported: There is no kind of installation for such an address, or
                no keyring to keep the secret.
            InstallationError: It does not answer, is something else, or does not let
                us in.
            InvalidPlan: The name is empty or too long, or *access* names two.
        """
        require_connection_name(name)
        plain, caller = normalize_address(
            url, ConnectOptions(access=access, name=name), secret
        )
        connect(plain, caller).close()
        save_caller_secret(plain, caller)
        connection = self._workspace.connections.put(name, plain, caller.access)
        return replace(connection, url=mask_url(plain))

    def wanted_secret(self, name: str, url: str, access: Access = NO_ACCESS) -> str:
        """Say which secret :meth:`connect` should be given.

        Returns:
            ``password`` or ``client secret``; empty where none is needed, the
            address holds it, or the environment does.
        """
        plain, caller = normalize_address(
            url, ConnectOptions(access=access, name=name), None
        )
        return missing_secret(plain, caller)

    def installations(self) -> list[Connection]:
        """Return the installations of the workspace; their addresses may be shown."""
        known = self._workspace.connections.all()
        return [replace(each, url=mask_url(each.url)) for each in known]

    def differences(self, source: str, target: str) -> list[Difference]:
        """Return where folders, picklists and definitions of two installations differ.

        Raises:
            UnknownName: There is no installation of such a name.
            InstallationError: One of them does not answer.
        """
        with (
            closing(self._open(source)) as there,
            closing(self._open(target)) as here,
            open_snapshot(there) as source_now,
            open_snapshot(here) as target_now,
        ):
            return compare_installations(source_now, target_now)

    def compare(self, source: str, target: str) -> pd.DataFrame:
        """Return the :meth:`differences` as a dataframe.

        Returns:
            One line a difference: type, name, externalReferenceCode, change (what
            would make *target* like *source*: added, removed or changed), path, and
            the values of source and target as JSON text.
        """
        return differences_to_frame(self.differences(source, target))
