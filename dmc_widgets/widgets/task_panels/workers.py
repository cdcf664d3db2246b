"""The workers of a divided import: what each has done, and what it works on."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ...center.task_course import WorkerShare
from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task
from ..controls import Column, PagedTable
from .task_panel import TaskPanel

_COLUMNS = (
    Column("name", lazy("Worker")),
    Column("partition", lazy("Partition"), kind="number"),
    Column("records", lazy("Records"), kind="number"),
    Column("state", lazy("State")),
)
_WORKING = lazy("At work")
_DONE = lazy("Done")


class WorkerRows:
    """The workers of the task in view as the rows of a table."""

    def __init__(self) -> None:
        self.shares: list[WorkerShare] = []

    def count(self, _query: str) -> int:
        """Return the number of workers."""
        return len(self.shares)

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of their first partitions."""
        return [
            {
                "key": share.name,
                "name": share.name,
                "partition": share.partitions[-1],
                "records": share.records,
                "state": _(_WORKING if share.is_running else _DONE),
            }
            for share in self.shares[offset : offset + limit]
        ]


class WorkersPanel(TaskPanel):
    """A table of the workers, which is read again as the task goes on."""

    title = lazy("Workers")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the table."""
        self._rows = WorkerRows()
        self.table = PagedTable(self._rows, _COLUMNS, label=_("Workers"), dense=True)
        return [self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True for an import by several workers."""
        return bool(self.session.center.tasks.workers(task.id))

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Read what the workers have done again."""
        self._rows.shares = self.session.center.tasks.workers(task.id)
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()
