"""The workers of a divided import on a Dask cluster."""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any, Final, Self

from distributed import Client, Future, LocalCluster, Queue

from ...errors import NotSupported
from ...workspace.workers import NO_WORKER, Worker
from ..partitions.messages import (
    Message,
    Order,
    WorkerFailed,
    WorkerLost,
    WorkerStarted,
    WorkerStopped,
)
from ..task_files import original_path
from ..task_run import TaskRun
from .worker import ClusterJob, order_queue, work

LOCAL: Final = "local"
_CONNECT_S: Final = 10.0


class DaskWorkers:
    """Runs workers on a Dask cluster, and passes messages between them.

    A context manager; at its end no worker of the task is left.

    Args:
        run: The task.
        address: The address of the scheduler, or ``local`` for a cluster of processes
            on this machine, which ends with the task.
        workers: How many workers there are; 1 for as many as the cluster has.

    Raises:
        NotSupported: The cluster does not answer, or has no workers.
    """

    def __init__(self, run: TaskRun, address: str, workers: int) -> None:
        self._run = run
        self._opened = ExitStack()
        self._client = self._connect(address, workers)
        addresses = [*self._client.scheduler_info(n_workers=-1)["workers"]]
        if not addresses:
            self.close()
            raise NotSupported(
                what="The cluster has no workers.", instead="Start some."
            )
        self.number = workers if workers > 1 else len(addresses)
        self._addresses = addresses
        mark = run.workspace.tasks.mark(run.task.id)
        self._job = ClusterJob(
            task=run.task,
            mark=mark,
            connection=run.workspace.connections.get(run.task.installation),
            file=str(original_path(run.workspace, run.task)),
            queue=f"dmc-{mark}-{uuid.uuid4().hex[:8]}",
        )
        self._up: Any = Queue(self._job.queue, client=self._client)
        self._futures: dict[int, Future[Any]] = {}
        self._names: dict[int, str] = {}
        self._down: dict[str, Any] = {}

    def _connect(self, address: str, workers: int) -> Any:
        """Return a client of the cluster.

        Raises:
            NotSupported: It does not answer.
        """
        if address == LOCAL:
            cluster = self._opened.enter_context(
                LocalCluster(
                    n_workers=workers if workers > 1 else None,
                    threads_per_worker=1,
                    dashboard_address=None,
                )
            )
            return self._opened.enter_context(Client(cluster))
        try:
            return self._opened.enter_context(Client(address, timeout=_CONNECT_S))
        except (OSError, ValueError, TimeoutError) as exc:
            raise NotSupported(
                what=f"The cluster at {address} does not answer.",
                instead="Start its scheduler, or name another one.",
            ) from exc

    def __enter__(self) -> Self:
        for _ in range(self.number):
            self.start_worker()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def start_worker(self) -> None:
        """Start one more worker, on whichever machine is free.

        In place of a lost one the scheduler itself starts another, as a rule.
        """
        statuses = [future.status for future in self._futures.values()]
        if statuses.count("pending") >= self.number:
            return
        slot = len(self._futures)
        self._futures[slot] = self._client.submit(
            work,
            self._job,
            slot,
            key=f"{self._job.queue}-{slot}",
            workers=[self._addresses[slot % len(self._addresses)]],
            allow_other_workers=True,
            pure=False,
        )

    def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
        """Yield the messages that there are; see :class:`..coordinator.WorkerGroup`."""
        received: list[bytes] = []
        with suppress(TimeoutError):
            received.append(self._up.get(timeout=timeout_s))
            received += self._up.get(batch=True)
        for data in received:
            slot, name, message = pickle.loads(data)  # noqa: S301  # of our workers
            if isinstance(message, WorkerStarted):
                yield from self._take_start(slot, name)
            if self._names.get(slot) == name:  # not of one that counts as lost
                yield name, message
            if isinstance(message, (WorkerStopped, WorkerFailed)):
                self._forget(slot)
        yield from self._find_lost()

    def _take_start(self, slot: int, name: str) -> Iterator[tuple[str, Message]]:
        """Note a worker; the scheduler starts another one in place of a lost one."""
        if slot in self._names:
            lost = self._names[slot]
            self._down.pop(lost, None)
            yield lost, WorkerLost()
        self._names[slot] = name
        self._down[name] = Queue(order_queue(self._job, name), client=self._client)

    def _find_lost(self) -> Iterator[tuple[str, Message]]:
        """Notice workers that Dask has given up."""
        for slot, future in [*self._futures.items()]:
            if future.status not in {"error", "lost", "cancelled"}:
                continue
            name = self._names.get(slot, "")
            self._forget(slot)
            if future.status == "error":
                yield name, WorkerFailed(f"{future.exception()}")
            else:
                yield name, WorkerLost()

    def _forget(self, slot: int) -> None:
        self._down.pop(self._names.pop(slot, ""), None)

    def send(self, name: str, order: Order) -> None:
        """Send an order to a worker; one that is gone is noticed elsewhere."""
        if name in self._down:
            self._down[name].put(pickle.dumps(order))

    def worker(self, name: str) -> Worker:
        """Return no process: those of a cluster are not ours to end."""
        del name
        return NO_WORKER

    @property
    def names(self) -> list[str]:
        """The names of the workers that have begun."""
        return [*self._down]

    def close(self) -> None:
        """Cancel what is left of the workers, and leave the cluster."""
        with suppress(Exception):
            self._client.cancel([*getattr(self, "_futures", {}).values()], force=True)
        self._opened.close()
