"""The view of a task: its progress, counts and buttons, as markup and as widgets.

Texts that are not ours, such as file names, are escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as ipw

from ...center import Center
from ...model.outcome import OutcomeKind
from ...model.task import Task, TaskPart, TaskStatus
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.task_list_state import STATUS_KINDS, TaskMenuItem, list_menu_items
from ...states.task_state import (
    compute_percent,
    format_headline,
    format_progress,
    list_details,
)
from ..controls import DownloadButton, read_chunks
from ..theme import render_alert, render_badge
from .form_inputs import button, html, set_visible
from .guard import Guard

_OUTCOME_KINDS = {
    OutcomeKind.CREATED: "success",
    OutcomeKind.UPDATED: "info",
    OutcomeKind.UNCHANGED: "secondary",
    OutcomeKind.SKIPPED: "skipped",
    OutcomeKind.FAILED: "danger",
    OutcomeKind.UNKNOWN: "warning",
}

EXPORT_FILE_NAME = "Export.zip"


def open_task_file(
    center: Center, task_id: int, item: TaskMenuItem
) -> tuple[str, Iterable[bytes]]:
    """Return the name and the bytes of the file that a menu item downloads.

    Raises:
        UnknownName: The task does not exist, or it has no such file.
    """
    if item is TaskMenuItem.ERROR_REPORT:
        return f"error-report-{task_id}.csv", center.tasks.report_chunks(task_id)
    path = center.tasks.file(task_id)
    if item is TaskMenuItem.EXPORTED_FILE:
        return EXPORT_FILE_NAME, read_chunks(path)
    return center.tasks.get(task_id).original_file or path.name, read_chunks(path)


class TaskProgress(ipw.VBox):
    """The status of a task, its progress, its counts by outcome, and its notes."""

    def __init__(self) -> None:
        self.status, self.progress = html(""), html("")
        self.counts, self.parts, self.notes = html(""), html(""), html("")
        super().__init__(
            [self.status, self.progress, self.counts, self.parts, self.notes]
        )

    def show_task(self, task: Task) -> None:
        """Show the current state of *task*."""
        self.status.value = render_status(task)
        self.progress.value = render_progress(task)
        self.counts.value = render_counts(task)
        self.parts.value = render_parts(task)
        self.notes.value = render_notes(task)
        for part in (self.counts, self.parts, self.notes):
            set_visible(part, bool(part.value))


class TaskButtons(ipw.HBox):
    """The downloads of the task in view, and the button that cancels it.

    Args:
        session: The session, whose task is in view.
        guard: Shows the errors of the buttons.
        labels: The labels of the downloads, in their order.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        labels: Mapping[TaskMenuItem, str],
    ) -> None:
        self._session = session
        self.downloads = {
            item: DownloadButton(
                label, self._build_opener(item), look=_button_look(item)
            )
            for item, label in labels.items()
        }
        self.cancel = button("Cancel")
        self.cancel.on_click(guard.on_click(self._cancel))
        super().__init__([*self.downloads.values(), self.cancel])
        self.add_class("dmc-toolbar")

    def show_task(self, task: Task) -> None:
        """Show the buttons that *task* offers now."""
        items = list_menu_items(task)
        for item, download in self.downloads.items():
            set_visible(download, item in items)
        set_visible(self.cancel, TaskMenuItem.CANCEL in items)

    def _build_opener(self, item: TaskMenuItem) -> Callable[[], Any]:
        return lambda: open_task_file(self._session.center, self._task_id(), item)

    def _cancel(self) -> None:
        self._session.cancel_task(self._task_id())

    def _task_id(self) -> int:
        task = self._session.task.task
        return task.id if task else 0


def _button_look(item: TaskMenuItem) -> str:
    return "primary" if item is TaskMenuItem.EXPORTED_FILE else "secondary"


def observe_task(
    session: DashboardSession, page: DashboardPage, show_task: Callable[[Task], None]
) -> None:
    """Call *show_task* when *page* is in view and the task of *session* changes."""

    def follow(_change: object) -> None:
        if session.task.task is not None and session.dashboard.page is page:
            show_task(session.task.task)

    session.task.observe(follow, "task")
    session.dashboard.observe(follow, "page")


def render_status(task: Task) -> str:
    """Render the headline of the task, with its status beside it."""
    sentence = escape(format_headline(task))
    label = render_badge(task.status.value, STATUS_KINDS[task.status])
    return (
        '<div role="status" class="dmc-run-status">'
        f"<span>{sentence}</span>{label}</div>"
    )


def render_progress(task: Task) -> str:
    """Render the progress bar while the task runs, and the rate of its records."""
    rate = f'<div class="dmc-run-pace">{escape(format_progress(task))}</div>'
    if task.status.is_final:
        return rate
    # Without a known total the bar is indeterminate.
    is_indeterminate = task.status is TaskStatus.QUEUED or not task.progress.of
    value = "" if is_indeterminate else f' value="{compute_percent(task)}"'
    name = "Progress of the task"
    return (
        f'<progress class="dmc-progress" max="100"{value} aria-label="{name}">'
        f"</progress>{rate}"
    )


def render_details(task: Task) -> str:
    """Render the labels and values of the details page."""
    pairs = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in list_details(task)
    )
    return f"<dl>{pairs}</dl>"


def render_counts(task: Task) -> str:
    """Render the number of records by outcome: a bar and a legend in words.

    While the task runs the bar is left out, because a progress bar is there.
    """
    if task.counts.total == 0:
        return ""
    counts = {kind: getattr(task.counts, kind.value) for kind in OutcomeKind}
    numbers = {kind: number for kind, number in counts.items() if number}
    parts = "".join(
        f'<span class="dmc-part dmc-{_OUTCOME_KINDS[kind]}" '
        f'style="flex-grow:{number}"></span>'
        for kind, number in numbers.items()
    )
    legend = "".join(
        f'<li><span class="dmc-dot dmc-{_OUTCOME_KINDS[kind]}"></span>'
        f"<strong>{number:,}</strong> {_outcome_word(task, kind)}</li>"
        for kind, number in numbers.items()
    )
    bar = f'<div class="dmc-parts" aria-hidden="true">{parts}</div>'
    return (
        f"{bar if task.status.is_final else ''}"
        f'<ul class="dmc-legend" aria-label="Records by outcome">{legend}</ul>'
    )


def render_parts(task: Task) -> str:
    """Render a table with a row for each entity type of a task of several."""
    if not task.parts:
        return ""
    kinds = [kind for kind in OutcomeKind if getattr(task.counts, kind.value)]
    words = ["Records", *(_outcome_word(task, kind).capitalize() for kind in kinds)]
    heads = "".join(f'<th scope="col" class="dmc-number">{word}</th>' for word in words)
    rows = "".join(_render_part(part, kinds) for part in task.parts)
    return (
        '<table class="dmc-task-parts" aria-label="Entity Types"><thead><tr>'
        '<th scope="col">Entity Type</th><th scope="col">Status</th>'
        f"{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _render_part(part: TaskPart, kinds: Sequence[OutcomeKind]) -> str:
    numbers = [part.counts.total, *(getattr(part.counts, kind.value) for kind in kinds)]
    cells = "".join(f'<td class="dmc-number">{number:,}</td>' for number in numbers)
    status = render_badge(part.status.value, STATUS_KINDS[part.status])
    return f'<tr><th scope="row">{escape(part.title)}</th><td>{status}</td>{cells}</tr>'


def render_notes(task: Task) -> str:
    """Render why the task stopped, and its notes."""
    is_in_headline = task.status in {TaskStatus.FAILED, TaskStatus.INACTIVE}
    has_error = task.error and not is_in_headline
    alerts = [render_alert(task.error, "danger")] if has_error else []
    alerts += [render_alert(note, "info") for note in task.notes]
    return "".join(alerts)


def _outcome_word(task: Task, kind: OutcomeKind) -> str:
    is_written = task.action == "Export" and kind is OutcomeKind.CREATED
    return "written" if is_written else kind.value
