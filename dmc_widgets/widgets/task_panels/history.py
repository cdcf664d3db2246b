"""What happened to a task: each change of its status, and who asked for what."""

from __future__ import annotations

from itertools import islice
from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ...states.model_words import describe_counts, translate_word
from ...states.type_names import name_types
from ..controls import Column, PagedTable
from .task_panel import TaskPanel

_COLUMNS = (
    Column("at", lazy("Time"), kind="moment", width="190px"),
    Column("event", lazy("Event")),
    Column("author", lazy("Author")),
    Column("records", lazy("Records")),
    Column("detail", lazy("Detail"), kind="long"),
)
_MAX_EVENTS = 500


class HistoryRows:
    """The events of the task in view as the rows of a table, the newest first."""

    def __init__(self, session: DashboardSession) -> None:
        self._session = session
        self._events: list[dict[str, Any]] = []

    def load(self, task: Task) -> None:
        """Read the events of a task."""
        events = self._session.center.history.events(task.id)
        self._events = [
            {
                "key": str(event.id),
                "at": event.at,
                "event": translate_word(event.event),
                "author": event.author,
                "records": describe_counts(event.counts) if event.counts.total else "",
                "detail": name_types(event.detail, task),
            }
            for event in islice(events, _MAX_EVENTS)
        ]

    def count(self, _query: str) -> int:
        """Return the number of events."""
        return len(self._events)

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them."""
        return self._events[offset : offset + limit]


class HistoryPanel(TaskPanel):
    """A table of the events of a task, which is read again as its status changes."""

    title = lazy("History")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the table."""
        self._rows = HistoryRows(self.session)
        self._shown: tuple[int, str] | None = None
        self.table = PagedTable(self._rows, _COLUMNS, label=_("History"))
        return [self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True for a task that does not run now."""
        return task.status.is_final

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Read the events if the task or its status is another one."""
        shown = (task.id, f"{task.status} {task.modified}")
        if is_other or shown != self._shown:
            self._shown = shown
            self._rows.load(task)
            self.table.restart()
