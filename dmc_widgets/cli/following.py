"""A task from its start to its last line."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from ..model.outcome import OutcomeKind
from ..model.plan import Action
from ..model.task import Counts, Task
from .printing import console, print_table, printable

if TYPE_CHECKING:
    from ..center import Center


def follow(center: Center, started: Task) -> Task:
    """Show the progress of a task until it is final; Ctrl-C cancels it."""
    try:
        return _watch(center, started)
    except KeyboardInterrupt:
        typer.echo(f"Cancelling task {started.id}.", err=True)
        center.cancel(started.id)
        return center.wait(started.id)


def _watch(center: Center, started: Task) -> Task:
    screen = console()
    if not screen.is_terminal:
        return center.wait(started.id)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=screen, transient=True) as progress:
        line = progress.add_task(printable(started.name), total=100, detail="")

        def show(task: Task) -> None:
            progress.update(
                line, completed=task.progress.percent, detail=progress_text(task)
            )

        return center.wait(started.id, on_change=show)


def progress_text(task: Task) -> str:
    """Say how many records are done, how fast, and how long it may still take."""
    done = task.counts.total
    parts = [f"{done:,} records"]
    if task.progress.elapsed_s >= 1:
        parts.append(f"{done / task.progress.elapsed_s:,.0f} a second")
    left = task.progress.left_s
    if left is not None:
        minutes, seconds = divmod(round(left), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


def print_result(center: Center, task: Task, shown: Collection[str] = ()) -> None:
    """Print what became of a finished task, and of the records that failed.

    Args:
        center: Holds the task.
        task: The finished task.
        shown: Notes that were printed before, as warnings.
    """
    typer.echo(f"Task {task.id} {task.status}: {counts_text(task)}.")
    print_details(center, task, shown)


def print_parts(task: Task) -> None:
    """Print what became of each entity type of a task of several, if any began."""
    if not task.parts:
        return
    print_table(
        ("Type", "Status", "Records", "Outcome"),
        (
            (part.title, part.status, part.counts.total, _fates(task, part.counts))
            for part in task.parts
        ),
    )


def print_details(center: Center, task: Task, shown: Collection[str] = ()) -> None:
    """Print the notes of a task, why it stopped, and the first failed records."""
    for note in (each for each in task.notes if each not in shown):
        typer.echo(f"Note: {printable(note)}")
    if task.error:
        typer.echo(f"Error: {printable(task.error)}", err=True)
    print_failures(center, task, limit=5)


def counts_text(task: Task) -> str:
    """Name the fates that records met; failed ones always."""
    counts = task.counts
    if task.action is Action.EXPORT:
        return f"{_records(counts.created)} written"
    return f"{_records(counts.total)}, {_fates(task, counts)}"


def _fates(task: Task, counts: Counts) -> str:
    """Name the fates that some records of a task met; failed ones always."""
    if task.action is Action.EXPORT:
        return f"{counts.created:,} written"
    told = (kind for kind in OutcomeKind if _is_told(counts, kind))
    return ", ".join(f"{getattr(counts, kind):,} {kind}" for kind in told)


def _is_told(counts: Counts, kind: OutcomeKind) -> bool:
    return kind is OutcomeKind.FAILED or getattr(counts, kind) > 0


def _records(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"


def print_failures(center: Center, task: Task, *, limit: int) -> None:
    """Print the first failed records, and how to get all of them."""
    if not task.counts.failed:
        return
    for failure in center.failures(task.id, limit=limit):
        line = f"{task.place(failure.index)}: {failure.problem.message}"
        if line not in task.error:  # which has been printed already
            typer.echo(printable(line), err=True)
    hint = f"dmc report {task.id} -o FILE.csv"
    typer.echo(f"{_records(task.counts.failed)} failed; all of them: {hint}", err=True)
