"""The actions that run exactly what a dry run has shown."""

from __future__ import annotations

from ...center.shown_run import can_run_as_shown, losses_to_allow
from ...languages import gettext as _
from ...languages import lazy
from ...model.action import Action
from ...model.task import Task
from ..actions.migrations import end_rehearsed_draft
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _is_import(task: Task) -> bool:
    return task.action is Action.IMPORT and can_run_as_shown(task)


def _is_migration(task: Task) -> bool:
    return task.action is Action.MIGRATION and can_run_as_shown(task)


def _ask(task: Task) -> str:
    """Ask where something would be deleted that the plan does not allow."""
    losses = losses_to_allow(task)
    if not losses:
        return ""
    is_import = task.action is Action.IMPORT
    again = _("Import all the same?") if is_import else _("Migrate all the same?")
    return f"{losses} {again}"


def _run(session: DashboardSession, task: Task) -> None:
    """Start the run; what it deletes was asked for by the question."""
    allowed = bool(losses_to_allow(task))
    run = session.center.tasks.run(task, allow_deletions=allowed)
    end_rehearsed_draft(session, task.id)
    session.follow_task(run.id)


IMPORT_AS_SHOWN = TaskAction(
    label=lazy("Import Exactly This"),
    is_offered=_is_import,
    run=_run,
    question=_ask,
    style="primary",
)
MIGRATE_AS_SHOWN = TaskAction(
    label=lazy("Migrate Now"),
    is_offered=_is_migration,
    run=_run,
    question=_ask,
    style="primary",
)
