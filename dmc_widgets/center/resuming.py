"""Going on with tasks that were interrupted, whatever interrupted them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..errors import FileUnreadable, NotSupported
from ..model.plan import Action, ImportPlan, Plan, UndoPlan, is_dry_run
from ..model.task import Task, TaskStatus
from ..tasks.task_files import original_file, original_path
from ..tasks.worker.launcher import WORKER_DIED, launch_worker, observe_task
from ..tasks.worker.liveness import identify_self
from ..workspace import Workspace
from .base import require_records
from .choices import WorkerChoices, cluster_address

_INTERRUPTED: Final = frozenset({TaskStatus.INACTIVE, TaskStatus.PAUSED})
_STOPPED: Final = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED})


def is_resumable(task: Task) -> bool:
    """Return True if a task stands still and has something left to do."""
    if task.pruned or task.action is Action.BACKUP:
        return False  # a copy that was interrupted is made anew
    if task.status in _INTERRUPTED:
        return True
    if is_dry_run(task.plan) and task.counts.failed:
        return False  # it has shown where the run would stop
    has_rest = bool(task.error or task.counts.skipped or task.counts.unknown)
    return task.status in _STOPPED and has_rest


def resume_task(workspace: Workspace, task_id: int, choices: WorkerChoices) -> None:
    """Start a new worker for a task that stands still.

    Records that have outcomes keep them. Of two calls at once, one starts the worker.

    Args:
        workspace: The workspace of the task.
        task_id: The id of the task.
        choices: Other workers than those of its plan.

    Raises:
        InvalidPlan: Its plan cannot have such workers.
        UnknownName: No task has that id.
        NotSupported: The task is at work, has nothing left to do, or its file is gone.
        WorkspaceError: No worker could be started; the task stays as it was.
    """
    stored = workspace.tasks.get(task_id)
    observed = observe_task(workspace, stored)
    _require_resumable(workspace, observed)
    plan = _change_workers(workspace, stored, choices) if choices else stored.plan
    dead = workspace.tasks.worker(task_id)
    passed = 0
    has_died = observed.error.startswith(WORKER_DIED)
    if observed.status is TaskStatus.FAILED and not has_died:  # its error names it
        passed = workspace.outcomes.last_failure(task_id)
    is_own = workspace.tasks.reopen(
        replace(stored, plan=plan), dead=dead, passed=passed, worker=identify_self()
    )
    if not is_own:
        return  # another process has resumed it in this moment
    workspace.history.add(stored, "Resume")
    try:
        launch_worker(workspace, replace(stored, plan=plan))
    except BaseException:
        workspace.tasks.close_again(stored)
        raise


def _change_workers(workspace: Workspace, task: Task, choices: WorkerChoices) -> Plan:
    """Return the plan of a task with other workers.

    Raises:
        InvalidPlan: It cannot have such workers.
        NotSupported: One worker has begun it, or it imports no file.
    """
    plan = task.plan
    if not isinstance(plan, ImportPlan) or not workspace.partitions.read(task.id):
        raise NotSupported(
            what=f"Task {task.id} was not begun by several workers.",
            instead="Resume it without other workers.",
        )
    changes = {**choices}
    if "cluster" in changes:
        changes["cluster"] = cluster_address(changes["cluster"])
    options = replace(plan.options, **changes)  # type: ignore[arg-type]
    return replace(plan, options=options)


def _find_undo(workspace: Workspace, task: Task) -> Task | None:
    """Return a task that has taken back a task, or a part of it."""
    for other in workspace.tasks.all("", Action.UNDO):
        plan = other.plan
        is_undo = isinstance(plan, UndoPlan) and plan.task == task.id
        if is_undo and not is_dry_run(plan) and other.counts.successful:
            return other
    return None


def _require_resumable(workspace: Workspace, task: Task) -> None:
    if not task.status.is_final:
        raise NotSupported(
            what=f"Task {task.id} is at work already: {task.status}.",
            instead="Wait for its end.",
        )
    require_records(task)
    if not is_resumable(task):
        raise NotSupported(
            what=f"Task {task.id} has nothing left to do: {task.status}, "
            f"{task.counts.summary}.",
            instead="Start a new task.",
        )
    undo = _find_undo(workspace, task)
    if undo is not None:
        raise NotSupported(
            what=f"Task {task.id} was taken back by task {undo.id}.",
            instead="Start a new task.",
        )
    if task.action is Action.IMPORT:
        _require_file(workspace, task)


def _require_file(workspace: Workspace, task: Task) -> None:
    """Refuse to go on without the file of an import, or with what it is now."""
    what = ""
    if not original_path(workspace, task).is_file():
        what = "is not in the workspace any more"
    try:
        original_file(workspace, task)
    except FileUnreadable:
        what = "was changed after the task had been started"
    if what:
        raise NotSupported(
            what=f"Task {task.id} cannot go on: its file {task.original_file} {what}.",
            instead="Import the file again: records that exist already are recognised "
            "by their external reference codes.",
        )
