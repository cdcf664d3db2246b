"""Widgets over one task: its progress, its changes, its failed records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traitlets import Int, Unicode

from ...center import TaskHandle
from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task, TaskStatus
from ...states.actions.repairs import mend_record, retry_failures
from ...states.dashboard_session import is_settled
from ...states.dashboard_state import DashboardPage
from ...states.toolkit.sources import CenterLike, TaskLike, find_task
from ..parts.form_inputs import (
    button,
    button_bar,
    call_on_change,
    heading,
    html,
    set_visible,
)
from ..parts.task_view import TaskProgress as ProgressView
from ..task_panels.changes import ChangesPanel
from ..task_panels.failures import FailuresPanel
from ..task_panels.repair import RepairPanel
from ..task_panels.task_panel import TaskPanel
from .base import PublicWidget, repr_names

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

_NO_CHANGES = lazy("The task has changed no record so far.")
_NO_FAILURES = lazy("No record of the task has failed so far.")


class TaskWidget(PublicWidget):
    """What the widgets over one task share: they follow it until it has ended.

    Args:
        task: The task or its number.
        center: The center of the task, where a number is given; None for the center
            of the default workspace.

    Attributes:
        value: The number of the task.
        status: Its status, such as ``Running``.

    Raises:
        TypeError: Something else was given.
        UnknownName: The center has no such task.
    """

    value = Int()
    status = Unicode()

    def __init__(self, task: TaskLike, center: CenterLike = None) -> None:
        super().__init__()
        opened, found = find_task(task, center)
        self._own(opened)
        self._session = self._build_session(opened.center, DashboardPage.TASK)
        self._shown: set[TaskPanel] = set()
        self._build()
        call_on_change(self._session.task, "task", self._take)
        self._session.task.task = found
        self._poll(self.refresh)

    @property
    def task(self) -> TaskHandle:
        """The task as it is now, to wait for it or read its outcomes."""
        return self._session.center.task(self.value)

    def refresh(self) -> None:
        """Show the task as it is now; the page does this by itself while it is open."""
        self._session.background.take()
        current = self._session.task.task
        if current is not None and not is_settled(current):
            self._session.task.task = self._session.center.tasks.get(current.id)
            self._session.recovery.start(self._session.task.task)

    def __repr__(self) -> str:
        return repr_names(self, "value", "status")

    def _take(self) -> None:
        task = self._session.task.task
        if task is not None:
            self.value, self.status = task.id, task.status.value
            self._show_task(task)

    def _show_panel(self, panel: TaskPanel, task: Task) -> bool:
        """Show a view of the task where it has something to say; return whether."""
        is_offered = panel.is_offered(task)
        set_visible(panel, is_offered)
        if is_offered:
            panel.show_task(task, is_other=panel not in self._shown)
            self._shown.add(panel)
        return is_offered

    def _build(self) -> None:
        """Build the parts of the widget."""
        raise NotImplementedError

    def _show_task(self, task: Task) -> None:
        """Show the present state of the task."""
        raise NotImplementedError


class TaskProgress(TaskWidget):
    """The progress of a task, live, with a button to cancel it.

    >>> task = center.import_file("Sample target", "Bicycle", path, wait=False)
    >>> progress = TaskProgress(task)
    >>> progress.observe(print, "status")

    Args:
        task: The task or its number.
        center: The center of the task, where a number is given; None for the center
            of the default workspace.

    Attributes:
        value: The number of the task.
        status: Its status, such as ``Running``.
        percent: How much of the task is done, from 0 to 100.
    """

    percent = Int()

    def _build(self) -> None:
        self._title = heading("")
        self._progress = ProgressView()
        self._cancel = button(_("Cancel"), tooltip=_("End the task"))
        self._cancel.on_click(self._guard.on_click(self.cancel))
        self._show([self._title, self._progress, button_bar(self._cancel)])

    def cancel(self) -> None:
        """Ask the task to end, which it does within a second; ended ones stay."""
        self._session.cancel_task(self.value)

    def _show_task(self, task: Task) -> None:
        self._title.value = heading(task.name).value
        self._progress.show_task(task)
        is_over = task.status.is_final and task.status is not TaskStatus.INACTIVE
        set_visible(self._cancel, not is_over)
        self.percent = 100 if is_over else int(task.progress.percent)


class ChangesTable(TaskWidget):
    """What a task changed, or what a dry run would change, field by field.

    >>> dry_run = center.import_file("Sample target", "Bicycle", path, dry_run=True)
    >>> ChangesTable(dry_run)

    Args:
        task: The task or its number.
        center: The center of the task, where a number is given; None for the center
            of the default workspace.

    Attributes:
        value: The number of the task.
        status: Its status, such as ``Completed``.
    """

    @property
    def frame(self) -> pd.DataFrame:
        """All changes as a dataframe, as ``task.changes()`` returns them."""
        return self.task.changes()

    def _build(self) -> None:
        self._panel = ChangesPanel(self._session, self._guard)
        self._empty = html(_NO_CHANGES, "dmc-help")
        self._show([self._panel, self._empty])

    def _show_task(self, task: Task) -> None:
        set_visible(self._empty, not self._show_panel(self._panel, task))


class FailuresTable(TaskWidget):
    """The failed records of a task, to be mended in place and tried again.

    >>> failures = FailuresTable(task)
    >>> failures.frame
    >>> failures.retry()

    Args:
        task: The task or its number.
        center: The center of the task, where a number is given; None for the center
            of the default workspace.

    Attributes:
        value: The number of the task.
        status: Its status, such as ``Partially Completed``.
        failed: The number of failed records.
        mended: The number of records that were mended here, and not tried again yet.
    """

    failed = Int()
    mended = Int()

    @property
    def frame(self) -> pd.DataFrame:
        """The failed records as a dataframe, as ``task.failures()`` returns them."""
        return self.task.failures()

    def mend(self, record: int, field: str, text: str) -> None:
        """Put a value into a cell, as typing there does.

        Args:
            record: The number of the record in the file.
            field: The field of the file.
            text: The value as it would be typed.

        Raises:
            InvalidPlan: The record did not fail, or it has no such field.
        """
        mend_record(self._session, record, field, text)

    def retry(self, frame: pd.DataFrame | None = None) -> TaskHandle:
        """Try the mended records again; all failed ones if none was mended.

        The widget follows the task.

        Args:
            frame: Mended records, as :attr:`frame` returns them, in place of what was
                mended here.

        Raises:
            InvalidPlan: The task has not ended, or no record failed.
        """
        if frame is not None:
            task = self.task.retry(frame, wait=False).state
            self._session.repair.forget(task.id)
            self._session.task.task = task
        elif self._session.task.task is not None:
            retry_failures(self._session, self._session.task.task)
        return self.task

    def _build(self) -> None:
        self._panels = (
            FailuresPanel(self._session, self._guard),
            RepairPanel(self._session, self._guard),
        )
        self._empty = html(_NO_FAILURES, "dmc-help")
        call_on_change(self._session.repair, "mends", self._count_mends)
        self._show([*self._panels, self._empty])

    def _count_mends(self) -> None:
        self.mended = len(self._session.repair.mends)

    def _show_task(self, task: Task) -> None:
        self.failed = task.counts.failed
        shown = [self._show_panel(panel, task) for panel in self._panels]
        set_visible(self._empty, not any(shown))
