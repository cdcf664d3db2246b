"""A worker is alive or dead whatever the clock says."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import Counts, Progress, Task
from dmc_widgets.tasks.worker import liveness
from dmc_widgets.tasks.worker.liveness import (
    SILENCE_S,
    identify_process,
    identify_self,
    is_alive,
)
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER, Worker


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    yield opened
    opened.close()


def task_of(workspace: Workspace, worker: Worker) -> Task:
    plan = ExportPlan(entity_type="Ticket", name="test")
    return workspace.tasks.add("target", plan, worker=worker)


def test_running_process_is_alive(workspace: Workspace) -> None:
    assert is_alive(workspace, task_of(workspace, identify_self()))


@pytest.mark.parametrize("hours", [-48, 48])
def test_changing_the_clock_does_not_matter(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Neither the wall clock nor the time of the boot that follows from it is asked."""
    task = task_of(workspace, identify_self())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + hours * 3600)

    def moved(_pid: int) -> float:
        message = "the wall clock was asked"
        raise AssertionError(message)

    monkeypatch.setattr(liveness, "_create_time", moved)

    assert is_alive(workspace, task)


def test_ended_process_is_dead(workspace: Workspace) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    task = task_of(workspace, identify_process(child.pid))
    alive = is_alive(workspace, task)
    child.communicate(b"\n")

    assert alive
    assert not is_alive(workspace, task)


def test_zombie_process_is_dead(workspace: Workspace) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    task = task_of(workspace, identify_process(child.pid))
    child.kill()
    deadline = time.monotonic() + 10
    while is_alive(workspace, task) and time.monotonic() < deadline:
        time.sleep(0.01)
    is_dead = not is_alive(workspace, task)
    child.communicate()

    assert is_dead


def test_reused_process_id_is_not_the_worker(
    workspace: Workspace,
) -> None:
    own = identify_self()
    if not own.ticks:
        pytest.skip("This system tells no start ticks.")

    earlier = replace(own, ticks=own.ticks - 1)
    before_the_boot = replace(own, boot="0" + own.boot)

    assert not is_alive(workspace, task_of(workspace, earlier))
    assert not is_alive(workspace, task_of(workspace, before_the_boot))


def test_systems_without_ticks_compare_start_times(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(liveness, "_PROC", tmp_path / "none")
    own = identify_self()
    other = replace(own, started=own.started - 10)

    assert (own.ticks, own.boot, own.started > 0) == (0, "", True)
    assert is_alive(workspace, task_of(workspace, own))
    assert not is_alive(workspace, task_of(workspace, other))


def test_worker_gone_before_it_was_recorded_is_dead(
    workspace: Workspace,
) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert not is_alive(workspace, task_of(workspace, identify_process(child.pid)))
    assert not is_alive(workspace, task_of(workspace, NO_WORKER))


@pytest.mark.parametrize("is_elsewhere", [True, False], ids=["host", "namespace"])
def test_remote_worker_is_alive_while_it_reports(
    workspace: Workspace, *, is_elsewhere: bool
) -> None:
    """The observer measures the silence on a monotonic clock."""
    own = identify_process(os.getpid())
    worker = replace(own, pid=1, ticks=1)
    if is_elsewhere:
        worker = replace(worker, host=f"{platform.node()}-other")
    else:
        worker = replace(worker, boot=f"{own.boot.partition('/')[0]}/pid:[1]")
    task = task_of(workspace, worker)
    workspace.tasks.start(task.id, 1.0, worker)
    now = [1_000.0]

    def looked() -> bool:
        return is_alive(workspace, workspace.tasks.get(task.id), lambda: now[0])

    first = looked()
    now[0] += SILENCE_S - 1
    quiet = looked()
    workspace.tasks.report(task.id, Counts(created=1), Progress(1, 2, 1.0, 0.5))
    now[0] += SILENCE_S - 1
    heard = looked()
    now[0] += SILENCE_S + 1
    silent = looked()

    assert (first, quiet, heard, silent) == (True, True, True, False)
