"""What all parts of the façade share."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ..model.entity_type import EntityType, Site
from ..model.plan import ExportPlan, ImportPlan
from ..ports import Installation
from ..tasks.installation_access import find_entity_type, open_connection
from ..tasks.site_checks import list_sites, site_problem
from ..workspace import Workspace


class CenterBase:
    """A part of the center: some of its methods, over the same workspace."""

    _workspace: Workspace

    @property
    def workspace_path(self) -> Path:
        """The folder of the workspace."""
        return self._workspace.path

    def entity_types(self, installation: str) -> list[EntityType]:
        """Return what may move out of or into an installation, by label.

        Raises:
            UnknownName: There is no installation of that name.
            InstallationError: It does not answer.
        """
        with closing(self._open(installation)) as opened:
            return sorted(opened.entity_types(), key=lambda each: each.label)

    def entity_type(self, installation: str, entity: str) -> EntityType:
        """Return one entity type by its short name (`Ticket`, `C_Ticket`) or key.

        Raises:
            UnknownName: There is none; the error lists those there are.
            InstallationError: The installation does not answer.
        """
        return find_entity_type(self.entity_types(installation), entity)

    def sites(self, installation: str, entity: str) -> list[Site]:
        """Return the sites that entries of an entity type may belong to.

        Returns:
            None where its entries have no sites, or where a server does not tell.

        Raises:
            UnknownName: There is no such installation or entity type.
            InstallationError: It does not answer.
        """
        with closing(self._open(installation)) as opened:
            entity_type = find_entity_type(opened.entity_types(), entity)
            return list(list_sites(opened, entity_type))

    def _site_problem(self, installation: str, plan: ImportPlan | ExportPlan) -> str:
        """Return why the plan's site cannot be used; empty where it can."""
        if not plan.scope:
            return ""
        with closing(self._open(installation)) as opened:
            entity_type = find_entity_type(opened.entity_types(), plan.entity_type)
            return site_problem(opened, entity_type, plan)

    def _open(self, installation: str) -> Installation:
        return open_connection(self._workspace.connections.get(installation))
