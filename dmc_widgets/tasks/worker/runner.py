"""Run a task so that it ends with a status and a reason, whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing

from ...errors import DmcError, WorkspaceError
from ...model.plan import (
    BackupPlan,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    UndoPlan,
    VerificationPlan,
    is_dry_run,
)
from ...model.task import TaskStatus
from ...ports import Installation
from ...workspace import Workspace
from ..course import recorded_retries
from ..exports.export_task import run_export
from ..imports.import_task import run_import
from ..installation_access import find_entity_type, open_connection, open_snapshot
from ..stop_messages import stop_message
from ..task_run import TaskCancelled, TaskPaused, TaskRun, TaskTakenOver
from ..unexpected_errors import unexpected_message
from .end_messages import notify_where_wished
from .liveness import identify_self
from .undo_at_limit import undo_where_wished

_log = logging.getLogger(__name__)


def run_task(
    workspace: Workspace,
    task_id: int,
    carry_out: Callable[[TaskRun], None] | None = None,
) -> bool:
    """Carry out a queued task; do nothing if another process has begun it.

    It raises nothing: every end is recorded with the task or, if the disk is full, in
    its last words beside it.

    Args:
        workspace: The workspace of the task.
        task_id: The id of the task.
        carry_out: What does the work; None for what the task's plan says.

    Returns:
        False if the end could not be recorded with the task.
    """
    try:
        if not workspace.tasks.start(task_id, time.time(), identify_self()):
            return True
    except WorkspaceError as exc:  # the disk is full already
        return _record_unstarted(workspace, task_id, exc)
    return _run_started(workspace, task_id, carry_out or carry_out_plan)


def _run_started(
    workspace: Workspace, task_id: int, carry_out: Callable[[TaskRun], None]
) -> bool:
    """Carry out a task that this process has begun; see :func:`run_task`."""
    run = _create_run(workspace, task_id)
    end = _TaskEnding(run)
    try:
        run.course.add_start(run.worker)
        with recorded_retries(run.course):
            carry_out(run)
    except TaskCancelled:
        end.record_stop(TaskStatus.CANCELLED)
    except TaskPaused:
        end.record_stop(TaskStatus.PAUSED)
    except TaskTakenOver:
        _log.warning("Task %s was ended by another process", task_id)
    except DmcError as exc:
        if run.final_task is not None:  # only the record of the end failed
            end.record(run.final_task.status, run.final_task.error)
        elif requested := end.requested_status():  # a long wait ended because of it
            end.record_stop(requested)
        else:
            end.record(TaskStatus.FAILED, exc)
    except Exception as exc:
        # The only place that catches unexpected errors: a task must not end without a
        # reason. The log keeps the traceback.
        _log.exception("Task %s ended unexpectedly", task_id)
        if run.final_task is None:  # else its work is done, and stays so
            end.record(TaskStatus.FAILED, unexpected_message(exc))
    if end.is_recorded:
        workspace.emergency_record(task_id).remove()
        notify_where_wished(workspace, run.final_task)
        undo_where_wished(workspace, run)
    return end.is_recorded


def _record_unstarted(workspace: Workspace, task_id: int, exc: WorkspaceError) -> bool:
    """Record why a task did not begin; return False if only beside it."""
    end = _TaskEnding(_create_run(workspace, task_id))
    end.record(TaskStatus.FAILED, exc)
    return end.is_recorded


def _create_run(workspace: Workspace, task_id: int) -> TaskRun:
    """Return the state of a task, or of its repair if one was begun and not ended."""
    opened = workspace.repairs.open_round(task_id)
    if opened is None or opened.is_within_run:
        return TaskRun(workspace, workspace.tasks.get(task_id))
    from ..repair.running.repair_run import open_repair  # few tasks need it

    return open_repair(workspace, task_id)


class _TaskEnding:
    """Record the end of a task, even on a full disk."""

    def __init__(self, run: TaskRun) -> None:
        self._run = run
        self._emergency_record = run.workspace.emergency_record(run.task.id)
        self.is_recorded = True

    def requested_status(self) -> TaskStatus | None:
        """Return *Cancelled* or *Paused* if the task is known to be asked for it."""
        try:
            return self._run.workspace.tasks.requested_status(self._run.task.id)
        except WorkspaceError:
            return None

    def record_stop(self, status: TaskStatus) -> None:
        """Record that the task was cancelled or pauses, and what is written."""
        run = self._run
        self.record(status, stop_message(run.task, run.counts, run.parts, status))

    def record(self, status: TaskStatus, error: DmcError | str) -> None:
        """Record the end with the task or, on a full disk, beside it."""
        try:
            self._run.finish(status, error)
        except WorkspaceError:
            self._emergency_record.release_reserve()
        else:
            return
        try:
            self._run.finish(status, error)
        except WorkspaceError as exc:
            self.is_recorded = False
            _log.error("The end of the task could not be recorded: %s", exc)
            self._write_emergency_record()

    def _write_emergency_record(self) -> None:
        final_task = self._run.final_task
        if final_task is None:
            return
        _log.error("The task ended: %s. %s", final_task.status, final_task.error)
        try:
            self._emergency_record.write(final_task)
        except WorkspaceError as exc:
            _log.error("That could not be written down either: %s", exc)


def carry_out_plan(run: TaskRun) -> None:
    """Do what the plan of a task says, or its repair.

    Raises:
        DmcError: What stops the task.
        TaskCancelled: The task was cancelled.
    """
    run.advance(0)  # it may have been cancelled before it began
    if run.is_repair:
        from ..repair.running.repair_task import run_repair

        run_repair(run, lambda name: _open_installation(run, name))
    else:
        _run_plan(run)


def _run_plan(run: TaskRun) -> None:
    plan = run.task.plan
    if is_dry_run(plan):  # it begins anew when it is resumed
        run.workspace.outcomes.clear(run.task.id)
    with closing(_open_installation(run, run.task.installation)) as installation:
        _back_up_first(run, installation)
        match plan:
            # Modules that few tasks need are imported for these tasks only.
            case MigrationPlan():
                _run_migration(run, plan, installation)
            case VerificationPlan():
                _run_verification(run, plan, installation)
            case BackupPlan():
                from ..backups.backup_task import run_backup

                with open_snapshot(installation) as source:
                    run_backup(run, plan, source)
            case UndoPlan():
                from ..undo.undo_task import run_undo

                run_undo(run, plan, installation)
            case PackagePlan():
                from ..exports.package_task import run_package_export

                with open_snapshot(installation) as source:
                    run_package_export(run, plan, source)
            case ExportPlan():
                with open_snapshot(installation) as source:
                    entity_type = find_entity_type(
                        source.entity_types(), plan.entity_type
                    )
                    run_export(run, plan, source, entity_type)
            case ImportPlan():
                _run_import(run, plan, installation)


def _run_verification(
    run: TaskRun, plan: VerificationPlan, target: Installation
) -> None:
    from ..verification.verification_task import run_verification

    if not plan.is_divided:
        run_verification(run, plan, target)
        return
    from ..partitions.verifying_workers import VerifyingWorkers

    with closing(VerifyingWorkers(run, plan)) as workers:
        run_verification(run, plan, target, workers.share_reading)


def _run_import(run: TaskRun, plan: ImportPlan, installation: Installation) -> None:
    entity_type = find_entity_type(installation.entity_types(), plan.entity_type)
    if plan.dry_run or plan.options.as_shown:
        from ..dry_runs import open_import_target

        with open_import_target(run, plan, installation) as target:
            run_import(run, plan, target, entity_type)
    else:
        run_import(run, plan, installation, entity_type)


def _back_up_first(run: TaskRun, target: Installation) -> None:
    plan = run.task.plan
    if isinstance(plan, (ImportPlan, MigrationPlan)) and plan.options.backup:
        from ..backups.backup_before import back_up_before

        back_up_before(run, plan, target)


def _run_migration(run: TaskRun, plan: MigrationPlan, target: Installation) -> None:
    from ..migration.migration_task import run_migration

    # What was read from the source may not be readable a second time.
    run.workspace.sync_each_commit()
    with (
        closing(_open_installation(run, plan.source)) as opened,
        open_snapshot(opened) as source,
    ):
        run_migration(run, plan, source, target)


def _open_installation(run: TaskRun, name: str) -> Installation:
    return open_connection(run.workspace.connections.get(name), run.should_continue)
