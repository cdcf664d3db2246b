"""Queueing tasks, and starting their workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..model.plan import Plan
from ..model.task import Task
from ..tasks.task_files import original_path
from ..tasks.worker.launcher import launch_worker
from ..tasks.worker.liveness import identify_self
from ..workspace import Workspace
from .known_files import FileIdentity, with_identity


def start_task(
    workspace: Workspace,
    installation: str,
    plan: Plan,
    *,
    original: str = "",
    notes: Sequence[str] = (),
    file: FileIdentity | None = None,
    take: Callable[[Path], None] = lambda _target: None,
) -> Task:
    """Queue a task and start its worker; a task that cannot start leaves no trace.

    Args:
        workspace: Receives the task.
        installation: The name of the installation that the task works on.
        plan: What the task does.
        original: The name of the imported file; empty for tasks without one.
        notes: The notes that were shown before the start.
        file: What the imported file is known by later; None for tasks without one.
        take: Puts the imported file where the task keeps it.

    Raises:
        WorkspaceError: The task could not be recorded or started.
    """
    task = queue_task(
        workspace,
        installation,
        plan,
        original=original,
        notes=notes,
        file=file,
        take=take,
    )
    launch_queued(workspace, [task])
    return task


def queue_task(
    workspace: Workspace,
    installation: str,
    plan: Plan,
    *,
    original: str = "",
    notes: Sequence[str] = (),
    file: FileIdentity | None = None,
    take: Callable[[Path], None] = lambda _target: None,
) -> Task:
    """Queue a task for a worker to come; see :func:`start_task`.

    Raises:
        WorkspaceError: The task could not be recorded.
    """
    task = workspace.tasks.add(
        installation, plan, original, notes, worker=identify_self()
    )
    try:
        if file is not None:
            task = with_identity(workspace, task, file)
        take(original_path(workspace, task))
    except BaseException:  # such as Ctrl-C while the file is copied
        discard_queued(workspace, [task])
        raise
    return task


def launch_queued(workspace: Workspace, tasks: Sequence[Task]) -> None:
    """Start the worker of queued tasks, which carries them out in this order.

    Raises:
        WorkspaceError: It could not be started; the tasks leave no trace.
    """
    try:
        launch_worker(workspace, *tasks)
    except BaseException:
        discard_queued(workspace, tasks)
        raise


def discard_queued(workspace: Workspace, tasks: Sequence[Task]) -> None:
    """Remove tasks that no worker has begun."""
    for task in tasks:
        workspace.emergency_record(task.id).remove()
        workspace.tasks.discard(task.id)
