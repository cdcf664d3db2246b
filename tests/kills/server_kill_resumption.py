"""Tasks of any kind whose target is killed while they write to it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks.worker.launcher import launch_worker
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import Job
from tests.kills.killed_server import ServerProcess
from tests.kills.killing import Ended, Moment
from tests.kills.resuming import Resumption
from tests.sandbox.conftest import SETTINGS


class ServerKillResumption(Resumption):
    """Kills the servers that tasks write to, and starts them again.

    The delay of a moment counts from the first record that has an outcome.
    """

    def __init__(self, job: Job) -> None:
        super().__init__(job, is_server=True)
        self._servers: dict[str, ServerProcess] = {}

    @contextmanager
    def _open_target(self, workspace: Workspace) -> Iterator[tuple[str, str]]:
        name = f"target{next(self._targets)}"
        database = self.target_folder / f"{name}.db"
        shutil.copyfile(self._template, database)
        os.environ[PASSWORD] = SETTINGS.password
        server = self._servers[name] = ServerProcess(database)
        server.start()
        try:
            access = Access(user=SETTINGS.user)
            Center(workspace).installations.add(name, server.url, access)
            yield name, f"sqlite:///{database}"
        finally:
            server.kill()

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        task = self._job.add(workspace, name)
        tasks = Center(workspace).tasks
        launch_worker(workspace, task)
        while not (stored := tasks.get(task.id)).counts.total:
            if stored.status.is_final:
                return Ended(task, was_killed=False)
            time.sleep(0.02)
        time.sleep(moment.delay_ms / 1000)
        server = self._servers[name]
        server.kill()
        ended = tasks.wait(task.id)
        server.start()
        return Ended(task, was_killed=ended.status is TaskStatus.FAILED)

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        tasks = Center(workspace).tasks
        return tasks.wait(tasks.resume(task.id))
