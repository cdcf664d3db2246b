"""Named plans."""

from __future__ import annotations

from ..model.plan import Action, SinglePlan, Template
from .base import CenterBase


class TemplatesMixin(CenterBase):
    """Keeping plans and finding them again."""

    def templates(self, action: Action | None = None) -> list[Template]:
        """Return the templates by name, all or those of one direction."""
        return self._workspace.templates.all(action)

    def template(self, name: str) -> Template:
        """Return the template called *name*.

        Raises:
            UnknownName: There is none; the error lists those there are.
        """
        return self._workspace.templates.get(name)

    def save_template(self, name: str, plan: SinglePlan) -> Template:
        """Keep everything that *plan* chose under *name*.

        Raises:
            InvalidPlan: The name is empty or too long.
            NameTaken: There is a template of that name.
        """
        return self._workspace.templates.add(name, plan)

    def delete_template(self, name: str) -> None:
        """Remove the template called *name*.

        Raises:
            UnknownName: There is none.
        """
        self._workspace.templates.delete(name)
