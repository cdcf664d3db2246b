"""The failed records of a task, to be mended and tried again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as ipw

from ...center.repair_table import can_repair
from ...formats import FORMATS
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.failure_group import FailureGroup
from ...model.task import Task
from ...states.actions.repairs import (
    add_key,
    can_mend,
    check_mends,
    choose_part,
    discard_mends,
    empty_field,
    load_failures,
    mend_record,
    replace_value,
    retry_failures,
    take_mended_file,
)
from ...states.repair_state import ShownRecords, describe_mends, group_key
from ...states.toolkit.calls import retry_code
from ..controls import CodeButtons, DownloadButton, PagedTable, UploadControl
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    choice_field,
    heading,
    html,
    set_visible,
    spacer,
)
from ..parts.repair_rows import (
    GROUP_COLUMNS,
    NEW_KEY,
    RecordRows,
    build_group_row,
    column_of,
    list_record_columns,
)
from ..parts.table_rows import ListRows
from ..theme import render_alert
from .task_panel import TaskPanel

_ACCEPTED = [*FORMATS.readable_suffixes(), ".zip", ".gz"]
_FORMATS = [
    (lazy("As the Original"), ""),
    *((x, x) for x in ("CSV", "XLSX", "JSON", "JSONL")),
]
_HELP = lazy(
    "Type the right values into the table. Or download the failed records, mend them "
    "in a spreadsheet, and upload the file. What you mend is kept with the task until "
    "you retry it, also when this page is closed. What is in already is not written "
    "again."
)
_NOT_KEPT = lazy(
    "Your last changes are on this page only. Retry them before you close or reload it."
)
_GROUPS_HELP = lazy(
    "A value that is wrong in many records is mended once, for all of them."
)


class RepairPanel(TaskPanel):
    """Shows failed records, and mends them cell by cell, by groups or by a file."""

    title = lazy("Failed Records")

    def build(self) -> list[ipw.Widget]:
        """Build the files, the tables and the buttons."""
        self._state = self.session.repair
        self._loaded: tuple[int, str] | None = None
        self._rows = RecordRows(self.session)
        self._build_files()
        self._build_groups()
        self._build_records()
        self._build_buttons()
        state = self._state
        call_on_change(state, ["mends", "refused", "replaced"], self._show_mends)
        call_on_change(state, "columns", self._show_columns)
        call_on_change(state, ["groups", "parts"], self._show_choices)
        call_on_change(state, ["notice", "fault"], self._show_notice)
        self.files = add_classes(
            ipw.HBox([ipw.VBox([self.format, self.download]), self.upload]),
            "dmc-repair-files",
        )
        self.filters = add_classes(
            ipw.HBox([self.part, self.problem, self.shown]), "dmc-toolbar"
        )
        return [
            self.help,
            self.files,
            self.many,
            self.filters,
            self.table,
            self.notice,
            self.bar,
            self.code,
        ]

    def format_note(self, task: Task) -> str:
        """Return the number of failed records."""
        return format_number(task.counts.failed)

    def is_offered(self, task: Task) -> bool:
        """Return True for a run with failed records, which can be tried again."""
        return can_repair(task) and task.counts.failed > 0

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Show the failed records, which can be mended once the task has ended."""
        is_open = can_mend(task)
        self._rows.is_locked = not is_open
        seen = (task.id, task.modified if task.status.is_final else "")
        if is_other or self._loaded != seen:
            load_failures(self.session, task)
            self._loaded = seen
        if is_other:
            self.upload.reset()
            self.problem.selected = ()
        for widget in (self.help, self.files, self.bar, self.code):
            set_visible(widget, is_open)
        self._show_choices()
        self._show_mends()
        if is_other:
            self.table.restart()

    def _build_files(self) -> None:
        self.help = html(_HELP, "dmc-help")
        self.format = choice_field(_("Format"), _FORMATS)
        self.download = DownloadButton(
            _("Download Failed Records"), self._open_file, look="secondary"
        )
        self.upload = UploadControl(
            self.session.center.files.new_upload,
            self._take_file,
            label=_("Mended File"),
            accept=_ACCEPTED,
        )

    def _build_groups(self) -> None:
        self.groups = PagedTable(
            ListRows(self._find_groups, self._build_group),
            GROUP_COLUMNS,
            label=_("The Same Problem in Many Records"),
            page_size=10,
        )
        self.groups.on_edit = lambda key, _column, text: self._with_group(
            key, replace_value, text
        )
        self.groups.on_action = lambda key, action: self._with_group(
            key, add_key if action == NEW_KEY else empty_field
        )
        self.many = add_classes(
            ipw.VBox(
                [
                    heading(_("The Same Problem in Many Records"), 3),
                    html(_GROUPS_HELP, "dmc-help"),
                    self.groups,
                ]
            ),
            "dmc-stack",
        )

    def _build_records(self) -> None:
        self.part = choice_field(_("Entity Type"))
        self.problem = choice_field(_("Problem"), [(_("All"), ())])
        self.shown = choice_field(_("Show"), self._state.shown_options())
        self.table = PagedTable(
            self._rows,
            list_record_columns(self._state),
            label=_("Failed Records"),
            page_size=10,
            searchable=True,
            search_label=_("Search Failed Records"),
        )
        self.table.add_class("dmc-repair")
        self.table.on_edit = lambda key, column, text: self.guard.run(
            mend_record, self.session, int(key), column_of(column), text
        )
        call_on_change(self.part, "selected", self.guard.on_change(self._choose_part))
        for choice in (self.problem, self.shown):
            call_on_change(choice, "selected", self._filter)

    def _build_buttons(self) -> None:
        self.notice, self.summary = html(""), html("", "dmc-help")
        self.discard = button(_("Discard Changes"))
        self.discard.on_click(self.guard.on_click(discard_mends, self.session))
        self.retry = button(_("Retry Mended Records"), "primary")
        self.retry.on_click(self.guard.on_click(self._retry))
        self.check = button(_("Check"))
        self.check.on_click(self.guard.on_click(check_mends, self.session))
        parts = [self.summary, spacer(), self.discard, self.check, self.retry]
        self.bar = add_classes(ipw.HBox(parts), "dmc-toolbar")
        self.code = CodeButtons(partial(retry_code, self.session))

    def _find_groups(self, _query: str) -> list[FailureGroup]:
        """Return the groups that are worth a line, while they can be mended."""
        if self._rows.is_locked:
            return []
        return [x for x in self._state.groups if x.number > 1 or x.code == NEW_KEY]

    def _build_group(self, group: FailureGroup) -> dict[str, Any]:
        return build_group_row(
            group,
            self._state.replaced.get(group_key(group), ""),
            can_add_key=not self._state.parts,
        )

    def _with_group(self, key: str, action: Any, *args: str) -> None:
        for group in self._state.groups:
            if group_key(group) == key:
                self.guard.run(action, self.session, group, *args)

    def _show_choices(self) -> None:
        self.problem.set_options(self._state.problem_options())
        self.part.set_options((title, title) for title in self._state.parts)
        set_visible(self.part, len(self._state.parts) > 1)
        self.groups.refresh()
        set_visible(self.many, bool(self._find_groups("")))

    def _show_columns(self) -> None:
        self.table.show_columns(list_record_columns(self._state))

    def _show_mends(self) -> None:
        options = self._state.shown_options()
        self.shown.set_options(options)
        if self._state.shown not in {shown for _, shown in options}:
            self._state.show_only(ShownRecords.ALL)
        self.shown.selected = self._state.shown
        self.table.refresh()
        self.groups.refresh()
        task, is_mended = self.session.task.task, bool(self._state.mends)
        self.summary.value = escape(describe_mends(task, self._state)) if task else ""
        self.discard.disabled = self.retry.disabled = not is_mended
        if not is_mended and self.upload.state == "done":
            self.upload.reset()

    def _show_notice(self) -> None:
        state = self._state
        notice = render_alert(state.notice, "info") if state.notice else ""
        if state.fault:
            notice += render_alert(f"{_NOT_KEPT} {state.fault}", "warning")
        self.notice.value = notice

    def _choose_part(self) -> None:
        if self.part.selected and self.part.selected != self._state.part:
            choose_part(self.session, self.part.selected)
            self.table.restart()

    def _filter(self) -> None:
        self._state.problem = self.problem.selected or ()
        self._state.show_only(self.shown.selected or ShownRecords.ALL)
        self._show_columns()
        self.table.restart()

    def _open_file(self) -> tuple[str, Iterable[bytes]]:
        repair, number = self.session.center.repair, self._state.task_id
        name = repair.file_name(number, self.format.selected)
        return name, repair.file_chunks(number, self.format.selected)

    def _take_file(self, path: Path, name: str) -> None:
        self.session.dashboard.message = None
        take_mended_file(self.session, path, name)

    def _retry(self) -> None:
        if self.session.task.task is not None:
            retry_failures(self.session, self.session.task.task)
