"""`dmc run`: exactly what a dry run has shown."""

from __future__ import annotations

import typer

from ..command_context import open_task_center, task_exit_status
from ..options import AllowDeletions, TaskId
from ..output import print_warnings
from ..task_progress import follow_task, print_result


def run_as_shown(
    ctx: typer.Context, task_id: TaskId, *, allow_deletions: AllowDeletions = False
) -> None:
    """Run exactly what the dry run of that ID has shown.

    The run stops before it writes a batch with a record that would end otherwise than
    shown, because the target has changed since.
    """
    center = open_task_center(ctx, task_id=task_id)
    started = center.tasks.run(task_id, allow_deletions=allow_deletions)
    print_warnings(started.notes)
    task = follow_task(center, started)
    print_result(center, task, shown=started.notes)
    raise typer.Exit(task_exit_status(center, task))
