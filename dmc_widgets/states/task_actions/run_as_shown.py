"""The actions that run exactly what a dry run has shown."""

from __future__ import annotations

from ...center.shown_run import can_run_as_shown
from ...model.action import Action
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _is_import(task: Task) -> bool:
    return task.action is Action.IMPORT and can_run_as_shown(task)


def _is_migration(task: Task) -> bool:
    return task.action is Action.MIGRATION and can_run_as_shown(task)


def _run(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.run(task).id)


IMPORT_AS_SHOWN = TaskAction(
    label="Import Exactly This", is_offered=_is_import, run=_run, style="primary"
)
MIGRATE_AS_SHOWN = TaskAction(
    label="Migrate Exactly This", is_offered=_is_migration, run=_run, style="primary"
)
