"""Upserts of changed fields for servers that have none in batches: PATCH and POST.

What was there is known from the batch's own task, which bears the mark and the note
though the server refused to carry it out. So doing it all again gives the same
outcomes: a PATCH is harmless to repeat, and a POST only goes where nothing is.

A PATCH goes by id. Definitions and picklists have none by code, and many servers
refuse a code that holds a slash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from ...errors import InstallationError
from ...model.entity_type import EntityType
from ...model.outcome import ONE_BY_ONE, Outcome, OutcomeKind
from .batch_plan import PreparedItem
from .batch_task import Snapshot
from .http.cancellation import OperationCancelled
from .http.client import Client, UnknownDelivery
from .http.errors import Response
from .items import CODE_AND_ID, ItemFetcher, item_path
from .problems import parse_answer_problem
from .results import ChecksumReader

_REFUSAL: Final = re.compile(r'[Cc]reate strategy "?UPSERT"? is not supported')
_JSON_HEADERS: Final = {"Content-Type": "application/json"}


def is_upsert_refused(message: str) -> bool:
    """Say whether a server refuses to upsert, and not an item."""
    return _REFUSAL.search(message) is not None


class SingleItemWriter:
    """Writes items one after the other.

    Args:
        client: Of the server.
        fetcher: Knows where items are.
        entity_type: Of the items.
        sums: Tell what has changed.
    """

    def __init__(
        self,
        client: Client,
        fetcher: ItemFetcher,
        entity_type: EntityType,
        sums: ChecksumReader,
    ) -> None:
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type
        self._sums = sums

    def write(
        self, site: str, items: Sequence[PreparedItem], before: Snapshot, *, stops: bool
    ) -> dict[int, Outcome]:
        """Patch what is there and add what is not; order counts under STOP.

        Raises:
            Lost: The server does not tell any more.
            InstallationError: Nothing has been sent.
        """
        there = self._fetcher.raw_items(
            self._type, [item.key for item in items], site, CODE_AND_ID
        )
        own = self._fetcher.path_of(self._type)
        path = self._fetcher.path_of(self._type, site)
        jobs = [
            partial(self._patched, f"{own}/{there[item.key]['id']}", item, before)
            if item.key in there
            else partial(self._added, path, item, before)
            for item in items
        ]
        at_once = 1 if stops else self._client.limits.at_once
        outcomes: dict[int, Outcome] = {}
        results = self._client.patience.run_all(jobs, at_once)
        for each in items:
            try:
                outcome = next(results)
            except (InstallationError, OperationCancelled):
                break
            outcomes[each.place] = outcome
            if stops and outcome.kind is OutcomeKind.FAILED:
                return self._compared(site, outcomes, before)
        for each in items:
            unknown = Outcome(OutcomeKind.UNKNOWN, each.key, note=each.note)
            outcomes.setdefault(each.place, unknown)
        return self._compared(site, outcomes, before)

    def _compared(
        self, site: str, outcomes: dict[int, Outcome], before: Snapshot
    ) -> dict[int, Outcome]:
        """Tell what has not changed after all.

        The answer to a PATCH shows an entry without its links, and may be empty.
        """
        told = outcomes.values()
        changed = [each.key for each in told if each.kind is OutcomeKind.UPDATED]
        now = self._sums.after(site, changed)
        same = {key for key in changed if before[key] == now.get(key)}
        return {
            place: x._replace(kind=OutcomeKind.UNCHANGED) if x.key in same else x
            for place, x in outcomes.items()
        }

    def _patched(self, path: str, each: PreparedItem, before: Snapshot) -> Outcome:
        answer = self._client.persist(
            "PATCH", path, content=each.line, headers=_JSON_HEADERS
        )
        return self._outcome(answer, each, before)

    def _added(self, path: str, each: PreparedItem, before: Snapshot) -> Outcome:
        """Add an item; in doubt, look whether it is there."""
        for _ in range(self._client.limits.tries):
            try:
                answer = self._client.persist(
                    "POST", path, content=each.line, headers=_JSON_HEADERS
                )
            except UnknownDelivery as doubt:
                fault = doubt.fault
                answer = self._client.persist("GET", item_path(path, each.key))
                if not answer.is_good:
                    continue
            return self._outcome(answer, each, before)
        raise fault

    def _outcome(
        self, answer: Response, each: PreparedItem, before: Snapshot
    ) -> Outcome:
        """Tell what an answer says.

        Raises:
            Refused: Whoever asks is not let in any more; the item is not at fault.
        """
        if answer.is_login_required:
            raise self._client.fault(answer)
        if not answer.is_good:
            problem = parse_answer_problem(answer, each.item)
            return Outcome(OutcomeKind.FAILED, each.key, problem)
        was_there = each.key in before
        kind = OutcomeKind.UPDATED if was_there else OutcomeKind.CREATED
        return Outcome(kind, each.key, note=each.note or ONE_BY_ONE)
