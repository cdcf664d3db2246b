"""The part of a task that tries its failed records again, by the kind of its plan."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from ....errors import NotSupported
from ....model.plan import ImportPlan, MigrationPlan
from ....model.task import Task
from ....ports import Installation
from ...installation_access import find_entity_type, open_snapshot
from ...task_run import TaskRun
from .import_repair import run_import_repair
from .migration_repair import run_migration_repair
from .repair_run import RepairRun


def require_repairable(task: Task) -> None:
    """Refuse a task whose records cannot be tried again.

    Raises:
        NotSupported: It is neither an import nor a migration, or a dry run.
    """
    plan = task.plan
    if not isinstance(plan, (ImportPlan, MigrationPlan)):
        raise NotSupported(
            what=f"Task {task.id} ({task.action}) has no records to try again.",
            instead="Imports and migrations have.",
        )
    if plan.dry_run:
        raise NotSupported(
            what=f"Task {task.id} was a dry run, which wrote nothing.",
            instead="Run it first, or mend the file and repeat the dry run.",
        )


def run_repair(run: TaskRun, open_installation: Callable[[str], Installation]) -> None:
    """Carry out the open round of a task.

    Args:
        run: The running repair.
        open_installation: Opens an installation by its name.

    Raises:
        DmcError: The round cannot be carried out; it stays open.
        TaskCancelled: The task was cancelled.
    """
    if not isinstance(run, RepairRun):
        msg = "the run of a repair is expected"
        raise TypeError(msg)
    plan = run.task.plan
    require_repairable(run.task)
    with closing(open_installation(run.task.installation)) as target:
        if isinstance(plan, ImportPlan):
            entity_type = find_entity_type(target.entity_types(), plan.entity_type)
            run_import_repair(run, plan, target, entity_type)
        elif isinstance(plan, MigrationPlan):
            with (
                closing(open_installation(plan.source)) as opened,
                open_snapshot(opened) as source,
            ):
                run_migration_repair(run, plan, source, target)
