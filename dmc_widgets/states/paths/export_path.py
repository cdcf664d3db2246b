"""The export as a path: Source, Fields, Records, Run, Result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...languages import format_number
from ...languages import gettext as _
from ..dashboard_state import DashboardPage, DashboardState
from ..export_state import ExportState
from ..filtering.match_count_state import MatchCountState
from ..task_state import TaskState
from .form_path import FormPath
from .steps import Blocker, Step, StepStatus, status_of_step

SOURCE: Final = "source"
FIELDS: Final = "fields"
RECORDS: Final = "records"
RUN: Final = "run"
RESULT: Final = "result"
FORM_STEPS: Final = (SOURCE, FIELDS, RECORDS)
"""The steps of the form itself; people may go between them at any time."""

_FORM_TRAITS: Final = (
    *("entity", "entity_types", "format", "format_problem", "fields", "selected"),
    *("filter", "filter_gap", "filter_problem", "sort", "sort_problem", "search"),
)


class ExportPath(FormPath):
    """Which step of the export is in view, and what stands in the way of the others.

    Args:
        form: The state of the export form.
        count: How many records the filter finds.
        dashboard: The state of the page.
        task: The state of the task in view.
    """

    form_steps = FORM_STEPS

    def __init__(
        self,
        form: ExportState,
        count: MatchCountState,
        dashboard: DashboardState,
        task: TaskState,
    ) -> None:
        self._form, self._count = form, count
        self._dashboard, self._task = dashboard, task
        super().__init__()
        form.observe(self._derive, [*_FORM_TRAITS])
        count.observe(self._derive, ["count"])
        dashboard.observe(self._derive, ["page", "installation"])
        task.observe(self._derive, ["task"])

    def _find_current(self) -> str:
        if self._dashboard.page is DashboardPage.EXPORTING:
            task = self._task.task
            return RESULT if task is not None and task.status.is_final else RUN
        return str(self.step)

    def _list_blockers(self) -> Iterator[Blocker]:
        form = self._form
        if form.entity_type is None:
            yield Blocker(SOURCE, "entity", _("No entity type has been selected."))
        elif form.format_problem:
            yield Blocker(SOURCE, "format", form.format_problem)
        elif not form.selected:
            yield Blocker(FIELDS, "fields", _("No field has been selected."))
        if form.filter_problem or form.filter_gap:
            yield Blocker(RECORDS, "filter", form.filter_problem or form.filter_gap)
        if form.sort_problem:
            yield Blocker(RECORDS, "sort", form.sort_problem)

    def _list_steps(self) -> Iterator[Step]:
        form = self._form
        has_fields = bool(form.fields)
        notes = (self._describe_source(), self._describe_fields(), self._describe())
        labels = (_("Source"), _("Fields"), _("Records"))
        for key, label, note in zip(FORM_STEPS, labels, notes, strict=True):
            has_content = has_fields or (key == RECORDS and bool(self.blockers_of(key)))
            yield Step(key, label, self._status(key, has_content=has_content), note)
        run = result = StepStatus.LATER
        if self.current == RUN:
            run = StepStatus.RUNNING
        elif self.current == RESULT:
            run = result = StepStatus.DONE
        yield Step(RUN, _("Run"), run, is_reachable=False)
        yield Step(RESULT, _("Result"), result, is_reachable=False)

    def _status(self, key: str, *, has_content: bool) -> StepStatus:
        if self.current in {RUN, RESULT}:
            return StepStatus.DONE
        return status_of_step(key, self.blockers, has_content=has_content)

    def _describe_source(self) -> str:
        entity_type = self._form.entity_type
        if entity_type is None:
            return ""
        return f"{entity_type.short_name} · {self._form.format}"

    def _describe_fields(self) -> str:
        form = self._form
        if not form.fields:
            return ""
        number, total = len(form.selected), len(form.fields)
        return _("{number} of {total}").format(number=number, total=total)

    def _describe(self) -> str:
        form = self._form
        if not form.fields:
            return ""
        count = self._count.count
        if count is not None:
            return _("{number} of {total}").format(
                number=format_number(count.matching), total=format_number(count.total)
            )
        return _("Filtered") if form.filter or form.search else _("All records")
