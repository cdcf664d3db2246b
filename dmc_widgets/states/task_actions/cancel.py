"""The action that asks a running task to stop."""

from __future__ import annotations

from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _is_running(task: Task) -> bool:
    return not task.status.is_final


def _cancel(session: DashboardSession, task: Task) -> None:
    session.cancel_task(task.id)


CANCEL = TaskAction(label="Cancel", is_offered=_is_running, run=_cancel)
