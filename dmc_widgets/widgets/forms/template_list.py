"""The list of templates: layout and wiring. What is listed is in TemplateListState."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...model.plan import Template
from ...states.dashboard_session import (
    DashboardSession,
    delete_selected_templates,
    open_template,
)
from ...states.task_state import format_minute
from ...states.template_list_state import (
    TEMPLATE_FILTERS,
    TemplateListState,
    get_template_format,
    get_template_type,
)
from ..controls import Column, PagedTable
from ..parts.elements import (
    add_classes,
    button,
    button_bar,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..theme import render_alert
from .task_list import ActionFilter

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


class TemplateRows:
    """The templates of *state* as the rows of a table."""

    def __init__(self, state: TemplateListState) -> None:
        self._state = state

    def count(self, _query: str) -> int:
        """Return how many are shown."""
        return len(self._state.shown)

    def rows(
        self, offset: int, limit: int, sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, by name."""
        shown = self._state.shown
        if sort is not None and sort[1]:
            shown = shown[::-1]
        return [_build_row(each) for each in shown[offset : offset + limit]]


class TemplateList(ipw.VBox):
    """Everything that was saved for another time."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        state = session.templates
        self.search = text_field("Search", placeholder="Name or entity type")
        self.filter = ActionFilter(state, TEMPLATE_FILTERS)
        self.delete = button("Delete")
        self.question = html("")
        self.confirm = button("Delete", "danger")
        self.keep = button("Cancel")
        self.asking = ipw.VBox([self.question, button_bar(self.keep, self.confirm)])
        self.table = PagedTable(
            TemplateRows(state),
            _COLUMNS,
            label="Templates",
            sort=("name", False),
            selectable=True,
            on_link=lambda name: guard.carry_out(open_template, session, name),
            on_action=self._act,
            on_select=lambda names: setattr(state, "selected", tuple(names)),
        )
        self._wire(state)
        toolbar = [self.search, self.filter, html("", "dmc-spacer"), self.delete]
        bar = add_classes(ipw.HBox(toolbar), "dmc-toolbar")
        super().__init__([bar, self.asking, self.table])

    def _wire(self, state: TemplateListState) -> None:
        link_traits(state, {"keyword": self.search})
        state.observe(lambda _change: self.table.restart(), ["keyword", "action"])
        state.observe(lambda _change: self.table.refresh(), "templates")
        dlink((state, "selected"), (self.table, "selected"))
        dlink((state, "selected"), (self.delete, "disabled"), lambda names: not names)
        state.observe(lambda _change: set_visible(self.asking, False), "selected")
        set_visible(self.asking, False)
        self.delete.on_click(lambda _button: self._ask())
        self.keep.on_click(lambda _button: set_visible(self.asking, False))
        self.confirm.on_click(
            self._guard.on_click(delete_selected_templates, self._session)
        )

    def _act(self, name: str, action: str) -> None:
        if action == _USE:
            self._guard.carry_out(open_template, self._session, name)
            return
        self._session.templates.selected = (name,)
        self._ask()

    def _ask(self) -> None:
        names = self._session.templates.selected
        what = (
            f"the template {names[0]!r}"
            if len(names) == 1
            else f"{len(names)} templates"
        )
        self.question.value = render_alert(
            f"Delete {what}? This cannot be undone.", "warning"
        )
        set_visible(self.asking, True)
        self.keep.focus()


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
