"""Cancellable waits: for a response, between two attempts, for a task of the server.

Whatever may take long runs in a background thread, and the thread that waits for its
future asks the caller a few times a second whether the result is still needed.
Background threads never ask the caller themselves, because its callback may belong to
one thread (a SQLite connection does). They see what the waiting thread found out.

The futures are those of :mod:`concurrent.futures`; its thread pool is not used. The
interpreter joins the threads of a pool when it exits, so one request to a server that
never answers would keep the process alive. The threads here are daemons.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

_POLL_S: Final = 0.2


class OperationCancelled(Exception):
    """The caller no longer needs the result. Never leaves ``liferay``."""


class _BackgroundThread(threading.Thread):
    """A thread that must not ask the caller anything."""

    def __init__(self, target: Callable[[], None]) -> None:
        super().__init__(target=target, daemon=True)


def submit(job: Callable[[], T]) -> Future[T]:
    """Start *job* in a background thread and return its future."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(job())
        except BaseException as exc:  # noqa: BLE001
            future.set_exception(exc)  # raised again where the result is taken

    _BackgroundThread(work).start()
    return future


class CancelToken:
    """Tells waits and background threads whether the operation was cancelled.

    Args:
        should_continue: Asked a few times a second by the thread that waits, unless it
            is a background thread. After it has returned False, the token stays
            cancelled.

    Example:
        >>> token = CancelToken(should_continue=lambda: True)
        >>> token.run(lambda: 6 * 7)
        42
        >>> list(token.run_all([lambda: 1, lambda: 2, lambda: 3], max_workers=2))
        [1, 2, 3]
    """

    def __init__(self, should_continue: Callable[[], bool] = lambda: True) -> None:
        self._should_continue = should_continue
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """The operation was cancelled; work that goes on is wasted."""
        return self._cancelled.is_set()

    def raise_if_cancelled(self) -> None:
        """Ask the caller, unless this is a background thread.

        Raises:
            OperationCancelled: The caller, now or before, has cancelled.
        """
        in_background = isinstance(threading.current_thread(), _BackgroundThread)
        if not in_background and not self._should_continue():
            self._cancelled.set()
        if self.is_cancelled:
            raise OperationCancelled

    def sleep(self, seconds: float) -> None:
        """Pause for *seconds*.

        Raises:
            OperationCancelled: The caller has cancelled during the pause.
        """
        end = time.monotonic() + seconds
        while (remaining := end - time.monotonic()) > 0:
            self.raise_if_cancelled()
            time.sleep(min(remaining, _POLL_S))

    def run(self, job: Callable[[], T]) -> T:
        """Run *job* in a background thread and return its result.

        Raises:
            OperationCancelled: The caller has cancelled before the job ended. Its
                thread goes on, and its result is dropped.
        """
        return self.result(submit(job))

    def result(self, future: Future[T]) -> T:
        """Wait for a future and return its result; see :meth:`run`."""
        while not _is_done(future):
            self.raise_if_cancelled()
        return future.result()

    def drain(self, future: Future[T]) -> T:
        """Wait for a future whose job stops by itself after a cancellation.

        Unlike :meth:`result`, this returns what the job had achieved until then.
        """
        while not _is_done(future):
            with suppress(OperationCancelled):
                self.raise_if_cancelled()
        return future.result()

    def run_all(self, jobs: Sequence[Callable[[], T]], max_workers: int) -> Iterator[T]:
        """Yield the results of *jobs* in order, running *max_workers* at a time."""
        waiting = iter(jobs)
        running = deque(map(submit, islice(waiting, max_workers)))
        while running:
            yield self.result(running.popleft())
            running.extend(map(submit, islice(waiting, 1)))


def _is_done(future: Future[T]) -> bool:
    return bool(wait([future], timeout=_POLL_S).done)
