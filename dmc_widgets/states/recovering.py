"""Finding out, beside the page, what became of tasks whose workers died."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Thread

from ..center import Center
from ..errors import DmcError
from ..model.task import Task, TaskStatus

_TRY_AGAIN_S = 30.0


class Recoveries:
    """Lets the center recover tasks without making the page wait for it.

    Args:
        center: Of the tasks.
    """

    def __init__(self, center: Center) -> None:
        self._center = center
        self._tried: dict[int, float] = {}

    def begin(self, task: Task) -> None:
        """Recover a task that is inactive, unless that was tried a moment ago.

        What became of it shows in the task itself.
        """
        if task.status is not TaskStatus.INACTIVE:
            return
        now = time.monotonic()
        if now - self._tried.get(task.id, -_TRY_AGAIN_S) < _TRY_AGAIN_S:
            return
        self._tried[task.id] = now
        Thread(target=self._recover, args=(task.id,), daemon=True).start()

    def _recover(self, task_id: int) -> None:
        with suppress(DmcError):  # it stays inactive, which says enough
            self._center.recover(task_id)


def is_settled(task: Task) -> bool:
    """Return True for a task about which nothing more will become known."""
    return task.status.is_final and task.status is not TaskStatus.INACTIVE
