"""A worker process of a divided import, on the machine of its coordinator.

Run as ``python -m dmc_widgets.tasks.worker --partitions SOCKET WORKSPACE TASK``, or
forked by the server that forks all workers.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from ...errors import DmcError
from ...model.plan import Action
from ...model.task import TaskStatus
from ...storage.sqlite_lock import LockWait
from ...workspace import Workspace
from ..installation_access import open_connection
from ..task_files import original_file
from ..task_run import TaskTakenOver
from ..worker.liveness import identify_self
from .messages import Message, Order, Stop, WorkerFailed, WorkerStarted
from .partition_import import import_partitions
from .partition_run import PartitionRun


class PipeChannel:
    """The way to a coordinator on the same machine."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._received: deque[Order] = deque()
        self._stop: TaskStatus | None = None

    def send(self, message: Message) -> None:
        """Send a message; see :class:`.Channel`."""
        try:
            self._connection.send(message)
        except OSError as exc:
            raise TaskTakenOver from exc

    def receive(self) -> Order:
        """Wait for the next order; see :class:`.Channel`."""
        return self._received.popleft() if self._received else self._take()

    def stop_status(self) -> TaskStatus | None:
        """Return why the worker is to stop; see :class:`.Channel`."""
        while self._stop is None and self._connection.poll():
            self._received.append(self._take())
        return self._stop

    def _take(self) -> Order:
        try:
            order = cast("Order", self._connection.recv())
        except (EOFError, OSError):
            order = Stop(TaskStatus.CANCELLED)
        if isinstance(order, Stop):
            self._stop = order.status
        return order


def connect_channel(path: str) -> PipeChannel:
    """Connect to the socket of a coordinator.

    Raises:
        OSError: The coordinator has ended.
    """
    link = socket.socket(socket.AF_UNIX)
    link.connect(path)
    return PipeChannel(Connection(link.detach()))


def main(arguments: list[str]) -> int:
    """Import partitions until there is nothing left; return the exit status."""
    path, folder, task_id = arguments
    with suppress(TaskTakenOver, OSError):
        channel = connect_channel(path)
        channel.send(WorkerStarted(identify_self()))
        try:
            with closing(Workspace(Path(folder), LockWait(limit_s=None))) as workspace:
                _work(workspace, int(task_id), channel)
        except DmcError as exc:
            channel.send(WorkerFailed(exc))
        return os.EX_OK
    return os.EX_UNAVAILABLE


def _work(workspace: Workspace, task_id: int, channel: PipeChannel) -> None:
    task = workspace.tasks.get(task_id)
    run = PartitionRun(workspace, task, workspace.tasks.mark(task_id), channel)
    connection = workspace.connections.get(task.installation)
    with closing(open_connection(connection, run.should_continue)) as installation:
        is_import = task.action is Action.IMPORT
        file = original_file(workspace, task) if is_import else None
        import_partitions(run, installation, channel, file)
