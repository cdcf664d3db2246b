"""What can be done with the selected tasks of a list, at once."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile

import ipywidgets as ipw

from ...center import Center
from ...languages import format_number, ngettext
from ...languages import gettext as _
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ...states.task_actions.bulk import (
    BULK_ACTIONS,
    confirm_bulk_action,
    format_bulk_question,
    read_selected,
    request_bulk_action,
)
from ..controls import DownloadButton
from .confirmation import Confirmation
from .form_inputs import add_classes, button, call_on_change, html, set_visible
from .guard import Guard

_CHUNK_BYTES = 1 << 20


class BulkBar(ipw.VBox):
    """The number of selected tasks, the actions on them, and their downloads.

    Args:
        session: The session, whose list has the selection.
        guard: Shows errors.

    Attributes:
        buttons: The buttons by the labels of their actions.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.text = html("", "dmc-bulk-text")
        self.buttons = {one.label: button(one.label) for one in BULK_ACTIONS}
        for label, widget in self.buttons.items():
            widget.on_click(guard.on_click(request_bulk_action, session, label))
        self.reports = DownloadButton(
            _("Download Error Reports"), self._open_reports, look="secondary"
        )
        self.table = DownloadButton(
            _("Download as CSV"), self._open_table, look="secondary"
        )
        self.clear = button(_("Clear Selection"), "link")
        self.clear.on_click(lambda _button: setattr(session.tasks, "selected", ()))
        self.confirmation = Confirmation(
            _("Confirm"), guard.on_change(confirm_bulk_action, session)
        )
        parts = [self.text, *self.buttons.values(), self.reports, self.table]
        bar = add_classes(ipw.HBox([*parts, self.clear]), "dmc-bulk", "dmc-toolbar")
        super().__init__([bar, self.confirmation])
        self.confirmation.decline.on_click(lambda _button: self._decline())
        call_on_change(session.tasks, ["selected", "tasks"], self._show)
        call_on_change(session.tasks, "asked", self._ask)
        self._show()

    def _show(self) -> None:
        selected = self._session.tasks.selected
        set_visible(self, bool(selected))
        if not selected:
            self._session.tasks.asked = ""
            return
        text = ngettext("{count} selected", "{count} selected", len(selected))
        text = text.format(count=format_number(len(selected)))
        self.text.value = f'<span role="status">{text}</span>'
        tasks = read_selected(self._session)
        for action in BULK_ACTIONS:
            self.buttons[action.label].disabled = not any(map(action.is_offered, tasks))
        set_visible(self.reports, any(task.counts.failed for task in tasks))

    def _ask(self) -> None:
        label = self._session.tasks.asked
        if not label:
            self.confirmation.hide()
            return
        self.confirmation.confirm.description = _(label)
        self.confirmation.ask(format_bulk_question(self._session))

    def _decline(self) -> None:
        self._session.tasks.asked = ""

    def _open_reports(self) -> tuple[str, Iterable[bytes]]:
        tasks = [task for task in read_selected(self._session) if task.counts.failed]
        return "error-reports.zip", _zip_reports(self._session.center, tasks)

    def _open_table(self) -> tuple[str, Iterable[bytes]]:
        return "tasks.csv", [_write_table(read_selected(self._session))]


def _zip_reports(center: Center, tasks: Iterable[Task]) -> Iterator[bytes]:
    with TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for task in tasks:
                with archive.open(f"error-report-{task.id}.csv", "w") as entry:
                    for piece in center.tasks.report_chunks(task.id):
                        entry.write(piece)
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _write_table(tasks: Iterable[Task]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            *("ID", "Name", "Action", _("Entity Type"), "Installation", "Author"),
            *(_("Create Date"), "Status", "Successful", "Failed", "Total", "Error"),
        ]
    )
    for task in tasks:
        counts = task.counts
        texts = [task.name, task.action, task.entity_type, task.installation]
        row = [task.id, *map(_guard_formula, [*texts, task.author]), task.created]
        row += [task.status, counts.successful, counts.failed, counts.total]
        writer.writerow([*row, _guard_formula(task.error)])
    return text.getvalue().encode("utf-8-sig")


def _guard_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
