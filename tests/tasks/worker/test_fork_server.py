"""The process that forks workers: each of them is as if it had been started alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.tasks.worker import launcher
from dmc_widgets.tasks.worker.fork_server import ForkServer
from dmc_widgets.workspace import Workspace
from tests.factories import write_json

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems start each worker"
)


@pytest.fixture
def server() -> Iterator[ForkServer]:
    started = ForkServer()
    yield started
    started.close()


def fork(server: ForkServer, log: Path, *arguments: str) -> int:
    with log.open("ab") as output:
        pid = server.fork_worker(list(arguments), output.fileno())
    assert pid is not None
    return pid


def fork_and_identify(server: ForkServer, folder: Path) -> int:
    """Fork a worker without a task, and return the process id of the server."""
    fork(server, folder / "log", str(folder / "w"), "1")
    assert server.pid is not None
    return server.pid


def wait_for(log: Path, text: str) -> None:
    end = time.monotonic() + 60
    while text not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)


def test_worker_has_a_session_and_the_folder_of_its_caller(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its workspace is relative here, and what it prints goes to its log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workspace").write_text("not a folder")
    log = tmp_path / "log"
    worker = fork(server, log, "workspace", "7")
    with suppress(ProcessLookupError):  # it has ended
        assert os.getsid(worker) == worker

    wait_for(log, "workspace")


def test_workers_share_a_server_until_pythons_settings_change(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = [fork_and_identify(server, tmp_path) for _ in range(2)]
    monkeypatch.setenv("PYTHONUTF8", "1")
    changed = fork_and_identify(server, tmp_path)

    assert servers[0] == servers[1] != changed
    assert not psutil.pid_exists(servers[0])


def test_server_that_was_prepared_forks_the_workers(
    server: ForkServer, tmp_path: Path
) -> None:
    """A form that is opened expects its task."""
    server.prepare()
    prepared = server.pid

    assert fork_and_identify(server, tmp_path) == prepared


@pytest.mark.parametrize(("has_pool", "prepared"), [(False, 2), (True, 0)])
def test_workers_are_prepared_before_a_plan_is_checked(
    center: Center, monkeypatch: pytest.MonkeyPatch, has_pool: bool, prepared: int
) -> None:
    """The check loads as much as workers do; those of a pool are elsewhere."""
    asked: list[bool] = []
    monkeypatch.setattr(launcher.fork_server, "prepare", lambda: asked.append(True))
    with closing(Workspace(center.workspace_path)) as workspace:
        workspace.queue.has_pool = has_pool

    with pytest.raises(dmc.FileError):
        center.import_file("target", "Ticket", "nowhere.jsonl")
    with pytest.raises(dmc.UnknownName):
        center.export_file("target", "Nothing")

    assert len(asked) == prepared


def test_server_that_has_ended_leaves_the_worker_to_its_caller(
    server: ForkServer, tmp_path: Path
) -> None:
    """The next worker gets a new server."""
    ended = fork_and_identify(server, tmp_path)
    os.kill(ended, signal.SIGKILL)
    while psutil.Process(ended).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)

    with (tmp_path / "log").open("ab") as output:
        assert server.fork_worker([str(tmp_path / "w"), "1"], output.fileno()) is None
    assert fork_and_identify(server, tmp_path) != ended


def test_task_goes_on_without_the_server(center: Center, tmp_path: Path) -> None:
    records = [{"title": "x" * 200, "priority": n} for n in range(30_000)]
    path = write_json(tmp_path / "many.json", records)
    plan = ImportPlan(entity_type="Ticket")
    ids, workers = [], []
    for _ in range(2):
        ids.append(center.tasks.start_import("target", plan, path).id)
        with closing(Workspace(center.workspace_path)) as workspace:
            workers.append(psutil.Process(workspace.tasks.worker(ids[-1]).pid))
    server = launcher.fork_server.pid
    assert [worker.ppid() for worker in workers] == [server, server]
    launcher.fork_server.close()

    assert not center.tasks.get(ids[1]).status.is_final
    ended = center.tasks.wait(ids[1], timeout_s=120)
    assert (ended.status, ended.counts.created) == (TaskStatus.COMPLETED, 30_000)


_COMMAND = """
import os, sys
from pathlib import Path
from dmc_widgets.center.launching import fork_workers_here
from dmc_widgets.tasks.worker.launcher import fork_server

fork_workers_here(Path(sys.argv[1]))
import dmc_widgets as dmc

with dmc.open_center(sys.argv[1]) as center:
    center.tasks.start_export("Sample source", dmc.ExportPlan(entity_type="Bicycle"))
    print(os.getpid(), fork_server.pid, os.getsid(fork_server.pid))
    if sys.argv[2:] == ["killed"]:
        os.kill(os.getpid(), 9)
"""
"""A process that forks before it opens its workspace, and starts one task."""


def run_command(workspace: Path, *arguments: str) -> list[int]:
    """Return the process ids of the command and of its server, and its session."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, workspace, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (-signal.SIGKILL if arguments else 0), done.stderr
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()  # neither the server nor the worker prints
    return [int(word) for word in line.split()]


@pytest.mark.parametrize("arguments", [(), ("killed",)])
def test_task_of_a_command_is_carried_out_by_a_fork_and_outlives_it(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    command, server, session = run_command(tmp_path / "w", *arguments)

    assert command != server == session  # a closed terminal does not end it
    with dmc.open_center(tmp_path / "w") as center:
        assert center.tasks.wait(1, timeout_s=60).status is TaskStatus.COMPLETED
    end = time.monotonic() + 60
    while psutil.pid_exists(server):  # the next moment
        assert time.monotonic() < end
        time.sleep(0.02)


def test_process_with_other_threads_is_not_forked() -> None:
    """Locks that they hold would be held for ever in the fork."""
    is_over = threading.Event()
    other = threading.Thread(target=is_over.wait)
    other.start()
    server = ForkServer()
    server.fork_here()
    is_over.set()
    other.join()

    assert server.pid is None
