"""A task as it is at this moment, told without writing anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..model.task import Task, TaskStatus
from ..workspace import Workspace
from .launching import collect_children
from .liveness import is_alive

DIED: Final = "The worker process ended before the task did."
_TO_BE_ASKED: Final = (
    "The counts are the last that were recorded, and the target may hold more. Open "
    "the task, or run: dmc task {id}"
)


def look(workspace: Workspace, task: Task) -> Task:
    """Return the task as it is at this moment; nothing is written.

    One whose worker died is *Inactive*, unless the worker left word of how it ended.
    """
    collect_children()
    if task.status.is_final or is_alive(workspace, task):
        return task
    task = workspace.tasks.get(task.id)  # it may have ended in this moment
    if task.status.is_final:
        return task
    ended = workspace.last_words(task.id).apply(task)
    if ended is not None:
        return ended
    told = f"{DIED} {_TO_BE_ASKED.format(id=task.id)}"
    return replace(task, status=TaskStatus.INACTIVE, error=told)
