"""A worker of a divided import that runs as a task of a Dask cluster.

It needs the package, the secrets of the target in its own environment, and the file of
the import: in a folder that it shares with the coordinator, under the same path, or at
the address from which the coordinator has read it. The database of the workspace stays
with the coordinator.
"""

from __future__ import annotations

import pickle
import tempfile
import time
import uuid
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from distributed import Queue, get_client, get_worker

from ...errors import DmcError
from ...model.plan import Action
from ...model.task import Task, TaskStatus
from ...workspace import Connection, Workspace
from ...workspace.file_origins import FileOrigin
from ...workspace.workers import NO_WORKER
from ..installation_access import open_connection
from ..partitions.messages import (
    Message,
    Order,
    Stop,
    WorkerFailed,
    WorkerStarted,
)
from ..partitions.partition_import import OriginalFile, import_partitions
from ..partitions.partition_run import PartitionRun
from ..task_run import TaskTakenOver
from .original_files import open_original

_ASK_EVERY_S: Final = 0.2
PRESENT_EVERY_S: Final = 15.0
"""How often a coordinator says that it is there, with an order that is empty."""

_SILENCE_S: Final = 60.0
"""A coordinator that leaves a worker waiting for so long is gone."""


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """What a worker of a cluster has to know of a task.

    Attributes:
        task: The task.
        mark: The key under which installations mark its batches.
        connection: The target, without its secret.
        file: The path of the file.
        queue: The name of the queue of messages to the coordinator.
        origin: The address of the file; None for one of the coordinator's machine.
    """

    task: Task
    mark: str
    connection: Connection
    file: str
    queue: str
    origin: FileOrigin | None = None


def worker_address(name: str) -> str:
    """Return the address of the process of the cluster that a worker runs in."""
    return name.partition(" ")[0]


def order_queue(job: ClusterJob, name: str) -> str:
    """Return the name of the queue of orders to a worker."""
    return f"{job.queue}-{name}"


class QueueChannel:
    """The way to the coordinator, by queues of the cluster's scheduler.

    Args:
        job: The job.
        slot: The number of the worker's place in its group.
    """

    def __init__(self, job: ClusterJob, slot: int) -> None:
        client = get_client()
        self._slot = slot
        self.name = f"{get_worker().address} {uuid.uuid4().hex[:8]}"
        self._up = Queue(job.queue, client=client)
        self._down = Queue(order_queue(job, self.name), client=client)
        self._received: deque[Order] = deque()
        self._stop: TaskStatus | None = None
        self._asked_at = 0.0
        self._sender = ThreadPoolExecutor(1, "messages")
        self._sent: Future[None] | None = None

    def send(self, message: Message) -> None:
        """Send a message; see :class:`..partitions.messages.Channel`.

        The next batch is written while it is on its way. Whether it has arrived is
        known when the next one is sent.
        """
        self.flush()
        data = pickle.dumps((self._slot, self.name, message))
        self._sent = self._sender.submit(self._up.put, data, timeout=_SILENCE_S)

    def flush(self) -> None:
        """Wait until the last message has arrived.

        Raises:
            TaskTakenOver: The cluster does not take it.
        """
        sent, self._sent = self._sent, None
        try:
            if sent is not None:
                sent.result()
        except (TimeoutError, OSError) as exc:
            raise TaskTakenOver from exc

    def close(self) -> None:
        """Wait for the last message, and end the thread that sends."""
        try:
            self.flush()
        finally:
            self._sender.shutdown()

    def receive(self) -> Order:
        """Wait for the next order; see :class:`..partitions.messages.Channel`."""
        if self._received:
            return self._received.popleft()
        try:
            while not (data := self._down.get(timeout=_SILENCE_S)):
                pass  # the coordinator is there
            return self._take(data)
        except (TimeoutError, OSError):
            self._stop = TaskStatus.CANCELLED
            return Stop(TaskStatus.CANCELLED)

    def stop_status(self) -> TaskStatus | None:
        """Return why the worker is to stop; it asks a few times a second."""
        at = time.monotonic()
        if self._stop is None and at - self._asked_at >= _ASK_EVERY_S:
            self._asked_at = at
            for data in filter(None, self._down.get(batch=True)):
                self._received.append(self._take(data))
        return self._stop

    def _take(self, data: bytes) -> Order:
        order = cast("Order", pickle.loads(data))  # noqa: S301  # of the coordinator
        if isinstance(order, Stop):
            self._stop = order.status
        return order


def work(job: ClusterJob, slot: int) -> None:
    """Import partitions until there is nothing left; a task of the cluster."""
    with closing(QueueChannel(job, slot)) as channel:
        _import_in_folder(job, channel)


def _import_in_folder(job: ClusterJob, channel: QueueChannel) -> None:
    channel.send(WorkerStarted(NO_WORKER))
    with tempfile.TemporaryDirectory(prefix="dmc-") as folder:
        try:
            _import(job, channel, Path(folder))
        except DmcError as exc:
            channel.send(WorkerFailed(exc))


def _import(job: ClusterJob, channel: QueueChannel, folder: Path) -> None:
    """Import partitions with a workspace of the worker's own, which stays empty.

    Raises:
        FileUnreadable: The worker does not have the file.
    """
    with ExitStack() as opened:
        file: OriginalFile | None = None
        if job.task.action is Action.IMPORT:
            original = open_original(job.task, Path(job.file), job.origin, folder)
            file = opened.enter_context(original)
        workspace = opened.enter_context(closing(Workspace(folder / "workspace")))
        run = PartitionRun(workspace, job.task, job.mark, channel)
        target = open_connection(job.connection, run.should_continue)
        installation = opened.enter_context(closing(target))
        import_partitions(run, installation, channel, file)
