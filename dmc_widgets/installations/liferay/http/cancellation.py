"""Waiting that can be given up: for an answer, between two tries, for a task.

Everything that may take long runs in a thread of its own, and whoever waits for it
looks up a few times a second to see whether anybody still wants the result. The
threads are daemons: one that waits for a server which never answers keeps no
process from ending. They ask nobody themselves: who wants a result is known to the
thread that began it all, and what that one has found out ends their waits, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final, Generic, TypeVar

from ....errors import Unreachable

T = TypeVar("T")

_TICK_S: Final = 0.2
_here = threading.local()
"""Whether this thread is one of those that ask nobody."""


class OperationCancelled(Exception):
    """Nobody waits for the result any more. Never leaves this room."""


class Pending(Generic[T]):
    """A result that is being worked on."""

    def __init__(self, job: Callable[[], T]) -> None:
        self._job = job
        self._done = threading.Event()
        self._result: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._work, daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait that long at most; say whether the work has ended."""
        return self._done.wait(seconds)

    def result(self) -> T:
        """Return what came of the work that has ended, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _work(self) -> None:
        _here.asks_nobody = True
        try:
            self._result.append(self._job())
        except BaseException as exc:  # noqa: BLE001
            self._error = exc  # it is raised where one waits
        self._done.set()


class CancelToken:
    """How long to wait: as long as somebody wants the result.

    Args:
        still_wanted: Asked a few times a second, by the thread that waits, if it
            is none of this room's own.
    """

    def __init__(self, should_continue: Callable[[], bool] = lambda: True) -> None:
        self._still_wanted = should_continue
        self._ended = threading.Event()

    @property
    def has_ended(self) -> bool:
        """Somebody has stopped waiting; work that goes on is in vain."""
        return self._ended.is_set()

    def pause(self, seconds: float) -> None:
        """Wait that long.

        Raises:
            OperationCancelled: Before the time was over.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.require_wanted()
            time.sleep(min(left, _TICK_S))

    def sleep(self, seconds: float) -> None:
        """Wait that long in a thread that nobody can ask; end early in vain.

        Raises:
            OperationCancelled: Somebody has stopped waiting meanwhile.
        """
        if self._ended.wait(seconds):
            raise OperationCancelled

    def run(self, job: Callable[[], T]) -> T:
        """Do *job* in a thread of its own and return its result.

        Raises:
            OperationCancelled: Before it came. The thread goes on, and is forgotten.
        """
        return self.result_of(Pending(job))

    def result_of(self, pending: Pending[T]) -> T:
        """Wait for work that was begun before; see :meth:`run`."""
        while not pending.wait(_TICK_S):
            self.require_wanted()
        return pending.result()

    def end_of(self, pending: Pending[T]) -> T:
        """Return the result of work that itself ends once nobody wants it.

        So what it had begun is told, though the wait for it was given up.
        """
        while not pending.wait(_TICK_S):
            with suppress(OperationCancelled):
                self.require_wanted()
        return pending.result()

    def run_all(self, jobs: Sequence[Callable[[], T]], at_once: int) -> Iterator[T]:
        """Yield the results of *jobs* in order, doing *at_once* of them at a time."""
        under_way = [Pending(job) for job in jobs[:at_once]]
        for number in range(len(jobs)):
            yield self.result_of(under_way.pop(0))
            following = number + at_once
            if following < len(jobs):
                under_way.append(Pending(jobs[following]))

    def require_wanted(self) -> None:
        """Go on, or not.

        Raises:
            OperationCancelled: Nobody waits for any result.
        """
        if not getattr(_here, "asks_nobody", False) and not self._still_wanted():
            self._ended.set()
        if self._ended.is_set():
            raise OperationCancelled


class CircuitBreaker:
    """Stops all requests for a while once a server has failed too often.

    A task that goes on asking a server in need makes things worse, for itself too.

    Args:
        installation: Its name for messages.
        rest_s: How long to leave the server alone.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        installation: str,
        *,
        rest_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installation = installation
        self._rest_s = rest_s
        self._clock = clock
        self._open_until = float("-inf")
        self._reason = ""

    def open(self, reason: str) -> None:
        """Stop the requests; *reason* is the sentence to tell."""
        self._open_until = self._clock() + self._rest_s
        self._reason = reason

    def require_closed(self) -> None:
        """Let a request pass, or not.

        Raises:
            Unreachable: The server is being left alone.
        """
        if self._clock() < self._open_until:
            raise Unreachable(self._installation, self._reason)
