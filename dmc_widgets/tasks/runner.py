"""The task runner: whatever happens, the task ends with a status and a reason."""

from __future__ import annotations

import logging
import time
from contextlib import closing

from ..errors import DmcError
from ..model.plan import ExportPlan, ImportPlan, MigrationPlan, PackagePlan
from ..model.task import TaskStatus
from ..ports import Installation
from ..workspace import Workspace
from .connecting import open_connection
from .entities import resolve
from .exporting import run_export
from .importing import run_import
from .run import Cancelled, Run
from .snapshots import frozen

_CANCELLED = "Cancelled. What was written before, stays."
_REHEARSAL_CANCELLED = "Cancelled. Nothing was written."

_log = logging.getLogger(__name__)


def run_task(workspace: Workspace, task_id: int) -> None:
    """Carry out a queued task; do nothing if another process has begun it.

    It raises nothing: every ending is recorded with the task.
    """
    if not workspace.tasks.start(task_id, time.time()):
        return
    run = Run(workspace, workspace.tasks.get(task_id))
    try:
        _carry_out(run)
    except Cancelled:
        run.finish(TaskStatus.CANCELLED, _cancelled(run))
    except DmcError as exc:
        if workspace.tasks.cancel_asked(task_id):  # a long wait was given up
            run.finish(TaskStatus.CANCELLED, _cancelled(run))
        else:
            run.finish(TaskStatus.FAILED, exc)
    except Exception as exc:
        # The one place that takes what nobody foresaw: a task that ends without
        # a word is the worst of all endings. The log keeps the traceback.
        _log.exception("Task %s ended unexpectedly", task_id)
        what = f"{type(exc).__name__}: {exc}"
        run.finish(
            TaskStatus.FAILED,
            f"Unexpected Error ({what}). The worker's log beside the task's files "
            "tells more.",
        )


def _cancelled(run: Run) -> str:
    plan = run.task.plan
    is_rehearsal = isinstance(plan, MigrationPlan) and plan.dry_run
    return _REHEARSAL_CANCELLED if is_rehearsal else _CANCELLED


def _carry_out(run: Run) -> None:
    plan = run.task.plan
    with closing(_open(run, run.task.installation)) as installation:
        match plan:
            # What few tasks need is loaded for these alone.
            case MigrationPlan():
                from .migrating import run_migration

                with (
                    closing(_open(run, plan.source)) as opened,
                    frozen(opened) as source,
                ):
                    run_migration(run, plan, source, installation)
            case PackagePlan():
                from .packing import run_packing

                with frozen(installation) as source:
                    run_packing(run, plan, source)
            case ExportPlan():
                with frozen(installation) as source:
                    entity_type = resolve(source.entity_types(), plan.entity_type)
                    run_export(run, plan, source, entity_type)
            case ImportPlan():
                entity_type = resolve(installation.entity_types(), plan.entity_type)
                run_import(run, plan, installation, entity_type)


def _open(run: Run, name: str) -> Installation:
    return open_connection(run.workspace.connections.get(name), run.is_wanted)
