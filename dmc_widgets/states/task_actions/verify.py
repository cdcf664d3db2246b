"""The action that compares what a task has sent with what its target holds now."""

from __future__ import annotations

from ...languages import lazy
from ...model.plan import ImportPlan, MigrationPlan
from ...model.task import Task
from ..dashboard_session import DashboardSession
from .task_action import TaskAction


def _has_written(task: Task) -> bool:
    plan = task.plan
    is_run = isinstance(plan, (ImportPlan, MigrationPlan)) and not plan.dry_run
    has_records = task.counts.successful > 0 and not task.pruned
    return is_run and task.status.is_final and has_records


def _verify(session: DashboardSession, task: Task) -> None:
    session.follow_task(session.center.tasks.verify(task).id)


VERIFY = TaskAction(label=lazy("Verify"), is_offered=_has_written, run=_verify)
