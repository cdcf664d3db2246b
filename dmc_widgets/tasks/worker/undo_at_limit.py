"""The undo that follows a task which has reached its error limit, where wished."""

from __future__ import annotations

import logging

from ...errors import DmcError
from ...model.error_limit import ErrorLimit
from ...model.plan import UndoPlan
from ...workspace import Workspace
from ..task_run import TaskRun
from .launcher import launch_worker
from .liveness import identify_self

_log = logging.getLogger(__name__)


def undo_where_wished(workspace: Workspace, run: TaskRun) -> None:
    """Start the undo of a task that has ended at a limit with that choice.

    It is a task of its own, which another process carries out. That it could not be
    started is logged: the task has ended, and can be undone by hand.
    """
    limit: ErrorLimit | None = run.reached_limit
    task = run.final_task
    if limit is None or not limit.undo or task is None:
        return
    if not task.counts.created + task.counts.updated:
        return
    plan = UndoPlan(
        task=task.id, entity_type=task.plan.entity_type, name=f"Undo of {task.name}"
    )
    try:
        undo = workspace.tasks.add(task.installation, plan, worker=identify_self())
        launch_worker(workspace, undo)
    except DmcError:
        _log.exception("The undo of task %s could not be started", task.id)
