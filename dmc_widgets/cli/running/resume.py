"""`dmc resume`: go on with a task that was interrupted."""

from __future__ import annotations

from typing import Annotated

import typer

from ...model.plan import Action
from ..command_context import open_task_center, task_exit_status
from ..options import (
    ClusterAddress,
    TaskId,
    Workers,
    choose_workers,
    require_target,
)
from ..task_progress import follow_task, print_result, save_exported_file

ExportedFile = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        callback=require_target,
        help="Where the file of an export is saved: a path or an address.",
    ),
]


def resume_task(
    ctx: typer.Context,
    task_id: TaskId,
    *,
    output: ExportedFile = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
) -> None:
    """Go on with a task that was paused, cancelled or killed, or that stopped.

    It goes on with the next record: every record keeps the outcome that it has, and
    nothing is written twice. Exports and dry runs begin anew. After a failed record at
    which the task stopped, the records after it are tried. An import by several workers
    may go on with more or fewer, with one, or on another cluster.
    """
    center = open_task_center(ctx, task_id=task_id)
    choices = choose_workers(workers, cluster)
    task = center.tasks.resume(task_id, **choices)
    typer.echo(f"Task {task.id} goes on.", err=True)
    task = follow_task(center, task)
    print_result(center, task)
    if task.action is Action.EXPORT and output is not None:
        save_exported_file(center, task, output)
    raise typer.Exit(task_exit_status(center, task))
