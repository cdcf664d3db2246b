"""The action that brings the items of a backup back."""

from __future__ import annotations

from ...center.backups import can_restore
from ...languages import lazy
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _ask(task: Task) -> str:
    return (
        f"Bring the {task.counts.successful:,} items of this backup back into "
        f"{task.installation}? What was changed or deleted since is set again, and "
        "what was added since stays. It can be undone."
    )


def _restore(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.start_restore(task).id)


RESTORE = TaskAction(
    label=lazy("Restore"), is_offered=can_restore, run=_restore, question=_ask
)
