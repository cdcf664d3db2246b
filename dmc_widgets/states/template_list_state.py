"""The state of the template list."""

from __future__ import annotations

from traitlets import HasTraits, Tuple, Unicode

from ..model.entity_type import search_text, simple_name
from ..model.plan import Action, ExportPlan, Template


class TemplateListState(HasTraits):
    """All templates, the filter, and the selection.

    Attributes:
        templates: All templates of the workspace, sorted by name.
        keyword: A part of the name or the entity type to search for.
        action: ``Export``, ``Import`` or empty for both.
        selected: Names of the selected templates.
    """

    templates = Tuple()
    keyword = Unicode()
    action = Unicode()
    selected = Tuple()

    def list_names(self, action: Action) -> tuple[str, ...]:
        """List the names of the export templates or of the import templates."""
        return tuple(
            template.name
            for template in self.templates
            if template.plan.action is action
        )

    def count_actions(self) -> dict[str, int]:
        """Count the templates of each direction; migrations are not saved as such."""
        actions = (Action.EXPORT, Action.IMPORT)
        return {action.value: len(self.list_names(action)) for action in actions}

    @property
    def matching(self) -> tuple[Template, ...]:
        """The templates that match keyword and action."""
        pattern = self.keyword.strip().casefold()
        return tuple(
            template
            for template in self.templates
            if self.action in {"", template.plan.action.value}
            and pattern in _search_text(template)
        )


def _search_text(template: Template) -> str:
    return f"{template.name}\n{search_text(template.plan.entity_type)}".casefold()


def get_template_type(template: Template) -> str:
    """Return the short name of the template's entity type: ``C_Ticket``."""
    return simple_name(template.plan.entity_type)


def get_template_format(template: Template) -> str:
    """Return the format of an export template; an import template has none."""
    plan = template.plan
    return plan.format if isinstance(plan, ExportPlan) else ""
