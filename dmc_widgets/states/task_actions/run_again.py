"""The action that runs a task once more, with the same plan and the same file."""

from __future__ import annotations

from ...center.reruns import is_rerunnable
from ...languages import gettext as _
from ...languages import lazy
from ...model.plan import is_dry_run
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _question(task: Task) -> str:
    if task.action in {"Export", "Verification"} or is_dry_run(task.plan):
        return ""
    text = _("{name} writes to {installation} once more, with the same choices.")
    if task.original_file:
        text = _(
            "{name} writes to {installation} once more, with the same choices and the "
            "same file."
        )
    return text.format(name=task.name, installation=task.installation)


def _run_again(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.run_again(task.id).id)


RUN_AGAIN = TaskAction(
    label=lazy("Run Again"),
    is_offered=is_rerunnable,
    run=_run_again,
    question=_question,
)
