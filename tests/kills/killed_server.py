"""A sandbox in a process of its own, which is killed while an import writes to it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Task
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import ImportJob
from tests.kills.killing import ROOT, Kill, carry_out, make_target, start_import
from tests.kills.resuming import UNDISTURBED, differences, open_workspace, read_result
from tests.sandbox.conftest import SETTINGS

_START_LIMIT_S: Final = 30.0


class ServerProcess:
    """A sandbox that can be killed and started again at the same address."""

    def __init__(self, database: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._database = database
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, dies: bool = False) -> None:
        """Start the server, and wait until it answers.

        Args:
            dies: It is killed as soon as it has got entries.
        """
        command = ["dmc_widgets", "sandbox", "--db", str(self._database)]
        command += ["--port", str(self._port), "--user", SETTINGS.user]
        if dies:
            dying = "tests.kills.dying_server"
            command = [dying, str(self._database), str(self._port)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, "DMC_SANDBOX_PASSWORD": SETTINGS.password},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + _START_LIMIT_S
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return

    @property
    def is_dead(self) -> bool:
        """The process has ended."""
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """Kill the server with its process group."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextmanager
def _serve(database: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(database)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def resume_after_server_kill(kill: Kill, folder: Path, seed: int) -> list[str] | None:
    """Kill the server in the middle of an import, start it again, and resume.

    Returns:
        What differs from an undisturbed import; None if it had ended before.
    """
    databases = folder / "server.db", folder / "undisturbed.db"
    make_target(f"sqlite:///{databases[0]}", kill)
    shutil.copyfile(databases[0], databases[1])
    os.environ[PASSWORD] = SETTINGS.password
    urls = f"sqlite:///{databases[0]}", f"sqlite:///{databases[1]}"
    dice = random.Random(seed)
    with (
        open_workspace(folder) as workspace,
        _serve(databases[0]) as server,
        _serve(databases[1]) as other,
    ):
        center = Center(workspace)
        access = Access(user=SETTINGS.user)
        center.installations.add("target", server.url, access)
        center.installations.add("undisturbed", other.url, access)
        file = folder / "tickets.jsonl"
        task = start_import(workspace, "target", kill, file)
        if not _kill_while_running(workspace, task, server, dice):
            return None
        server.start()
        resumed = center.tasks.wait(center.tasks.resume(task.id))
        undisturbed = carry_out(workspace, "undisturbed", kill, file, UNDISTURBED).task
        undisturbed = center.tasks.get(undisturbed.id)
        job = ImportJob(folder, kill)
        result = read_result(workspace, resumed, job, urls[0])
        expected = read_result(workspace, undisturbed, job, urls[1])
        return list(differences(result, expected))


def _kill_while_running(
    workspace: Workspace, task: Task, server: ServerProcess, dice: random.Random
) -> bool:
    """Kill the server after some records; return False if the import had ended."""
    from dmc_widgets.tasks.worker.launcher import launch_worker

    tasks = Center(workspace).tasks
    launch_worker(workspace, task)
    while not tasks.get(task.id).counts.total:
        if tasks.get(task.id).status.is_final:
            return False
        time.sleep(0.02)
    time.sleep(dice.uniform(0, 0.8))
    server.kill()
    ended = tasks.wait(task.id)
    return ended.counts.skipped + ended.counts.unknown > 0 or bool(ended.error)
