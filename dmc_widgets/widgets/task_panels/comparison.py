"""What is different about the task in view and another one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets as ipw

from ...center.reruns import ABSENT, TaskComparison, format_transition
from ...languages import format_number, isolate, lazy, resolve
from ...languages import gettext as _
from ...model.task import Task
from ...states.actions.comparisons import offer_comparison, start_comparison
from ...states.comparing.task_comparison_state import (
    CREATED_LABEL,
    list_task_differences,
)
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ..controls import Column, DownloadButton, PagedTable
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    choice_field,
    html,
    set_visible,
    spacer,
)
from ..parts.table_rows import ListRows
from ..theme import render_alert
from .task_panel import TaskPanel

_CHOICE_COLUMNS = (
    Column("label", ""),
    Column("first", lazy("This Task")),
    Column("second", lazy("Other Task")),
)
_RECORD_COLUMNS = (
    Column("record", lazy("Record")),
    Column("type", lazy("Type")),
    Column("first", lazy("This Task")),
    Column("second", lazy("Other Task")),
    Column("message", lazy("Message in This Task")),
    Column("message_2", lazy("Message in Other Task")),
)


class OutcomeRows:
    """The records with other outcomes as the rows of a table."""

    def __init__(self, session: DashboardSession) -> None:
        self._state = session.comparison

    def count(self, _query: str) -> int:
        """Return the number of records of the chosen transition."""
        result = self._state.result
        return 0 if result is None else len(result.select(self._state.transition))

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them."""
        result = self._state.result
        if result is None:
            return []
        page = result.select(self._state.transition).iloc[offset : offset + limit]
        return [
            {
                "key": str(number),
                "record": str(record[page.columns[0]]),
                "type": record.get("entityType", ""),
                "first": record["outcome"] or ABSENT,
                "second": record["outcome_2"] or ABSENT,
                "message": record["message"],
                "message_2": record["message_2"],
            }
            for number, record in enumerate(page.to_dict("records"), start=offset)
        ]


class ComparisonPanel(TaskPanel):
    """Selects another task, and shows which choices and outcomes differ."""

    title = lazy("Compare with Another Task")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the choice, the summary and the tables."""
        session, state = self.session, self.session.comparison
        self.other = add_classes(choice_field(_("Other Task")), "dmc-field-wide")
        self.compare = button(_("Compare"))
        self.compare.on_click(self.guard.on_click(start_comparison, session))
        self.summary = html("")
        self.choices = PagedTable(
            ListRows(self._find_choices, _build_choice_row),
            _CHOICE_COLUMNS,
            label=_("Choices and Results"),
            page_size=None,
        )
        self.transition = choice_field(_("Outcomes"), [(_("All"), 0)])
        self.download = DownloadButton(_("Download"), self._open_csv, look="secondary")
        self.table = PagedTable(
            OutcomeRows(session), _RECORD_COLUMNS, label=_("Other Outcomes")
        )
        bar = ipw.HBox([self.transition, spacer(), self.download])
        self.records = ipw.VBox([add_classes(bar, "dmc-toolbar"), self.table])
        self._shown: tuple[int, str] | None = None
        call_on_change(self.other, "selected", self._select_other)
        call_on_change(self.transition, "selected", self._select_transition)
        call_on_change(session.background, "is_busy", self._show_busy)
        call_on_change(state, ["others", "other"], self._show_others)
        call_on_change(state, "result", self._show_result)
        self._show_result()
        top = add_classes(ipw.HBox([self.other, self.compare]), "dmc-toolbar")
        return [top, self.summary, self.choices, self.records]

    def is_offered(self, task: Task) -> bool:
        """Return True for an ended task if there is another one to compare it with."""
        shown = task.id, task.status.value
        if task.status.is_final and shown != self._shown:
            self._shown = shown
            offer_comparison(self.session, task)
        is_comparable = task.status.is_final and not task.pruned
        return is_comparable and bool(self.session.comparison.others)

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Do nothing: what is compared changes by the person's choice alone."""

    def _show_others(self) -> None:
        state = self.session.comparison
        self.other.set_options((_describe(task), task.id) for task in state.others)
        self.other.selected = state.other

    def _select_other(self) -> None:
        state = self.session.comparison
        if self.other.selected and self.other.selected != state.other:
            state.other, state.result = self.other.selected, None

    def _select_transition(self) -> None:
        self.session.comparison.transition = self.transition.selected
        self.table.restart()

    def _show_busy(self) -> None:
        self.compare.disabled = self.session.background.is_busy

    def _show_result(self) -> None:
        state = self.session.comparison
        result = state.result
        for part in (self.summary, self.choices):
            set_visible(part, result is not None)
        set_visible(self.records, result is not None and len(result.records) > 0)
        if result is None:
            return
        is_alike = not len(result.records)
        self.summary.value = render_alert(
            result.summary, "success" if is_alike else "info"
        )
        self.transition.set_options([(_("All"), 0), *_transition_options(result)])
        self.transition.selected = 0
        self.choices.restart()
        self.table.restart()

    def _find_choices(self, _query: str) -> tuple[tuple[str, str, str], ...]:
        state = self.session.comparison
        if state.result is None:
            return ()
        return list_task_differences(state.tasks, state.result)

    def _open_csv(self) -> tuple[str, Iterable[bytes]]:
        state = self.session.comparison
        if state.result is None:
            return "", []
        first, second = (task.id for task in state.tasks)
        return f"comparison-{first}-{second}.csv", state.result.csv_chunks()


def _transition_options(result: TaskComparison) -> list[tuple[str, int]]:
    return [
        (f"{format_transition(one, two)} ({format_number(count)})", number)
        for number, (one, two, count) in enumerate(result.transitions, start=1)
    ]


def _build_choice_row(difference: tuple[str, str, str]) -> dict[str, Any]:
    label, first, second = difference
    is_time = label == CREATED_LABEL
    return {
        "key": label,
        "strong": True,
        "label": resolve(label),
        "first": {"time": first} if is_time else first,
        "second": {"time": second} if is_time else second,
    }


def _describe(task: Task) -> str:
    return f"{task.id}: {isolate(task.name)}, {translate_word(task.status)}"
