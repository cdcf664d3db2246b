"""Comparing the task in view with another one."""

from __future__ import annotations

from ...center.reruns import TaskComparison
from ...model.task import Task
from ..dashboard_session import DashboardSession

_MAX_OFFERED = 50  # of the same entity type, and of any other


def offer_comparison(session: DashboardSession, task: Task) -> None:
    """Offer the latest tasks that the one in view can be compared with."""
    find, action = session.center.tasks.list, task.action
    same_type = find(
        action=action,
        entity_type=task.plan.entity_type.partition(", ")[0],
        sort="id",
        descending=True,
        limit=_MAX_OFFERED,
    )
    others = find(action=action, sort="id", descending=True, limit=_MAX_OFFERED)
    found = {other.id: other for other in (*same_type, *others)}
    session.comparison.offer(task, [*found.values()])


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
