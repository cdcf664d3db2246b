"""Turns: each side does each step in a process of its own, one after the other."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn has taken.

    Attributes:
        wall_s: Seconds by the clock.
        cpu_s: Seconds of processor time, of all threads.
        peak_mb: The most memory of the process, in MB.
        server_s: Seconds of processor time of a database server meanwhile.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    server_s: float = 0.0

    @property
    def total_s(self) -> float:
        """The processor time of both."""
        return self.cpu_s + self.server_s


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of one side at one step."""

    turns: tuple[Turn, ...]

    @property
    def wall_s(self) -> float:
        """The median by the clock."""
        return median(turn.wall_s for turn in self.turns)

    @property
    def cpu_s(self) -> float:
        """The median of the processor time."""
        return median(turn.cpu_s for turn in self.turns)

    @property
    def server_s(self) -> float:
        """The median of the server's processor time."""
        return median(turn.server_s for turn in self.turns)

    @property
    def total_s(self) -> float:
        """The median of the processor time of both."""
        return median(turn.total_s for turn in self.turns)

    @property
    def peak_mb(self) -> float:
        """The most memory of any turn."""
        return max(turn.peak_mb for turn in self.turns)

    @property
    def spread(self) -> float:
        """How far the turns lie apart, as a part of their median processor time."""
        times = [turn.total_s for turn in self.turns]
        return (max(times) - min(times)) / self.total_s if self.total_s else 0.0


def no_server() -> float:
    """Return the processor time of a server where there is none."""
    return 0.0


def take_turn(
    work: Callable[[], object],
    load: Callable[[], object],
    server_cpu_s: Callable[[], float] = no_server,
) -> Turn:
    """Do *work* in a fork of this process and measure it.

    Args:
        work: What is measured, with the processes that it starts and waits for.
        load: Loads what it needs, before the clock starts.
        server_cpu_s: Returns the processor seconds of a server so far.

    Raises:
        RuntimeError: It has failed; why is printed.
    """
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        _work_and_exit(work, load, server_cpu_s, writable)
    os.close(writable)
    with os.fdopen(readable) as stream:
        answer = stream.read()
    os.waitpid(pid, 0)
    if not answer:
        msg = "A turn failed"
        raise RuntimeError(msg)
    return Turn(*json.loads(answer))


def _work_and_exit(
    work: Callable[[], object],
    load: Callable[[], object],
    server_cpu_s: Callable[[], float],
    output: int,
) -> None:
    try:
        load()
        gc.collect()
        gc.freeze()
        server_s = server_cpu_s()
        begun, spent = time.perf_counter(), _cpu_s()
        work()
        wall_s, cpu_s = time.perf_counter() - begun, _cpu_s() - spent
        server_s = server_cpu_s() - server_s
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        os.write(output, json.dumps([wall_s, cpu_s, peak_mb, server_s]).encode())
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _cpu_s() -> float:
    """Return the processor time of this process and of those that it waited for."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime
