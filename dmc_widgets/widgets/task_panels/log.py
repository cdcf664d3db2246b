"""The log of a task: what it did, in sentences with their times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ipywidgets as ipw

from ...center.task_course import LogEntry
from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ...states.type_names import name_types
from ..controls import Column, PagedTable
from .task_panel import TaskPanel

_COLUMNS = (
    Column("at", lazy("Time"), kind="moment", sortable=True, width="190px"),
    Column("text", lazy("Event"), kind="long"),
)


class LogRows:
    """The log of the task in view as the rows of a table."""

    def __init__(self, session: DashboardSession) -> None:
        self._session = session
        self._entries: list[LogEntry] = []

    def load(self, task: Task) -> None:
        """Read the log of a task."""
        entries = self._session.center.tasks.log(task.id)
        self._entries = [
            replace(entry, text=name_types(entry.text, task)) for entry in entries
        ]

    def count(self, _query: str) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def rows(
        self, offset: int, limit: int, sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of time or against it."""
        numbered = [*enumerate(self._entries)]
        if sort is not None and sort[1]:
            numbered.reverse()
        return [
            {"key": str(number), "at": entry.at, "text": entry.text}
            for number, entry in numbered[offset : offset + limit]
        ]


class LogPanel(TaskPanel):
    """A table of what the task did, which is read again as the task goes on."""

    title = lazy("Log")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the table."""
        self._rows = LogRows(self.session)
        self.table = PagedTable(
            self._rows, _COLUMNS, label=_("Log"), sort=("at", False), dense=True
        )
        return [self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True: each task has at least been queued."""
        del task
        return True

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Read the log again."""
        self._rows.load(task)
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()
