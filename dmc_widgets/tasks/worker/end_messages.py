"""The messages on a task's end, for those workspaces that wish for them."""

from __future__ import annotations

from ...model.task import Task
from ...workspace import Workspace


def notify_where_wished(workspace: Workspace, task: Task | None) -> None:
    """Tell all whom the end of a task concerns; few workspaces wish for that.

    Args:
        workspace: The workspace of the task.
        task: The ended task; None if another process has ended it.
    """
    if task is not None and workspace.setting("notifications"):
        # What sends them is loaded for such workspaces only.
        from ..notifications import notify_of_end

        notify_of_end(workspace, task)
