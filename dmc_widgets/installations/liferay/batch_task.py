"""Tasks of the server's batch engine: found by their mark, waited for, judged done.

Import tasks: posted once, found again by their mark, waited for.

A POST whose answer got lost is never just repeated. The task bears the mark of its
part as external reference code, and no server keeps two tasks of one code: so
whoever is in doubt asks for the task of that mark, and posts again only where there
is none. Should a late first POST arrive after all, one of the two is refused.

When to look at a task: often enough to meet its end soon, and no more often.

Batches of one task are alike, so the next one takes about as long as the last. It is
looked at for the first time shortly before it should have ended, and then as often as
fits its length. Of the first one nothing is known but how far it has come, where the
server tells that.

What was stored before a batch, noted in the batch's own task on the server.

A server does not tell which items a task added and which it changed. It follows
from what was there before, which nobody knows any more when a task is taken up
again. So the answer travels with the question: the file of an import task is a zip
that the server keeps as it is and gives back, and the zip's comment, which no
reader looks at, holds the note. Mark, data and note arrive together or not at all.
"""

from __future__ import annotations

import io
import math
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ...errors import InstallationError, Refused, Unreachable
from ...model.entity_type import DEFAULT_DELEGATE, EntityType
from ...model.strategies import ImportStrategy, Policy
from ...ports import Item
from .batch_plan import BatchPart, PreparedItem
from .http.client import Client, UnknownDelivery
from .http.errors import Response

_PAUSE_GROWTH: Final = 1.25
"""A task that has ended is met after a fifth of the time that it took, at most."""

_FIRST_POLL_SHARE: Final = 0.8
"""Of what the last one took. Were it all, a look that came late would put off all
those behind it."""

_POLLS_PER_TASK: Final = 10
"""Looks in the time that the last one took."""

_MIN_REMAINING_SHARE: Final = 0.05
"""Of the time that has gone by: a server that has come nearly to the end may rest
there for long."""


class PollSchedule:
    """Pauses between looks at tasks of one kind, which follow each other.

    Args:
        shortest_s: Before the first look at a task of which nothing is known.
        longest_s: Between two looks.
    """

    def __init__(self, shortest_s: float, longest_s: float) -> None:
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._last_s = 0.0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to wait before each look at a task, without an end."""
        first_s = max(self._last_s * _FIRST_POLL_SHARE, self._shortest_s)
        yield min(first_s, self._longest_s)
        pause_s = self._last_s / _POLLS_PER_TASK or self._shortest_s * _PAUSE_GROWTH
        while True:
            yield min(pause_s, self._longest_s)
            pause_s *= _PAUSE_GROWTH

    def took(self, seconds: float) -> None:
        """Note how long a task took until its end was seen."""
        self._last_s = seconds


def expected_remaining_s(gone_s: float, done: int, total: int) -> float:
    """Say in how many seconds a task should end.

    Args:
        gone_s: Since it began.
        done: How many of its items it has been through.
        total: How many it has; 0 where nobody knows.

    Returns:
        Infinity where nothing can be said.
    """
    if not 0 < done < total:
        return math.inf
    return gone_s * max((total - done) / done, _MIN_REMAINING_SHARE)


BATCH_ENGINE_API: Final = "/o/headless-batch-engine/v1.0"
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"


def is_task(value: Any) -> bool:
    """Say whether a server's JSON is a task, and not what stands in its way."""
    return isinstance(value, dict) and bool(value.get("id"))


def require_task(client: Client, value: Any) -> Item:
    """Return *value* if it is a task.

    Raises:
        Refused: It is none.
    """
    if not is_task(value):
        reason = "What answered is no batch engine of Liferay: a task came without id."
        raise Refused(client.name, reason)
    return dict(value)


def find_import_task(client: Client, mark: str) -> Item | None:
    """Return the import task that bears *mark*; None if the server has none.

    Raises:
        InstallationError: The server does not tell.
    """
    code = quote(mark, safe="")
    path = f"{BATCH_ENGINE_API}/import-task/by-external-reference-code/{code}"
    found = client.found(path)
    return None if found is None else require_task(client, found)


def make_poll_schedule(client: Client) -> PollSchedule:
    """Make the pace at which tasks of one kind are looked at."""
    return PollSchedule(client.limits.poll_s, client.limits.longest_poll_s)


def wait_for_task(
    client: Client, task: Item, kind: str, pace: PollSchedule
) -> Item | None:
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
        left_s = expected_remaining_s(time.monotonic() - began, *_item_counts(task))
        left_s = max(left_s, client.limits.poll_s)
        client.patience.pause(min(next(pauses), left_s))
        task = require_task(
            client, client.get(f"{BATCH_ENGINE_API}/{kind}/{task['id']}")
        )
        if _progress(task) != progress:
            progress, moved = _progress(task), time.monotonic()
    pace.took(time.monotonic() - began)
    return task


def _item_counts(task: Item) -> tuple[int, int]:
    """Return how many items a task has been through, and how many it has."""
    done, total = task.get("processedItemsCount"), task.get("totalItemsCount")
    return done if type(done) is int else 0, total if type(total) is int else 0


def _progress(task: Item) -> tuple[Any, Any]:
    return task.get("executeStatus"), task.get("processedItemsCount")


_COMMENT_PREFIX: Final = b"dmc-before-1:"
_TOKEN_CHARS: Final = 8
_ABSENT: Final = "-" * _TOKEN_CHARS
_UNREAD: Final = "+" * _TOKEN_CHARS
"""The item was there; nobody looked at what it held."""
WITHHELD: Final = "*" * _TOKEN_CHARS
"""The item was not sent: it names entries in a list that were not there."""

BATCH_FILE_NAME: Final = "batch.jsonl"

Snapshot = Mapping[str, str]
"""Sums of the items that were there, by external reference code."""


def pack_archive(
    lines: Sequence[bytes], keys: Sequence[str], before: Snapshot
) -> bytes:
    """Return the zip that an import task takes.

    Args:
        lines: The items.
        keys: Their codes, in the same order, at most :data:`.batches.PART_ITEMS`.
        before: What was there.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(BATCH_FILE_NAME, b"".join(line + b"\n" for line in lines))
        tokens = (before.get(key, _ABSENT) or _UNREAD for key in keys)
        archive.comment = _COMMENT_PREFIX + "".join(tokens).encode()
    return buffer.getvalue()


def read_snapshot(archive: bytes, keys: Sequence[str]) -> dict[str, str] | None:
    """Read the note in a zip; None if there is none for these items."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            comment = file.comment
    except zipfile.BadZipFile:
        return None
    text = comment.removeprefix(_COMMENT_PREFIX).decode("ascii", "replace")
    if not comment.startswith(_COMMENT_PREFIX) or len(text) != _TOKEN_CHARS * len(keys):
        return None
    tokens = [text[at : at + _TOKEN_CHARS] for at in range(0, len(text), _TOKEN_CHARS)]
    return {
        key: "" if token == _UNREAD else token
        for key, token in zip(keys, tokens, strict=True)
        if token != _ABSENT
    }


_ZIP_TYPE: Final = "application/zip"
_REJECTED_STATUSES: Final = frozenset({401, 403, 413})


class UnknownTaskState(Exception):
    """Whether the task was made cannot be found out now.

    Args:
        fault: Why not.
    """

    def __init__(self, fault: InstallationError) -> None:
        super().__init__(str(fault))
        self.fault = fault


class ImportTaskClient:
    """Makes import tasks of one entity type, and asks what became of them.

    Args:
        client: Of the server.
        entity_type: Of the items.
        policy: Of the batch.
    """

    def __init__(self, client: Client, entity_type: EntityType, policy: Policy) -> None:
        self._client = client
        self._type = entity_type
        self._policy = policy
        self._pace = make_poll_schedule(client)

    def with_policy(self, policy: Policy) -> ImportTaskClient:
        """Return the same with other strategies."""
        return ImportTaskClient(self._client, self._type, policy)

    def find(self, mark: str) -> Item | None:
        """Return the task that bears *mark*; None if the server has none."""
        return find_import_task(self._client, mark)

    def post(
        self, part: BatchPart, sent: tuple[PreparedItem, ...], before: Snapshot
    ) -> Item:
        """Make the task of a part, or find it made.

        Args:
            part: Bears mark and site.
            sent: The items of the part that are to be sent.
            before: What was stored before; it is noted in the task.

        Raises:
            Lost: It may have been made or not.
            InstallationError: It was not made.
        """
        path = f"{BATCH_ENGINE_API}/import-task/{self._type.class_name}"
        keys = [each.key for each in part.items]
        body = pack_archive([each.line for each in sent], keys, before)
        options = {
            "params": self._params(part),
            "files": {"file": ("batch.zip", body, _ZIP_TYPE)},
        }
        limits = self._client.limits
        for number in range(1, limits.tries + 1):
            try:
                answer = self._client.ask("POST", path, **options)
            except UnknownDelivery as doubt:
                self._client.patience.pause(limits.wait_s * number)
                fault = doubt.fault
            else:
                task = answer.json()
                if answer.is_good and is_task(task):
                    return dict(task)
                fault = self._client.fault(answer)
                if _is_rejected(answer):
                    break
            found = self._found(part.mark)
            if found is not None:
                return found
            if not isinstance(fault, Unreachable):
                break
        raise fault

    def wait(self, task: Item) -> Item | None:
        """Wait for the end of a task; None where it makes no progress any more.

        Raises:
            Lost: The server does not tell any more.
        """
        try:
            return wait_for_task(self._client, task, "import-task", self._pace)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc

    def note_of(self, task: Item, part: BatchPart) -> dict[str, str] | None:
        """Read what was noted in a task that has ended; None if nothing was.

        Raises:
            Lost: The server does not tell any more.
        """
        path = f"{BATCH_ENGINE_API}/import-task/{task['id']}/content"
        buffer = io.BytesIO()
        try:
            answer = self._client.download(path, buffer)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc
        keys = [each.key for each in part.items]
        return read_snapshot(buffer.getvalue(), keys) if answer.is_good else None

    def _found(self, mark: str) -> Item | None:
        try:
            return self.find(mark)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc

    def _params(self, part: BatchPart) -> dict[str, str]:
        """Say everything; what is left out means something else on each server.

        *Only Update Records* goes as an upsert of the items that were found: older
        servers update by id alone, and put what has no id.
        """
        adds = self._policy.import_strategy is ImportStrategy.INSERT
        params = {
            "createStrategy": "INSERT" if adds else "UPSERT",
            "externalReferenceCode": part.mark,
            "importStrategy": self._policy.error_strategy.value,
            "updateStrategy": self._policy.update_strategy.value,
        }
        if self._type.delegate != DEFAULT_DELEGATE:
            params["taskItemDelegateName"] = self._type.delegate
        if part.site:
            params["scopeKey"] = part.site
        return params


def _is_rejected(answer: Response) -> bool:
    """Say whether an answer comes from before the batch engine, which saw nothing.

    To ask for the task would bring the same answer, and leave in doubt what is not.
    """
    return answer.status in _REJECTED_STATUSES or 300 <= answer.status < 400
