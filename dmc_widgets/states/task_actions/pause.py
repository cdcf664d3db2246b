"""The action that interrupts a running task, which *Resume* goes on with."""

from __future__ import annotations

from ...center.stopping import is_pausable
from ...languages import lazy
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _is_offered(task: Task) -> bool:
    return not task.status.is_final and is_pausable(task)


def _pause(session: DashboardSession, task: Task) -> None:
    session.pause_task(task.id)


PAUSE = TaskAction(label=lazy("Pause"), is_offered=_is_offered, run=_pause)
