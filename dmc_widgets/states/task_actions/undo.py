"""The actions that take a task back, or tell what that would do."""

from __future__ import annotations

from ...center.undo import can_undo
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _ask(task: Task) -> str:
    counts = task.counts
    return _(
        "Take task {id} back in {installation}? {created} created items are "
        "deleted and {updated} updated ones restored. What somebody has "
        "changed since stays and is named. The undo can itself be undone."
    ).format(
        id=task.id,
        installation=task.installation,
        created=format_number(counts.created),
        updated=format_number(counts.updated),
    )


def _undo(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.undo(task).id)


def _rehearse(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.undo(task, dry_run=True).id)


UNDO = TaskAction(
    label=lazy("Undo"), is_offered=can_undo, run=_undo, question=_ask, style="link"
)
REHEARSE_UNDO = TaskAction(
    label=lazy("Undo (Dry Run)"), is_offered=can_undo, run=_rehearse
)
