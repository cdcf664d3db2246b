"""What all parts of the façade share."""

from __future__ import annotations

from ..installations import connect
from ..model.entity import EntityType
from ..tasks.entities import resolve
from ..workspace import Workspace


class Part:
    """A part of the center: some of its methods, over the same workspace."""

    _workspace: Workspace

    def entity_types(self, installation: str) -> list[EntityType]:
        """Return what may move out of or into an installation, by label.

        Raises:
            UnknownName: There is no installation of that name.
            InstallationError: It does not answer.
        """
        opened = connect(self._workspace.connections.get(installation).url)
        try:
            return sorted(opened.entity_types(), key=lambda each: each.label)
        finally:
            opened.close()

    def entity_type(self, installation: str, entity: str) -> EntityType:
        """Return one entity type by its short name (`Ticket`, `C_Ticket`) or key.

        Raises:
            UnknownName: There is none; the error lists those there are.
            InstallationError: The installation does not answer.
        """
        return resolve(self.entity_types(installation), entity)
