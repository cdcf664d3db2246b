"""Resume a task that was killed, and compare it with an undisturbed one.

Everything has to be equal: the status, counts, outcomes, failures and changes of the
task, and what the target holds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import ImportJob, Job
from tests.kills.killing import (
    ERC,
    Ended,
    Kill,
    Moment,
    killing_worker,
    run_worker,
)
from tests.sandbox.conftest import SETTINGS, run_sandbox

UNDISTURBED: Final = ("dmc_widgets.tasks.worker",)


@contextmanager
def open_workspace(folder: Path) -> Iterator[Workspace]:
    """Open the workspace of a test, without the sample data of a new one."""
    workspace = Workspace(folder / "workspace")
    try:
        workspace.save_setting("furnished", "yes")
        yield workspace
    finally:
        workspace.close()


class Result(NamedTuple):
    """Everything that is equal if two tasks of the same job end the same way.

    Attributes:
        end: The status, counts, error, notes and parts.
        outcomes: The outcome of each record.
        failures: The failed records.
        changes: What each record has changed.
        stored: What the target holds.
    """

    end: list[Any]
    outcomes: list[Any]
    failures: list[Any]
    changes: list[Any]
    stored: list[str]


class Resumption:
    """Kills tasks of the same job, resumes them, and compares their results.

    Args:
        job: What the tasks do.
        is_server: Their targets are served by sandboxes.

    Attributes:
        workspace_folder: Where the workspace is; the folder of the job unless changed.
        target_folder: Where the databases of the targets are.
    """

    def __init__(self, job: Job, *, is_server: bool = False) -> None:
        self._job = job
        self._is_server = is_server
        self._template = job.folder / "template.db"
        self._targets = count(1)
        self._undisturbed: Result | None = None
        self.workspace_folder = self.target_folder = job.folder
        job.make_target(f"sqlite:///{self._template}")

    def try_kill(self, moment: Moment, more_kills: int = 0) -> Tried | None:
        """Kill the task at a moment, and resume it to its end.

        Args:
            moment: The moment.
            more_kills: How often the resumed task is killed again.

        Returns:
            None if it ended before it could be killed.
        """
        with (
            open_workspace(self.workspace_folder) as workspace,
            self._job.open(workspace),
        ):
            with self._open_target(workspace) as (name, url):
                ended = self._kill(workspace, name, moment)
                if not ended.was_killed:
                    return None
                dice = random.Random(f"{self._job}{moment}")
                kills = 1 + sum(
                    kill_again(workspace, ended.task, dice) for _ in range(more_kills)
                )
                if dice.random() < 0.5:  # as a page does that shows the task
                    Center(workspace).tasks.recover(ended.task.id)
                task = self._resume(workspace, ended.task)
                result = read_result(workspace, task, self._job, url)
            expected = self._undisturbed = self._undisturbed or self._run(workspace)
            return Tried(kills, list(differences(result, expected)))

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        """Carry the task out; something dies on the way."""
        task = self._job.add(workspace, name)
        return run_worker(workspace, task, killing_worker(moment))

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        """Go on with the task until it has ended."""
        return resume_to_the_end(workspace, task)

    def _run(self, workspace: Workspace) -> Result:
        """Carry the task out undisturbed."""
        with self._open_target(workspace) as (name, url):
            task = self._job.add(workspace, name)
            run_worker(workspace, task, UNDISTURBED)
            task = Center(workspace).tasks.get(task.id)
            return read_result(workspace, task, self._job, url)

    @contextmanager
    def _open_target(self, workspace: Workspace) -> Iterator[tuple[str, str]]:
        """Yield the name of a target like all others, and the URL of its database."""
        name = f"target{next(self._targets)}"
        database = self.target_folder / f"{name}.db"
        shutil.copyfile(self._template, database)
        url = f"sqlite:///{database}"
        if not self._is_server:
            workspace.connections.put(name, url)
            yield name, url
            return
        os.environ[PASSWORD] = SETTINGS.password
        with run_sandbox(database) as server:
            access = Access(user=SETTINGS.user)
            Center(workspace).installations.add(name, server.url, access)
            yield name, url


class PartitionResumption(Resumption):
    """Kills one of several workers, or the process that coordinates them."""

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        ended = super()._kill(workspace, name, moment)
        if moment.point not in {"partition-worker", "dask-worker"}:
            return ended
        return ended._replace(was_killed=has_lost_worker(workspace, ended.task))


def has_lost_worker(workspace: Workspace, task: Task) -> bool:
    """Return True if a partition of a task has lost its worker."""
    return any(step.kind == "worker" for step in workspace.course.steps(task.id))


class Tried(NamedTuple):
    """How often a task was killed, and what differs after it was resumed."""

    kills: int
    differences: list[str]


def resume_embedded(kill: Kill, folder: Path, more_kills: int = 0) -> list[str]:
    """Kill an import into an embedded database, resume it, and say what differs."""
    job = ImportJob(folder, kill)
    tried = Resumption(job).try_kill(kill.moment, more_kills)
    return tried.differences if tried else ["it was not killed"]


def resume_served(kill: Kill, folder: Path) -> list[str]:
    """Kill an import into a server; see :func:`resume_embedded`."""
    job = ImportJob(folder, kill)
    tried = Resumption(job, is_server=True).try_kill(kill.moment)
    return tried.differences if tried else ["it was not killed"]


def resume_to_the_end(workspace: Workspace, task: Task) -> Task:
    """Resume a task unless recovery has found that it was at its end."""
    tasks = Center(workspace).tasks
    stored = tasks.get(task.id)
    is_interrupted = stored.status is TaskStatus.INACTIVE or stored.error.startswith(
        "The worker process ended"
    )
    return tasks.wait(tasks.resume(task.id).id) if is_interrupted else stored


def kill_again(workspace: Workspace, task: Task, dice: random.Random) -> bool:
    """Resume a task with a worker that is killed, too; False if it was faster."""
    tasks = Center(workspace).tasks
    if not resume_is_possible(workspace, task):
        return False
    tasks.resume(task.id)
    time.sleep(dice.uniform(0.1, 1.5))
    worker = workspace.tasks.worker(task.id)
    if tasks.get(task.id).status.is_final:
        return False
    os.kill(worker.pid, signal.SIGKILL)
    while not tasks.get(task.id).status.is_final:
        time.sleep(0.01)
    return True


def resume_is_possible(workspace: Workspace, task: Task) -> bool:
    """Return True if a task stands still because its worker died."""
    return Center(workspace).tasks.get(task.id).status is TaskStatus.INACTIVE


def read_result(workspace: Workspace, task: Task, job: Job, url: str) -> Result:
    """Read how a task has ended, and what its target holds.

    Codes that the target has generated are replaced by the numbers of their tickets.

    Args:
        workspace: Of the task.
        task: As it was read last.
        job: What it does.
        url: Of the target's database.
    """
    stored = job.read(url)
    numbers: dict[str, str] = {}
    if not job.has_codes:
        numbers = {str(x[ERC]): f"ticket {x['priority']}" for x in stored}
        stored = [{**x, ERC: ""} for x in stored]
    # A page may find out that an import had stopped; it does not verify the target.
    notes = [x for x in task.notes if not x.startswith("The target was not verified")]
    parts = [(x.title, x.status, x.counts, x.first) for x in task.parts]
    return Result(
        [task.status, task.counts, task.error, notes, *parts],
        [
            (outcome.kind.value, numbers.get(outcome.key, outcome.key), outcome.note)
            for batch in workspace.outcomes.read(task.id)
            for outcome in batch.outcomes
        ],
        [
            (failure.index, failure.problem, failure.item)
            for failure in workspace.outcomes.failures(task.id, 0, 100_000)
        ],
        [
            (x.index, x.kind, numbers.get(x.key, x.key), x.change.fields)
            for x in workspace.changes.read(task.id)
        ],
        [json.dumps(item, sort_keys=True) for item in stored],
    )


def differences(result: Result, undisturbed: Result) -> Iterator[str]:
    """Yield in what two results differ."""
    for name, own, other in zip(Result._fields, result, undisturbed, strict=True):
        if own != other:
            yield _first_difference(name, own, other)


def _first_difference(name: str, own: Sequence[Any], other: Sequence[Any]) -> str:
    for number, (left, right) in enumerate(zip(own, other, strict=False), start=1):
        if left != right:
            return f"{name} {number}: {left!r}, undisturbed {right!r}"
    return f"{len(own)} {name}, undisturbed {len(other)}"
