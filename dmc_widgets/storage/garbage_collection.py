"""How often Python looks for garbage that refers to itself."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

RELAXED: Final = (100_000, 20, 100)
"""The thresholds of the collector; the usual ones are 700, 10 and 10."""


def relax_garbage_collector() -> None:
    """Collect garbage cycles less often in this process, and not at its end.

    Modules are many objects that never become garbage, and records are many and have
    no cycles. With the usual thresholds the collector would visit each module dozens of
    times while a command loads, and each batch dozens of times while it is imported. At
    the end it would visit all of them, to free memory that the system frees anyway.
    """
    gc.set_threshold(*RELAXED)
    atexit.register(gc.freeze)


class _CollectorSettings:
    """The settings of the collector, which all threads of a process share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._thresholds = gc.get_threshold()

    def relax(self) -> None:
        """Collect less often, and leave out what is loaded by now."""
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            self._thresholds = allocations, *_ = gc.get_threshold()
            gc.freeze()
            if allocations:  # else they are off
                gc.set_threshold(*RELAXED)

    def restore(self) -> None:
        """Collect as before, once no thread needs it otherwise."""
        with self._lock:
            self._users -= 1
            if not self._users:
                gc.set_threshold(*self._thresholds)
                gc.unfreeze()


_SETTINGS: Final = _CollectorSettings()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect less often until the block ends, and leave out what is loaded by now.

    This is for processes that others have started, such as a worker of a Dask cluster,
    which may have several threads, each with a task.
    """
    _SETTINGS.relax()
    try:
        yield
    finally:
        _SETTINGS.restore()
