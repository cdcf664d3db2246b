"""What a task changes, by field and by loss, and record by record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets as ipw

from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.action import Action
from ...model.task import Task
from ...states.change_text import describe_changes
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_reason
from ...states.type_names import format_part_title
from ...states.value_text import format_value
from ..controls import Column, DownloadButton, PagedTable
from ..parts.form_inputs import (
    add_classes,
    call_on_change,
    checkbox,
    choice_field,
    html,
    set_visible,
    spacer,
)
from ..theme import render_alert
from .task_panel import TaskPanel

_COLUMNS = (
    Column("record", lazy("Record"), align="end"),
    Column("code", lazy("External Reference Code")),
    Column("field", lazy("Field")),
    Column("old", lazy("Old Value"), kind="long"),
    Column("new", lazy("New Value"), kind="long"),
    Column("lost", lazy("Lost"), kind="status"),
)
_MAX_CELL_CHARS = 500
_WITHOUT_CHANGES = frozenset({Action.EXPORT, Action.VERIFICATION, Action.BACKUP})


class ChangeRows:
    """The changes of the task in view as the rows of a table.

    Attributes:
        field: Only changes of this field; empty for all.
        lost: Only stored values that are gone.
    """

    def __init__(self, session: DashboardSession) -> None:
        self._session = session
        self.field, self.lost = "", False

    def count(self, _query: str) -> int:
        """Return the number of changes."""
        task = self._session.task.task
        if task is None:
            return 0
        tasks = self._session.center.tasks
        return tasks.count_changes(task.id, field=self.field, lost=self.lost)

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the file."""
        task = self._session.task.task
        if task is None:
            return []
        page = self._session.center.tasks.changes_page(
            task.id, offset, limit, field=self.field, lost=self.lost
        )
        return [
            {
                "key": str(number),
                "record": _describe_record(change),
                "code": change.erc,
                "field": change.field,
                "old": format_value(change.old)[:_MAX_CELL_CHARS],
                "new": format_value(change.new)[:_MAX_CELL_CHARS],
                "lost": (_("Lost"), "danger") if change.lost else ("", "secondary"),
            }
            for number, change in enumerate(page, start=offset)
        ]


class ChangesPanel(TaskPanel):
    """Counts by field first, while the task runs; then a table of all changes."""

    title = lazy("Changes")

    def build(self) -> list[ipw.Widget]:
        """Build the counts, the filter and the table."""
        self.summary = html("")
        self.field = choice_field(_("Field"), [(_("All"), "")])
        self.lost = checkbox(_("Only Lost Values"))
        self.download = DownloadButton(_("Download"), self._open_csv, look="secondary")
        self._rows = ChangeRows(self.session)
        self.table = PagedTable(
            self._rows,
            _COLUMNS,
            label=_("Changes"),
            empty_text=_("No stored value changes."),
        )
        call_on_change(self.field, "selected", self._filter)
        call_on_change(self.lost, "value", self._filter)
        bar = ipw.HBox([self.field, self.lost, spacer(), self.download])
        self.bar = add_classes(bar, "dmc-toolbar")
        return [self.summary, self.bar, self.table]

    def is_offered(self, task: Task) -> bool:
        """Return True once records were imported, or would be in a dry run."""
        return task.action not in _WITHOUT_CHANGES and task.counts.total > 0

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Show the counts by field, and read the rows in view again."""
        tasks = self.session.center.tasks
        summary = tasks.change_summary(task)
        text = describe_changes(task, summary)
        text = text or translate_reason(tasks.describe_no_changes(task))
        loses = any(one.lost for one in summary)
        self.summary.value = render_alert(text, "warning" if loses else "info")
        for widget in (self.bar, self.table):
            set_visible(widget, bool(summary))
        names = dict.fromkeys(sorted(one.field for one in summary))
        if is_other:
            self.field.selected, self.lost.value = "", False
        self.field.set_options([(_("All"), ""), *((name, name) for name in names)])
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()

    def _filter(self) -> None:
        self._rows.field, self._rows.lost = self.field.selected, self.lost.value
        self.table.restart()

    def _open_csv(self) -> tuple[str, Iterable[bytes]]:
        task = self.session.task.task
        number = task.id if task else 0
        pieces = self.session.center.tasks.changes_csv(
            number, field=self._rows.field, lost=self._rows.lost
        )
        return f"changes-{number}.csv", pieces


def _describe_record(change: Any) -> str:
    number = format_number(change.number)
    if not change.part:
        return number
    return _("{number} of {title}").format(
        number=number, title=format_part_title(change.part)
    )
