"""The records that an undo left alone, each with the reason."""

from __future__ import annotations

from itertools import islice
from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...model.action import Action
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ..controls import Column, PagedTable
from .task_panel import TaskPanel

_COLUMNS = (
    Column("type", lazy("Entity Type")),
    Column("code", lazy("External Reference Code")),
    Column("reason", lazy("Why It Stayed")),
)


class KeptRows:
    """The kept records of the undo in view as the rows of a table."""

    def __init__(self, session: DashboardSession) -> None:
        self._session = session

    def count(self, _query: str) -> int:
        """Return the number of records that were left alone."""
        task = self._session.task.task
        return 0 if task is None else task.counts.skipped

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the undo."""
        task = self._session.task.task
        if task is None:
            return []
        records = self._session.center.tasks.undone_records(task)
        kept = (record for record in records if record.bucket in {"kept", "skipped"})
        return [
            {
                "key": str(number),
                "type": record.part or task.entity_type,
                "code": record.key,
                "reason": record.reason,
            }
            for number, record in enumerate(islice(kept, offset, offset + limit))
        ]


class KeptRecordsPanel(TaskPanel):
    """A table of what an undo left alone, while there is anything."""

    title = lazy("Left Alone")

    def build(self) -> list[ipw.Widget]:
        """Build the table."""
        self.table = PagedTable(
            KeptRows(self.session),
            _COLUMNS,
            label=_("Left Alone"),
            empty_text=_("Nothing was left alone."),
        )
        return [self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True for an undo that left something alone."""
        return task.action is Action.UNDO and task.counts.skipped > 0

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Read the rows in view again."""
        del task
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()
