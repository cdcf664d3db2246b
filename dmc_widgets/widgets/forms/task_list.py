"""The list of tasks: layout and wiring. What is listed is in TaskListState."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw

from ...model.task import Task
from ...states.actions.migrations import open_migration_form
from ...states.dashboard_session import (
    DashboardSession,
    cancel_task,
    open_export_form,
    open_import_form,
)
from ...states.task_list_state import (
    ACTION_FILTERS,
    STATUS_KINDS,
    TaskListState,
    TaskMenuItem,
    list_menu_items,
)
from ...states.task_state import format_entity_types, format_minute
from ..controls import Column, DownloadButton, PagedTable
from ..parts.elements import (
    add_classes,
    button,
    choice_field,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.task_view import open_task_file

_COLUMNS = (
    Column("name", "Name", kind="link"),
    Column("action", "Action"),
    Column("type", "Type"),
    Column("created", "Creation Date", sortable=True),
    Column("author", "Author"),
    Column("status", "Status", kind="status"),
    Column("successful", "Successful Rows", kind="number"),
    Column("failed", "Failed Rows", kind="number"),
    Column("total", "Total", kind="number"),
    Column("menu", "Actions", kind="actions"),
)


class TaskRows:
    """The tasks of *state* as the rows of a table."""

    def __init__(self, state: TaskListState) -> None:
        self._state = state

    def count(self, _query: str) -> int:
        """Return how many there are."""
        return len(self._state.tasks)

    def rows(
        self, offset: int, limit: int, sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, the newest first unless *sort* says otherwise."""
        tasks = self._state.tasks
        if sort is not None and not sort[1]:
            tasks = tasks[::-1]
        return [_build_row(task) for task in tasks[offset : offset + limit]]


class NewMenu(ipw.VBox):
    """The button "New", and the kinds of task below it."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.button = button("New", "primary")
        self.export_file = button("Export File")
        self.import_file = button("Import File")
        self.migration = button("Migration")
        kinds = [self.export_file, self.import_file, self.migration]
        self.panel = add_classes(ipw.VBox(kinds), "dmc-menu-panel")
        self._put_away()
        self.button.on_click(self._toggle)
        session.dashboard.observe(lambda _change: self._put_away(), "page")
        for each, action in (
            (self.export_file, open_export_form),
            (self.import_file, open_import_form),
            (self.migration, open_migration_form),
        ):
            each.on_click(guard.on_click(action, session))
        super().__init__([self.button, self.panel])
        self.add_class("dmc-menu")

    def _put_away(self) -> None:
        set_visible(self.panel, False)

    def _toggle(self, _button: object) -> None:
        set_visible(self.panel, self.panel.layout.display == "none")


class ActionFilter(ipw.HBox):
    """A choice of one kind of task or all, and a label to take it back.

    Args:
        state: Has the trait *action*.
        filters: The values to choose from; an empty one stands for all.
    """

    def __init__(self, state: Any, filters: Sequence[str] = ACTION_FILTERS) -> None:
        options = [(each or "All", each) for each in filters]
        self.choice = choice_field("Filter by Action", options)
        self.label = add_classes(ipw.Button(tooltip="Remove the filter"), "dmc-chip")
        self.label.on_click(lambda _button: setattr(state, "action", ""))
        link_traits(state, {"action": self.choice})
        state.observe(lambda change: self._follow(change["new"]), "action")
        self._follow(state.action)
        super().__init__([self.choice, self.label])
        self.add_class("dmc-toolbar")

    def _follow(self, action: str) -> None:
        self.label.description = f"Action: {action} ×"
        set_visible(self.label, bool(action))


class TaskList(ipw.VBox):
    """Everything that was started in this workspace, and the menu for more."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self._guard = guard
        self.search = text_field("Search", placeholder="Name or entity type")
        self.filter = ActionFilter(session.tasks)
        self.new = NewMenu(session, guard)
        self.table = PagedTable(
            TaskRows(session.tasks),
            _COLUMNS,
            label="Tasks",
            sort=("created", True),
            on_link=lambda key: guard.carry_out(session.open_task, int(key)),
            on_action=self._act,
        )
        self.table.add_class("dmc-tasks")
        self.download = DownloadButton("Download", self._nothing, look="hidden")
        link_traits(session.tasks, {"keyword": self.search})
        session.tasks.observe(self._search, ["keyword", "action"])
        session.tasks.observe(lambda _change: self.table.refresh(), "tasks")
        toolbar = ipw.HBox([self.search, self.filter, html("", "dmc-spacer"), self.new])
        add_classes(toolbar, "dmc-toolbar")
        super().__init__([toolbar, self.table, self.download])

    def _search(self, _change: object) -> None:
        self._guard.carry_out(self._session.list_tasks)
        self.table.restart()

    def _act(self, key: str, action: str) -> None:
        item = TaskMenuItem(action)
        if item is TaskMenuItem.CANCEL:
            self._guard.carry_out(cancel_task, self._session, int(key))
            return
        center = self._session.center
        self.download.open_file = lambda: open_task_file(center, int(key), item)
        self.download.start()

    @staticmethod
    def _nothing() -> tuple[str, list[bytes]]:
        return "", []


def _build_row(task: Task) -> dict[str, Any]:
    return {
        "key": str(task.id),
        "strong": True,
        "name": task.name,
        "action": task.action.value,
        "type": format_entity_types(task),
        "created": format_minute(task.created),
        "author": task.author,
        "status": (task.status.value, STATUS_KINDS[task.status]),
        "successful": task.counts.successful,
        "failed": task.counts.failed,
        "total": task.counts.total,
        "menu": [(each.value, each.value) for each in list_menu_items(task)],
    }
