"""Several workers of which each has several batches under way at a server."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.formats.source import open_source
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts
from dmc_widgets.ports import Query
from dmc_widgets.tasks.imports.numbered_chunk import NumberedChunk
from dmc_widgets.tasks.imports.record_writer import RecordWriter
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.partitions import pools
from dmc_widgets.tasks.partitions.division import PartitionRecall
from dmc_widgets.tasks.partitions.messages import BatchWritten, Message
from dmc_widgets.tasks.partitions.planner import Partition
from dmc_widgets.tasks.partitions.processes import WorkerProcesses
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.conftest import RunImport

ERC = "externalReferenceCode"


def _plan(center: Center, **options: Any) -> ImportPlan:
    key = center.installations.entity_type("target", "Ticket").key
    return ImportPlan(
        entity_type=key,
        name="test",
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
        options=RunOptions(error_limit="90%", **options),
    )


def test_batches_of_a_killed_worker_are_written_once(
    run_import: RunImport,
    center: Center,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed: list[str] = []

    class KilledProcesses(WorkerProcesses):
        def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
            for name, message in super().receive(timeout_s):
                yield name, message
                if isinstance(message, BatchWritten) and not killed:
                    killed.append(name)
                    os.kill(self.worker(name).pid, signal.SIGKILL)

    monkeypatch.setattr(pools, "WorkerProcesses", KilledProcesses)
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    database = tmp_path / "target.db"
    tickets = [{ERC: f"T-{n}", "title": f"Ticket {n}"} for n in range(1_000)]
    with run_sandbox(database) as server:
        workspace.connections.put("target", server.url, Access(user=SETTINGS.user))
        task = run_import(tickets, _plan(center, workers=2, at_once=3))

    assert killed
    assert task.counts == Counts(created=1_000)
    assert task.notes == ()
    with closing(connect(f"sqlite:///{database}")) as target:
        kind = find_entity_type(target.entity_types(), "Ticket")
        assert sum(1 for _ in target.read(kind, Query(fields=[ERC]))) == 1_000


@pytest.mark.parametrize(
    ("at_once", "found"), [(1, {1, 101}), (2, {1, 101, 301}), (3, {1, 101, 301, 601})]
)
def test_batches_after_one_that_is_missing_are_found(
    run_import: RunImport,
    center: Center,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    *,
    at_once: int,
    found: set[int],
) -> None:
    """A killed worker may have written them at the same time."""
    task = run_import([{ERC: f"T-{n}", "title": "T"} for n in range(800)])
    plan = replace(_plan(center, at_once=at_once), entity_type=task.plan.entity_type)
    stored = {101, 301, 601}

    def recall(_writer: RecordWriter, chunk: NumberedChunk) -> bool | None:
        return True if chunk.first in stored else None

    monkeypatch.setattr(RecordWriter, "recall", recall)
    path = workspace.task_folder(task.id) / "original"
    partition = Partition(number=1, batch=1, first=1, sizes=((100, 8),))
    recorded = {1}
    connection = workspace.connections.get("target")
    with (
        closing(open_connection(connection)) as target,
        open_source(path, name="tickets.json") as source,
    ):
        kind = find_entity_type(target.entity_types(), "Ticket")
        recall_of = PartitionRecall(TaskRun(workspace, task), plan, target, kind)
        recall_of.recall(source, partition, recorded)

    assert recorded == found
