"""What a task looks like: pieces of markup, with every text of strangers escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..model.outcome import OutcomeKind
from ..model.task import Task, TaskPart, TaskStatus
from ..states.task_list_state import STATUS_KINDS
from ..states.task_state import details, headline, pace, percent
from .theme import alert, badge

_OUTCOME_KINDS = {
    OutcomeKind.CREATED: "success",
    OutcomeKind.UPDATED: "info",
    OutcomeKind.UNCHANGED: "secondary",
    OutcomeKind.SKIPPED: "skipped",
    OutcomeKind.FAILED: "danger",
    OutcomeKind.UNKNOWN: "warning",
}


def status_markup(task: Task) -> str:
    """Return what the task is doing, with its status beside it."""
    sentence = escape(headline(task))
    label = badge(task.status.value, STATUS_KINDS[task.status])
    return (
        '<div role="status" class="dmc-run-status">'
        f"<span>{sentence}</span>{label}</div>"
    )


def progress_markup(task: Task) -> str:
    """Return the bar while the task runs, and how many records are done how fast."""
    told = f'<div class="dmc-run-pace">{escape(pace(task))}</div>'
    if task.status.is_final:
        return told
    # An unknown whole shows a bar that moves without a length.
    unknown = task.status is TaskStatus.QUEUED or not task.progress.of
    value = "" if unknown else f' value="{percent(task)}"'
    name = "Progress of the task"
    return (
        f'<progress class="dmc-progress" max="100"{value} aria-label="{name}">'
        f"</progress>{told}"
    )


def details_markup(task: Task) -> str:
    """Return label and value of everything that is known about the task."""
    pairs = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in details(task)
    )
    return f"<dl>{pairs}</dl>"


def counts_markup(task: Task) -> str:
    """Return the records by outcome: a bar, and a legend that says it in words.

    While the task runs there is another bar, which shows how far it has come.
    """
    numbers = {kind: getattr(task.counts, kind.value) for kind in OutcomeKind}
    if task.counts.total == 0:
        return ""
    met = {kind: number for kind, number in numbers.items() if number}
    parts = "".join(
        f'<span class="dmc-part dmc-{_OUTCOME_KINDS[kind]}" '
        f'style="flex-grow:{number}"></span>'
        for kind, number in met.items()
    )
    legend = "".join(
        f'<li><span class="dmc-dot dmc-{_OUTCOME_KINDS[kind]}"></span>'
        f"<strong>{number:,}</strong> {_word(task, kind)}</li>"
        for kind, number in met.items()
    )
    bar = f'<div class="dmc-parts" aria-hidden="true">{parts}</div>'
    return (
        f"{bar if task.status.is_final else ''}"
        f'<ul class="dmc-legend" aria-label="Records by outcome">{legend}</ul>'
    )


def parts_markup(task: Task) -> str:
    """Return a line an entity type, of a task of several."""
    if not task.parts:
        return ""
    kinds = [kind for kind in OutcomeKind if getattr(task.counts, kind.value)]
    words = ["Records", *(_word(task, kind).capitalize() for kind in kinds)]
    heads = "".join(f'<th scope="col" class="dmc-number">{word}</th>' for word in words)
    lines = "".join(_part_markup(part, kinds) for part in task.parts)
    return (
        '<table class="dmc-task-parts" aria-label="Entity Types"><thead><tr>'
        '<th scope="col">Entity Type</th><th scope="col">Status</th>'
        f"{heads}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )


def _part_markup(part: TaskPart, kinds: Sequence[OutcomeKind]) -> str:
    numbers = [part.counts.total, *(getattr(part.counts, kind.value) for kind in kinds)]
    cells = "".join(f'<td class="dmc-number">{number:,}</td>' for number in numbers)
    status = badge(part.status.value, STATUS_KINDS[part.status])
    return f'<tr><th scope="row">{escape(part.title)}</th><td>{status}</td>{cells}</tr>'


def remarks_markup(task: Task) -> str:
    """Return why the task stopped, and what else the person should know."""
    in_headline = {TaskStatus.FAILED, TaskStatus.INACTIVE}
    stopped = task.error and task.status not in in_headline
    told = [alert(task.error, "danger")] if stopped else []
    return "".join([*told, *(alert(note, "info") for note in task.notes)])


def _word(task: Task, kind: OutcomeKind) -> str:
    is_written = task.action == "Export" and kind is OutcomeKind.CREATED
    return "written" if is_written else kind.value
