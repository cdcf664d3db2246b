"""Starting the worker of a new task."""

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
    task = workspace.tasks.add(
        installation, plan, original, notes, worker=identify_self()
    )
    try:
        if file is not None:
            task = with_identity(workspace, task, file)
        take(original_path(workspace, task))
        launch_worker(workspace, task)
    except BaseException:  # such as Ctrl-C while the file is copied
        workspace.emergency_record(task.id).remove()
        workspace.tasks.discard(task.id)
        raise
    return task
