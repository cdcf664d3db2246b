"""Tasks run in the process of the test, which saves the start of a worker each."""

from __future__ import annotations

import pytest

from dmc_widgets.model.task import Task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(workspace: Workspace, task: Task) -> None:
        run_task(workspace, task.id)

    for module in ("center.launching", "center.resuming", "tasks.repair.repair_start"):
        monkeypatch.setattr(f"dmc_widgets.{module}.launch_worker", run)
