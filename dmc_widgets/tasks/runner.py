"""The task runner: whatever happens, the task ends with a status and a reason."""

from __future__ import annotations

import logging
import time
from contextlib import closing

from ..errors import DmcError, WorkspaceError
from ..model.plan import ExportPlan, ImportPlan, MigrationPlan, PackagePlan
from ..model.task import TaskStatus
from ..ports import Installation
from ..workspace import Workspace
from .connecting import open_connection
from .entities import resolve
from .exporting import run_export
from .importing import run_import
from .liveness import identify_self
from .run import Cancelled, Disowned, Run
from .snapshots import frozen

_CANCELLED = "Cancelled. What was written before, stays."
_REHEARSAL_CANCELLED = "Cancelled. Nothing was written."

_log = logging.getLogger(__name__)


def run_task(workspace: Workspace, task_id: int) -> bool:
    """Carry out a queued task; do nothing if another process has begun it.

    It raises nothing: every ending is recorded with the task or, where there is no
    room for that, beside it.

    Returns:
        False if the end could not be recorded with the task.
    """
    if not workspace.tasks.start(task_id, time.time(), identify_self()):
        return True
    run = Run(workspace, workspace.tasks.get(task_id))
    end = _Ending(run)
    try:
        _carry_out(run)
    except Cancelled:
        end.record(TaskStatus.CANCELLED, _cancelled(run))
    except Disowned:
        _log.warning("Task %s was ended by another process", task_id)
    except DmcError as exc:
        if run.ended is not None:  # all is done but the record of it
            end.record(run.ended.status, run.ended.error)
        elif end.is_cancelled():  # a long wait was given up
            end.record(TaskStatus.CANCELLED, _cancelled(run))
        else:
            end.record(TaskStatus.FAILED, exc)
    except Exception as exc:
        # The one place that takes what nobody foresaw: a task that ends without
        # a word is the worst of all endings. The log keeps the traceback.
        _log.exception("Task %s ended unexpectedly", task_id)
        what = f"{type(exc).__name__}: {exc}"
        end.record(
            TaskStatus.FAILED,
            f"Unexpected Error ({what}). The worker's log beside the task's files "
            "tells more.",
        )
    if end.is_recorded:
        workspace.last_words(task_id).remove()
    return end.is_recorded


class _Ending:
    """Records the end of a task, even where there is hardly any room for it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._last_words = run.workspace.last_words(run.task.id)
        self.is_recorded = True

    def is_cancelled(self) -> bool:
        """Return True if somebody asked the task to end, as far as can be known."""
        try:
            return self._run.workspace.tasks.cancel_asked(self._run.task.id)
        except WorkspaceError:
            return False

    def record(self, status: TaskStatus, error: DmcError | str) -> None:
        """Record what the task has come to, with the task or beside it."""
        try:
            self._run.finish(status, error)
        except WorkspaceError:
            self._last_words.give_room_back()
        else:
            return
        try:
            self._run.finish(status, error)
        except WorkspaceError as exc:
            self.is_recorded = False
            _log.error("The end of the task could not be recorded: %s", exc)
            self._write_down()

    def _write_down(self) -> None:
        ended = self._run.ended
        if ended is None:
            return
        _log.error("The task ended: %s. %s", ended.status, ended.error)
        try:
            self._last_words.write(ended)
        except WorkspaceError as exc:
            _log.error("That could not be written down either: %s", exc)


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

                # What was read of the source cannot be found out a second time.
                run.workspace.sync_each_commit()
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
