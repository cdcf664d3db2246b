"""The exit statuses: 0 all records done, 3 some failed, 1 failed, 2 wrong use."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import DmcError, RequestError
from ..model.task import Task, TaskStatus

DONE = 0
FAILED = 1
WRONG_USE = 2
SOME_FAILED = 3
DIFFERENT = 3
"""Of `dmc compare`: it worked, and there is something to look at."""


def task_status(task: Task) -> int:
    """Judge a finished task."""
    if task.status not in {TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED}:
        return FAILED
    return SOME_FAILED if task.counts.failed else DONE


def worst_status(statuses: Iterable[int]) -> int:
    """Judge several tasks: one that failed outweighs failed records."""
    found = set(statuses)
    return FAILED if FAILED in found else max(found, default=DONE)


def error_status(error: DmcError) -> int:
    """Tell a wrong request from a world that did not go along."""
    return WRONG_USE if isinstance(error, RequestError) else FAILED
