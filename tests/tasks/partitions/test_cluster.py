"""An import on a Dask cluster ends as one by a single worker does."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.task import Counts
from dmc_widgets.ports import Query
from dmc_widgets.tasks.cluster.dask_workers import DaskWorkers
from dmc_widgets.tasks.partitions.messages import BatchWritten, Message
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.partitions import PartitionStatus
from tests.inline_tasks import tasks_in_this_process
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A cluster of two processes."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster) as opened,
    ):
        yield opened


def _codes(database: Path) -> list[str]:
    target = connect(f"sqlite:///{database}")
    tickets = next(x for x in target.entity_types() if x.is_named("Ticket"))
    found = [item[ERC] for item in target.read(tickets, Query(fields=[ERC]))]
    target.close()
    return sorted(found)


def test_partitions_of_a_killed_worker_are_imported_by_another(
    workspace: Workspace,
    center: Center,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Into a server, with a journal, exactly once."""
    database = tmp_path / "target.db"
    pids: dict[str, int] = client.run(os.getpid)
    killed: list[str] = []
    original = DaskWorkers.receive

    def receive(self: DaskWorkers, timeout_s: float) -> Iterator[tuple[str, Message]]:
        for name, message in original(self, timeout_s):
            yield name, message
            if isinstance(message, BatchWritten) and not killed:
                killed.append(name)
                os.kill(pids[name.partition(" ")[0]], signal.SIGKILL)

    monkeypatch.setattr(DaskWorkers, "receive", receive)
    path = tmp_path / "tickets.jsonl"
    path.write_text(
        "".join(
            f'{{"{ERC}": "T{n}", "title": "Ticket {n}", "priority": {n}}}\n'
            for n in range(1_000)
        )
        + "{}\n"
    )
    with run_sandbox(database) as server:
        center.installations.add("server", server.url, Access(user=SETTINGS.user))
        with tasks_in_this_process():
            task = center.import_file(
                "server", "Ticket", path, error_limit="90%", cluster=client
            )
            stored = _codes(database)
            undone = task.undo()
    assert (task.status, task.error) == ("Partially Completed", "")
    assert task.counts == Counts(created=1_000, failed=1)
    assert killed
    assert stored == sorted(f"T{n}" for n in range(1_000))
    assert _codes(database) == []
    partitions = workspace.partitions.read(task.id)
    assert {x.status for x in partitions} == {PartitionStatus.DONE}
    assert all(x.worker_name.startswith("tcp://") for x in partitions)
    steps = [step.detail for step in workspace.course.steps(task.id)]
    assert any("another one goes on" in step for step in steps)
    assert undone.counts.updated == 1_000


def test_a_cluster_that_is_not_there_is_named(
    workspace: Workspace,
) -> None:
    with pytest.raises(InvalidPlan, match="not the address of a Dask scheduler"):
        RunOptions(cluster="https://example.com")
    with pytest.raises(InvalidPlan, match="Several workers are chosen"):
        ImportPlan(entity_type="Ticket", options=RunOptions(cluster="local"))
    task = workspace.tasks.add(
        "target", ImportPlan(entity_type="Ticket", options=RunOptions(), name="x")
    )
    with pytest.raises(NotSupported, match="does not answer"):
        DaskWorkers(TaskRun(workspace, task), "tcp://127.0.0.1:9", 1)
