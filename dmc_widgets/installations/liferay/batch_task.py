"""Tasks of the server's batch engine: created once, found by their mark, waited for.

A POST whose response got lost is never simply repeated. An import task bears the mark
of its part as external reference code, and no server keeps two tasks of one code. So
in doubt the client asks for the task of that mark, and posts again only if there is
none. Should a late first POST arrive after all, the server refuses one of the two.
See ``docs/liferay/batch-engine.md``.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from ...errors import InstallationError, Refused, Unreachable
from ...model.entity_type import DEFAULT_DELEGATE, EntityType
from ...model.strategies import ImportStrategy, Policy
from ...objects.entries.lazy_references import PARAMETER
from ...ports import Item
from .batch_plan import BatchPart, PreparedItem
from .http.client import Client
from .http.errors import Response, UnknownDelivery, UnknownTaskState
from .snapshot import Snapshot, count_snapshot, pack_archive, read_snapshot

BATCH_ENGINE_API: Final = "/o/headless-batch-engine/v1.0"
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"

_ZIP_TYPE: Final = "application/zip"
_REJECTED_STATUSES: Final = frozenset({401, 403, 413})

_PAUSE_GROWTH: Final = 1.25
"""With it, the end of a task is seen after at most a fifth of the time it took."""

_FIRST_POLL_SHARE: Final = 0.8
"""When to look first, as a share of the time that the last task took. With all of it,
one late look would delay the looks at all tasks after it."""

_POLLS_PER_TASK: Final = 10
"""Looks in the time that the last task took."""

_MIN_REMAINING_SHARE: Final = 0.05
"""The least remaining time, as a share of the time passed: a server may stay close to
the end for long."""


class PollSchedule:
    """Pauses between looks at consecutive tasks of one kind.

    Batches of one import are alike, so the next task takes about as long as the last
    one. The first look comes shortly before its expected end, later ones as often as
    suits its length. Of the very first task only the progress is known, if the server
    reports it.

    Args:
        shortest_s: The pause before the first look at the first task.
        longest_s: The longest pause between two looks.
    """

    def __init__(self, shortest_s: float, longest_s: float) -> None:
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._last_s = 0.0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to wait before each look at a task, without end."""
        first_s = max(self._last_s * _FIRST_POLL_SHARE, self._shortest_s)
        yield min(first_s, self._longest_s)
        pause_s = self._last_s / _POLLS_PER_TASK or self._shortest_s * _PAUSE_GROWTH
        while True:
            yield min(pause_s, self._longest_s)
            pause_s *= _PAUSE_GROWTH

    def record_duration(self, seconds: float) -> None:
        """Record how long a task took until its end was seen."""
        self._last_s = seconds


def make_poll_schedule(client: Client) -> PollSchedule:
    """Return a schedule with the limits of *client*."""
    return PollSchedule(client.limits.poll_s, client.limits.longest_poll_s)


def expected_remaining_s(passed_s: float, done: int, total: int) -> float:
    """Return in how many seconds a task should end, or infinity if that is unknown.

    Args:
        passed_s: The seconds since the task started.
        done: How many of its items it has processed.
        total: How many items it has; 0 if unknown.
    """
    if not 0 < done < total:
        return math.inf
    return passed_s * max((total - done) / done, _MIN_REMAINING_SHARE)


def is_task(value: Any) -> bool:
    """Return True if a JSON value is a task, and not an error."""
    return isinstance(value, dict) and bool(value.get("id"))


def require_task(client: Client, value: Any) -> Item:
    """Return *value* if it is a task.

    Raises:
        Refused: It is not a task.
    """
    if not is_task(value):
        reason = "The response is not from Liferay's batch engine: a task has no id."
        raise Refused(client.name, reason)
    return dict(value)


def find_import_task(client: Client, mark: str) -> Item | None:
    """Return the import task that bears *mark*, or None if the server has none.

    Raises:
        InstallationError: The server does not answer, or refuses.
    """
    code = quote(mark, safe="")
    path = f"{BATCH_ENGINE_API}/import-task/by-external-reference-code/{code}"
    value = client.find_json(path)
    return None if value is None else require_task(client, value)


def wait_for_task(
    client: Client, task: Item, kind: str, schedule: PollSchedule
) -> Item | None:
    """Wait for the end of a task.

    Args:
        client: The client of the server.
        task: The task as the server returned it last.
        kind: ``import-task`` or ``export-task``.
        schedule: The pauses between looks, with what earlier tasks took.

    Returns:
        The task that has ended, or None if it makes no progress any more: a server
        that was restarted forgets tasks, and resumes some of them an hour later.

    Raises:
        InstallationError: The server does not answer any more, or refuses.
    """
    progress = _progress(task)
    started = moved = time.monotonic()
    pauses = schedule.pauses()
    path = f"{BATCH_ENGINE_API}/{kind}/{task.get('id')}"
    while task.get("executeStatus") not in {COMPLETED, FAILED}:
        if time.monotonic() - moved > client.limits.give_up_s:
            return None
        passed_s = time.monotonic() - started
        remaining_s = expected_remaining_s(passed_s, *_item_counts(task))
        remaining_s = max(remaining_s, client.limits.poll_s)
        client.cancel_token.sleep(min(next(pauses), remaining_s))
        task = require_task(client, client.get_json(path))
        if _progress(task) != progress:
            progress, moved = _progress(task), time.monotonic()
    schedule.record_duration(time.monotonic() - started)
    return task


def has_broken_off(task: Item) -> bool:
    """Return True if a task failed without an item that is to blame."""
    return task.get("executeStatus") == FAILED and not task.get("failedItems")


def _item_counts(task: Item) -> tuple[int, int]:
    """Return how many items a task has processed, and how many it has."""
    done, total = task.get("processedItemsCount"), task.get("totalItemsCount")
    return done if type(done) is int else 0, total if type(total) is int else 0


def _progress(task: Item) -> tuple[Any, Any]:
    return task.get("executeStatus"), task.get("processedItemsCount")


class ImportTaskClient:
    """Creates import tasks of one entity type, and asks what became of them.

    Args:
        client: The client of the server.
        entity_type: The entity type that the items belong to.
        policy: The strategies of the import.
    """

    def __init__(self, client: Client, entity_type: EntityType, policy: Policy) -> None:
        self._client = client
        self._type = entity_type
        self._policy = policy
        self._schedule = make_poll_schedule(client)

    def with_policy(self, policy: Policy) -> ImportTaskClient:
        """Return a client of the same entity type with other strategies."""
        return ImportTaskClient(self._client, self._type, policy)

    def find(self, mark: str) -> Item | None:
        """Return the task that bears *mark*, or None if the server has none."""
        return find_import_task(self._client, mark)

    def post(
        self, part: BatchPart, items: tuple[PreparedItem, ...], snapshot: Snapshot
    ) -> Item:
        """Create the task of a part, or find it already created.

        Args:
            part: The part of the batch; it bears mark and site.
            items: The items of the part that are to be sent.
            snapshot: What was stored before; it travels with the task.

        Raises:
            UnknownTaskState: The task may have been created or not.
            InstallationError: The task was not created.
        """
        path = f"{BATCH_ENGINE_API}/import-task/{self._type.class_name}"
        keys = [item.key for item in part.items]
        body = pack_archive([item.line for item in items], keys, snapshot)
        options = {
            "params": self._params(part),
            "files": {"file": ("batch.zip", body, _ZIP_TYPE)},
        }
        limits = self._client.limits
        for attempt in range(1, limits.tries + 1):
            try:
                response = self._client.request("POST", path, **options)
            except UnknownDelivery as doubt:
                self._client.cancel_token.sleep(limits.wait_s * attempt)
                error = doubt.error
            else:
                task = response.json()
                if response.is_success and is_task(task):
                    return dict(task)
                error = self._client.error_for(response)
                if _is_rejected(response):
                    break
            existing = self._find_after_post(part.mark)
            if existing is not None:
                return existing
            if not isinstance(error, Unreachable):
                break
        raise error

    def wait(self, task: Item) -> Item | None:
        """Wait for the end of a task; see :func:`wait_for_task`.

        Raises:
            UnknownTaskState: The server cannot be asked any more.
        """
        try:
            return wait_for_task(self._client, task, "import-task", self._schedule)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc

    def snapshot_of(self, task: Item, part: BatchPart) -> dict[str, str] | None:
        """Read the snapshot that travels with a task, or return None if it has none.

        Raises:
            UnknownTaskState: The server cannot be asked any more.
        """
        archive = self._content_of(task)
        return read_snapshot(archive, [item.key for item in part.items])

    def count_items(self, task: Item) -> int:
        """Return how many items a task was given to decide on; 0 if that is unknown.

        Raises:
            UnknownTaskState: The server cannot be asked any more.
        """
        return count_snapshot(self._content_of(task))

    def _content_of(self, task: Item) -> bytes:
        """Return the file of a task; nothing if the server does not return it."""
        path = f"{BATCH_ENGINE_API}/import-task/{task['id']}/content"
        buffer = io.BytesIO()
        try:
            response = self._client.download(path, buffer)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc
        return buffer.getvalue() if response.is_success else b""

    def _find_after_post(self, mark: str) -> Item | None:
        try:
            return self.find(mark)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc

    def _params(self, part: BatchPart) -> dict[str, str]:
        """Return all parameters, because servers differ in their defaults.

        *Only Update Records* is sent as an upsert of the items that are stored: older
        servers update by id alone, and the batch has no ids.
        """
        adds_only = self._policy.import_strategy is ImportStrategy.INSERT
        params = {
            "createStrategy": "INSERT" if adds_only else "UPSERT",
            "externalReferenceCode": part.mark,
            "importStrategy": self._policy.error_strategy.value,
            "updateStrategy": self._policy.update_strategy.value,
        }
        if self._type.delegate != DEFAULT_DELEGATE:
            params["taskItemDelegateName"] = self._type.delegate
        if part.site:
            params["scopeKey"] = part.site
        if self._policy.lazy_references:
            params[PARAMETER] = "true"
        return params


def _is_rejected(response: Response) -> bool:
    """Return True if the request did not reach the batch engine.

    Asking for the task would bring the same response, and leave in doubt what is clear.
    """
    return response.status in _REJECTED_STATUSES or 300 <= response.status < 400
