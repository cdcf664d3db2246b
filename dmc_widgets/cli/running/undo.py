"""`dmc undo`: take a task back, and name what stayed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...center.undo import UndoneRecord
from ..command_context import open_task_center, task_exit_status
from ..options import TaskId
from ..output import print_table
from ..task_progress import follow_task, print_result

if TYPE_CHECKING:
    from ...center import Center
    from ...model.task import Task

_SHOWN: Final = 50

UndoDryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Tell what would become of each record, and write nothing."
    ),
]


def undo_task(
    ctx: typer.Context, task_id: TaskId, *, dry_run: UndoDryRun = False
) -> None:
    """Take a task back: delete what it created, restore what it updated.

    What somebody has changed since is left alone and named. The undo is a task of its
    own, and can be undone.
    """
    center = open_task_center(ctx, task_id=task_id)
    task = follow_task(center, center.tasks.undo(task_id, dry_run=dry_run))
    print_result(center, task)
    _print_kept(center, task)
    raise typer.Exit(task_exit_status(center, task))


def _print_kept(center: Center, task: Task) -> None:
    """Print the records that were left alone, the first ones by name."""
    kept = (x for x in center.tasks.undone_records(task) if x.bucket == "kept")
    shown = list(islice(kept, _SHOWN))
    if not shown:
        return
    typer.echo("Left alone:")
    print_table(("Type", "Code", "Why"), (_row(record, task) for record in shown))
    rest = sum(1 for _ in kept)
    if rest:
        typer.echo(f"… and {rest:,} more: task {task.id} in the forms or in Python.")


def _row(record: UndoneRecord, task: Task) -> tuple[str, str, str]:
    return (record.part or task.entity_type, record.key, record.reason)
