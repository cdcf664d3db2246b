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
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


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
    def peak_mb(self) -> float:
        """The most memory of any turn."""
        return max(turn.peak_mb for turn in self.turns)

    @property
    def spread(self) -> float:
        """How far the turns lie apart, as a part of their median processor time."""
        times = [turn.cpu_s for turn in self.turns]
        return (max(times) - min(times)) / self.cpu_s if self.cpu_s else 0.0


def take_turn(work: Callable[[], object], load: Callable[[], object]) -> Turn:
    """Do *work* in a fork of this process and measure it.

    Args:
        work: What is measured.
        load: Loads what it needs, before the clock starts.

    Raises:
        RuntimeError: It has failed; why is printed.
    """
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        _work_and_exit(work, load, writable)
    os.close(writable)
    with os.fdopen(readable) as stream:
        told = stream.read()
    os.waitpid(pid, 0)
    if not told:
        msg = "A turn failed"
        raise RuntimeError(msg)
    return Turn(*json.loads(told))


def _work_and_exit(
    work: Callable[[], object], load: Callable[[], object], output: int
) -> None:
    try:
        load()
        gc.collect()
        gc.freeze()
        begun, spent = time.perf_counter(), time.process_time()
        work()
        wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - spent
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        os.write(output, json.dumps([wall_s, cpu_s, peak_mb]).encode())
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
