"""Whether the process that carries out a task is still alive.

No wall clock decides it: people and time servers set clocks. On Linux a process is
known by its id, the clock ticks since the boot at which it started, and the boot
itself. On another machine only signs of life are seen: each report of the worker
changes the task, and whoever looks measures the silence on its own steady clock.
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
from ...workspace.tasks import NO_WORKER, Worker

SILENCE_S: Final = 120.0
"""A worker on another machine that shows no sign of life for so long is dead."""

_PROC: Final = Path("/proc")


class _LifeSign(NamedTuple):
    """The last sign of life that was seen of a worker, and when it was first seen."""

    of: tuple[object, ...]
    at: float


_life_signs: dict[tuple[str, int], _LifeSign] = {}
"""By workspace and task; what this process has seen of workers elsewhere."""


def identify_process(pid: int) -> Worker:
    """Return what a process on this machine is known by."""
    ticks = _start_ticks(pid)
    started = 0.0 if ticks else _create_time(pid)
    return Worker(
        host=platform.node(), pid=pid, started=started, boot=_boot(), ticks=ticks
    )


def identify_self() -> Worker:
    """Return what this process is known by."""
    return identify_process(os.getpid())


def is_alive(
    workspace: Workspace, task: Task, clock: Callable[[], float] = time.monotonic
) -> bool:
    """Return True if the worker of an unfinished task may still be at work.

    Args:
        workspace: Of the task.
        task: As it was read last.
        clock: Seconds that only grow.
    """
    worker = workspace.tasks.worker(task.id)
    if worker == NO_WORKER:
        return False  # written by a version that did not record who prepares a task
    if worker.host != platform.node() or _is_other_namespace(worker):
        return _shows_life(workspace, task, worker, clock())
    if worker.ticks:
        return worker.boot == _boot() and _start_ticks(worker.pid) == worker.ticks
    created = _create_time(worker.pid)
    return created > 0 and abs(created - worker.started) < 1.0


def _shows_life(workspace: Workspace, task: Task, worker: Worker, now: float) -> bool:
    """Return False once a worker out of sight has been silent for too long."""
    key = (str(workspace.path), task.id)
    token = (worker, task.status, task.progress.updated, task.counts)
    seen = _life_signs.get(key)
    if seen is None or seen.of != token:
        _life_signs[key] = _LifeSign(token, now)
        return True
    return now - seen.at < SILENCE_S


def _is_other_namespace(worker: Worker) -> bool:
    """Return True for a worker of this boot whose process ids mean nothing here."""
    boot, _, namespace = worker.boot.partition("/")
    own_boot, _, own_namespace = _boot().partition("/")
    return boot == own_boot and namespace != own_namespace


def _boot() -> str:
    """Return this boot and, behind a slash, the namespace of process ids.

    Empty on systems that tell neither.
    """
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _start_ticks(pid: int) -> int:
    """Return when a process started, in ticks since the boot.

    Returns:
        0 if there is no such process, if it has ended and is only waiting to be
        collected, or if the system does not tell.
    """
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return 0
    # The name of the program stands in brackets and may hold blanks and brackets.
    fields = stat.rpartition(b")")[2].split()
    return 0 if fields[0] in {b"Z", b"X"} else int(fields[19])


def _create_time(pid: int) -> float:
    """Return when a process started, where the system has no ticks; 0.0 if never."""
    # Where there is /proc, nobody waits for this import.
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return 0.0
        return process.create_time()
    except psutil.Error:
        return 0.0
