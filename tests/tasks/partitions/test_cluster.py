"""An import on a Dask cluster ends as one by a single worker does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client, LocalCluster

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.errors import InvalidPlan, NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.ports import Query
from dmc_widgets.tasks.cluster import dask_workers
from dmc_widgets.tasks.cluster.dask_workers import DaskWorkers
from dmc_widgets.tasks.partitions.messages import BatchWritten, Message
from dmc_widgets.tasks.task_files import file_origin, log_path
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_origins import FileOrigin
from dmc_widgets.workspace.partitions import PartitionStatus
from tests.inline_tasks import tasks_in_this_process
from tests.object_store import ObjectStore
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A cluster of two processes."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any port
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


def _write_tickets(folder: Path, number: int) -> Path:
    """Write so many tickets, and one that fails."""
    path = folder / "tickets.jsonl"
    lines = (
        f'{{"{ERC}": "T{n}", "title": "Ticket {n}", "priority": {n}}}\n'
        for n in range(number)
    )
    path.write_text("".join(lines) + "{}\n")
    return path


def test_partitions_of_a_killed_worker_are_imported_by_another(
    workspace: Workspace,
    center: Center,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Into a server, with a journal, several batches of each at once, exactly once."""
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
    path = _write_tickets(tmp_path, 1_000)
    with run_sandbox(database) as server:
        center.installations.add("server", server.url, Access(user=SETTINGS.user))
        with tasks_in_this_process():
            task = center.import_file(
                "server", "Ticket", path, error_limit="90%", cluster=client, at_once=3
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


def test_a_cancelled_import_goes_on_with_processes(
    workspace: Workspace,
    center: Center,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The workers of the cluster end with it, and are free for other tasks."""
    original = DaskWorkers.receive
    written: list[str] = []

    def receive(self: DaskWorkers, timeout_s: float) -> Iterator[tuple[str, Message]]:
        for name, message in original(self, timeout_s):
            yield name, message
            if isinstance(message, BatchWritten):
                written.append(name)
                if len(written) == 3:
                    workspace.tasks.request_cancel(1)

    monkeypatch.setattr(DaskWorkers, "receive", receive)
    with tasks_in_this_process():
        task = center.import_file(
            "target",
            "Ticket",
            _write_tickets(tmp_path, 8_000),
            error_limit="90%",
            cluster=client,
        )
        stopped, done = task.status, task.counts.total
        free = client.submit(os.getpid, pure=False).result(timeout=60)
        with pytest.raises(InvalidPlan, match="0 workers cannot"):
            task.resume(workers=0)
        task.resume(workers=1, cluster="")

    assert stopped == "Cancelled"
    assert 300 <= done < 8_000
    assert free in client.run(os.getpid).values()
    assert (task.status, task.error) == ("Partially Completed", "")
    assert task.counts == Counts(created=8_000, failed=1)
    assert _codes(tmp_path / "target.db") == sorted(f"T{n}" for n in range(8_000))
    names = {share.name.partition(" ")[0] for share in center.tasks.workers(task.id)}
    assert "Process" in names
    undone = center.tasks.get(task.id).plan
    assert isinstance(undone, ImportPlan)
    assert (undone.options.workers, undone.options.cluster) == (1, "")


def test_workers_without_the_folder_read_the_file_at_its_address(
    object_store: ObjectStore,
    center: Center,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And refuse it if its bytes are others than those that the coordinator has."""
    path = _write_tickets(tmp_path, 200)
    address = object_store.put("incoming/tickets.jsonl", path.read_bytes())
    missing = tmp_path / "not of this machine"
    monkeypatch.setattr(dask_workers, "original_path", lambda *_: missing)

    def replace_file(workspace: Workspace, task: Task) -> FileOrigin | None:
        object_store.put("incoming/tickets.jsonl", b"{}\n")
        return file_origin(workspace, task)

    with run_sandbox(tmp_path / "target.db") as server, tasks_in_this_process():
        center.installations.add("server", server.url, Access(user=SETTINGS.user))

        def start() -> TaskHandle:
            return center.import_file(
                "server", "Ticket", address, error_limit="90%", cluster=client
            )

        task = start()
        monkeypatch.setattr(dask_workers, "file_origin", replace_file)
        object_store.put("incoming/tickets.jsonl", path.read_bytes())
        changed = start()

    assert (task.status, task.error) == ("Partially Completed", "")
    assert task.counts == Counts(created=200, failed=1)
    assert changed.status == "Failed"
    assert "tickets.jsonl: it was changed after the task had been" in changed.error


def test_a_command_brings_its_own_cluster(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """Its processes end with the task, and print nothing."""
    file = _write_tickets(tmp_path, 1_200)
    command = [sys.executable, "-m", "dmc_widgets", "--workspace"]
    command += [str(workspace.path), "import"]
    options = ["--on-error=continue", "--error-limit=90%", "--workers=2"]
    done = subprocess.run(
        [*command, "target", "Ticket", str(file), *options, "--cluster=local"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert "1,200 created" in done.stdout + done.stderr
    assert _codes(tmp_path / "target.db") == sorted(f"T{n}" for n in range(1_200))
    (task,) = workspace.tasks.all()
    report = center.tasks.verification(task)
    assert report is not None
    assert report.summary == "1,200 items are in target as expected."
    shares = center.tasks.workers(task.id)
    assert 1 <= len(shares) <= 2
    assert all(share.name.startswith("tcp://127.0.0.1:") for share in shares)
    assert log_path(workspace, task).read_text() == ""
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(workspace.path) in (process.info["cmdline"] or ())
    ]
    assert psutil.wait_procs(left, timeout=60)[1] == []


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
