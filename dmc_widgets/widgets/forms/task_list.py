"""The list of tasks: layout and wiring over TaskListState."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...model.task import Task
from ...states.actions.tasks import request_action
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ...states.task_actions import find_task_action
from ...states.task_list_state import TASK_FILTERS, TaskDownload
from ...states.type_names import format_type_name
from ..controls import DownloadButton, FilterBar, PagedTable
from ..controls.filter_bar import FilterOption
from ..parts.bulk_bar import BulkBar
from ..parts.form_inputs import add_classes, call_on_change
from ..parts.guard import Guard
from ..parts.new_menu import BackupPanel, NewMenu
from ..parts.task_buttons import open_task_file
from ..parts.task_rows import TASK_COLUMNS, TaskRows


class TaskList(ipw.VBox):
    """Lists the tasks of the workspace, and starts new ones.

    Args:
        session: The session, whose list it shows.
        guard: Shows errors.
        find_address: Returns the address of a task's page, which its link leads to.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        find_address: Callable[[Task], str] = lambda _task: "",
    ) -> None:
        self._session, self._guard = session, guard
        state = session.tasks
        self.filters = FilterBar(TASK_FILTERS, label=_("Search Tasks"))
        self.backup = BackupPanel(session, guard)
        self.new = NewMenu(session, guard, self.backup)
        self.bulk = BulkBar(session, guard)
        self._rows = TaskRows(state, session.load_tasks, find_address)
        self.table = PagedTable(
            self._rows,
            TASK_COLUMNS,
            label=_("Tasks"),
            sort=(state.sort, state.descending),
            selectable=True,
            dense=True,
            empty_text=_("No task was found."),
            on_link=lambda key: guard.run(session.open_task, int(key)),
            on_action=self._run_action,
            on_select=lambda keys: setattr(state, "selected", tuple(keys)),
        )
        self.table.add_class("dmc-tasks")
        self.download = DownloadButton(_("Download"), _open_no_file, look="hidden")
        self._wire()
        bar = add_classes(ipw.HBox([self.filters, self.new]), "dmc-list-bar")
        super().__init__([bar, self.backup, self.bulk, self.table, self.download])

    def _wire(self) -> None:
        state = self._session.tasks
        self.filters.observe(lambda change: self._type(change["new"]), "query")
        self.filters.observe(lambda change: self._choose(change["new"]), "chosen")
        call_on_change(state, ["keyword", *TASK_FILTERS], self._search)
        call_on_change(state, ["tasks", "total"], self._show_tasks)
        call_on_change(state, "facets", self._show_facets)
        call_on_change(state, "selected", self._show_selection)
        self._show_filters()
        self._show_facets()

    def _show_tasks(self) -> None:
        if not self._rows.is_reading:
            self.table.refresh()

    def _type(self, query: str) -> None:
        self._session.tasks.keyword = query

    def _choose(self, chosen: dict[str, str]) -> None:
        state = self._session.tasks
        with state.hold_trait_notifications():
            for name in TASK_FILTERS:
                setattr(state, name, chosen.get(name, ""))

    def _search(self) -> None:
        self._show_filters()
        self._session.tasks.offset = 0
        self._session.tasks.selected = ()
        self._guard.run(self._session.load_tasks)
        self.table.restart()

    def _show_filters(self) -> None:
        """Show what was set elsewhere, such as by a link."""
        state = self._session.tasks
        values = {name: getattr(state, name) for name in TASK_FILTERS}
        self.filters.query = state.keyword
        self.filters.chosen = {name: value for name, value in values.items() if value}

    def _show_facets(self) -> None:
        facets = self._session.tasks.facets
        if facets is None:
            return
        types = [
            (key, format_type_name(key), number)
            for key, number in facets.entity_types.items()
        ]
        options: dict[str, Sequence[FilterOption]] = {
            "status": _list_words(facets.statuses),
            "action": _list_words(facets.actions),
            "entity_type": sorted(types, key=lambda option: option[1].casefold()),
            "installation": _list_options(facets.installations),
            "author": _list_options(facets.authors),
        }
        self.filters.set_all_options(options)

    def _show_selection(self) -> None:
        self.table.selected = self._session.tasks.selected

    def _run_action(self, key: str, action: str) -> None:
        if find_task_action(action) is not None:
            self._guard.run(request_action, self._session, int(key), action)
            return
        center, item = self._session.center, TaskDownload(action)
        self.download.open_file = lambda: open_task_file(center, int(key), item)
        self.download.start()


def _list_options(counts: Any) -> list[FilterOption]:
    return [(value, value, number) for value, number in counts.items()]


def _list_words(counts: Any) -> list[FilterOption]:
    return [(value, translate_word(value), number) for value, number in counts.items()]


def _open_no_file() -> tuple[str, list[bytes]]:
    return "", []
