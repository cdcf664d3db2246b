"""The worker processes of a task, on this machine."""

from __future__ import annotations

import platform
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Self, cast

from ...workspace.workers import NO_WORKER, Worker
from ..task_files import open_log
from ..task_run import TaskRun
from ..worker.launcher import prepare_workers, start_worker
from ..worker.liveness import is_running
from .messages import Message, Order, WorkerLost, WorkerStarted

PARTITIONS: Final = "--partitions"
"""The first argument of a worker of partitions."""


LACKS_SOCKETS: Final = "this system lacks the sockets that several workers need."
"""Why one worker does the work, as the end of a sentence."""


def can_start_processes() -> bool:
    """Return True where this machine has the sockets that the workers need."""
    return hasattr(socket, "AF_UNIX")


class WorkerProcesses:
    """Starts worker processes, and passes messages between them and the coordinator.

    A context manager; at its end no worker is left.

    Args:
        run: The task.
        workers: How many processes there are at a time.
    """

    def __init__(self, run: TaskRun, workers: int) -> None:
        self._run = run
        self._number = workers
        self._folder = Path(tempfile.mkdtemp(prefix="dmc-"))
        self._listener = socket.socket(socket.AF_UNIX)
        self._starting: list[Worker] = []
        self._names: dict[Connection, str] = {}
        self._workers: dict[str, tuple[Connection, Worker]] = {}
        self._ended: list[Worker] = []

    def __enter__(self) -> Self:
        with ExitStack() as failing:
            failing.callback(self.close)
            self._listener.bind(str(self._folder / "socket"))
            self._listener.listen(self._number)
            self._listener.setblocking(False)
            prepare_workers()
            for _ in range(self._number):
                self.start_worker()
            failing.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def start_worker(self) -> None:
        """Start one more worker; see :class:`.WorkerGroup`.

        Raises:
            OSError: The process could not be started.
        """
        if len(self._starting) + len(self._workers) >= self._number:
            return
        workspace, task = self._run.workspace, self._run.task
        arguments = [PARTITIONS, str(self._folder / "socket"), str(workspace.path)]
        with open_log(workspace, task) as output:
            worker = start_worker([*arguments, str(task.id)], output)
        self._starting.append(worker)

    def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
        """Yield the messages that there are, each with the name of its worker.

        Args:
            timeout_s: How long to wait for the first one.
        """
        ready = wait([self._listener, *self._names], timeout_s)
        if self._listener in ready:
            self._accept()
        for connection in ready:
            if isinstance(connection, Connection):
                yield from self._receive_from(connection)
        yield from self._find_unstarted()

    def _find_unstarted(self) -> Iterator[tuple[str, Message]]:
        """Yield a message for each process that has ended before it was a worker.

        One that was connected may have said before its end that it has started. Then it
        is lost as that worker, and only so.
        """
        ended = [x for x in self._starting if not is_running(x)]
        if not ended:
            return
        self._accept()
        if "" in self._names.values():  # the next message tells which one this is
            return
        for worker in ended:
            self._starting.remove(worker)
            yield "", WorkerLost()

    def send(self, name: str, order: Order) -> None:
        """Send an order to a worker; one that is gone is noticed when it is read."""
        if name in self._workers:
            with suppress(OSError):
                self._workers[name][0].send(order)

    def worker(self, name: str) -> Worker:
        """Return the process of a worker."""
        return self._workers[name][1] if name in self._workers else NO_WORKER

    @property
    def names(self) -> list[str]:
        """The names of the workers that are connected."""
        return [*self._workers]

    def close(self) -> None:
        """End the workers that are left."""
        for connection, worker in self._workers.values():
            connection.close()
            self._ended.append(worker)
        for worker in [*self._starting, *self._ended]:
            end_process(worker)
        self._workers.clear()
        self._names.clear()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        """Take all connections of workers that have begun."""
        with suppress(BlockingIOError):
            while True:
                link, _ = self._listener.accept()
                link.setblocking(True)
                self._names[Connection(link.detach())] = ""

    def _receive_from(self, connection: Connection) -> Iterator[tuple[str, Message]]:
        """Yield the message of a worker, or that it is lost.

        One that ends before its first message is found among those that begin.
        """
        name = self._names[connection]
        try:
            message = cast("Message", connection.recv())
        except (EOFError, OSError):
            del self._names[connection]
            connection.close()
            if name:
                _, worker = self._workers.pop(name)
                self._ended.append(worker)
                yield name, WorkerLost()
            return
        if isinstance(message, WorkerStarted):
            name = self._names[connection] = f"Process {message.worker.pid}"
            self._workers[name] = connection, message.worker
            self._starting = [x for x in self._starting if x != message.worker]
        yield name, message


def end_process(worker: Worker) -> None:
    """Kill a worker process of this machine, unless it has ended already."""
    is_here = worker.host == platform.node()
    if is_here and is_running(worker):
        import psutil  # few tasks need it

        with suppress(psutil.Error):
            psutil.Process(worker.pid).kill()
