"""The list of tasks: layout and wiring over TaskListState."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as ipw

from ...model.task import Task
from ...states.actions.exports import open_export_form
from ...states.actions.imports import open_import_form
from ...states.actions.migrations import open_migration_form
from ...states.actions.tasks import request_action
from ...states.actions.verifications import open_verification_form
from ...states.dashboard_session import DashboardSession
from ...states.task_actions import find_task_action
from ...states.task_list_state import (
    ACTION_FILTERS,
    STATUS_FILTERS,
    STATUS_KINDS,
    TaskDownload,
)
from ...states.task_menu import list_menu_items
from ...states.task_state import format_action, format_entity_types, format_minute
from ..controls import Column, DownloadButton, PagedTable
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    choice_field,
    link_traits,
    set_visible,
    spacer,
    text_field,
)
from ..parts.guard import Guard
from ..parts.table_rows import ListRows
from ..parts.task_buttons import open_task_file

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


class NewMenu(ipw.VBox):
    """The button *New* and the menu that it opens."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.button = button("New", "primary")
        self.export_file = button("Export File")
        self.import_file = button("Import File")
        self.migration = button("Migration")
        self.verification = button("Verification")
        items = [self.export_file, self.import_file, self.migration, self.verification]
        self.panel = add_classes(ipw.VBox(items), "dmc-menu-panel")
        self._hide_menu()
        self.button.on_click(self._toggle)
        call_on_change(session.dashboard, "page", self._hide_menu)
        for item, action in (
            (self.export_file, open_export_form),
            (self.import_file, open_import_form),
            (self.migration, open_migration_form),
            (self.verification, open_verification_form),
        ):
            item.on_click(guard.on_click(action, session))
        super().__init__([self.button, self.panel])
        self.add_class("dmc-menu")

    def _hide_menu(self) -> None:
        set_visible(self.panel, False)

    def _toggle(self, _button: object) -> None:
        set_visible(self.panel, self.panel.layout.display == "none")


class ListFilter(ipw.HBox):
    """A choice of what a list shows, and a label that removes the filter.

    Args:
        state: A state with the trait.
        trait: The name of the trait, such as *action*.
        filters: The values to select from; the empty one stands for all.
    """

    def __init__(self, state: Any, trait: str, filters: Sequence[str]) -> None:
        self._title = trait.capitalize()
        self.choice = choice_field(f"Filter by {self._title}")
        self.set_filters(filters)
        self.label = add_classes(ipw.Button(tooltip="Remove the filter"), "dmc-chip")
        self.label.on_click(lambda _button: setattr(state, trait, ""))
        link_traits(state, {trait: self.choice})
        call_on_change(self.choice, "selected", self._show_label)
        self._show_label()
        super().__init__([self.choice, self.label])
        self.add_class("dmc-toolbar")

    def set_filters(self, filters: Sequence[str]) -> None:
        """Replace the values to select from."""
        self.choice.set_options([(value or "All", value) for value in filters])

    def _show_label(self) -> None:
        value = self.choice.selected
        self.label.description = f"{self._title}: {value} ×"
        set_visible(self.label, bool(value))


class TaskList(ipw.VBox):
    """Lists the tasks of the workspace, and starts new ones."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self._guard = guard
        self.search = text_field("Search", placeholder="Name or entity type")
        self.filter = ListFilter(session.tasks, "action", ACTION_FILTERS)
        self.status = ListFilter(session.tasks, "status", STATUS_FILTERS)
        self.installation = ListFilter(session.tasks, "installation", ("",))
        self.new = NewMenu(session, guard)
        self.table = PagedTable(
            ListRows(lambda _query: session.tasks.tasks[::-1], _build_row),
            _COLUMNS,
            label="Tasks",
            sort=("created", True),
            on_link=lambda key: guard.run(session.open_task, int(key)),
            on_action=self._run_action,
        )
        self.table.add_class("dmc-tasks")
        self.download = DownloadButton("Download", _open_no_file, look="hidden")
        link_traits(session.tasks, {"keyword": self.search})
        filters = ["keyword", "action", "status", "installation"]
        call_on_change(session.tasks, filters, self._search)
        call_on_change(session.dashboard, "installations", self._show_installations)
        self._show_installations()
        call_on_change(session.tasks, "tasks", self.table.refresh)
        lists = [self.filter, self.status, self.installation]
        toolbar = ipw.HBox([self.search, *lists, spacer(), self.new])
        add_classes(toolbar, "dmc-toolbar")
        super().__init__([toolbar, self.table, self.download])

    def _show_installations(self) -> None:
        connections = self._session.dashboard.installations
        names = [connection.name for connection in connections]
        self.installation.set_filters(["", *names])

    def _search(self) -> None:
        self._guard.run(self._session.load_tasks)
        self.table.restart()

    def _run_action(self, key: str, action: str) -> None:
        if find_task_action(action) is not None:
            self._guard.run(request_action, self._session, int(key), action)
            return
        center, item = self._session.center, TaskDownload(action)
        self.download.open_file = lambda: open_task_file(center, int(key), item)
        self.download.start()


def _open_no_file() -> tuple[str, list[bytes]]:
    return "", []


def _build_row(task: Task) -> dict[str, Any]:
    return {
        "key": str(task.id),
        "strong": True,
        "name": task.name,
        "action": format_action(task),
        "type": format_entity_types(task),
        "created": format_minute(task.created),
        "author": task.author,
        "status": (task.status.value, STATUS_KINDS[task.status]),
        "successful": task.counts.successful,
        "failed": task.counts.failed,
        "total": task.counts.total,
        "menu": [(label, label) for label in list_menu_items(task)],
    }
