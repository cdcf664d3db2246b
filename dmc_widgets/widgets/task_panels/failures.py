"""The failed records of a task."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ...center import Center
from ...center.repair_table import can_repair
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.plan import Action
from ...model.task import Task
from ...states.task_state import TaskState
from ...states.type_names import format_part_title, name_types
from ...states.value_text import format_json_value
from ..controls import Column, PagedTable
from .task_panel import TaskPanel

_COLUMNS = (
    Column("record", lazy("Record"), align="end"),
    Column("field", lazy("Field")),
    Column("value", lazy("Value")),
    Column("code", lazy("Code")),
    Column("message", lazy("Message"), kind="long"),
)


class FailureRows:
    """The failed records of the task in *state* as the rows of a table."""

    def __init__(self, center: Center, state: TaskState) -> None:
        self._center = center
        self._state = state

    def count(self, _query: str) -> int:
        """Return the number of failed records."""
        task = self._state.task
        return task.counts.failed if task else 0

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the file."""
        task = self._state.task
        if task is None or task.counts.failed == 0:
            return []
        return [
            {
                "key": str(failure.index),
                "record": format_place(task, failure.index),
                "field": failure.problem.field,
                "value": format_json_value(failure.problem.value),
                "code": failure.problem.code,
                "message": name_types(failure.problem.message, task),
            }
            for failure in self._center.tasks.failures(task.id, offset, limit)
        ]


class FailuresPanel(TaskPanel):
    """A table of the failed records, while there are any."""

    title = lazy("Failed Records")

    def build(self) -> list[ipw.Widget]:
        """Build the table."""
        rows = FailureRows(self.session.center, self.session.task)
        self.table = PagedTable(rows, _COLUMNS, label=_("Failed Records"))
        return [self.table]

    def format_note(self, task: Task) -> str:
        """Return the number of failed records."""
        return format_number(task.counts.failed)

    def is_offered(self, task: Task) -> bool:
        """Return True once a record has failed that is not mended in this task."""
        is_verification = task.action is Action.VERIFICATION
        return task.counts.failed > 0 and not is_verification and not can_repair(task)

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Read the rows in view again."""
        del task
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()


def format_place(task: Task, index: int) -> str:
    """Format the number of a record, and its entity type if there are several."""
    place = task.place(index)
    number = format_number(place.number)
    title = format_part_title(place.title)
    return (
        _("{number} of {title}").format(number=number, title=title) if title else number
    )
