"""The workers of a divided import on a Dask cluster."""

from __future__ import annotations

import logging
import os
import pickle
import time
import uuid
from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, Self

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Queue

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
from ..task_files import file_origin, original_path
from ..task_run import TaskRun
from .local_processes import SETTINGS, LocalProcesses
from .worker import PRESENT_EVERY_S, ClusterJob, order_queue, work, worker_address

LOCAL: Final = "local"
_CONNECT_S: Final = 10.0
_START_S: Final = 120.0
_LOOK_EVERY_S: Final = 0.5
_log = logging.getLogger(__name__)


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
        self._processes: LocalProcesses | None = None
        self._futures: dict[int, Future[Any]] = {}
        self._slots = 0
        self._names: dict[int, str] = {}
        self._replacing: set[int] = set()  # Dask starts others in place of lost ones
        self._looked_at = time.monotonic()
        with ExitStack() as failing:
            failing.callback(self.close)
            self._open(address, workers)
            failing.pop_all()

    def _open(self, address: str, workers: int) -> None:
        """Connect to the cluster; see :class:`DaskWorkers`."""
        run = self._run
        self._client = self._connect(address, workers)
        addresses = [*self._client.scheduler_info(n_workers=-1)["workers"]]
        if not addresses:
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
            origin=file_origin(run.workspace, run.task),
        )
        self._messages = _Messages(self._client, self._job)
        self._opened.callback(self._messages.close)

    def _connect(self, address: str, workers: int) -> Any:
        """Return a client of the cluster.

        Raises:
            NotSupported: It does not answer.
        """
        if address == LOCAL:
            return self._start_cluster(workers if workers > 1 else os.cpu_count() or 1)
        try:
            return self._opened.enter_context(Client(address, timeout=_CONNECT_S))
        except (OSError, ValueError, TimeoutError) as exc:
            raise NotSupported(
                what=f"The cluster at {address} does not answer.",
                instead="Start its scheduler, or name another one.",
            ) from exc

    def _start_cluster(self, number: int) -> Any:
        """Return a client of a cluster of this task's own."""
        self._opened.enter_context(dask.config.set(SETTINGS))
        cluster = self._opened.enter_context(
            LocalCluster(
                n_workers=0,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any port
            )
        )
        address = cluster.scheduler_address
        self._processes = LocalProcesses(self._run, address, number)
        self._opened.callback(self._processes.end)
        client = self._opened.enter_context(Client(cluster))
        client.wait_for_workers(number, timeout=_START_S)
        return client

    def __enter__(self) -> Self:
        for _ in range(self.number):
            self.start_worker()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def start_worker(self) -> None:
        """Start one more worker; see :class:`.WorkerGroup`.

        It runs on whichever machine is free. In place of a lost one the scheduler
        itself starts another, as a rule.
        """
        statuses = [future.status for future in self._futures.values()]
        if statuses.count("pending") >= self.number:
            return
        slot = self._slots
        self._slots += 1
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
        """Yield the messages that there are; see :class:`..coordinator.WorkerGroup`.

        Raises:
            NotSupported: The scheduler is gone.
        """
        for slot, name, message in self._messages.receive(timeout_s):
            if isinstance(message, WorkerStarted):
                yield from self._take_start(slot, name)
            if self._names.get(slot) == name:  # not of one that counts as lost
                yield name, message
            if isinstance(message, (WorkerStopped, WorkerFailed)):
                self._forget(slot)
        at = time.monotonic()
        if at - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = at
            yield from self._find_lost()

    def _take_start(self, slot: int, name: str) -> Iterator[tuple[str, Message]]:
        """Note a worker; the scheduler starts another one in place of a lost one."""
        if slot in self._names:
            lost = self._names[slot]
            self._messages.forget(lost)
            yield lost, WorkerLost()
        self._replacing.discard(slot)
        self._names[slot] = name

    def _find_lost(self) -> Iterator[tuple[str, Message]]:
        """Notice workers that are gone, and those that Dask has given up."""
        if self._processes is not None:
            self._processes.replace_ended()
        present = self._client.scheduler_info(n_workers=-1)["workers"]
        for slot, future in [*self._futures.items()]:
            name, status = self._names.get(slot, ""), future.status
            if status in {"error", "lost", "cancelled"}:
                del self._futures[slot]
                self._forget(slot)
                message = _lost_or_failed(future, status)
                if slot in self._replacing and isinstance(message, WorkerLost):
                    self.start_worker()  # the loss is known, but another one is needed
                else:
                    yield name, message
                self._replacing.discard(slot)
            elif name and worker_address(name) not in present:
                self._forget(slot)
                self._replacing.add(slot)
                yield name, WorkerLost()

    def _forget(self, slot: int) -> None:
        self._messages.forget(self._names.pop(slot, ""))

    def send(self, name: str, order: Order) -> None:
        """Send an order to a worker; one that is gone is noticed elsewhere."""
        self._messages.send(name, order)

    def worker(self, name: str) -> Worker:
        """Return no process: those of a cluster are not ours to end."""
        del name
        return NO_WORKER

    @property
    def names(self) -> list[str]:
        """The names of the workers that have begun."""
        return self._messages.names

    def close(self) -> None:
        """Cancel what is left of the workers, and leave the cluster."""
        with suppress(Exception):
            self._client.cancel([*self._futures.values()], force=True)
        self._opened.close()


def _lost_or_failed(future: Future[Any], status: str) -> Message:
    """Return what has become of a worker that does not go on.

    Dask gives up a worker whose processes have died several times.
    """
    error = future.exception() if status == "error" else None
    if error is None or isinstance(error, KilledWorker):
        return WorkerLost()
    return WorkerFailed(f"{type(error).__name__}: {error}")


class _Messages:
    """The messages between a coordinator and its workers, by queues of the scheduler.

    A thread waits for them, because a wait that a scheduler ends early is an error to
    it. The same thread tells the workers from time to time that the coordinator is
    there.

    Args:
        client: The client of the cluster.
        job: The job of the workers.
    """

    def __init__(self, client: Any, job: ClusterJob) -> None:
        self._client = client
        self._job = job
        self._up: Any = Queue(job.queue, client=client)
        self._down: dict[str, Any] = {}
        self._arrived: SimpleQueue[tuple[int, str, Message] | None] = SimpleQueue()
        self._is_open = True
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def names(self) -> list[str]:
        """The names of the workers that have begun."""
        return [*self._down]

    def receive(self, timeout_s: float) -> Iterator[tuple[int, str, Message]]:
        """Yield the messages that there are: slot and name of the worker, and what.

        Args:
            timeout_s: How long to wait for the first one.

        Raises:
            NotSupported: The scheduler is gone.
        """
        with suppress(Empty):
            arrived = self._arrived.get(timeout=timeout_s)
            while True:
                if arrived is None:
                    raise NotSupported(
                        what="The cluster does not answer any more.",
                        instead="Start it again, and resume or verify the task.",
                    )
                yield arrived
                arrived = self._arrived.get_nowait()

    def send(self, name: str, order: Order) -> None:
        """Send an order to a worker, unless it is forgotten or the scheduler gone."""
        if name in self._down:
            with suppress(OSError):  # the thread notices it, too
                self._down[name].put(pickle.dumps(order))

    def forget(self, name: str) -> None:
        """Send nothing more to a worker."""
        self._down.pop(name, None)

    def close(self) -> None:
        """End the thread."""
        self._is_open = False
        with suppress(Exception):  # the scheduler may be gone
            self._up.put(b"", timeout=_CONNECT_S)
        self._thread.join(_CONNECT_S)

    def _listen(self) -> None:
        try:
            self._pass_on()
        except (OSError, RuntimeError, CancelledError):
            _log.debug("The scheduler is gone", exc_info=True)
        finally:
            self._arrived.put(None)

    def _pass_on(self) -> None:
        said_at = time.monotonic()
        while self._is_open:
            with suppress(TimeoutError):
                if data := self._up.get(timeout=PRESENT_EVERY_S):
                    self._take(data)
            if time.monotonic() - said_at >= PRESENT_EVERY_S:
                said_at = time.monotonic()
                for queue in [*self._down.values()]:
                    queue.put(b"")

    def _take(self, data: bytes) -> None:
        slot, name, message = pickle.loads(data)  # noqa: S301  # of our workers
        if isinstance(message, WorkerStarted):
            queue = order_queue(self._job, name)
            self._down[name] = Queue(queue, client=self._client)
        self._arrived.put((slot, name, message))
