"""The templates of a workspace: named plans."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from ..model.coercion import parse_optional_choice
from ..model.plan import Action, SinglePlan, Template
from .base import CenterPart


class Templates(CenterPart):
    """Saves plans under a name and finds them again: ``center.templates``."""

    def list(self, action: Action | str | None = None) -> builtins.list[Template]:
        """Return the templates by name, all of them or those of one direction.

        Raises:
            UnknownChoice: *action* is not ``Export`` or ``Import``.
        """
        chosen = parse_optional_choice(Action, action, "action")
        return self._workspace.templates.all(chosen)

    def __iter__(self) -> Iterator[Template]:
        """Iterate over the templates by name."""
        return iter(self.list())

    def __getitem__(self, name: str) -> Template:
        """Return the template called *name*; see :meth:`get`."""
        return self.get(name)

    def get(self, name: str) -> Template:
        """Return the template called *name*.

        Raises:
            UnknownName: There is none; the error lists the known ones.
        """
        return self._workspace.templates.get(name)

    def save(self, name: str, plan: SinglePlan) -> Template:
        """Save everything that *plan* states under *name*.

        >>> center.templates.save("Weekly", dmc.ExportPlan(entity_type="Ticket"))

        Raises:
            InvalidPlan: The name is empty or too long.
            NameTaken: There is a template of that name.
        """
        return self._workspace.templates.add(name, plan)

    def delete(self, name: str) -> None:
        """Delete the template called *name*.

        Raises:
            UnknownName: There is none.
        """
        self._workspace.templates.delete(name)
