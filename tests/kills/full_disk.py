"""Fill the disk of a target or a workspace while a task runs, and resume it.

``python -m tests.kills.full_disk FOLDER PLACE SEED [JOB [COUNT]]`` runs in a mount
namespace of its own, where FOLDER becomes a small disk. PLACE is ``workspace``,
``target`` or ``server``, JOB ``import``, ``parents`` or ``migration``. It fills the
disk COUNT times, and prints what is wrong, or nothing.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from dmc_widgets.center import Center
from dmc_widgets.model.strategies import ImportStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.kills.jobs import ImportJob, Job, ParentsJob
from tests.kills.killing import ROOT, Ended, Kill, Moment, run_worker
from tests.kills.migration_job import MigrationJob
from tests.kills.resuming import UNDISTURBED, Resumption

SIZE_KIB: Final = 32 * 1024
_NEEDED_KIB: Final = {"workspace": 700, "target": 1_600, "server": 480}
"""Less than :data:`IMPORTS` take, so that none of them comes to its end."""

_FULL: Final = Moment("full", 1, 0)


def _make_import(records: int) -> Kill:
    return Kill(
        ImportStrategy.INSERT,
        has_codes=True,
        stops=False,
        records=records,
        bad=frozenset({3, 1_700}),
        stored=frozenset(range(2, records, 100)),
        point="",
        count=0,
        delay_ms=0,
    )


IMPORTS: Final = {
    "workspace": _make_import(8_000),
    "target": _make_import(8_000),
    "server": _make_import(2_000),
}
"""The imports, by what is on the small disk; those into a server may be upserts."""


def run_with_small_disk(folder: Path, place: str, seed: int) -> str | None:
    """Fill a disk as the seed says; return what is wrong, or None without the right.

    Args:
        folder: An empty folder, which becomes the disk.
        place: What is on that disk: ``target``, ``workspace`` or ``server``.
        seed: Decides how much room is left when the import begins.
    """
    script = (
        f"mount -t tmpfs -o size={SIZE_KIB}k tmpfs {folder} && "
        f"exec {sys.executable} -m tests.kills.full_disk {folder} {place} {seed}"
    )
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        return None
    return done.stdout + (done.stderr if done.returncode else "")


class FullDisk(Resumption):
    """Runs tasks while a disk has little room, and resumes them with more.

    Args:
        job: What the tasks do.
        disk: The folder of the small disk.
        place: What is on it: ``target``, ``workspace`` or ``server``.
        dice: Decides how much room is left.

    Attributes:
        faults: What is wrong besides the results.
    """

    def __init__(self, job: Job, disk: Path, place: str, dice: random.Random) -> None:
        super().__init__(job, is_server=place == "server")
        self._disk = disk
        self._dice = dice
        self._place = place
        self.faults: list[str] = []
        if place == "workspace":
            self.workspace_folder = disk
        else:
            self.target_folder = disk

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        assert moment is _FULL
        tasks = Center(workspace).tasks
        task = self._job.add(workspace, name)
        filler = self._fill()
        run_worker(workspace, task, UNDISTURBED)
        filler.unlink()
        ended = tasks.recover(task.id)
        self.faults += _check_end(ended)
        return Ended(task, was_killed=ended.status is TaskStatus.FAILED)

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        tasks = Center(workspace).tasks
        return tasks.wait(tasks.resume(task.id))

    def _fill(self) -> Path:
        """Fill the disk up to some room; the file that does it is returned."""
        filler = self._disk / "filler"
        left_kib = self._dice.randrange(20, _NEEDED_KIB[self._place])
        free = shutil.disk_usage(self._disk).free
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - left_kib * 1024)
        return filler


def _check_end(task: Task) -> Iterator[str]:
    if task.status is not TaskStatus.FAILED:
        yield f"it is {task.status}: {task.error}"
    if "full" not in task.error:
        yield f"the error does not say that the disk is full: {task.error}"


def _create_job(kind: str, place: str, folder: Path, dice: random.Random) -> Job:
    if kind == "migration":
        records = 1_500 if place == "server" else 6_000
        return MigrationJob(folder, dice, records, is_server=False)
    if kind == "parents":
        return ParentsJob(folder, dice, 6_000)
    kill = IMPORTS[place]
    if place == "server" and dice.random() < 0.5:
        stored = frozenset(range(2, kill.records, 3))
        kill = replace(kill, strategy=ImportStrategy.UPSERT, stored=stored)
    return ImportJob(folder, kill)


def _fill_once(disk: Path, place: str, seed: int, kind: str) -> None:
    """Fill the disk while a task runs, resume it, and print what is wrong."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as elsewhere:
        job = _create_job(kind, place, Path(elsewhere), dice)
        full = FullDisk(job, disk, place, dice)
        tried = full.try_kill(_FULL)
    for fault in [*full.faults, *(tried.differences if tried else ())]:
        sys.stdout.write(f"{place} {seed} {job}: {fault}\n")
    for entry in disk.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def main(arguments: list[str]) -> None:
    """Fill the disk as often as the arguments say."""
    disk, place, first, *more = arguments
    kind, number = (*more, "import")[0], int((*more[1:], "1")[0])
    for seed in range(int(first), int(first) + number):
        _fill_once(Path(disk), place, seed, kind)
        if more:
            sys.stderr.write(f"{kind}, {place} full, seed {seed}: tried\n")


if __name__ == "__main__":
    main(sys.argv[1:])
