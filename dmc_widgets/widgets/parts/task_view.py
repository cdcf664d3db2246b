"""The view of a task: its progress, counts and notes, as markup and as a widget.

Texts that are not ours, such as file names, are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets as ipw

from ...languages import format_number
from ...languages import gettext as _
from ...model.outcome import OutcomeKind
from ...model.task import Task, TaskPart, TaskStatus
from ...states.model_words import translate_word
from ...states.task_advice import list_advice
from ...states.task_list_state import STATUS_KINDS
from ...states.task_state import (
    ERROR_HEADLINES,
    Detail,
    compute_percent,
    format_action,
    format_entity_types,
    format_headline,
    format_progress,
    list_details,
)
from ...states.type_names import format_part_title, name_types
from ..theme import render_alert, render_badge, render_time
from .form_inputs import html, set_visible

OUTCOME_COLORS = {
    OutcomeKind.CREATED: "success",
    OutcomeKind.UPDATED: "info",
    OutcomeKind.UNCHANGED: "secondary",
    OutcomeKind.SKIPPED: "skipped",
    OutcomeKind.FAILED: "danger",
    OutcomeKind.UNKNOWN: "warning",
}
"""The colour of each outcome."""


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


def render_status(task: Task) -> str:
    """Render the headline of the task, with its status beside it."""
    sentence = escape(format_headline(task))
    label = render_badge(translate_word(task.status), STATUS_KINDS[task.status])
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
    name = _("Progress of the task")
    return (
        f'<progress class="dmc-progress" max="100"{value} aria-label="{name}">'
        f"</progress>{rate}"
    )


def render_details(task: Task) -> str:
    """Render the labels and values of the details page."""
    pairs = "".join(map(_render_detail, list_details(task)))
    return f"<dl>{pairs}</dl>"


def _render_detail(detail: Detail) -> str:
    value, note = f"<bdi>{escape(detail.value)}</bdi>", escape(detail.note)
    if detail.is_time:
        value, note = render_time(detail.value), render_time(detail.value, exact=True)
    second = f"<small>{note}</small>" if note else ""
    return f"<div><dt>{escape(detail.label)}</dt><dd>{value}{second}</dd></div>"


def render_counts(task: Task) -> str:
    """Render the number of records by outcome: a bar and a legend in words.

    While the task runs the bar is left out, because a progress bar is there.
    """
    if task.counts.total == 0:
        return ""
    counts = {kind: getattr(task.counts, kind.value) for kind in OutcomeKind}
    numbers = {kind: number for kind, number in counts.items() if number}
    parts = "".join(
        _(
            f'<span class="dmc-part dmc-{OUTCOME_COLORS[kind]}" '
            f'style="flex-grow:{number}"></span>'
        )
        for kind, number in numbers.items()
    )
    rest = _count_unread(task)
    if rest:
        parts += f'<span class="dmc-part dmc-unread" style="flex-grow:{rest}"></span>'
    legend = "".join(
        f'<li><span class="dmc-dot dmc-{OUTCOME_COLORS[kind]}"></span>'
        f"<strong>{format_number(number)}</strong> {_outcome_word(task, kind)}</li>"
        for kind, number in numbers.items()
    )
    bar = f'<div class="dmc-parts" aria-hidden="true">{parts}</div>'
    name = escape(_("Records by outcome"))
    return (
        f"{bar if task.status.is_final else ''}"
        f'<ul class="dmc-legend" aria-label="{name}">{legend}</ul>'
    )


def _count_unread(task: Task) -> int:
    """Estimate how many records a task that ended early has left."""
    done, of = task.progress.done, task.progress.of
    if not task.status.is_final or not 0 < done < of:
        return 0
    return round(task.counts.total * (of - done) / done)


def render_advice(task: Task) -> str:
    """Render what leads on from here, a sentence for each step."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in list_advice(task))
    name = escape(_("Next Steps"))
    return f'<ul class="dmc-advice" aria-label="{name}">{lines}</ul>' if lines else ""


def render_task_title(task: Task) -> str:
    """Render the name of a task as a heading, with its number and its action."""
    kind = _("Task {id} · {action} · {entity_types}").format(
        id=task.id, action=format_action(task), entity_types=format_entity_types(task)
    )
    return (
        f'<h1 class="dmc-task-name"><bdi>{escape(task.name)}</bdi></h1>'
        f'<p class="dmc-help">{escape(kind)}</p>'
    )


def render_parts(task: Task) -> str:
    """Render a table with a row for each entity type of a task of several.

    On a narrow page the rows are blocks, which have lost the roles of a table.
    """
    if not task.parts:
        return ""
    kinds = [kind for kind in OutcomeKind if getattr(task.counts, kind.value)]
    words = [_("Records"), *(_outcome_word(task, kind).capitalize() for kind in kinds)]
    heads = "".join(_render_head(escape(word), "dmc-number") for word in words)
    rows = "".join(_render_part(part, kinds, words) for part in task.parts)
    name, first, second = map(
        escape, (_("Entity Types"), _("Entity Type"), _("Status"))
    )
    return (
        '<div class="dmc-task-parts-frame">'
        f'<table class="dmc-task-parts" role="table" aria-label="{name}">'
        f'<thead role="rowgroup"><tr role="row">{_render_head(first)}'
        f"{_render_head(second)}{heads}</tr></thead>"
        f'<tbody role="rowgroup">{rows}</tbody></table></div>'
    )


def _render_head(text: str, name: str = "") -> str:
    return f'<th scope="col" role="columnheader" class="{name}">{text}</th>'


def _render_part(
    part: TaskPart, kinds: Sequence[OutcomeKind], words: Sequence[str]
) -> str:
    numbers = [part.counts.total, *(getattr(part.counts, kind.value) for kind in kinds)]
    cells = "".join(
        f'<td class="dmc-number" role="cell" data-label="{escape(word)}">'
        f"{format_number(number)}</td>"
        for word, number in zip(words, numbers, strict=True)
    )
    status = render_badge(translate_word(part.status), STATUS_KINDS[part.status])
    name = escape(format_part_title(part.title))
    title = escape(part.title)
    head = f'<th scope="row" role="rowheader" title="{title}">{name}</th>'
    return f'<tr role="row">{head}<td role="cell">{status}</td>{cells}</tr>'


def render_notes(task: Task) -> str:
    """Render why the task stopped, and its notes."""
    is_in_headline = task.status in ERROR_HEADLINES
    has_error = task.error and not is_in_headline
    alerts = [render_alert(name_types(task.error, task), "danger")] if has_error else []
    alerts += [render_alert(name_types(note, task), "info") for note in task.notes]
    return "".join(alerts)


def _outcome_word(task: Task, kind: OutcomeKind) -> str:
    is_written = task.action == "Export" and kind is OutcomeKind.CREATED
    return _("written") if is_written else translate_word(kind)
