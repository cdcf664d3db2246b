"""Cancelling and pausing tasks, whether a worker is at work on them or not."""

from __future__ import annotations

from typing import Final

from ..errors import NotSupported
from ..model.plan import Action, is_dry_run
from ..model.task import Task, TaskStatus
from ..tasks.stop_messages import stop_message
from ..tasks.worker.liveness import identify_self
from ..workspace import Workspace

_WHOLE_READINGS: Final = {
    Action.BACKUP: "a backup",
    Action.EXPORT: "an export",
    Action.VERIFICATION: "a verification",
}
"""The kinds of tasks that read an installation as it is at one moment."""


def cancel_task(workspace: Workspace, task_id: int) -> None:
    """Ask a task to end; a paused one, which no worker would hear, ends here.

    Raises:
        UnknownName: No task has that id.
    """
    task = workspace.tasks.get(task_id)
    if task.status is TaskStatus.PAUSED or _is_taken_back(workspace, task):
        workspace.history.add(task, "Cancel")
        message = stop_message(task, task.counts, task.parts, TaskStatus.CANCELLED)
        workspace.tasks.cancel_idle(task, message)
    elif not task.status.is_final:
        workspace.history.add(task, "Cancel")
        workspace.tasks.request_cancel(task_id)


def _is_taken_back(workspace: Workspace, task: Task) -> bool:
    """Return True for a task that waited for a pool, and no longer does."""
    if task.status is not TaskStatus.QUEUED:
        return False
    workspace.tasks.require_change(task.id)
    return workspace.queue.take_back(task.id, identify_self())


def pause_task(workspace: Workspace, task_id: int) -> None:
    """Ask a task to pause; one that has ended or pauses already stays as it is.

    Raises:
        UnknownName: No task has that id.
        NotSupported: The task is of a kind that cannot go on where it stopped.
    """
    task = workspace.tasks.get(task_id)
    if task.status.is_final:
        return
    if not is_pausable(task):
        kind = _WHOLE_READINGS.get(task.action, "a dry run")
        raise NotSupported(
            what=f"Task {task.id} is {kind}, which "
            "cannot be paused: it shows its installation as it was at one moment.",
            instead="Cancel it, and run it again later.",
        )
    workspace.history.add(task, "Pause")
    workspace.tasks.request_pause(task_id)


def is_pausable(task: Task) -> bool:
    """Return True if a task of this kind can go on where it was paused."""
    return task.action not in _WHOLE_READINGS and not is_dry_run(task.plan)
