"""The list of templates: layout and wiring over TemplateListState."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...model.plan import Template
from ...states.actions.templates import delete_selected_templates, open_template
from ...states.dashboard_session import DashboardSession
from ...states.task_state import format_minute
from ...states.template_list_state import (
    TemplateListState,
    get_template_format,
    get_template_type,
)
from ..controls import Column, FilterBar, PagedTable
from ..parts.confirmation import Confirmation
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
)
from ..parts.guard import Guard
from ..parts.table_rows import ListRows

_COLUMNS = (
    Column("id", "ID", kind="number", align="start"),
    Column("name", "Name", kind="link", sortable=True),
    Column("created", "Create Date"),
    Column("action", "Action"),
    Column("type", "Type"),
    Column("format", "Format"),
    Column("user", "User"),
    Column("menu", "Actions", kind="actions"),
)
_USE, _DELETE = "Use", "Delete"


class TemplateList(ipw.VBox):
    """Lists the templates of the workspace, opens them, and deletes them."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        state = session.templates
        self.filters = FilterBar({"action": "Action"}, label="Search Templates")
        self.delete = button("Delete")
        self.confirmation = Confirmation(
            "Delete", guard.on_change(delete_selected_templates, session)
        )
        self.table = PagedTable(
            ListRows(lambda _query: state.matching, _build_row),
            _COLUMNS,
            label="Templates",
            sort=("name", False),
            selectable=True,
            on_link=lambda name: guard.run(open_template, session, name),
            on_action=self._run_action,
            on_select=lambda names: setattr(state, "selected", tuple(names)),
        )
        self._wire(state)
        bar = add_classes(ipw.HBox([self.filters, self.delete]), "dmc-list-bar")
        super().__init__([bar, self.confirmation, self.table])

    def _wire(self, state: TemplateListState) -> None:
        self.filters.observe(lambda _change: self._search(), ["query", "chosen"])
        call_on_change(state, ["keyword", "action"], self.table.restart)
        call_on_change(state, "templates", self._show_templates)
        self._show_templates()
        dlink((state, "selected"), (self.table, "selected"))
        dlink((state, "selected"), (self.delete, "disabled"), lambda names: not names)
        call_on_change(state, "selected", self.confirmation.hide)
        self.delete.on_click(lambda _button: self._ask())

    def _search(self) -> None:
        state = self._session.templates
        state.keyword = self.filters.query
        state.action = self.filters.chosen.get("action", "")

    def _show_templates(self) -> None:
        counts = self._session.templates.count_actions()
        self.filters.set_options("action", [(key, key, n) for key, n in counts.items()])
        self.table.refresh()

    def _run_action(self, name: str, action: str) -> None:
        if action == _USE:
            self._guard.run(open_template, self._session, name)
            return
        self._session.templates.selected = (name,)
        self._ask()

    def _ask(self) -> None:
        names = self._session.templates.selected
        templates = f"{len(names)} templates"
        if len(names) == 1:
            templates = f"the template {names[0]!r}"
        self.confirmation.ask(f"Delete {templates}? This cannot be undone.")


def _build_row(template: Template) -> dict[str, Any]:
    return {
        "key": template.name,
        "strong": True,
        "id": template.id,
        "name": template.name,
        "created": format_minute(template.created),
        "action": template.plan.action.value,
        "type": get_template_type(template),
        "format": get_template_format(template),
        "user": template.author,
        "menu": [(_USE, _USE), (_DELETE, _DELETE)],
    }
