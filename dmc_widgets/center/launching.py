"""Starting the worker of a task that needs no file."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.plan import Plan
from ..model.task import Task
from ..tasks.worker.launcher import launch_worker
from ..tasks.worker.liveness import identify_self
from ..workspace import Workspace


def start_task(
    workspace: Workspace, installation: str, plan: Plan, notes: Sequence[str] = ()
) -> Task:
    """Queue a task and start its worker; a task that cannot start leaves no trace.

    Raises:
        WorkspaceError: The task could not be recorded or started.
    """
    task = workspace.tasks.add(installation, plan, notes=notes, worker=identify_self())
    try:
        launch_worker(workspace, task)
    except BaseException:  # such as Ctrl-C
        workspace.emergency_record(task.id).remove()
        workspace.tasks.discard(task.id)
        raise
    return task
