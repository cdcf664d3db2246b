"""Running exactly what a dry run has shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..errors import InvalidPlan
from ..model.plan import DRY_RUN_SUFFIX, ImportPlan, MigrationPlan
from ..model.task import Task, TaskStatus
from ..tasks.deletions import LOSS_STARTS

if TYPE_CHECKING:
    from .tasks import Tasks

_DONE: Final = frozenset({TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED})


def can_run_as_shown(task: Task) -> bool:
    """Return True for a dry run that came to its end."""
    is_dry_run = isinstance(task.plan, (ImportPlan, MigrationPlan)) and (
        task.plan.dry_run
    )
    return is_dry_run and task.status in _DONE


def losses_to_allow(task: Task) -> str:
    """Return what the run of a dry run would delete without leave; empty if nothing.

    The dry run has noted it, and its plan does not allow it.
    """
    plan = task.plan
    if not isinstance(plan, (ImportPlan, MigrationPlan)) or plan.allow_deletions:
        return ""
    return " ".join(note for note in task.notes if note.startswith(LOSS_STARTS))


def start_as_shown(tasks: Tasks, task: Task, *, allow_deletions: bool = False) -> Task:
    """Start the run of a dry run; see :meth:`.Tasks.run`."""
    plan = task.plan
    if not isinstance(plan, (ImportPlan, MigrationPlan)) or not plan.dry_run:
        reason = f"Task {task.id} is not a dry run. Do one first, and run that."
        raise InvalidPlan(reason)
    if not can_run_as_shown(task):
        reason = (
            f"The dry run {task.id} did not come to its end: {task.status}. Mend what "
            "stopped it, and do it again."
        )
        raise InvalidPlan(reason)
    name = plan.name.removesuffix(DRY_RUN_SUFFIX) if _is_named(plan.name) else ""
    options = replace(plan.options, as_shown=task.id)
    plan = replace(
        plan,
        dry_run=False,
        options=options,
        name=name,
        allow_deletions=plan.allow_deletions or allow_deletions,
    )
    if isinstance(plan, MigrationPlan):
        return tasks.start_migration(task.installation, plan)
    path, file_name = tasks.file(task), task.original_file
    return tasks.start_import(task.installation, plan, path, file_name=file_name)


def _is_named(name: str) -> bool:
    return name.endswith(DRY_RUN_SUFFIX)
