"""The repair of an import: what is killed is the retry of its mended records."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from dmc_widgets.center import Center
from dmc_widgets.model.strategies import ImportStrategy
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER
from tests.kills.jobs import ImportJob
from tests.kills.killing import NEW, Kill, start_import
from tests.kills.resuming import Resumption

_LAUNCH = "dmc_widgets.tasks.repair.running.repair_start.launch_worker"


class RepairJob(ImportJob):
    """A third of the tickets of a file have no title, and get one.

    Args:
        folder: For the file.
        kill: The import; every strategy but *Only Update* has failed records to mend.
        dice: Decides which records are wrong.
    """

    def __init__(self, folder: Path, kill: Kill, dice: random.Random) -> None:
        records = range(1, kill.records + 1)
        bad = frozenset(dice.sample(records, kill.records // 3))
        if kill.strategy is ImportStrategy.UPDATE:
            kill = replace(kill, stored=frozenset(records))
        super().__init__(folder, replace(kill, bad=bad, stops=False))
        self.batches = -(-len(bad) // 200)

    def __str__(self) -> str:
        return f"repair {self.kill.strategy.value:6}"

    def add(self, workspace: Workspace, name: str) -> Task:
        """Import the file, and queue the repair of the task."""
        file = self.folder / "tickets.jsonl"
        task = start_import(workspace, name, self.kill, file)
        run_task(workspace, task.id)
        repair = Center(workspace).repair
        mended = repair.replace(task.id, {"title": {"": NEW}})
        with patch(_LAUNCH, lambda _workspace, _task: None):
            started = repair.start(task.id, mended)
        workspace.tasks.assign(task.id, NO_WORKER)  # it may die before it says its name
        return started


class RepairResumption(Resumption):
    """Kills repairs, and lets them go on by another retry."""

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        center = Center(workspace)
        center.tasks.recover(task.id)
        if workspace.repairs.open_round(task.id) is None:  # it was at its end
            return center.tasks.get(task.id)
        return center.tasks.wait(center.repair.start(task.id, None).id)
