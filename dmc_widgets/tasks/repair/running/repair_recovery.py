"""Recover a repair whose worker died: count what it did, and let the round stay open.

Batches under way are not asked for: when the round goes on, it writes the same batches
again, and the target answers for those that it has stored.
"""

from __future__ import annotations

from typing import Final

from ....model.task import Task, TaskStatus, final_status
from ....workspace import Workspace
from ...task_run import count_records
from .repair_run import RepairRun, open_repair

_DIED: Final = "The worker process ended before the repair did."


def recover_repair(workspace: Workspace, task: Task) -> None:
    """Count the outcomes that are recorded, and end the task until it goes on.

    Raises:
        WorkspaceError: It could not be recorded.
    """
    run = open_repair(workspace, task.id)
    final_task = workspace.emergency_record(task.id).apply(task)
    if final_task is not None:
        run.finish(_status(run), final_task.error, final_task.error_code)
        return
    rows = workspace.repairs.rows(task.id, run.round.number)
    left = sum(not row.is_done for row in rows)
    run.finish(
        _status(run),
        f"{_DIED} {count_records(left)} are still to be tried again. Let it go on: "
        f"dmc retry {task.id}",
    )


def _status(run: RepairRun) -> TaskStatus:
    if run.counts.skipped:
        return run.round.status
    return final_status(run.task.action, run.counts, stopped=False)
