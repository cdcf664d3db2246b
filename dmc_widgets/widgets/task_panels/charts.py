"""The records of a task over time, by outcome, by rate and by error, as charts."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as ipw

from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.outcome import OutcomeKind
from ...model.task import Task
from ...states.model_words import translate_word
from ...states.task_charts import (
    ErrorCount,
    build_outcome_series,
    build_rate_series,
    count_errors,
)
from ..controls import Chart, chart_series
from ..parts.form_inputs import add_classes, set_visible
from ..parts.task_view import OUTCOME_COLORS
from .task_panel import TaskPanel

_MAX_LIVE_FAILURES = 5_000  # while the task runs; to group more takes a while


class ChartsPanel(TaskPanel):
    """Charts that grow while the task runs."""

    title = lazy("Records over Time")

    def build(self) -> list[ipw.Widget]:
        """Build the charts."""
        self.outcomes = Chart("area", title=_("Records by outcome"))
        self.rate = Chart("line", title=_("Records a second"))
        self.errors = Chart("bars", title=_("Failed records by error"))
        self._shown: tuple[object, ...] = ()
        charts = ipw.Box([self.outcomes, self.rate, self.errors])
        return [add_classes(charts, "dmc-columns", "dmc-charts")]

    def is_offered(self, task: Task) -> bool:
        """Return True once records were counted and the counts over time are kept."""
        if not task.counts.total or task.pruned:
            return False
        return bool(self.session.center.tasks.samples(task))

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Draw what has been added; at most with each report of the worker."""
        shown = (task.id, task.counts, task.status)
        if not is_other and shown == self._shown:
            return
        self._shown = shown
        samples = self.session.center.tasks.samples(task)
        outcomes = build_outcome_series(samples)
        series = [
            chart_series(
                translate_word(kind), OUTCOME_COLORS[OutcomeKind(kind)], values
            )
            for kind, values in outcomes.values.items()
        ]
        self.outcomes.show(outcomes.seconds, series, outcomes.summary)
        rate = build_rate_series(samples)
        lines = [
            chart_series(_("records a second"), "info", x) for x in rate.values.values()
        ]
        self.rate.show(rate.seconds, lines, rate.summary)
        self._show_errors(task)

    def _show_errors(self, task: Task) -> None:
        failed = task.counts.failed
        is_countable = task.status.is_final or failed <= _MAX_LIVE_FAILURES
        set_visible(self.errors, failed > 0 and is_countable)
        if failed and is_countable:
            errors = count_errors(self.session.center.repair.groups(task, 1_000))
            numbers = [float(error.number) for error in errors]
            self.errors.show(
                [error.text for error in errors],
                [chart_series(_("Failed records"), "danger", numbers)],
                _summarize(errors),
            )


def _summarize(errors: Sequence[ErrorCount]) -> str:
    return " ".join(f"{format_number(error.number)}: {error.text}" for error in errors)
