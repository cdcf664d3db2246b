"""The details page of a task."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ..center import Center
from ..model.task import Task
from ..states.dashboard_state import Page
from ..states.session import Session
from ..states.task_list_state import MenuItem
from ..states.task_state import TaskState
from .controls import Column, PagedTable
from .guard import Guard
from .task_markup import details_markup
from .task_view import TaskButtons, TaskProgress, follow_task
from .wiring import button, card, classed, html, show

_COLUMNS = (
    Column("record", "Record", align="end"),
    Column("field", "Field"),
    Column("value", "Value"),
    Column("code", "Code"),
    Column("message", "Message"),
)


class FailureRows:
    """The failed records of the task in *state* as the rows of a table."""

    def __init__(self, center: Center, state: TaskState) -> None:
        self._center = center
        self._state = state

    def count(self, _query: str) -> int:
        """Return how many there are."""
        task = self._state.task
        return task.counts.failed if task else 0

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, by their place in the file."""
        task = self._state.task
        if task is None or task.counts.failed == 0:
            return []
        return [
            {
                "key": str(failure.index),
                "record": _where(task, failure.index),
                "field": failure.problem.field,
                "value": failure.problem.value,
                "code": failure.problem.code,
                "message": failure.problem.message,
            }
            for failure in self._center.failures(task.id, offset, limit)
        ]


class TaskPage(ipw.VBox):
    """The details of a task, which may still be running."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self.details, self.progress = html("", "dmc-facts"), TaskProgress()
        self.buttons = TaskButtons(session, guard, {i: i.value for i in _downloads()})
        self.back = button("Back")
        self.back.on_click(guard.on_click(session.show_lists))
        self.failures = PagedTable(
            FailureRows(session.center, session.task), _COLUMNS, label="Failed Records"
        )
        self.failed = card("Failed Records", self.failures)
        self._shown = 0
        follow_task(session, Page.TASK, self._follow)
        bar = ipw.HBox([self.back, html("", "dmc-spacer"), self.buttons])
        task = card("Task Details", self.progress, self.details)
        super().__init__([classed(bar, "dmc-toolbar"), task, self.failed])

    def _follow(self, task: Task) -> None:
        self.details.value = details_markup(task)
        self.progress.follow(task)
        self.buttons.follow(task)
        show(self.failed, task.counts.failed > 0)
        if task.id == self._shown:
            self.failures.refresh()
        else:
            self._shown = task.id
            self.failures.restart()


def _where(task: Task, index: int) -> str:
    """Give the number of a record, and its entity type where there are several."""
    place = task.place(index)
    told = f"{place.number:,}"
    return f"{told} of {place.title}" if place.title else told


def _downloads() -> tuple[MenuItem, ...]:
    return tuple(each for each in MenuItem if each is not MenuItem.CANCEL)
