"""The workers of a divided import, opened when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol

from ...errors import DmcError
from ...workspace.workers import Worker
from ..unexpected_errors import UnexpectedWorkerError
from .messages import Finish, Message, Order


class WorkerGroup(Protocol):
    """The workers of a divided import: processes, or those of a cluster."""

    def start_worker(self) -> None:
        """Start one more worker, unless as many are there or begin as are chosen."""
        ...

    def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
        """Yield the messages that there are, each with the name of its worker."""
        ...

    def send(self, name: str, order: Order) -> None:
        """Send an order to a worker."""
        ...

    def worker(self, name: str) -> Worker:
        """Return the process of a worker on this machine; otherwise no process."""
        ...

    @property
    def names(self) -> list[str]:
        """The names of the workers that are there."""
        ...


class WorkerPool:
    """The workers of a task: those that import its file also verify it at the end.

    Args:
        open_group: Opens a group of workers.
    """

    def __init__(
        self, open_group: Callable[[], AbstractContextManager[WorkerGroup]]
    ) -> None:
        self._open_group = open_group
        self._opened = ExitStack()
        self._group: WorkerGroup | None = None

    def open(self) -> WorkerGroup:
        """Return the workers that are there; new ones if there are none.

        Raises:
            NotSupported: The cluster does not answer.
            OSError: A process could not be started.
        """
        if self._group is None:
            self._group = self._opened.enter_context(self._open_group())
        return self._group

    def close(self) -> None:
        """End the workers. Closing twice is harmless."""
        group, self._group = self._group, None
        if group is not None:
            for name in group.names:
                group.send(name, Finish())
        self._opened.close()


def raisable(error: DmcError | str) -> Exception:
    """Return what a worker has met as an error of this process."""
    return error if isinstance(error, DmcError) else UnexpectedWorkerError(error)
