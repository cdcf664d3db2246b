"""The actions that take a task back, or tell what that would do."""

from __future__ import annotations

from ...center.undo import can_undo
from ...languages import lazy
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _ask(task: Task) -> str:
    counts = task.counts
    return (
        f"Take task {task.id} back in {task.installation}? {counts.created:,} created "
        f"items are deleted and {counts.updated:,} updated ones restored. What somebody"
        " has changed since stays and is named. The undo can itself be undone."
    )


def _undo(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.undo(task).id)


def _rehearse(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.undo(task, dry_run=True).id)


UNDO = TaskAction(
    label=lazy("Undo"), is_offered=can_undo, run=_undo, question=_ask, style="danger"
)
REHEARSE_UNDO = TaskAction(
    label=lazy("Undo (Dry Run)"), is_offered=can_undo, run=_rehearse
)
