"""What is shown of a task wherever one is shown, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as ipw

from ..model.task import Task
from ..states.dashboard_state import Page
from ..states.session import Session, cancel
from ..states.task_list_state import MenuItem, menu
from .controls import DownloadButton
from .guard import Guard
from .task_downloads import open_download
from .task_markup import (
    counts_markup,
    parts_markup,
    progress_markup,
    remarks_markup,
    status_markup,
)
from .wiring import button, html, show


class TaskProgress(ipw.VBox):
    """How far a task has come, what became of its records, and what to know."""

    def __init__(self) -> None:
        self.status, self.progress = html(""), html("")
        self.counts, self.parts, self.remarks = html(""), html(""), html("")
        super().__init__(
            [self.status, self.progress, self.counts, self.parts, self.remarks]
        )

    def follow(self, task: Task) -> None:
        """Show *task* as it is now."""
        self.status.value = status_markup(task)
        self.progress.value = progress_markup(task)
        self.counts.value = counts_markup(task)
        self.parts.value = parts_markup(task)
        self.remarks.value = remarks_markup(task)
        for each in (self.counts, self.parts, self.remarks):
            show(each, bool(each.value))


class TaskButtons(ipw.HBox):
    """What can be done with the task in view, besides looking at it.

    Args:
        session: Its task is the one.
        guard: Catches what goes wrong.
        labels: Of the downloads, in their order.
    """

    def __init__(
        self, session: Session, guard: Guard, labels: Mapping[MenuItem, str]
    ) -> None:
        self._session = session
        self.downloads = {
            item: DownloadButton(label, self._opener(item), look=_look(item))
            for item, label in labels.items()
        }
        self.cancel = button("Cancel")
        self.cancel.on_click(guard.on_click(self._cancel))
        super().__init__([*self.downloads.values(), self.cancel])
        self.add_class("dmc-toolbar")

    def follow(self, task: Task) -> None:
        """Offer what *task* allows now."""
        offered = menu(task)
        for item, each in self.downloads.items():
            show(each, item in offered)
        show(self.cancel, MenuItem.CANCEL in offered)

    def _opener(self, item: MenuItem) -> Callable[[], Any]:
        return lambda: open_download(self._session.center, self._id(), item)

    def _cancel(self) -> None:
        cancel(self._session, self._id())

    def _id(self) -> int:
        task = self._session.task.task
        return task.id if task else 0


def _look(item: MenuItem) -> str:
    return "primary" if item is MenuItem.EXPORTED_FILE else "secondary"


def follow_task(
    session: Session, page: Page, show_task: Callable[[Task], None]
) -> None:
    """Call *show_task* with the task of *session* whenever *page* has a new one."""

    def follow(_change: object) -> None:
        if session.task.task is not None and session.dashboard.page is page:
            show_task(session.task.task)

    session.task.observe(follow, "task")
    session.dashboard.observe(follow, "page")
