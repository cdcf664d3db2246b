"""What became of each record of a task."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...model.outcome import OutcomeKind
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ...states.type_names import name_types
from ..controls import Column, FilterChips, PagedTable
from ..parts.form_inputs import call_on_change
from ..parts.task_view import OUTCOME_COLORS
from .failures import format_place
from .task_panel import TaskPanel

_COLUMNS = (
    Column("record", lazy("Record"), align="end", clip=True, width="160px"),
    Column("code", lazy("External Reference Code"), clip=True, width="30%"),
    Column("outcome", lazy("Outcome"), kind="status", width="110px"),
    Column("message", lazy("Message"), kind="long"),
)


class OutcomeRows:
    """The outcomes of the task in view as the rows of a table.

    Attributes:
        kind: Only records with this kind of outcome; empty for all.
    """

    def __init__(self, session: DashboardSession) -> None:
        self._session = session
        self.kind = ""

    def count(self, _query: str) -> int:
        """Return the number of records with an outcome."""
        task = self._session.task.task
        if task is None:
            return 0
        if self.kind:
            return int(getattr(task.counts, self.kind))
        return self._session.center.tasks.count_outcomes(task)

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the file."""
        task = self._session.task.task
        if task is None:
            return []
        page = self._session.center.tasks.outcomes_page(
            task, offset, limit, kind=self.kind or None
        )
        return [_build_row(task, record) for record in page]


def _build_row(task: Task, record: Any) -> dict[str, Any]:
    kind = record.outcome.kind
    return {
        "key": str(record.number),
        "record": format_place(task, record.number),
        "code": record.outcome.key,
        "outcome": (translate_word(kind), OUTCOME_COLORS[kind]),
        "message": name_types(record.message, task),
    }


class OutcomesPanel(TaskPanel):
    """A table of all records with their outcomes."""

    title = lazy("Outcomes")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the chips and the table."""
        self._rows = OutcomeRows(self.session)
        self.kinds = FilterChips(_("Outcome"))
        self.table = PagedTable(
            self._rows,
            _COLUMNS,
            label=_("Outcomes"),
            dense=True,
            empty_text=_("No outcome is recorded."),
        )
        call_on_change(self.kinds, "chosen", self._filter)
        return [self.kinds, self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True once outcomes are recorded; an export has none."""
        return bool(task.counts.total) and not task.pruned and self._has_outcomes(task)

    def _has_outcomes(self, task: Task) -> bool:
        return self.session.center.tasks.count_outcomes(task) > 0

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Show the counts, and read the rows in view again."""
        if is_other:
            self.kinds.chosen = ""
        self.kinds.set_chips(
            [
                ("", _("All"), task.counts.total),
                *(
                    (kind.value, translate_word(kind), number)
                    for kind in OutcomeKind
                    if (number := getattr(task.counts, kind.value))
                ),
            ]
        )
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()

    def _filter(self) -> None:
        self._rows.kind = self.kinds.chosen
        self.table.restart()
