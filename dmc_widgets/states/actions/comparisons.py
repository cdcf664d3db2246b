"""Comparing the task in view with another one."""

from __future__ import annotations

from ...center.reruns import TaskComparison
from ...model.task import Task
from ..dashboard_session import DashboardSession


def offer_comparison(session: DashboardSession, task: Task) -> None:
    """Offer the tasks that the one in view can be compared with."""
    session.comparison.offer(task, session.center.tasks.list())


def start_comparison(session: DashboardSession) -> None:
    """Compare the task in view with the selected one, while the page stays usable.

    Raises:
        NotSupported: The page is busy.
    """
    first, state, tasks = session.task.task, session.comparison, session.center.tasks
    if first is None or not state.other:
        return
    second = tasks.get(state.other)

    def show(comparison: TaskComparison) -> None:
        in_view = session.task.task
        if in_view is not None and in_view.id == first.id:
            state.transition, state.tasks = 0, (first, second)
            state.result = comparison

    session.background.start(lambda: tasks.compare(first, second), show)
