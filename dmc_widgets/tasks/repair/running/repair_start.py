"""Start a repair: queue the task, and launch a worker for its failed records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace

from ....errors import InvalidPlan
from ....model.mend import NO_MEND, Mend, PackedMends
from ....model.outcome import OutcomeKind
from ....model.plan import ImportPlan
from ....model.strategies import ErrorStrategy
from ....model.task import Task, TaskStatus
from ....ports import Installation
from ....workspace import Workspace
from ...worker.launcher import launch_worker
from ...worker.liveness import identify_self
from ..mending.mended_file import MendedRecords
from ..mending.sealed_mends import MendSealer
from ..mending.value_mending import add_picklist_key, require_picklist_key
from .repair_task import require_repairable


def start_repair(
    workspace: Workspace,
    task: Task,
    mended: MendedRecords | None,
    open_installation: Callable[[str], Installation],
) -> Task:
    """Try failed records again in a worker process, and return the task at once.

    A repair that was interrupted goes on first; what is given is then left for the next
    one.

    Args:
        workspace: Holds the task.
        task: The task, as it ended.
        mended: The records to try again, with what was changed; None for all that
            failed, as they are.
        open_installation: Opens an installation by its name, for new picklist keys.

    Raises:
        NotSupported: The task has no records to try again.
        InvalidPlan: The task has not ended, no record of it failed, or a new key is
            refused.
        InstallationError: The installation does not take a new key.
        WorkspaceError: The repair could not be recorded or started.
    """
    require_repairable(task)
    repairs = workspace.repairs
    is_open = is_interrupted(workspace, task)
    _require_ended(task, is_interrupted=is_open)
    if is_open:
        if mended is not None:
            reason = (
                f"A repair of task {task.id} was interrupted. Let it go on first: "
                f"dmc retry {task.id}"
            )
            raise InvalidPlan(reason)
        is_queued = repairs.go_on(task.id, identify_self())
    else:
        mends = _choose_failed(workspace, task, mended)
        if mended is not None and (mended.new_keys or any(mends.values())):
            chosen = replace(mended, mends=mends)
            mends = _prepare(workspace, task, chosen, open_installation)
        rest = first_untried(workspace, task)
        is_queued = repairs.begin(task, mends, identify_self(), rest=rest)
    if not is_queued:
        raise InvalidPlan(_busy_message(task))
    try:
        launch_worker(workspace, workspace.tasks.get(task.id))
    except BaseException:
        repairs.restore(task)
        raise
    return workspace.tasks.get(task.id)


def _choose_failed(
    workspace: Workspace, task: Task, mended: MendedRecords | None
) -> Mapping[int, Mend]:
    """Return what was changed in each record that is still a failed one.

    Others have come in since they were mended, on another page for example.

    Raises:
        InvalidPlan: There is none.
    """
    failed = list_failed(workspace, task)
    if not failed:
        reason = f"Task {task.id} has no failed records, so there is none to retry."
        raise InvalidPlan(reason)
    if mended is None:
        return failed
    if mended.mends and failed.keys() >= mended.mends.keys():
        return mended.mends
    mends = PackedMends.pack(x for x in mended.mends.items() if x[0] in failed)
    if not mends:
        reason = (
            f"None of the records given has failed in task {task.id}, or all of them "
            "have come in since. Load the failed records again."
        )
        raise InvalidPlan(reason)
    return mends


def _prepare(
    workspace: Workspace,
    task: Task,
    mended: MendedRecords,
    open_installation: Callable[[str], Installation],
) -> Mapping[int, Mend]:
    """Add new picklist keys, and return the changes as the workspace keeps them."""
    mark = workspace.tasks.mark(task.id)
    with closing(open_installation(task.installation)) as target:
        mends = MendSealer(task).seal(mended.mends, target.entity_types)
        for field, key in mended.new_keys:
            plan = require_picklist_key(task, field)
            added = add_picklist_key(target, mark, plan, field, key)
            is_new = added.kind is OutcomeKind.CREATED
            if is_new and added.change is not None and plan.options.journal:
                workspace.changes.add_key(task.id, added.key, added.change)
    return mends


def is_interrupted(workspace: Workspace, task: Task) -> bool:
    """Return True if a round is open; one that was only not closed is closed."""
    repairs = workspace.repairs
    opened = repairs.open_round(task.id)
    if opened is None:
        return False
    is_at_end = task.status.is_final and not task.error and not opened.rest
    if is_at_end and all(row.is_done for row in repairs.rows(task.id, opened.number)):
        repairs.end(task.id)
        return False
    return True


def _require_ended(task: Task, *, is_interrupted: bool) -> None:
    if not task.status.is_final:
        raise InvalidPlan(_busy_message(task))
    if task.status is TaskStatus.PAUSED and not is_interrupted:
        reason = (
            f"Task {task.id} is paused. Let it go on to its end, or cancel it, before "
            "you retry its failed records."
        )
        raise InvalidPlan(reason)


def _busy_message(task: Task) -> str:
    return f"Task {task.id} is at work. Wait for its end, and retry then."


def list_failed(workspace: Workspace, task: Task) -> dict[int, Mend]:
    """Return the numbers of all failed records of a task, with nothing changed."""
    return dict.fromkeys(workspace.outcomes.failed_indices(task.id), NO_MEND)


def first_untried(workspace: Workspace, task: Task) -> int:
    """Return the first record after the failure at which an import stopped; or 0."""
    plan = task.plan
    stops = isinstance(plan, ImportPlan) and (
        plan.policy.error_strategy is ErrorStrategy.STOP
    )
    if not stops or not task.counts.failed or not task.counts.skipped:
        return 0
    return workspace.repairs.first_skipped(task.id)
