"""The action that ends a task that is running or paused."""

from __future__ import annotations

from ...languages import lazy
from ...model.task import Task, TaskStatus
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _is_unfinished(task: Task) -> bool:
    return not task.status.is_final or task.status is TaskStatus.PAUSED


def _cancel(session: DashboardSession, task: Task) -> None:
    session.cancel_task(task.id)


CANCEL = TaskAction(label=lazy("Cancel"), is_offered=_is_unfinished, run=_cancel)
