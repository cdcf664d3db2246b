"""`dmc import` whose process groups are killed, and `dmc resume`.

The command waits for a worker that is a process group of its own. Both groups are
killed at a moment that follows from the seed, so that nothing of the task is left.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Final

from dmc_widgets.center import Center
from dmc_widgets.model.task import Task
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import ImportJob
from tests.kills.killing import ROOT, Ended, Moment, lines
from tests.kills.resuming import Resumption

_START_LIMIT_S: Final = 60.0

FIRST_BATCH: Final = "first-batch"
"""The point at which outcomes are recorded; at all others the task was queued."""


class CommandResumption(Resumption):
    """Kills and resumes imports of the command line; see :class:`.Resumption`."""

    def __init__(self, job: ImportJob, *, is_server: bool = False) -> None:
        super().__init__(job, is_server=is_server)
        self._import = job.kill

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        kill = self._import
        file = self._job.folder / "tickets.jsonl"
        file.write_bytes(lines(kill))
        before = len(workspace.tasks.all())
        ending = "stop" if kill.stops else "continue"
        choices = ["--import-strategy", kill.strategy.value, "--on-error", ending]
        command = start_command(workspace, "import", name, "Ticket", file, *choices)
        try:
            task = _wait_for_task(workspace, before, command)
            if moment.point == FIRST_BATCH:
                _wait_for_batch(workspace, task, command)
            time.sleep(moment.delay_ms / 1000)
        finally:
            kill_group(command.pid)
            command.wait()
        kill_group(workspace.tasks.worker(task.id).pid)
        while not Center(workspace).tasks.get(task.id).status.is_final:
            time.sleep(0.01)
        stored = workspace.tasks.get(task.id)
        return Ended(task, was_killed=not stored.status.is_final)

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        tasks = Center(workspace).tasks
        if tasks.get(task.id).error:  # otherwise recovery has found that all was done
            start_command(workspace, "resume", task.id).wait(timeout=600)
        return tasks.get(task.id)


def start_command(workspace: Workspace, *words: object) -> subprocess.Popen[bytes]:
    """Start `dmc` on a workspace, in a process group of its own."""
    order = [sys.executable, "-m", "dmc_widgets", "--workspace", str(workspace.path)]
    return subprocess.Popen(
        [*order, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_group(pid: int) -> None:
    """Kill a process group, if it is still there, as SIGKILL does."""
    if pid > 1:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _wait_for_batch(
    workspace: Workspace, task: Task, command: subprocess.Popen[bytes]
) -> None:
    while next(workspace.outcomes.read(task.id), None) is None:
        assert command.poll() is None, "it has ended without an outcome"
        time.sleep(0.002)


def _wait_for_task(
    workspace: Workspace, before: int, command: subprocess.Popen[bytes]
) -> Task:
    end = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < end and command.poll() is None:
        found = workspace.tasks.all()
        if len(found) > before:
            return found[-1]
        time.sleep(0.005)
    message = "the command has started no task"
    raise TimeoutError(message)
