"""Each worker process that ends is lost once, whenever it ends."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from subprocess import PIPE
from typing import IO

import pytest

from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.tasks.partitions import processes
from dmc_widgets.tasks.partitions.messages import WorkerLost, WorkerStarted
from dmc_widgets.tasks.partitions.processes import WorkerProcesses
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.tasks.worker.liveness import identify_process
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import Worker

CONNECT = """
import os, signal, sys
from dmc_widgets.tasks.partitions.worker import connect_channel
channel = connect_channel(sys.argv[1])
"""
START = """
from dmc_widgets.tasks.partitions.messages import WorkerStarted
from dmc_widgets.tasks.worker.liveness import identify_self
channel.send(WorkerStarted(identify_self()))
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"


def _messages_of_killed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, script: str
) -> list[tuple[str, str]]:
    """Return the messages of a worker that is killed at the end of a script."""
    started: list[subprocess.Popen[bytes]] = []

    def start(arguments: Sequence[str], output: IO[bytes]) -> Worker:
        command = [sys.executable, "-c", script + KILL, arguments[1]]
        process = subprocess.Popen(command, stdout=output, stderr=output)
        started.append(process)
        return identify_process(process.pid)

    monkeypatch.setattr(processes, "start_worker", start)
    task = workspace.tasks.add("target", ImportPlan(entity_type="Ticket", name="x"))
    messages: list[tuple[str, str]] = []
    with WorkerProcesses(TaskRun(workspace, task), 1) as group:
        (process,) = started
        assert process.wait(60) < 0
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            messages += [
                (name.replace(str(process.pid), "1"), type(message).__name__)
                for name, message in group.receive(0.05)
            ]
    return messages


@pytest.mark.parametrize("script", ["import os, signal\n", CONNECT])
def test_worker_that_ends_before_it_has_started_is_lost_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    messages = _messages_of_killed(workspace, monkeypatch, script)

    assert messages == [("", WorkerLost.__name__)]


def test_worker_that_ends_before_its_start_is_seen_is_lost_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be lost as a process that begins, and again as a worker."""
    messages = _messages_of_killed(workspace, monkeypatch, CONNECT + START)

    assert messages == [
        ("Process 1", WorkerStarted.__name__),
        ("Process 1", WorkerLost.__name__),
    ]


def test_processes_end_if_one_of_them_cannot_be_started(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(_arguments: Sequence[str], _output: IO[bytes]) -> Worker:
        if started:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        started.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=PIPE))
        return identify_process(started[0].pid)

    monkeypatch.setattr(processes, "start_worker", start)
    task = workspace.tasks.add("target", ImportPlan(entity_type="Ticket", name="x"))
    with (
        pytest.raises(OSError, match="temporarily unavailable"),
        WorkerProcesses(TaskRun(workspace, task), 2),
    ):
        pass

    with started[0]:
        assert started[0].wait(30) == -signal.SIGKILL
