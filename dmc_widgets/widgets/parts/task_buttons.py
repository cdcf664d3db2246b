"""The buttons of the task in view: its downloads, and its actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets as ipw

from ...center import Center
from ...languages import gettext as _
from ...model.task import Task
from ...states.actions.tasks import confirm_action, decline_action, request_action
from ...states.dashboard_session import TASK_PAGES, DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.task_actions import TASK_ACTIONS, find_task_action
from ...states.task_list_state import TaskDownload, list_downloads
from ..controls import DownloadButton, read_chunks
from ..theme import render_alert
from .form_inputs import add_classes, button, call_on_change, html, set_visible
from .guard import Guard


def open_task_file(
    center: Center, task_id: int, item: TaskDownload
) -> tuple[str, Iterable[bytes]]:
    """Return the name and the bytes of a download.

    Raises:
        UnknownName: The task does not exist, or it has no such file.
    """
    if item is TaskDownload.ERROR_REPORT:
        return f"error-report-{task_id}.csv", center.tasks.report_chunks(task_id)
    return center.task(task_id).file_name, read_chunks(center.tasks.file(task_id))


def observe_task(
    session: DashboardSession,
    show_task: Callable[[Task], None],
    *pages: DashboardPage,
) -> None:
    """Call *show_task* when one of *pages* is in view and the task changes.

    Without pages it is called on every page that shows the task.
    """

    def follow(_change: object) -> None:
        task = session.task.task
        if task is not None and session.dashboard.page in (pages or TASK_PAGES):
            show_task(task)

    session.task.observe(follow, "task")
    session.dashboard.observe(follow, "page")


class TaskDownloads(ipw.HBox):
    """The downloads of the task in view.

    Args:
        session: The session, whose task is in view.
        labels: The labels of the downloads, in their order.
    """

    def __init__(
        self, session: DashboardSession, labels: Mapping[TaskDownload, str]
    ) -> None:
        self._session = session
        self.downloads = {
            item: DownloadButton(
                _(label), self._build_opener(item), look=_button_look(item)
            )
            for item, label in labels.items()
        }
        super().__init__([*self.downloads.values()])
        self.add_class("dmc-toolbar")

    def show_task(self, task: Task) -> None:
        """Show the downloads that *task* offers now."""
        items = list_downloads(task)
        for item, download in self.downloads.items():
            set_visible(download, item in items)

    def _build_opener(self, item: TaskDownload) -> Callable[[], Any]:
        return lambda: open_task_file(self._session.center, self._task_id(), item)

    def _task_id(self) -> int:
        task = self._session.task.task
        return task.id if task else 0


def _button_look(item: TaskDownload) -> str:
    return "primary" if item is TaskDownload.EXPORTED_FILE else "secondary"


class TaskActionBar(ipw.HBox):
    """A button for each action on the task in view.

    There is one for the whole dashboard, which all pages of a task show.

    Args:
        session: The session, whose task is in view.
        guard: Shows the errors of the actions.

    Attributes:
        buttons: The buttons by their labels.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.buttons = {
            action.label: button(action.label, action.style) for action in TASK_ACTIONS
        }
        for label, widget in self.buttons.items():
            widget.on_click(self._build_handler(label))
        observe_task(session, self.show_task)
        super().__init__([*self.buttons.values()])
        self.add_class("dmc-toolbar")

    def show_task(self, task: Task) -> None:
        """Show the buttons of the actions that *task* offers now."""
        for action in TASK_ACTIONS:
            set_visible(self.buttons[action.label], action.is_offered(task))

    def _build_handler(self, label: str) -> Callable[[object], None]:
        def request(_button: object) -> None:
            if self._session.task.task is not None:
                task_id = self._session.task.task.id
                self._guard.run(request_action, self._session, task_id, label)

        return request


class ActionQuestion(ipw.VBox):
    """The question of an action, and the buttons that confirm and decline it."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.text = html("")
        self.confirm, self.decline = button("", "danger"), button(_("Do Nothing"))
        self.confirm.on_click(guard.on_click(confirm_action, session))
        self.decline.on_click(guard.on_click(decline_action, session))
        buttons = add_classes(ipw.HBox([self.decline, self.confirm]), "dmc-toolbar")
        super().__init__([self.text, buttons])
        call_on_change(session.task, "asked", self._show)
        call_on_change(session.dashboard, "page", self._show)
        self._show()

    def _show(self) -> None:
        task, action = (
            self._session.task.task,
            find_task_action(self._session.task.asked),
        )
        is_asked = self._session.dashboard.page in TASK_PAGES and action is not None
        set_visible(self, is_asked and task is not None)
        if task is not None and action is not None:
            self.text.value = render_alert(action.question(task), "warning")
            self.confirm.description = _(action.label)
            self.decline.focus()
