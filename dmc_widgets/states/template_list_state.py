"""The state of the template list."""

from __future__ import annotations

from traitlets import HasTraits, Tuple, Unicode

from ..languages import format_number, ngettext
from ..languages import gettext as _
from ..model.entity_type import search_text, simple_name
from ..model.plan import Action, ExportPlan, ImportPlan, Template
from ..states.model_words import translate_word
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
        fields = _("all fields")
        if plan.fields is not None:
            number = len(plan.fields)
            fields = ngettext("{count} field", "{count} fields", number).format(
                count=format_number(number)
            )
        filtered = _("where {filter}").format(filter=plan.filter) if plan.filter else ""
        return " · ".join(filter(None, [plan.format, fields, filtered]))
    policy = plan.policy
    pairs = len(plan.mapping.pairs)
    mapped = ngettext("{count} field mapped", "{count} fields mapped", pairs).format(
        count=format_number(pairs)
    )
    if not pairs:
        mapped = _("fields of the same name")
    return ", ".join(
        [
            f"{mapped} · {translate_word(policy.import_strategy.label)}",
            translate_word(policy.update_strategy.label),
        ]
    )


def list_template_details(template: Template) -> tuple[tuple[str, str], ...]:
    """List everything that a template chooses, as labels and values."""
    plan = template.plan
    common = [
        (_("Action"), translate_word(plan.action)),
        (_("Entity Type"), simple_name(plan.entity_type)),
        (_("Site"), plan.scope),
    ]
    if isinstance(plan, ImportPlan):
        policy = plan.policy
        common += [
            (_("Import Strategy"), translate_word(policy.import_strategy.label)),
            (_("Update Strategy"), translate_word(policy.update_strategy.label)),
            (_("On Error"), translate_word(policy.error_strategy.label)),
        ]
        common += [(_("Field"), pair.summary) for pair in plan.mapping.pairs]
    else:
        common += [
            (_("Export File Format"), plan.format),
            (_("Filter"), plan.filter),
            (_("Sort"), plan.sort),
            (_("Search"), plan.search),
        ]
        common += [(_("Field"), name) for name in plan.fields or ()]
    return tuple((label, value) for label, value in common if value)
