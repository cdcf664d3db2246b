"""Tasks that are carried out where they are started, without a worker process.

A worker takes a second to start. What a worker is good for is tested in
``tests/tasks/worker``; elsewhere, what a task does is the same in this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from dmc_widgets.model.task import Task
from dmc_widgets.tasks.worker.package_tasks import run_package_tasks
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace

_STARTING: Final = (
    "center.launching",
    "center.resuming",
    "tasks.backups.backup_before",
    "tasks.repair.running.repair_start",
    "tasks.worker.undo_at_limit",
)


@contextmanager
def tasks_in_this_process() -> Iterator[None]:
    """Carry tasks out before the call that starts them returns."""

    def carry_out(workspace: Workspace, *tasks: Task) -> None:
        if len(tasks) == 1:
            run_task(workspace, tasks[0].id)
        else:
            run_package_tasks(workspace, [task.id for task in tasks])

    with pytest.MonkeyPatch.context() as patch:
        for module in _STARTING:
            patch.setattr(f"dmc_widgets.{module}.launch_worker", carry_out)
        yield
