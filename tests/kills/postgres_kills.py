"""``.venv/bin/python -m tests.kills.postgres_kills --count 100 --seed 1``.

Kills workers that import into PostgreSQL, the server, and single processes of it, at
points that follow from the seed; starts the server again, resumes the tasks, and prints
whether everything equals an undisturbed import.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from pathlib import Path

import psutil
import psycopg

from dmc_widgets.center import Center
from dmc_widgets.installations import ConnectOptions, normalize_address
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import ImportJob, Job
from tests.kills.killing import Ended, Moment, draw, killing_worker, run_worker
from tests.kills.resuming import Resumption, resume_to_the_end
from tests.postgresql import PrivateServer

POINTS = ("before-mark", "before-write", "after-write", "before-outcomes")


class Victim(StrEnum):
    """What dies."""

    WORKER = "worker"
    SERVER = "server"
    BACKEND = "backend"


class PostgresResumption(Resumption):
    """Kills tasks that write to PostgreSQL, or the server, and resumes them.

    Args:
        job: What the tasks do.
        server: Runs; it is started again after a kill.

    Attributes:
        victim: What dies at the next kill.
        errors: What the tasks said when the server had died.
    """

    def __init__(self, job: Job, server: PrivateServer) -> None:
        self._server = server
        self.victim = Victim.WORKER
        self.errors: list[str] = []
        self._template_name = f"template{random.getrandbits(32)}"
        self._execute(f"CREATE DATABASE {self._template_name}")
        self._job = job
        self._is_server = False
        self._targets = count(1)
        self._undisturbed = None
        self.workspace_folder = self.target_folder = job.folder
        job.make_target(self._server.database_url(self._template_name))

    @contextmanager
    def _open_target(self, workspace: Workspace) -> Iterator[tuple[str, str]]:
        name = f"target{random.getrandbits(32)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {self._template_name}")
        url = self._server.database_url(name)
        stored, options = normalize_address(url, ConnectOptions(), None)
        workspace.connections.put(name, stored, options.access)
        yield name, url

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        task = self._job.add(workspace, name)
        if self.victim is Victim.WORKER:
            return run_worker(workspace, task, killing_worker(moment))
        pid = self._server.pid
        if self.victim is Victim.BACKEND:
            # One of its own suffices: the server ends all connections then.
            pid = next(
                each.pid
                for each in psutil.Process(pid).children()
                if "walwriter" in " ".join(each.cmdline())
            )
        run_worker(workspace, task, (*killing_worker(moment), pid))
        if self.victim is Victim.SERVER:
            self._server.start()
        else:
            self._server.wait()
        ended = Center(workspace).tasks.get(task.id)
        was_killed = ended.status is TaskStatus.FAILED
        if was_killed:
            self.errors.append(ended.error)
        return Ended(task, was_killed=was_killed)

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        if self.victim is Victim.WORKER:
            return resume_to_the_end(workspace, task)
        tasks = Center(workspace).tasks
        return tasks.wait(tasks.resume(task.id).id)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def private_server() -> Iterator[PrivateServer]:
    """Give a server of its own, which may be killed."""
    folder = Path(tempfile.mkdtemp(prefix="dmc-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = PrivateServer(folder)
    server.initialize()
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Kill as often as the command line says; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    dice = random.Random(chosen.seed)
    killed: Counter[str] = Counter()
    wrong = 0
    with private_server() as server:
        for number in count():
            if killed.total() >= chosen.count:
                break
            with tempfile.TemporaryDirectory() as folder:
                job = ImportJob(Path(folder), draw(dice, number, records=3_000))
                resumption = PostgresResumption(job, server)
                for _ in range(6):
                    resumption.victim = dice.choice(tuple(Victim))
                    moment = Moment(
                        dice.choice(POINTS), dice.randint(1, 3), dice.choice((0, 0, 20))
                    )
                    tried = resumption.try_kill(moment)
                    if tried is None:
                        continue
                    killed[resumption.victim.value] += tried.kills
                    wrong += bool(tried.differences)
                    found = tried.differences or "equal"
                    sys.stdout.write(f"{job} {resumption.victim} {moment}: {found}\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{dict(killed)} killed, {wrong} differ\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
