"""The panels that follow a task from the form that started it to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import ipywidgets as ipw

from ..model.task import Task
from ..states.dashboard_state import Page
from ..states.session import Session
from ..states.task_list_state import MenuItem
from ..states.task_state import is_rehearsal, moved
from .guard import Guard
from .task_downloads import EXPORT_NAME
from .task_view import TaskButtons, TaskProgress, follow_task
from .wiring import actions, button, card, classed, html


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What tells the panels apart.

    Attributes:
        page: On which it is in view.
        title: Of the panel.
        leave: The label of the button that goes back to the list.
        downloads: What may be fetched at the end, with its label.
    """

    page: Page
    title: str
    leave: str
    downloads: Mapping[MenuItem, str]


EXPORTING = Wording(
    page=Page.EXPORTING,
    title="Export File",
    leave="Back to the List",
    downloads={MenuItem.EXPORTED_FILE: "Download"},
)
MIGRATING = Wording(
    page=Page.MIGRATING,
    title="Migration",
    leave="Close",
    downloads={MenuItem.ERROR_REPORT: MenuItem.ERROR_REPORT.value},
)
IMPORTING = Wording(
    page=Page.IMPORTING,
    title="Import File",
    leave="Close",
    downloads={MenuItem.ERROR_REPORT: MenuItem.ERROR_REPORT.value},
)


class RunPanel(ipw.VBox):
    """Follows a task that was just started."""

    def __init__(self, session: Session, guard: Guard, wording: Wording) -> None:
        self._session = session
        self.file, self.progress = html("", "dmc-mono"), TaskProgress()
        self.leave = button(wording.leave)
        self.leave.on_click(guard.on_click(self._leave))
        self.details = button("Task Details", "link")
        self.details.on_click(guard.on_click(self._open_details))
        self.buttons = TaskButtons(session, guard, wording.downloads)
        follow_task(session, wording.page, self._follow)
        bar = actions(self.details, self.buttons, self.leave)
        panel = card(wording.title, self.file, self.progress, bar)
        super().__init__([classed(panel, "dmc-run")])

    def _leave(self) -> None:
        """Go back: after a dry run to the form, where the run is a click away."""
        task = self._session.task.task
        if task is not None and is_rehearsal(task):
            self._session.dashboard.page = Page.MIGRATION
        else:
            self._session.show_lists()

    def _open_details(self) -> None:
        if self._session.task.task:
            self._session.open_task(self._session.task.task.id)

    def _follow(self, task: Task) -> None:
        self.file.value = escape(moved(task) or EXPORT_NAME)
        self.progress.follow(task)
        self.buttons.follow(task)
