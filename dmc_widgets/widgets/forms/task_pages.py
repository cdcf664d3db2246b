"""The details page of a task, and the panels that follow a task after its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as ipw

from ...center import Center
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.task_list_state import TaskMenuItem
from ...states.task_state import TaskState, describe_source, is_dry_run
from ..controls import Column, PagedTable
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    card,
    html,
    set_visible,
    spacer,
)
from ..parts.guard import Guard
from ..parts.task_view import (
    EXPORT_FILE_NAME,
    TaskButtons,
    TaskProgress,
    observe_task,
    render_details,
)

_FAILURE_COLUMNS = (
    Column("record", "Record", align="end"),
    Column("field", "Field"),
    Column("value", "Value"),
    Column("code", "Code"),
    Column("message", "Message"),
)
_DOWNLOADS = tuple(item for item in TaskMenuItem if item is not TaskMenuItem.CANCEL)


class FailureRows:
    """The failed records of the task in *state* as the rows of a table."""

    def __init__(self, center: Center, state: TaskState) -> None:
        self._center = center
        self._state = state

    def count(self, _query: str) -> int:
        """Return the number of failed records."""
        task = self._state.task
        return task.counts.failed if task else 0

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the file."""
        task = self._state.task
        if task is None or task.counts.failed == 0:
            return []
        return [
            {
                "key": str(failure.index),
                "record": _format_place(task, failure.index),
                "field": failure.problem.field,
                "value": failure.problem.value,
                "code": failure.problem.code,
                "message": failure.problem.message,
            }
            for failure in self._center.tasks.failures(task.id, offset, limit)
        ]


class TaskPage(ipw.VBox):
    """The details of a task, which may still be running."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.details, self.progress = html("", "dmc-facts"), TaskProgress()
        self.buttons = TaskButtons(
            session, guard, {item: item.value for item in _DOWNLOADS}
        )
        self.back = button("Back")
        self.back.on_click(guard.on_click(session.show_lists))
        self.failures = PagedTable(
            FailureRows(session.center, session.task),
            _FAILURE_COLUMNS,
            label="Failed Records",
        )
        self.failed = card("Failed Records", self.failures)
        self._task_id = 0
        observe_task(session, DashboardPage.TASK, self._show_task)
        bar = ipw.HBox([self.back, spacer(), self.buttons])
        task = card("Task Details", self.progress, self.details)
        super().__init__([add_classes(bar, "dmc-toolbar"), task, self.failed])

    def _show_task(self, task: Task) -> None:
        self.details.value = render_details(task)
        self.progress.show_task(task)
        self.buttons.show_task(task)
        set_visible(self.failed, task.counts.failed > 0)
        if task.id == self._task_id:
            self.failures.refresh()
        else:
            self._task_id = task.id
            self.failures.restart()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanelTexts:
    """The texts of one kind of run panel, and its page.

    Attributes:
        page: The page that the panel is on.
        title: The title of the panel.
        leave: The label of the button that goes back to the list.
        downloads: The downloads offered at the end, and their labels.
    """

    page: DashboardPage
    title: str
    leave: str
    downloads: Mapping[TaskMenuItem, str]


EXPORT_RUN = RunPanelTexts(
    page=DashboardPage.EXPORTING,
    title="Export File",
    leave="Back to the List",
    downloads={TaskMenuItem.EXPORTED_FILE: "Download"},
)
MIGRATION_RUN = RunPanelTexts(
    page=DashboardPage.MIGRATING,
    title="Migration",
    leave="Close",
    downloads={TaskMenuItem.ERROR_REPORT: TaskMenuItem.ERROR_REPORT.value},
)
IMPORT_RUN = RunPanelTexts(
    page=DashboardPage.IMPORTING,
    title="Import File",
    leave="Close",
    downloads={TaskMenuItem.ERROR_REPORT: TaskMenuItem.ERROR_REPORT.value},
)


class RunPanel(ipw.VBox):
    """Follows a task that was just started, to its end."""

    def __init__(
        self, session: DashboardSession, guard: Guard, texts: RunPanelTexts
    ) -> None:
        self._session = session
        self.file, self.progress = html("", "dmc-mono"), TaskProgress()
        self.leave = button(texts.leave)
        self.leave.on_click(guard.on_click(self._leave))
        self.details = button("Task Details", "link")
        self.details.on_click(guard.on_click(self._open_details))
        self.buttons = TaskButtons(session, guard, texts.downloads)
        observe_task(session, texts.page, self._show_task)
        bar = button_bar(self.details, self.buttons, self.leave)
        panel = card(texts.title, self.file, self.progress, bar)
        super().__init__([add_classes(panel, "dmc-run")])

    def _leave(self) -> None:
        """Go back to the lists; after a dry run, to the form, where the run starts."""
        task = self._session.task.task
        if task is not None and is_dry_run(task):
            self._session.dashboard.page = DashboardPage.MIGRATION
        else:
            self._session.show_lists()

    def _open_details(self) -> None:
        if self._session.task.task:
            self._session.open_task(self._session.task.task.id)

    def _show_task(self, task: Task) -> None:
        self.file.value = escape(describe_source(task) or EXPORT_FILE_NAME)
        self.progress.show_task(task)
        self.buttons.show_task(task)


def _format_place(task: Task, index: int) -> str:
    """Format the number of a record, and its entity type if there are several."""
    place = task.place(index)
    number = f"{place.number:,}"
    return f"{number} of {place.title}" if place.title else number
