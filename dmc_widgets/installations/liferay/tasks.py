"""Tasks of the server's batch engine: found by their mark, waited for, judged done."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused
from ...ports import Item
from .client import Client
from .pace import Pace, expected_s

BATCH: Final = "/o/headless-batch-engine/v1.0"
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"


def is_task(value: Any) -> bool:
    """Say whether a server's JSON is a task, and not what stands in its way."""
    return isinstance(value, dict) and bool(value.get("id"))


def checked_task(client: Client, value: Any) -> Item:
    """Return *value* if it is a task.

    Raises:
        Refused: It is none.
    """
    if not is_task(value):
        reason = "What answered is no batch engine of Liferay: a task came without id."
        raise Refused(client.name, reason)
    return dict(value)


def find(client: Client, mark: str) -> Item | None:
    """Return the import task that bears *mark*; None if the server has none.

    Raises:
        InstallationError: The server does not tell.
    """
    found = client.found(
        f"{BATCH}/import-task/by-external-reference-code/{quote(mark, safe='')}"
    )
    return None if found is None else checked_task(client, found)


def pace_of(client: Client) -> Pace:
    """Make the pace at which tasks of one kind are looked at."""
    return Pace(client.limits.poll_s, client.limits.longest_poll_s)


def ended(client: Client, task: Item, kind: str, pace: Pace) -> Item | None:
    """Wait for a task's end.

    Args:
        client: Of the server.
        task: As the server gave it last.
        kind: ``import-task`` or ``export-task``.
        pace: Of the tasks before it.

    Returns:
        None where the task makes no progress any more: a server that was restarted
        forgets tasks, and takes some of them up again an hour later.

    Raises:
        InstallationError: The server does not tell any more.
    """
    progress = _progress(task)
    began = moved = time.monotonic()
    pauses = pace.pauses()
    while task.get("executeStatus") not in {COMPLETED, FAILED}:
        if time.monotonic() - moved > client.limits.give_up_s:
            return None
        left_s = expected_s(time.monotonic() - began, *_counts(task))
        left_s = max(left_s, client.limits.poll_s)
        client.patience.pause(min(next(pauses), left_s))
        task = checked_task(client, client.get(f"{BATCH}/{kind}/{task['id']}"))
        if _progress(task) != progress:
            progress, moved = _progress(task), time.monotonic()
    pace.took(time.monotonic() - began)
    return task


def _counts(task: Item) -> tuple[int, int]:
    """Return how many items a task has been through, and how many it has."""
    done, total = task.get("processedItemsCount"), task.get("totalItemsCount")
    return done if type(done) is int else 0, total if type(total) is int else 0


def _progress(task: Item) -> tuple[Any, Any]:
    return task.get("executeStatus"), task.get("processedItemsCount")
