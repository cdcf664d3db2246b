"""The center that a command uses, and the exit status with which it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .. import open_center
from ..errors import DmcError, RequestError
from ..model.task import Task, TaskStatus

if TYPE_CHECKING:
    from ..center import Center


@dataclass(frozen=True, slots=True)
class Invocation:
    """How `dmc` was called.

    Attributes:
        workspace: The folder of the workspace; None for the usual one.
        is_process: The command is all that this process does.
    """

    workspace: Path | None = None
    is_process: bool = False


def open_command_center(ctx: typer.Context) -> Center:
    """Open the center of the chosen workspace; it closes with the command.

    Raises:
        WorkspaceError: The folder cannot be used.
    """
    center = open_center(ctx.obj.workspace)
    ctx.call_on_close(center.close)
    return center


def open_task_center(
    ctx: typer.Context, *installations: str, task_id: int | None = None
) -> Center:
    """Open the center for a command that starts a task.

    Args:
        ctx: The context of the command.
        installations: The names of the installations that the task works on.
        task_id: The task that the new one, or the rest of it, works on.

    Raises:
        WorkspaceError: The folder cannot be used.
    """
    from ..center.launching import fork_workers_here

    if ctx.obj.is_process:
        fork_workers_here(ctx.obj.workspace, installations, task_id)
    return open_command_center(ctx)


DONE = 0
FAILED = 1
WRONG_USE = 2
SOME_FAILED = 3
DIFFERENT = 3
"""Of comparisons and verifications: it worked, and there is something to look at."""


def task_exit_status(center: Center, task: Task) -> int:
    """Return the exit status of a task that has ended, or pauses.

    One that was cancelled or paused has records left, so it has failed for a script.
    """
    if task.status not in {TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED}:
        return FAILED
    if task.counts.failed:
        return SOME_FAILED
    report = center.tasks.verification(task)
    return DONE if report is None or report.is_equal else DIFFERENT


def worst_exit_status(statuses: Iterable[int]) -> int:
    """Return the exit status of several tasks; a failed one outweighs the others."""
    distinct = set(statuses)
    return FAILED if FAILED in distinct else max(distinct, default=DONE)


def error_exit_status(error: DmcError) -> int:
    """Return the exit status of an error: wrong use, or a failure."""
    return WRONG_USE if isinstance(error, RequestError) else FAILED
