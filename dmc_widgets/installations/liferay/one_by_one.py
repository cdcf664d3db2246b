"""Upserts of changed fields for servers that have none in batches: GET, PATCH, POST.

What was there is known from the batch's own task, which bears the mark and the note
though the server refused to carry it out. So doing it all again gives the same
outcomes: a PATCH is harmless to repeat, and a POST only goes where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from ...errors import InstallationError
from ...model.entity import EntityType
from ...model.outcome import ONE_BY_ONE, Outcome, OutcomeKind
from .batches import Ready
from .client import Client, Doubtful
from .faults import Answer
from .fetching import Fetcher, coded
from .items import ItemReader, digest
from .notes import Before
from .patience import NoLongerWanted
from .problems import problem_of

_REFUSAL: Final = re.compile(r'[Cc]reate strategy "?UPSERT"? is not supported')
_JSON: Final = {"Content-Type": "application/json"}


def is_refusal(message: str) -> bool:
    """Say whether a server refuses to upsert, and not an item."""
    return _REFUSAL.search(message) is not None


class OneByOne:
    """Writes items one after the other.

    Args:
        client: Of the server.
        fetcher: Knows where items are.
        entity_type: Of the items.
    """

    def __init__(
        self, client: Client, fetcher: Fetcher, entity_type: EntityType
    ) -> None:
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type

    def write(
        self, site: str, items: Sequence[Ready], before: Before, *, stops: bool
    ) -> dict[int, Outcome]:
        """Patch what is there and add what is not; order counts under STOP."""
        path = self._fetcher.path_of(self._type, site)
        jobs = [partial(self._write, path, each, before) for each in items]
        at_once = 1 if stops else self._client.limits.at_once
        outcomes: dict[int, Outcome] = {}
        results = self._client.patience.run_all(jobs, at_once)
        for each in items:
            try:
                outcome = next(results)
            except (InstallationError, NoLongerWanted):
                break
            outcomes[each.place] = outcome
            if stops and outcome.kind is OutcomeKind.FAILED:
                return outcomes
        for each in items:
            unknown = Outcome(OutcomeKind.UNKNOWN, each.key, note=each.note)
            outcomes.setdefault(each.place, unknown)
        return outcomes

    def _write(self, path: str, each: Ready, before: Before) -> Outcome:
        there = self._client.persist("GET", coded(path, each.key))
        answer = self._patch(path, each) if there.is_good else self._add(path, each)
        if not answer.is_good:
            title, type_ = answer.problem()
            problem = problem_of(title, each.item, type_)
            return Outcome(OutcomeKind.FAILED, each.key, problem)
        kind = OutcomeKind.CREATED
        if each.key in before:
            given = answer.json()
            item = ItemReader(self._type).item(given if type(given) is dict else {})
            same = before[each.key] == digest(item, self._type)
            kind = OutcomeKind.UNCHANGED if same else OutcomeKind.UPDATED
        return Outcome(kind, each.key, note=each.note or ONE_BY_ONE)

    def _patch(self, path: str, each: Ready) -> Answer:
        return self._client.persist(
            "PATCH", coded(path, each.key), content=each.line, headers=_JSON
        )

    def _add(self, path: str, each: Ready) -> Answer:
        """Add an item; in doubt, look whether it is there."""
        for _ in range(self._client.limits.tries):
            try:
                return self._client.persist(
                    "POST", path, content=each.line, headers=_JSON
                )
            except Doubtful as doubt:
                fault = doubt.fault
                there = self._client.persist("GET", coded(path, each.key))
                if there.is_good:
                    return there
        raise fault
