"""Back up what a run may overwrite, before it writes anything."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ...errors import Refused
from ...model.backup_plan import BackupPlan
from ...model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_FOLDER,
    EntityType,
)
from ...model.plan import ImportPlan, MigrationPlan
from ...model.selection import Selection
from ...model.task import Task, TaskStatus
from ...ports import Installation
from ..task_run import TaskCancelled, TaskRun, count_records
from ..worker.launcher import launch_worker, observe_task
from ..worker.liveness import identify_self

_POLL_INTERVAL_S: Final = 0.1
_NEEDED_KINDS: Final = (OBJECT_FOLDER, LIST_TYPE_DEFINITION, OBJECT_DEFINITION)


def back_up_before(
    run: TaskRun, plan: ImportPlan | MigrationPlan, target: Installation
) -> None:
    """Make a backup of the target's items of a plan, if the plan asks for it.

    The backup is a task of its own. A task that goes on where it was stopped has its
    backup already; one made now would hold what the task itself has written.

    Raises:
        Refused: The backup could not be made; nothing was written.
        TaskCancelled: The task was cancelled.
    """
    if not plan.options.backup or plan.dry_run or _has_begun(run):
        return
    selection = select_for_backup(plan, target.entity_types())
    if selection is None:
        return
    workspace, subject = run.workspace, run.task
    backup = workspace.tasks.add(
        subject.installation,
        BackupPlan(selection=selection, name=f"Backup before task {subject.id}"),
        worker=identify_self(),
    )
    launch_worker(workspace, backup)
    ended = _wait(run, backup)
    if ended.status is not TaskStatus.COMPLETED:
        failed = count_records(ended.counts.failed)
        reason = ended.error or f"{failed} could not be copied."
        raise Refused(
            subject.installation,
            f"The backup before the run (task {ended.id}) is not complete, so nothing "
            f"was written: {reason}",
        )
    note = (
        f"Backup {ended.id} was made before anything was written "
        f"({count_records(ended.counts.total)}). Bring it back: Restore in the list "
        f"of tasks, or dmc restore {ended.id}"
    )
    run.task = replace(run.task, notes=workspace.tasks.add_start_note(subject.id, note))


def _has_begun(run: TaskRun) -> bool:
    """Return True if the task has written something, or is about to."""
    outcomes = run.workspace.outcomes
    recorded = outcomes.read(run.task.id)
    is_recorded = any(not batch.is_skipped for batch in recorded)
    return is_recorded or bool(outcomes.pending(run.task.id))


def _wait(run: TaskRun, backup: Task) -> Task:
    """Return the backup when it has ended; it is cancelled with the task."""
    workspace = run.workspace
    while True:
        current = observe_task(workspace, workspace.tasks.get(backup.id))
        if current.status.is_final:
            return current
        try:
            run.advance(run.done)
        except TaskCancelled:
            workspace.tasks.request_cancel(backup.id)
            raise
        time.sleep(_POLL_INTERVAL_S)


def select_for_backup(
    plan: ImportPlan | MigrationPlan, types: Iterable[EntityType]
) -> Selection | None:
    """Return what a run may overwrite in a target; None if the target has none of it.

    Args:
        plan: The plan of the run.
        types: The entity types of the target.
    """
    known = {entity_type.key: entity_type for entity_type in types}
    if isinstance(plan, ImportPlan):
        named = [plan.entity_type]
    elif not plan.selection.entity_types:
        return Selection()
    else:
        named = list(plan.selection.entity_types)
        if plan.selection.with_needed:
            named += _NEEDED_KINDS
    chosen = dict.fromkeys(_whole_types(named, known))
    if not chosen:
        return None
    sites = plan.selection.sites if isinstance(plan, MigrationPlan) else ()
    selection = Selection(entity_types=tuple(chosen), with_needed=True)
    return replace(selection, sites=sites)


def _whole_types(names: Iterable[str], known: dict[str, EntityType]) -> Iterator[str]:
    """Yield the keys of known types; of parts, the key of what they are parts of."""
    by_name = {entity_type.name: entity_type for entity_type in known.values()}
    for name in names:
        entity_type = known.get(name)
        if entity_type is not None and entity_type.part_of:
            entity_type = by_name.get(entity_type.part_of)
        if entity_type is not None:
            yield entity_type.key
