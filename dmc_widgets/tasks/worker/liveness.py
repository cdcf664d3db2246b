"""Find out whether the worker process of a task is still alive.

No wall clock decides it, because people and time servers set clocks. On Linux a process
is identified by its id, the clock ticks between boot and its start, and the boot. Of
another machine only signs of life are visible: each report of the worker changes the
task, and the observer measures the time without a change on its own monotonic clock.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from ...model.task import Task
from ...workspace import Workspace
from ...workspace.workers import NO_WORKER, POOL_HOST, Worker

SILENCE_S: Final = 120.0
"""A worker on another machine without a sign of life for so long counts as dead."""

_PROC: Final = Path("/proc")


class _LifeSign(NamedTuple):
    """The last state that was seen of a worker's task, and when it was first seen."""

    state: tuple[object, ...]
    seen_at: float


_life_signs: dict[tuple[str, int], _LifeSign] = {}
"""What this process has seen of workers elsewhere, by workspace and task."""


def identify_process(pid: int) -> Worker:
    """Return what identifies a process on this machine."""
    ticks = _start_ticks(pid)
    started = 0.0 if ticks else _create_time(pid)
    return Worker(
        host=platform.node(), pid=pid, started=started, boot=_boot(), ticks=ticks
    )


def identify_self() -> Worker:
    """Return what identifies this process."""
    return identify_process(os.getpid())


def is_alive(
    workspace: Workspace, task: Task, clock: Callable[[], float] = time.monotonic
) -> bool:
    """Return True if the worker of an unfinished task may still be at work.

    Args:
        workspace: The workspace of the task.
        task: The task as it was read last.
        clock: A monotonic clock, in seconds.
    """
    worker = workspace.tasks.worker(task.id)
    if worker == NO_WORKER:
        return False  # written by a version that did not record the preparing process
    if worker.host == POOL_HOST:
        return True  # it waits, and nothing has begun that could have died
    if worker.host != platform.node() or _is_other_namespace(worker):
        return _shows_life(workspace, task, worker, clock())
    return is_running(worker)


def is_running(worker: Worker) -> bool:
    """Return True if a process of this machine has not ended."""
    if worker.ticks:
        return worker.boot == _boot() and _start_ticks(worker.pid) == worker.ticks
    created = _create_time(worker.pid)
    return created > 0 and abs(created - worker.started) < 1.0


def _shows_life(workspace: Workspace, task: Task, worker: Worker, now: float) -> bool:
    """Return False once a worker elsewhere has been silent for too long."""
    key = (str(workspace.path), task.id)
    state = (worker, task.status, task.progress.updated, task.counts)
    seen = _life_signs.get(key)
    if seen is None or seen.state != state:
        _life_signs[key] = _LifeSign(state, now)
        return True
    return now - seen.seen_at < SILENCE_S


def _is_other_namespace(worker: Worker) -> bool:
    """Return True for a worker of this boot in another process id namespace."""
    boot, _, namespace = worker.boot.partition("/")
    own_boot, _, own_namespace = _boot().partition("/")
    return boot == own_boot and namespace != own_namespace


def _boot() -> str:
    """Return the id of this boot and, after a slash, the process id namespace.

    The text is empty on systems without them.
    """
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _start_ticks(pid: int) -> int:
    """Return when a process started, in ticks since the boot.

    Returns:
        0 if there is no such process, if it is a zombie, or on a system without ticks.
    """
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return 0
    # The name of the program is in brackets and may contain blanks and brackets.
    fields = stat.rpartition(b")")[2].split()
    return 0 if fields[0] in {b"Z", b"X"} else int(fields[19])


def _create_time(pid: int) -> float:
    """Return when a process started, without ticks; 0.0 if it is not alive."""
    # Systems with /proc do not need this import.
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return 0.0
        return process.create_time()
    except psutil.Error:
        return 0.0
