"""The installations that a workspace knows by a name."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import DmcError, NotSupported
from ..installations import (
    ConnectOptions,
    connect,
    copy_secret,
    forget_caller_secret,
    mask_url,
    missing_secret,
    normalize_address,
    save_caller_secret,
)
from ..model.access import NO_ACCESS, Access
from ..model.entity_type import EntityType, Site, sort_entity_types
from ..model.plan import ExportPlan
from ..objects.comparison.differences import Difference
from ..tasks.installation_access import find_entity_type, open_snapshot
from ..tasks.installation_comparison import (
    compare_installations,
    differences_to_frame,
)
from ..tasks.installation_comparison import (
    format_value as format_difference_value,
)
from ..tasks.site_checks import list_sites
from ..workspace import Connection
from ..workspace.connections import require_connection_name
from ..workspace.renaming import Rename
from .base import CenterPart
from .browsing import (
    InstallationState,
    InstallationUse,
    MatchCount,
    count_entries,
    find_use,
    read_state,
)
from .open_installation import OpenInstallation

__all__ = [
    "Connection",
    "Installations",
    "Rename",
    "differences_to_frame",
    "format_difference_value",
]

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd


class Installations(CenterPart):
    """The named installations of a workspace: ``center.installations``.

    >>> [installation.name for installation in center.installations]
    ['Sample source', 'Sample target']
    >>> center.installations["Sample source"].url
    'sqlite:///…/sample/source.db'
    """

    def add(
        self,
        name: str,
        url: str,
        access: Access = NO_ACCESS,
        secret: str | None = None,
    ) -> Connection:
        """Give the installation at *url* a name, once it has answered.

        A connection of that name gets the new address. The workspace stores no
        secret: the keyring of the system does.

        >>> center.installations.add("Archive", "sqlite:///archive.db")

        Args:
            name: The name of the installation in this workspace.
            url: Its address. A user and a password in it are taken out, and stored as
                *access* and *secret* are.
            access: Who signs in at a server, and which certificates to trust.
            secret: The password or client secret. Without one the environment and
                the keyring are searched.

        Raises:
            NotSupported: There is no kind of installation for such an address, or
                no keyring to store the secret.
            InstallationError: It does not answer, is something else, or rejects the
                user.
            InvalidPlan: The name is empty or too long, or two users are given.
            NotPermitted: The user of a shared workspace may not add it.
        """
        require_connection_name(name)
        plain, options = normalize_address(
            url, ConnectOptions(access=access, name=name), secret
        )
        owner = self._workspace.connections.require_put(name, plain)
        options = replace(options, is_personal=bool(owner))
        connect(plain, options).close()
        save_caller_secret(plain, options)
        connection = self._workspace.connections.put(name, plain, options.access)
        return replace(connection, url=mask_url(plain))

    def test(self, name: str) -> InstallationState:
        """Ask an installation for its version and its entity types.

        >>> center.installations.test("Sample source").objects
        3

        Raises:
            UnknownName: No installation has that name.
            InstallationError: It does not answer, or rejects the user.
        """
        with closing(self._open(name)) as opened:
            return read_state(opened)

    def use(self, name: str) -> InstallationUse:
        """Return the tasks that name an installation.

        Raises:
            UnknownName: No installation has that name.
        """
        self._workspace.connections.get(name)
        return find_use(name, self._workspace.tasks.all())

    def remove(self, name: str) -> None:
        """Forget an installation and its stored secret; nothing of it is deleted.

        Its tasks stay in the list. They cannot be resumed or undone without it.

        Raises:
            UnknownName: No installation has that name.
            NotSupported: A task that names it has not ended.
        """
        url = self._workspace.connections.get(name).url
        unfinished = self.use(name).unfinished
        if unfinished:
            what = f"Task {unfinished[0]} uses {name}, and has not ended."
            raise NotSupported(what=what, instead="Wait for its end, or cancel it.")
        self._workspace.connections.remove(name)
        forget_caller_secret(name, url)

    def rename(self, name: str, new_name: str) -> Connection:
        """Give an installation another name, everywhere it is named.

        Tasks, templates, drafts, the history, the roles of users and the secret in the
        keyring follow. The installation itself is not asked.

        >>> center.installations.rename("Staging", "Acceptance").name
        'Acceptance'

        Raises:
            UnknownName: No installation has that name.
            NameTaken: Another one has the new name, or tasks of one that was removed.
            InvalidPlan: The new name is empty or too long.
            NotSupported: A task that names it has not ended, or the secret stands in an
                environment variable of its own for the old name only.
            NotPermitted: The user may not administer it.
        """
        connections, renaming = self._workspace.connections, self._workspace.renaming
        found = connections.get(name)
        renaming.require(name, new_name)
        copy_secret(name, new_name, found.url, found.access, found.owner)
        try:
            renaming.rename(name, new_name)
        except DmcError:
            forget_caller_secret(new_name, found.url)
            raise
        forget_caller_secret(name, found.url)
        return self[new_name]

    def renames(self, after: int = 0) -> builtins.list[Rename]:
        """Return which installations were renamed, in the order in which they were.

        >>> [rename.new for rename in center.installations.renames()]
        ['Acceptance']

        Args:
            after: Leave out the renames up to this number, which were seen before.
        """
        return self._workspace.renaming.list_after(after)

    def missing_secret(self, name: str, url: str, access: Access = NO_ACCESS) -> str:
        """Return which secret :meth:`add` should be given.

        Returns:
            ``password`` or ``client secret``; empty where none is needed, the
            address holds it, or the environment does.
        """
        plain, options = normalize_address(
            url, ConnectOptions(access=access, name=name), None
        )
        return missing_secret(plain, options)

    def list(self) -> builtins.list[Connection]:
        """Return the installations of the workspace; their addresses hold no secret."""
        connections = self._workspace.connections.all()
        return [
            replace(connection, url=mask_url(connection.url))
            for connection in connections
        ]

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over the installations of the workspace."""
        return iter(self.list())

    def __getitem__(self, name: str) -> Connection:
        """Return the connection called *name*; its address holds no secret.

        Raises:
            UnknownName: There is none; the error lists the known ones.
        """
        connection = self._workspace.connections.get(name)
        return replace(connection, url=mask_url(connection.url))

    def connect(self, name: str) -> OpenInstallation:
        """Open an installation to read from it. Close it, or use a ``with`` block.

        >>> with center.installations.connect("Staging") as staging:
        ...     frame = staging.to_pandas("Ticket")

        Raises:
            UnknownName: No installation has that name.
            InstallationError: It does not answer.
        """
        url = self._workspace.connections.get(name).url
        return OpenInstallation(self._open(name), mask_url(url))

    def entity_types(self, installation: str) -> builtins.list[EntityType]:
        """Return the entity types that can be moved, by label.

        Raises:
            UnknownName: No installation has that name.
            InstallationError: It does not answer.
        """
        with closing(self._open(installation)) as opened:
            return sort_entity_types(opened.entity_types())

    def entity_type(self, installation: str, entity: str) -> EntityType:
        """Return one entity type by its name (``Ticket``, ``C_Ticket``), label or key.

        Raises:
            UnknownName: There is none; the error lists the known ones.
            InstallationError: The installation does not answer.
        """
        return find_entity_type(self.entity_types(installation), entity)

    def count_matches(self, installation: str, plan: ExportPlan) -> MatchCount:
        """Return how many records an export would write, of how many.

        >>> plan = dmc.ExportPlan(entity_type="Ticket", filter="priority gt 3")
        >>> center.installations.count_matches("Staging", plan).text
        '1,240 of 20,000 records match'

        Raises:
            UnknownName: There is no such installation or entity type.
            InvalidQuery: The filter cannot be carried out.
            InstallationError: The installation does not answer.
        """
        with self.connect(installation) as opened:
            return opened.count_matches(
                plan.entity_type,
                filter=plan.filter,
                search=plan.search,
                scope=plan.scope,
            )

    def sites(self, installation: str, entity: str) -> builtins.list[Site]:
        """Return the sites that entries of an entity type may belong to.

        Returns:
            None where its entries have no sites, or where a server does not list them.

        Raises:
            UnknownName: There is no such installation or entity type.
            InstallationError: It does not answer.
        """
        with closing(self._open(installation)) as opened:
            entity_type = find_entity_type(opened.entity_types(), entity)
            return [*list_sites(opened, entity_type)]

    def entry_counts(self, installation: str) -> dict[str, int]:
        """Return how many entries each object has, by the name of its entity type.

        >>> center.installations.entry_counts("Sample source")["C_Customer"]
        800

        Raises:
            UnknownName: No installation has that name.
            InstallationError: It does not answer.
        """
        with closing(self._open(installation)) as opened:
            return count_entries(opened)

    def differences(self, source: str, target: str) -> builtins.list[Difference]:
        """Return how folders, picklists and definitions of two installations differ.

        Raises:
            UnknownName: No installation has that name.
            InstallationError: One of them does not answer.
        """
        with (
            closing(self._open(source)) as opened_source,
            closing(self._open(target)) as opened_target,
            open_snapshot(opened_source) as source_snapshot,
            open_snapshot(opened_target) as target_snapshot,
        ):
            return compare_installations(source_snapshot, target_snapshot)

    def compare(self, source: str, target: str) -> pd.DataFrame:
        """Return the :meth:`differences` as a dataframe.

        Returns:
            One line a difference: type, name, externalReferenceCode, change (which
            would make *target* like *source*: added, removed or changed), path, and
            the values of source and target as JSON text.
        """
        return differences_to_frame(self.differences(source, target))
