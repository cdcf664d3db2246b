"""Fill the disk of a target or a workspace while an import runs, and resume it.

``python -m tests.kills.full_disk FOLDER PLACE SEED`` runs in a mount namespace of its
own, where FOLDER becomes a small disk. It prints what is wrong, or nothing.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.kills.jobs import ImportJob
from tests.kills.killing import ROOT, Kill, lines, make_target
from tests.kills.resuming import differences, read_result

SIZE_KIB = 24 * 1024
_NEEDED_KIB = {"workspace": 700, "target": 1_600}
"""Less than an import of 8,000 records takes, so that it does not come to its end."""

IMPORT = Kill(
    ImportStrategy.INSERT,
    has_codes=True,
    stops=False,
    records=8_000,
    bad=frozenset({3, 1_700}),
    stored=frozenset(range(2, 8_000, 100)),
    point="",
    count=0,
    delay_ms=0,
)


def run_with_small_disk(folder: Path, place: str, seed: int) -> str | None:
    """Fill a disk as the seed says; return what is wrong, or None without the right.

    Args:
        folder: An empty folder, which becomes the disk.
        place: What is on that disk: ``target`` or ``workspace``.
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
    return done.stdout + done.stderr


def _faults(disk: Path, place: str, seed: int, elsewhere: Path) -> Iterator[str]:
    dice = random.Random(seed)
    folders = {"workspace": elsewhere, "target": elsewhere, place: disk}
    url = f"sqlite:///{folders['target'] / 'target.db'}"
    other = f"sqlite:///{elsewhere / 'undisturbed.db'}"
    make_target(url, IMPORT)
    make_target(other, IMPORT)
    workspace = Workspace(folders["workspace"] / "workspace")
    workspace.save_setting("furnished", "yes")
    workspace.connections.put("target", url)
    workspace.connections.put("undisturbed", other)
    tasks = Center(workspace).tasks
    task = _add(workspace, "target", elsewhere / "tickets.jsonl")
    filler = _fill(disk, dice.randrange(20, _NEEDED_KIB[place]))
    _work(workspace, task)
    filler.unlink()
    ended = tasks.recover(task.id)
    yield from _check_end(ended)
    resumed = tasks.wait(tasks.resume(task.id))
    undisturbed = _add(workspace, "undisturbed", elsewhere / "tickets.jsonl")
    _work(workspace, undisturbed)
    undisturbed = tasks.get(undisturbed.id)
    job = ImportJob(elsewhere, IMPORT)
    yield from differences(
        read_result(workspace, resumed, job, url),
        read_result(workspace, undisturbed, job, other),
    )
    workspace.close()


def _add(workspace: Workspace, name: str, file: Path) -> Task:
    file.write_bytes(lines(IMPORT))
    key = Center(workspace).installations.entity_type(name, "Ticket").key
    policy = Policy(
        import_strategy=IMPORT.strategy, error_strategy=ErrorStrategy.CONTINUE
    )
    plan = ImportPlan(entity_type=key, name="full", policy=policy)
    task = workspace.tasks.add(name, plan, file.name)
    copy_into_workspace(file, original_path(workspace, task), consume=False)
    workspace.emergency_record(task.id).reserve()
    return task


def _work(workspace: Workspace, task: Task) -> None:
    command = [sys.executable, "-m", "dmc_widgets.tasks.worker", str(workspace.path)]
    subprocess.run([*command, str(task.id)], check=False, timeout=100)


def _fill(disk: Path, left_kib: int) -> Path:
    """Fill a disk up to some room; the file that does it is returned."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - left_kib * 1024)
    return filler


def _check_end(task: Task) -> Iterator[str]:
    if task.status is not TaskStatus.FAILED:
        yield f"it is {task.status}: {task.error}"
    if "full" not in task.error:
        yield f"the error does not say that the disk is full: {task.error}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as elsewhere:
        found = _faults(
            Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(elsewhere)
        )
        for fault in found:
            sys.stdout.write(fault + "\n")
