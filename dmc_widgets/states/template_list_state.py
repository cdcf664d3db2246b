"""The state of the template list."""

from __future__ import annotations

from traitlets import HasTraits, Tuple, Unicode

from ..model.entity_type import search_text, simple_name
from ..model.plan import Action, ExportPlan, ImportPlan, Template
from .type_names import format_type_name

SORT_KEYS = ("name", "action", "type", "created", "used", "user")
"""What the list can be sorted by."""


class TemplateListState(HasTraits):
    """All templates, the filter, and the selection.

    Attributes:
        templates: All templates of the workspace, sorted by name.
        keyword: Words that all stand in the name, the entity type, the author or what
            is in the template.
        action: ``Export``, ``Import`` or empty for both.
        selected: Names of the selected templates.
        renamed: The name of the template that gets another one; empty for none.
    """

    templates = Tuple()
    keyword = Unicode()
    action = Unicode()
    selected = Tuple()
    renamed = Unicode()

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
        words = self.keyword.casefold().split()
        return tuple(
            template
            for template in self.templates
            if self.action in {"", template.plan.action.value}
            and all(word in _search_text(template) for word in words)
        )

    def sort(self, key: str, *, descending: bool) -> list[Template]:
        """Return the matching templates in the order of a column."""
        found = sorted(self.matching, key=lambda one: one.name.casefold())
        return sorted(found, key=lambda one: _sort_value(one, key), reverse=descending)


def _sort_value(template: Template, key: str) -> str:
    values = {
        "action": template.plan.action.value,
        "type": get_template_type(template),
        "created": template.created,
        "used": template.used,
        "user": template.author,
    }
    return values.get(key, template.name).casefold()


def _search_text(template: Template) -> str:
    texts = (template.name, template.author, describe_template(template))
    return "\n".join([*texts, search_text(template.plan.entity_type)]).casefold()


def get_template_type(template: Template) -> str:
    """Return the name of the template's entity type in words: ``Billing Ticket``."""
    return format_type_name(template.plan.entity_type)


def get_template_format(template: Template) -> str:
    """Return the format of an export template; an import template has none."""
    plan = template.plan
    return plan.format if isinstance(plan, ExportPlan) else ""


def describe_template(template: Template) -> str:
    """Return in one line what a template chooses, beside its entity type."""
    plan = template.plan
    if isinstance(plan, ExportPlan):
        fields = "all fields"
        if plan.fields is not None:
            number = len(plan.fields)
            fields = "1 field" if number == 1 else f"{number:,} fields"
        filtered = f"where {plan.filter}" if plan.filter else ""
        return " · ".join(filter(None, [plan.format, fields, filtered]))
    policy = plan.policy
    pairs = len(plan.mapping.pairs)
    mapped = "1 field mapped" if pairs == 1 else f"{pairs:,} fields mapped"
    if not pairs:
        mapped = "fields of the same name"
    return f"{mapped} · {policy.import_strategy.label}, {policy.update_strategy.label}"


def list_template_details(template: Template) -> tuple[tuple[str, str], ...]:
    """List everything that a template chooses, as labels and values."""
    plan = template.plan
    common = [
        ("Action", plan.action.value),
        ("Entity Type", simple_name(plan.entity_type)),
        ("Site", plan.scope),
    ]
    if isinstance(plan, ImportPlan):
        policy = plan.policy
        common += [
            ("Import Strategy", policy.import_strategy.label),
            ("Update Strategy", policy.update_strategy.label),
            ("On Error", policy.error_strategy.label),
        ]
        common += [("Field", pair.summary) for pair in plan.mapping.pairs]
    else:
        common += [
            ("Export File Format", plan.format),
            ("Filter", plan.filter),
            ("Sort", plan.sort),
            ("Search", plan.search),
        ]
        common += [("Field", name) for name in plan.fields or ()]
    return tuple((label, value) for label, value in common if value)
