"""What becomes of a cluster while its workers verify leaves the import as it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from distributed import Client

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.tasks.cluster.dask_workers import DaskWorkers
from dmc_widgets.tasks.partitions import shared_reading
from dmc_widgets.tasks.partitions.messages import Message, ReadingDone
from dmc_widgets.tasks.task_files import original_path
from tests.inline_tasks import tasks_in_this_process
from tests.tasks.conftest import RunImport

ERC = "externalReferenceCode"
_DASK = [sys.executable, "-m", "distributed.cli."]
Import = Callable[[Callable[[str], None]], TaskHandle]


@contextmanager
def _dask(part: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [*_DASK[:-1], f"{_DASK[-1]}dask_{part}", "--no-dashboard", *options]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a scheduler, which has two workers."""
    file = tmp_path / "scheduler.json"
    named = ("--scheduler-file", str(file))
    with ExitStack() as stack:
        place = ("--host", "127.0.0.1", "--port", "0")
        scheduler = stack.enter_context(_dask("scheduler", *named, *place))
        for _ in range(2):
            options = ("--no-nanny", "--nthreads", "1", "--death-timeout", "5")
            stack.enter_context(_dask("worker", *named, *options))
        with Client(scheduler_file=str(file), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        yield address, scheduler


@pytest.fixture
def import_tickets(
    center: Center,
    cluster: tuple[str, subprocess.Popen[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Import:
    """Import tickets, and do something when the first of them are verified."""
    monkeypatch.setattr(shared_reading, "_READING_RECORDS", 100)
    path = tmp_path / "tickets.jsonl"
    lines = (f'{{"{ERC}": "T{n}", "title": "Ticket {n}"}}\n' for n in range(4000))
    path.write_text("".join(lines))

    def run(act: Callable[[str], None]) -> TaskHandle:
        original = DaskWorkers.receive

        def receive(
            self: DaskWorkers, timeout_s: float
        ) -> Iterator[tuple[str, Message]]:
            for name, message in original(self, timeout_s):
                yield name, message
                if isinstance(message, ReadingDone):
                    act(name)

        monkeypatch.setattr(DaskWorkers, "receive", receive)
        with tasks_in_this_process():
            return center.import_file(
                "target",
                "Ticket",
                path,
                on_error="continue",
                error_limit="90%",
                cluster=cluster[0],
                workers=2,
            )

    return run


def test_another_worker_reads_what_a_killed_one_had_to(
    cluster: tuple[str, subprocess.Popen[bytes]],
    center: Center,
    import_tickets: Import,
) -> None:
    with Client(cluster[0]) as client:
        pids: dict[str, int] = client.run(os.getpid)
    killed: list[str] = []

    def kill_one(name: str) -> None:
        if not killed:
            killed.append(name)
            os.kill(pids[name.partition(" ")[0]], signal.SIGKILL)

    task = import_tickets(kill_one)

    assert killed
    assert (task.status, task.error, task.notes) == ("Completed", "", ())
    report = center.tasks.verification(task.id)
    assert report is not None
    assert report.summary == "4,000 items are in target as expected."


def test_import_stays_done_when_the_scheduler_is_killed(
    cluster: tuple[str, subprocess.Popen[bytes]],
    center: Center,
    import_tickets: Import,
) -> None:
    task = import_tickets(lambda _name: cluster[1].kill())

    assert (task.status, task.error) == ("Completed", "")
    assert task.counts == Counts(created=4000)
    assert task.notes == (
        "The task could not be verified: The cluster does not answer any more. Start "
        "it again, and resume or verify the task. Verify it later: dmc verify 1",
    )
    assert center.tasks.verification(task.id) is None


def test_a_task_is_verified_on_a_cluster(
    cluster: tuple[str, subprocess.Popen[bytes]], center: Center, run_import: RunImport
) -> None:
    """Which needs neither the file nor the folder of the workspace."""
    task = run_import([{ERC: f"T{n}", "title": f"Ticket {n}"} for n in range(1200)])
    original_path(center.tasks._workspace, task).unlink()

    with tasks_in_this_process():
        verified = center.tasks.verify(task, cluster=cluster[0])

    ended = center.tasks.get(verified)
    assert (ended.status, ended.error) == (TaskStatus.COMPLETED, "")
    assert ended.notes == ("1,200 items are in target as expected.",)
