"""The action that goes on with a task that was interrupted."""

from __future__ import annotations

from ...center.resuming import is_resumable
from ...languages import lazy
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _resume(session: DashboardSession, task: Task) -> None:
    session.resume_task(task.id)


RESUME = TaskAction(
    label=lazy("Resume"), is_offered=is_resumable, run=_resume, style="primary"
)
