"""The processes of a Dask cluster of a task's own, on this machine.

They are forked by a process that has loaded Dask and all that imports need, where the
system can fork. Those that Dask itself starts would each load it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any, Final

import dask
from distributed import Worker as DaskWorker

from ...workspace.workers import Worker
from ..partitions.processes import end_process
from ..task_files import open_log
from ..task_run import TaskRun
from ..worker.launcher import prepare_workers, start_worker
from ..worker.liveness import is_running

DASK_WORKER: Final = "--dask-worker"
"""The first argument of such a process; its scheduler's address follows."""

SETTINGS: Final[dict[str, Any]] = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
}
"""What is set in the processes of the cluster. Dask would take a profile of them a
hundred times a second, and it has no page that would show it."""


class LocalProcesses:
    """The worker processes of a scheduler on this machine.

    Args:
        run: The task, whose log gets what they print.
        scheduler: The address of the scheduler.
        number: How many processes there are at a time.

    Attributes:
        processes: Those that are there.

    Raises:
        OSError: They cannot be started.
    """

    def __init__(self, run: TaskRun, scheduler: str, number: int) -> None:
        self._run = run
        self._scheduler = scheduler
        prepare_workers()
        self.processes = [self._start() for _ in range(number)]

    def replace_ended(self) -> None:
        """Start a process in place of each that has ended."""
        for place, process in enumerate(self.processes):
            if not is_running(process):
                self.processes[place] = self._start()

    def end(self) -> None:
        """End all of them."""
        for process in self.processes:
            end_process(process)

    def _start(self) -> Worker:
        with open_log(self._run.workspace, self._run.task) as output:
            return start_worker([DASK_WORKER, self._scheduler], output)


def main(arguments: list[str]) -> int:
    """Carry out tasks of a scheduler until it ends; return the exit status."""
    (scheduler,) = arguments
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with dask.config.set(SETTINGS):
        asyncio.run(_serve(scheduler))
    return os.EX_OK


async def _serve(scheduler: str) -> None:
    async with DaskWorker(
        scheduler, nthreads=1, memory_limit=None, dashboard=False
    ) as worker:
        await worker.finished()
