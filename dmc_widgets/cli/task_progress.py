"""Progress and results of tasks on the terminal, and saving exported files."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import typer

from ..center.progress_display import show_progress
from ..errors import FileError, InstallationError
from ..model.outcome import OutcomeKind
from ..model.plan import Action
from ..model.representation import printable
from ..model.task import Counts, Task, TaskStatus
from .output import print_json, print_table, task_to_json
from .running.next_steps import next_steps

if TYPE_CHECKING:
    from ..center import Center

_STOPPED: Final = frozenset({TaskStatus.CANCELLED, TaskStatus.PAUSED})


def follow_task(center: Center, started: Task) -> Task:
    """Show the progress of a task until it has ended; Ctrl-C cancels it."""
    try:
        with show_progress(started.name) as display:
            return center.tasks.wait(started.id, on_change=display.show)
    except KeyboardInterrupt:
        typer.echo(f"Cancelling task {started.id}.", err=True)
        center.tasks.cancel(started.id)
        return center.tasks.wait(started.id)


def print_result(center: Center, task: Task, shown: Collection[str] = ()) -> None:
    """Print the parts and the result of a finished task, and the first failed records.

    Args:
        center: Holds the task.
        task: The finished task.
        shown: Notes that were printed before, as warnings.
    """
    print_parts(task)
    typer.echo(f"Task {task.id} {task.status}: {format_counts(task)}.")
    print_details(center, task, shown)
    report = center.tasks.verification(task)
    if report is not None and report.maker == task.id and report.is_equal:
        typer.echo(f"Verified: {printable(report.summary)}")


def print_result_as(center: Center, task: Task, *, as_json: bool) -> None:
    """Print a finished task as JSON, or as :func:`print_result` does."""
    if as_json:
        print_json([task_to_json(task)])
    else:
        print_result(center, task)


def print_parts(task: Task) -> None:
    """Print the outcome of each part of a task of several entity types."""
    if not task.parts:
        return
    print_table(
        ("Type", "Status", "Records", "Outcome"),
        (
            (
                part.title,
                part.status,
                part.counts.total,
                _outcome_counts(task, part.counts),
            )
            for part in task.parts
        ),
    )


def print_details(center: Center, task: Task, shown: Collection[str] = ()) -> None:
    """Print the notes of a task, why it stopped, and the first failed records."""
    for note in (note for note in task.notes if note not in shown):
        typer.echo(f"Note: {printable(note)}")
    changes = center.tasks.describe_changes(task) if task.counts.successful else ""
    if changes:
        typer.echo(f"Changes: {printable(changes)} See dmc changes {task.id}.")
    print_end_reason(task)
    print_failures(center, task, limit=5)


def print_end_reason(task: Task) -> None:
    """Print why a task ended early: as an error, unless somebody has stopped it."""
    if task.error:
        prefix = "" if task.status in _STOPPED else "Error: "
        typer.echo(f"{prefix}{printable(task.error)}", err=True)


def format_counts(task: Task) -> str:
    """Return the counts of a task by outcome; failed ones always."""
    counts = task.counts
    if task.action is Action.EXPORT:
        return f"{_record_count(counts.created)} written"
    return f"{_record_count(counts.total)}, {_outcome_counts(task, counts)}"


def _outcome_counts(task: Task, counts: Counts) -> str:
    """Return counts by outcome; failed ones always."""
    if task.action is Action.EXPORT:
        return f"{counts.created:,} written"
    kinds = (kind for kind in OutcomeKind if _is_listed(counts, kind))
    return ", ".join(f"{getattr(counts, kind):,} {kind}" for kind in kinds)


def _is_listed(counts: Counts, kind: OutcomeKind) -> bool:
    return kind is OutcomeKind.FAILED or getattr(counts, kind) > 0


def _record_count(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"


def print_failures(center: Center, task: Task, *, limit: int) -> None:
    """Print the first failed records, and how the task goes on."""
    if task.counts.failed and task.action is not Action.VERIFICATION:
        for failure in center.tasks.failures(task.id, limit=limit):
            line = f"{task.place(failure.index)}: {failure.problem.message}"
            if line not in task.error:  # which has been printed already
                typer.echo(printable(line), err=True)
    for step in next_steps(task):
        typer.echo(step, err=True)


def save_exported_file(center: Center, task: Task, output: str | None) -> None:
    """Write the file of an export to a path or an address, if the task completed.

    It is a zip, unless the name ends otherwise and the export is of one file. In a
    folder, the current one without an output, it is called by what it holds.
    """
    if task.status is not TaskStatus.COMPLETED:
        return
    output = output or "."
    try:
        written = center.tasks.write_file(task, output)
    except (FileError, InstallationError):
        path = printable(str(center.tasks.file(task)))
        typer.echo(f"The export is complete. Its file is {path}.", err=True)
        raise
    word = "Replaced" if written.is_replaced else "Wrote"
    typer.echo(f"{word} {printable(written.place)}.")
