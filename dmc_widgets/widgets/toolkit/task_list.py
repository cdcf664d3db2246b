"""The tasks of a center, of which one may be chosen."""

from __future__ import annotations

from typing import Any

from traitlets import Int, Unicode, link, observe, validate

from ...center import TaskHandle
from ...states.dashboard_state import DashboardPage
from ...states.toolkit.sources import CenterLike, find_center
from ..forms.task_list import TaskList as TaskListPage
from ..parts.form_inputs import call_on_change, set_visible
from .base import PublicWidget, repr_names


class TaskList(PublicWidget):
    """Lists the tasks of a center, live; one that is followed is the value.

    >>> tasks = TaskList(center, status="Running")
    >>> tasks.observe(lambda change: print(change["new"]), "value")

    Args:
        center: The center, or the folder of its workspace; None for the default one.
        filters: Initial values of *keyword*, *action*, *status* and *installation*.

    Attributes:
        value: The number of the task that was chosen last; 0 for none.
        keyword: A part of the name or of the entity type.
        action: ``Export``, ``Import``, ``Migration``, or empty for all.
        status: A status, or empty for all.
        installation: The name of an installation, or empty for all.

    Raises:
        TypeError: Something else was given.
        WorkspaceError: The folder cannot be used.
    """

    value = Int()
    keyword = Unicode()
    action = Unicode()
    status = Unicode()
    installation = Unicode()

    def __init__(self, center: CenterLike = None, **filters: str) -> None:
        super().__init__()
        opened = find_center(center)
        self._own(opened)
        self._session = self._build_session(opened.center, DashboardPage.LISTS)
        self._list = TaskListPage(self._session, self._guard)
        set_visible(self._list.new, False)
        self._show([self._list])
        for name in ("keyword", "action", "status", "installation"):
            link((self._session.tasks, name), (self, name))
        for name, value in filters.items():
            setattr(self, name, value)
        call_on_change(self._session.task, "task", self._take)
        call_on_change(self._session.dashboard, "page", self._stay)
        self.refresh()
        self._poll(self.refresh)

    @property
    def task(self) -> TaskHandle | None:
        """The chosen task, or None."""
        return self._session.center.task(self.value) if self.value else None

    def refresh(self) -> None:
        """Read the tasks again; the page does this by itself while it is open."""
        self._session.refresh()

    def __repr__(self) -> str:
        return repr_names(self, "value")

    def _take(self) -> None:
        task = self._session.task.task
        self.value = task.id if task else 0

    def _stay(self) -> None:
        """Show the list again: what follows a choice is the caller's."""
        self._session.dashboard.page = DashboardPage.LISTS

    @validate("value")
    def _require_task(self, proposal: Any) -> int:
        number: int = proposal["value"]
        if number:
            self._session.center.tasks.get(number)
        return number

    @observe("value")
    def _follow_value(self, change: Any) -> None:
        task = self._session.task.task
        if change["new"] and (task is None or task.id != change["new"]):
            self._session.task.task = self._session.center.tasks.get(change["new"])
