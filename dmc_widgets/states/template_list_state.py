"""The state of the templates' page."""

from __future__ import annotations

from traitlets import HasTraits, Tuple, Unicode

from ..model.entity_type import search_text, simple_name
from ..model.plan import Action, ExportPlan, Template

TEMPLATE_FILTERS = ("", Action.EXPORT.value, Action.IMPORT.value)
"""Migrations are no templates."""


class TemplateListState(HasTraits):
    """What the list of templates shows.

    Attributes:
        templates: All of the workspace, in the order of their names.
        keyword: What the person searches for, in names and entity types.
        action: ``Export``, ``Import`` or empty for both.
        selected: Names of the ticked templates.
    """

    templates = Tuple()
    keyword = Unicode()
    action = Unicode()
    selected = Tuple()

    def named(self, action: Action) -> tuple[str, ...]:
        """Return the names of the templates of one direction."""
        return tuple(
            template.name
            for template in self.templates
            if template.plan.action is action
        )

    @property
    def shown(self) -> tuple[Template, ...]:
        """The templates that match keyword and action."""
        wanted = self.keyword.strip().casefold()
        return tuple(
            template
            for template in self.templates
            if self.action in {"", template.plan.action.value}
            and wanted in _search_text(template)
        )


def _search_text(template: Template) -> str:
    return f"{template.name}\n{search_text(template.plan.entity_type)}".casefold()


def get_template_type(template: Template) -> str:
    """Return the short name of what *template* moves: ``C_Ticket``."""
    return simple_name(template.plan.entity_type)


def get_template_format(template: Template) -> str:
    """Return the format that *template* writes; an import takes what it is given."""
    plan = template.plan
    return plan.format if isinstance(plan, ExportPlan) else ""
