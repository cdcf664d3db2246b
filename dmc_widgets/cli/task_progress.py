"""Progress and results of tasks on the terminal, and saving exported files."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Column

from ..center.exported_files import save_export
from ..model.outcome import OutcomeKind
from ..model.plan import Action
from ..model.task import Counts, Task, TaskStatus
from .output import console, print_json, print_table, printable, task_to_json
from .running.next_steps import next_steps

if TYPE_CHECKING:
    from ..center import Center


_LINE_INTERVAL_S: Final = 10.0


def follow_task(center: Center, started: Task) -> Task:
    """Show the progress of a task until it has ended; Ctrl-C cancels it."""
    try:
        return _watch_progress(center, started)
    except KeyboardInterrupt:
        typer.echo(f"Cancelling task {started.id}.", err=True)
        center.tasks.cancel(started.id)
        return center.tasks.wait(started.id)


def _watch_progress(center: Center, started: Task) -> Task:
    screen = console()
    if not screen.is_terminal:
        return center.tasks.wait(started.id, on_change=ProgressLines().show)
    columns = (
        _single_line_column("{task.description}", ratio=1),
        BarColumn(bar_width=12),
        TaskProgressColumn(),
        _single_line_column("{task.fields[detail]}", ratio=3),
    )
    with Progress(*columns, console=screen, transient=True, expand=True) as progress:
        line = progress.add_task(printable(started.name), total=100, detail="")

        def show(task: Task) -> None:
            progress.update(
                line, completed=task.progress.percent, detail=format_progress(task)
            )

        return center.tasks.wait(started.id, on_change=show)


def _single_line_column(text: str, *, ratio: int) -> TextColumn:
    """Return a column that is cut off in a narrow terminal instead of wrapped."""
    column = Column(no_wrap=True, overflow="ellipsis", ratio=ratio)
    return TextColumn(text, table_column=column)


class ProgressLines:
    """Prints the progress of a task as lines, where no terminal shows a bar.

    Logs of long tasks show that they progress; short tasks print nothing.

    Args:
        clock: Returns seconds.
        every_s: The seconds between two lines.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = _LINE_INTERVAL_S,
    ) -> None:
        self._clock = clock
        self._every_s = every_s
        self._next = clock() + every_s

    def show(self, task: Task) -> None:
        """Print a line if the task is running and the interval is over."""
        if task.status is not TaskStatus.RUNNING or self._clock() < self._next:
            return
        self._next = self._clock() + self._every_s
        typer.echo(format_progress_line(task), err=True)


def format_progress_line(task: Task) -> str:
    """Return the progress of a task, and the running part of a task of several."""
    running = [part.title for part in task.parts if part.status is TaskStatus.RUNNING]
    percent = f"{task.progress.percent} %" if task.progress.of else ""
    progress = ", ".join(filter(None, (*running[:1], percent, format_progress(task))))
    return f"Task {task.id}: {printable(progress)}"


def format_progress(task: Task) -> str:
    """Return the number of finished records, the pace and the time left."""
    done = task.counts.total
    parts = [_record_count(done)]
    if done and task.progress.elapsed_s >= 1:
        parts.append(f"{done / task.progress.elapsed_s:,.0f} a second")
    left = task.progress.left_s
    if left is not None:
        minutes, seconds = divmod(round(left), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


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
    if task.error:
        typer.echo(f"Error: {printable(task.error)}", err=True)
    print_failures(center, task, limit=5)


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


def save_exported_file(center: Center, task: Task, output: Path) -> None:
    """Write the file of an export to *output*, if the task completed.

    It is a zip, unless the name ends otherwise and the export is of one file.
    """
    if task.status is TaskStatus.COMPLETED:
        save_export(center.tasks.file(task), output)
        typer.echo(f"Wrote {output}.")
