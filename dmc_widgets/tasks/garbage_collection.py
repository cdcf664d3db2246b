"""Python's search for reference cycles, while many records pass."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_ALLOCATIONS: Final = 50_000
"""More objects than a batch has at a time. Python searches after 700 as it is started,
which is several times a batch, and in vain: records have no cycles."""


class _CollectorSettings:
    """The settings of the collector, which all threads of a process share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._thresholds = gc.get_threshold()

    def relax(self) -> None:
        """Search rarely, and not among what is loaded by now."""
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            self._thresholds = allocations, *others = gc.get_threshold()
            gc.freeze()
            relaxed = max(allocations, _ALLOCATIONS) if allocations else 0
            gc.set_threshold(relaxed, *others)

    def restore(self) -> None:
        """Search as before, once no thread needs it otherwise."""
        with self._lock:
            self._users -= 1
            if not self._users:
                gc.set_threshold(*self._thresholds)
                gc.unfreeze()


_SETTINGS: Final = _CollectorSettings()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Search rarely until the block ends, and not among what is loaded by now.

    A worker of a Dask cluster may have several threads, each with a task.
    """
    _SETTINGS.relax()
    try:
        yield
    finally:
        _SETTINGS.restore()
