"""The action that brings the items of a backup back."""

from __future__ import annotations

from ...center.backups import can_restore
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _ask(task: Task) -> str:
    return _(
        "Bring the {successful} items of this backup back into "
        "{installation}? What was changed or deleted since is set again, "
        "and what was added since stays. It can be undone."
    ).format(
        successful=format_number(task.counts.successful), installation=task.installation
    )


def _restore(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.start_restore(task).id)


RESTORE = TaskAction(
    label=lazy("Restore"), is_offered=can_restore, run=_restore, question=_ask
)
