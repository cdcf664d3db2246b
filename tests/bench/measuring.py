"""What the benches share: the records, the clock, memory, and how a line is printed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import psutil

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace


def records_file(path: Path, count: int, size: int) -> Path:
    """Write *count* entries of *size* bytes as JSON Lines."""
    with path.open("wb") as stream:
        for number in range(count):
            record = {
                "externalReferenceCode": f"ENTRY-{number:07}",
                "title": f"Entry number {number}",
                "amount": number * 7 % 100_003,
                "open": number % 3 == 0,
                "day": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
                "text": "",
            }
            room = size - len(orjson.dumps(record)) - 1
            record["text"] = ("lorem ipsum dolor sit amet " * 40)[: max(room, 0)]
            stream.write(orjson.dumps(record) + b"\n")
    return path


def seconds(work: Callable[[], object]) -> float:
    """Run *work* and return how long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def say(line: str) -> None:
    """Print *line* at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait(center: Center, task: dmc.Task) -> dmc.Task:
    """Wait for the end of a task, which has to be a good one."""
    done = center.tasks.wait(task.id)
    if done.status is not dmc.TaskStatus.COMPLETED:
        sys.exit(f"The task {done.name} is {done.status}: {done.error}")
    return done


def cpu_s(process: psutil.Process) -> float:
    """Return the processor time that a process has taken."""
    times = process.cpu_times()
    return times.user + times.system


class Peak:
    """Watches this process's new children until it is stopped.

    Attributes:
        cpu_s: The most processor time that one of them was seen to have taken.
    """

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self._bytes = 0
        self._own = psutil.Process()
        self._others = {child.pid for child in self._children()}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """Return the largest memory that was seen, in MB."""
        self._stopped.set()
        self._thread.join()
        return self._bytes / 1e6

    def _watch(self) -> None:
        while not self._stopped.wait(0.05):
            for child in self._children():
                try:
                    if child.pid not in self._others:
                        self._bytes = max(self._bytes, child.memory_info().rss)
                        self.cpu_s = max(self.cpu_s, cpu_s(child))
                except psutil.NoSuchProcess:
                    continue

    def _children(self) -> list[psutil.Process]:
        return self._own.children(recursive=True)


def run_in_process(path: Path, target: str, plan: dmc.ImportPlan, file: Path) -> float:
    """Import a file in this process, and return its processor time in seconds."""
    workspace = Workspace(path)
    try:
        task = workspace.tasks.add(target, plan, file.name)
        copy = original_path(workspace, task)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.hardlink_to(file)
        begun = time.process_time()
        run_task(workspace, task.id)
        spent = time.process_time() - begun
        ended = workspace.tasks.get(task.id)
        assert ended.status.value == "Completed", ended.error
        return spent
    finally:
        workspace.close()
