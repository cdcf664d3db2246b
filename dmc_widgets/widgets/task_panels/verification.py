"""What a verification has found: counts, a table of what differs, and the report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets as ipw

from ...center.verification import VerificationReport, format_verified_value
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.task import Task
from ...model.verification import MismatchKind
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ...states.stored_texts import translate_text
from ...states.type_names import format_part_title
from ..controls import Column, DownloadButton, PagedTable
from ..parts.form_inputs import (
    add_classes,
    call_on_change,
    choice_field,
    html,
    set_visible,
    spacer,
)
from ..theme import render_alert, render_time
from .task_panel import TaskPanel

_PART_COLUMNS = (
    Column("part", lazy("Type")),
    Column("expected", lazy("Expected"), align="end"),
    Column("equal", lazy("Equal"), align="end"),
    Column("different", lazy("Different"), align="end"),
    Column("missing", lazy("Missing"), align="end"),
    Column("surplus", lazy("Surplus"), align="end"),
    Column("unverified", lazy("Not Verified"), align="end"),
)
_COLUMNS = (
    Column("record", lazy("Record"), align="end"),
    Column("part", lazy("Type")),
    Column("code", lazy("External Reference Code")),
    Column("state", lazy("State"), kind="status"),
    Column("field", lazy("Field")),
    Column("expected", lazy("Expected")),
    Column("actual", lazy("In the Target")),
)
_STYLES = {
    MismatchKind.DIFFERENT: "warning",
    MismatchKind.MISSING: "danger",
    MismatchKind.SURPLUS: "info",
}


class PartRows:
    """The counts of the parts of a verification as the rows of a table."""

    def __init__(self) -> None:
        self.report: VerificationReport | None = None

    def count(self, _query: str) -> int:
        """Return the number of parts."""
        return len(self.report.result.parts) if self.report else 0

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the task."""
        parts = self.report.result.parts if self.report else ()
        names = ("expected", "equal", "different", "missing", "surplus", "unverified")
        return [
            {
                "key": str(number),
                "part": format_part_title(part.title),
                **{name: format_number(getattr(part, name)) for name in names},
            }
            for number, part in enumerate(parts[offset : offset + limit], start=offset)
        ]


class MismatchRows:
    """What is not as expected, a row an item, with the fields that differ."""

    def __init__(self) -> None:
        self.report: VerificationReport | None = None
        self.kind: str = ""

    def count(self, _query: str) -> int:
        """Return the number of items."""
        return self.report.count(self.kind or None) if self.report else 0

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order in which they were found."""
        page = self.report.page(offset, limit, self.kind or None) if self.report else []
        return [
            {
                "key": str(number),
                "record": format_number(one.record) if one.record else "",
                "part": format_part_title(one.part),
                "code": f"{one.key} ({one.site})" if one.site else one.key,
                "state": (
                    translate_word(one.kind.value.capitalize()),
                    _STYLES[one.kind],
                ),
                "field": ", ".join(field.field for field in one.fields),
                "expected": one.note
                or "; ".join(format_verified_value(x.expected) for x in one.fields),
                "actual": "; ".join(
                    format_verified_value(x.actual) for x in one.fields
                ),
            }
            for number, one in enumerate(page, start=offset)
        ]


class VerificationPanel(TaskPanel):
    """The latest verification of the task in view, with its report."""

    title = lazy("Verification")

    def __init__(self, session: DashboardSession, guard: Any) -> None:
        self._parts, self._mismatches = PartRows(), MismatchRows()
        self._report: VerificationReport | None = None
        self._read: tuple[int, str] | None = None
        super().__init__(session, guard)

    def build(self) -> list[ipw.Widget]:
        """Build the summary, the tables and the downloads."""
        self.summary = html("")
        self.counts = PagedTable(
            self._parts, _PART_COLUMNS, label=_("Verification by Type")
        )
        options = [
            (_("All"), ""),
            *((translate_word(x.value.capitalize()), x.value) for x in MismatchKind),
        ]
        self.kind = choice_field(_("State"), options)
        self.page = DownloadButton(_("Report"), self._open_page, look="secondary")
        self.data = DownloadButton(
            _("Report as JSON"), self._open_data, look="secondary"
        )
        self.table = PagedTable(
            self._mismatches,
            _COLUMNS,
            label=_("Not as Expected"),
            empty_text=_("Everything is as expected."),
        )
        call_on_change(self.kind, "selected", self._filter)
        self.bar = add_classes(
            ipw.HBox([self.kind, spacer(), self.page, self.data]), "dmc-toolbar"
        )
        return [self.summary, self.counts, self.bar, self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True if there is a verification of the task, or by it."""
        state = (task.id, task.modified)
        if self._read != state:  # asked for again only when the task has changed
            self._report = self.session.center.tasks.verification(task)
            self._read = state
        return self._report is not None

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Show the counts, and read the rows in view again."""
        report = self._report
        if report is None:
            return
        self._parts.report = self._mismatches.report = report
        text, made = translate_text(report.summary), ""
        if report.maker != task.id:
            made = _("Task {task}, {time}").format(
                task=report.maker, time=render_time(report.result.ended)
            )
        alert = render_alert(text, "success" if report.is_equal else "warning")
        self.summary.value = f'{alert}<p class="dmc-help">{made}</p>' if made else alert
        if is_other:
            self.kind.selected = ""
        set_visible(self.table, not report.is_equal)
        set_visible(self.kind, not report.is_equal)
        for table in (self.counts, self.table):
            if is_other:
                table.restart()
            else:
                table.refresh()

    def _filter(self) -> None:
        self._mismatches.kind = self.kind.selected
        self.table.restart()

    def _open_page(self) -> tuple[str, Iterable[bytes]]:
        return self._name("html"), self._report.html_chunks() if self._report else []

    def _open_data(self) -> tuple[str, Iterable[bytes]]:
        return self._name("json"), self._report.json_chunks() if self._report else []

    def _name(self, extension: str) -> str:
        maker = self._report.maker if self._report else 0
        return f"verification-{maker}.{extension}"
