"""A worker that kills itself at a chosen point of its work.

``python -m tests.kills.worker WORKSPACE TASK POINT COUNT DELAY_MS``: when the point is
reached for the COUNT-th time, the process is killed DELAY_MS later, as SIGKILL does.
With ``PID…`` behind it, these are killed in its place, each with its children.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import psutil

POINTS = (
    "at-any-time",
    "before-mark",
    "before-write",
    "after-write",
    "before-outcomes",
    "after-outcomes",
    "before-report",
    "before-finish",
)
"""Where a worker may be killed: some time after its start, in a transaction of the
target, around it, around that of the outcomes, and when the task's own row is changed.
"""

SERVER_POINTS = (
    "at-any-time",
    "before-post",
    "after-post",
    "after-wait",
    "before-outcomes",
    "after-outcomes",
    "before-finish",
)
"""The same of a worker that writes to a server."""

PARTITION_POINTS = (
    "at-any-time",
    "before-outcomes",
    "after-outcomes",
    "before-report",
    "before-finish",
    "partition-worker",
    "partition-worker",
    "partition-worker",
)
"""The same of the coordinator of several workers; or one of these is killed, a moment
after it has written a batch, and the coordinator goes on.
"""


class Killer:
    """Kills this process, or others, at one of its points."""

    def __init__(
        self, point: str, count: int, delay_ms: int, victims: Sequence[int] = ()
    ) -> None:
        self._victims = victims
        self._point = point
        self._count = count
        self._delay_s = delay_ms / 1000
        self._passed: Counter[str] = Counter()

    def pass_point(self, point: str) -> None:
        """Note that *point* is reached."""
        self._passed[point] += 1
        if point != self._point or self._passed[point] != self._count:
            return
        if self._delay_s:
            threading.Thread(target=self._kill_later, daemon=True).start()
        else:
            self._kill()

    def among_workers(self, owner: Any) -> None:
        """Let one of several workers be killed once it has written a batch."""
        original: Callable[..., Any] = owner.receive

        def receive(group: Any, timeout_s: float) -> Any:
            for name, message in original(group, timeout_s):
                yield name, message
                if type(message).__name__ == "BatchWritten":
                    self._passed["batch"] += 1
                    if self._passed["batch"] == self._count:
                        time.sleep(self._delay_s)  # meanwhile it goes on
                        os.kill(group.worker(name).pid, signal.SIGKILL)

        if self._point == "partition-worker":
            owner.receive = receive

    def among_cluster(self) -> None:
        """Let a process of a cluster of the task's own be killed once it has written.

        Which one follows from the number of batches that are written by then.
        """
        if self._point != "dask-worker":
            return
        from dmc_widgets.tasks.cluster.dask_workers import DaskWorkers

        original: Callable[..., Any] = DaskWorkers.receive

        def receive(group: Any, timeout_s: float) -> Any:
            for name, message in original(group, timeout_s):
                yield name, message
                if type(message).__name__ == "BatchWritten":
                    self._passed["batch"] += 1
                    if self._passed["batch"] == self._count:
                        time.sleep(self._delay_s)
                        processes = group._processes.processes
                        victim = processes[self._count % len(processes)]
                        os.kill(victim.pid, signal.SIGKILL)

        DaskWorkers.receive = receive  # type: ignore[method-assign, assignment]

    def around(self, owner: Any, name: str, before: str = "", after: str = "") -> None:
        """Let calls of a function pass points."""
        original: Callable[..., Any] = getattr(owner, name)

        def call(*args: Any, **options: Any) -> Any:
            if before:
                self.pass_point(before)
            result = original(*args, **options)
            if after:
                self.pass_point(after)
            return result

        setattr(owner, name, call)

    def _kill_later(self) -> None:
        time.sleep(self._delay_s)
        self._kill()

    def _kill(self) -> None:
        if not self._victims:
            os.kill(os.getpid(), signal.SIGKILL)
        for pid in self._victims:
            process = psutil.Process(pid)
            for victim in (process, *process.children()):
                victim.kill()


def arm(killer: Killer) -> None:
    """Set up all points."""
    from dmc_widgets.installations.liferay.batch_task import ImportTaskClient
    from dmc_widgets.installations.sql import installation as sql
    from dmc_widgets.tasks.partitions.processes import WorkerProcesses
    from dmc_widgets.workspace.outcomes import OutcomeStore
    from dmc_widgets.workspace.repairs import RepairStore
    from dmc_widgets.workspace.tasks import TaskRegistry

    killer.around(sql, "write_mark", before="before-mark")
    killer.around(sql.SqlInstallation, "write", "before-write", "after-write")
    killer.around(ImportTaskClient, "post", "before-post", "after-post")
    killer.around(ImportTaskClient, "wait", after="after-wait")
    for owner, name in ((OutcomeStore, "add_packed"), (RepairStore, "record")):
        killer.around(owner, name, "before-outcomes", "after-outcomes")
    killer.among_workers(WorkerProcesses)
    killer.among_cluster()
    killer.around(TaskRegistry, "report", before="before-report")
    killer.around(TaskRegistry, "finish", before="before-finish")


if __name__ == "__main__":
    from dmc_widgets.tasks.worker.__main__ import main

    path, task_id, point, count, delay_ms, *victims = sys.argv[1:]
    killer = Killer(point, int(count), int(delay_ms), list(map(int, victims)))
    arm(killer)
    killer.pass_point("at-any-time")
    kinds = {"partition-worker": ["--divided"], "dask-worker": ["--local-cluster"]}
    sys.exit(main([*kinds.get(point, ()), path, task_id]))
