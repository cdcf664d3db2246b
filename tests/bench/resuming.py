"""How soon `dmc resume` goes on with an import whose worker was killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import Worker
from tests.bench.measuring import cpu_s, say, wait

_TARGET = "Resumed"
_BAR_S = 2.0


def bench_resume(
    folder: Path, file: Path, define: Callable[[Center, Path, str], None]
) -> None:
    """Print after how long the worker runs, and has written its first batch."""
    workspace = Workspace(folder / "workspace")
    with dmc.open_center(folder / "workspace") as center:
        center.installations.add(_TARGET, f"sqlite:///{folder / 'resumed.db'}")
        define(center, folder, _TARGET)
        task = _kill_half_way(center, workspace, file)
        if task.status is dmc.TaskStatus.COMPLETED:
            say("resume: the import ended before it could be killed; take more records")
            workspace.close()
            return
        known, dead = task.counts.total, workspace.tasks.worker(task.id)
        begun = time.perf_counter()
        order = [sys.executable, "-m", "dmc_widgets", "--workspace"]
        order += [str(workspace.path), "resume", str(task.id)]
        nowhere = subprocess.DEVNULL
        command = subprocess.Popen(order, stdout=nowhere, stderr=nowhere)
        running_s = _time_until(begun, lambda: _runs_again(workspace, task, dead))
        worker = psutil.Process(workspace.tasks.worker(task.id).pid)
        writing_s = _time_until(
            begun, lambda: next(workspace.outcomes.read(task.id, known), None)
        )
        spent_s = cpu_s(worker)
        command.wait()
        wait(center, task)
    workspace.close()
    say(
        f"resume after {known:,} records: {running_s:.2f} s until it runs, "
        f"{writing_s:.2f} s until its next batch is in, which takes its worker "
        f"{spent_s:.2f} s of processor time (bar {_BAR_S} s)"
    )


def _kill_half_way(center: Center, workspace: Workspace, file: Path) -> dmc.Task:
    """Return the task as its worker left it; a short one may be completed by then."""
    plan = dmc.ImportPlan(entity_type="C_Entry", name="resume")
    task = center.tasks.start_import(_TARGET, plan, file)
    while (state := workspace.tasks.get(task.id)).progress.percent < 50:
        time.sleep(0.01)
    if not state.status.is_final:
        os.kill(workspace.tasks.worker(task.id).pid, signal.SIGKILL)
    while not center.tasks.get(task.id).status.is_final:
        time.sleep(0.01)
    return center.tasks.get(task.id)


def _runs_again(workspace: Workspace, task: dmc.Task, dead: Worker) -> bool:
    is_running = workspace.tasks.get(task.id).status is dmc.TaskStatus.RUNNING
    return is_running and workspace.tasks.worker(task.id) != dead


def _time_until(begun: float, holds: Callable[[], object]) -> float:
    while not holds():
        time.sleep(0.005)
    return time.perf_counter() - begun
