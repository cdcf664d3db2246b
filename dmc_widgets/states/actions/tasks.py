"""Cancelling a task."""

from __future__ import annotations

from ..dashboard_session import DashboardSession


def cancel_task(session: DashboardSession, task_id: int) -> None:
    """Ask a running task to stop."""
    task = session.center.tasks.cancel(task_id)
    if session.task.task and session.task.task.id == task_id:
        session.task.task = task
    session.load_tasks()
