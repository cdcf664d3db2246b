"""Upserts by single requests, for servers that cannot update changed fields in batches.

What was stored before is known from the task of the batch, which bears mark and
snapshot although the server refused to carry it out. So a second attempt gives the same
outcomes: a PATCH may be repeated, and a POST is sent only where nothing is stored.

A PATCH is sent by id. Definitions and picklists have no PATCH by code, and many servers
refuse a code that holds a slash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from ...errors import InstallationError
from ...model.entity_type import EntityType
from ...model.outcome import ONE_BY_ONE, Outcome, OutcomeKind, Problem
from .batch_plan import PreparedItem
from .http.cancellation import OperationCancelled
from .http.client import Client
from .http.errors import Response, UnknownDelivery
from .items import CODE_AND_ID, ItemFetcher, item_path
from .problems import parse_answer_problem
from .results import unknown_outcomes
from .snapshot import ChecksumReader, Snapshot

_REFUSAL: Final = re.compile(r'[Cc]reate strategy "?UPSERT"? is not supported')
_JSON_HEADERS: Final = {"Content-Type": "application/json"}


def is_upsert_refused(message: str) -> bool:
    """Return True if a message of the server refuses all upserts, not an item."""
    return _REFUSAL.search(message) is not None


class SingleItemWriter:
    """Writes items by one request each.

    Args:
        client: The client of the server.
        fetcher: Reads items by code.
        entity_type: The entity type that the items belong to.
        checksums: Reads what is stored afterwards.
    """

    def __init__(
        self,
        client: Client,
        fetcher: ItemFetcher,
        entity_type: EntityType,
        checksums: ChecksumReader,
    ) -> None:
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type
        self._checksums = checksums

    def write(
        self,
        site: str,
        items: Sequence[PreparedItem],
        before: Snapshot,
        *,
        stops: bool,
    ) -> dict[int, Outcome]:
        """Patch the items that are stored and add all others.

        Args:
            site: The site that the items belong to, or empty.
            items: The items.
            before: What was stored before the batch.
            stops: The first failure ends it, so items go one after the other.

        Returns:
            Outcomes by place in the batch.

        Raises:
            UnknownTaskState: The server cannot be asked any more.
            InstallationError: Nothing has been sent.
        """
        keys = [item.key for item in items]
        stored = self._fetcher.fetch(self._type, keys, site, CODE_AND_ID)
        own_path = self._fetcher.list_path(self._type)
        path = self._fetcher.list_path(self._type, site)
        jobs = [
            partial(self._patch, f"{own_path}/{stored[item.key]['id']}", item, before)
            if item.key in stored
            else partial(self._add, path, item, before)
            for item in items
        ]
        max_workers = 1 if stops else self._client.limits.at_once
        outcomes: dict[int, Outcome] = {}
        results = self._client.cancel_token.run_all(jobs, max_workers)
        cause: Problem | None = None
        for item in items:
            try:
                outcome = next(results)
            except InstallationError as exc:
                cause = Problem(exc.code, exc.reason)
                break
            except OperationCancelled:
                break
            outcomes[item.place] = outcome
            if stops and outcome.kind is OutcomeKind.FAILED:
                return self._mark_unchanged(site, outcomes, before)
        outcomes = unknown_outcomes(items, cause) | outcomes
        return self._mark_unchanged(site, outcomes, before)

    def _mark_unchanged(
        self, site: str, outcomes: dict[int, Outcome], before: Snapshot
    ) -> dict[int, Outcome]:
        """Turn *updated* into *unchanged* where the checksum is as before.

        The response to a PATCH does not show it: the entry in it has no links, and it
        may be empty.
        """
        updated = [
            outcome.key
            for outcome in outcomes.values()
            if outcome.kind is OutcomeKind.UPDATED
        ]
        after = self._checksums.read_after(site, updated)
        unchanged = {key for key in updated if before[key] == after.get(key)}
        return {
            place: outcome._replace(kind=OutcomeKind.UNCHANGED)
            if outcome.key in unchanged
            else outcome
            for place, outcome in outcomes.items()
        }

    def _patch(self, path: str, item: PreparedItem, before: Snapshot) -> Outcome:
        response = self._client.send(
            "PATCH", path, content=item.line, headers=_JSON_HEADERS
        )
        return self._outcome(response, item, before)

    def _add(self, path: str, item: PreparedItem, before: Snapshot) -> Outcome:
        """Add an item; in doubt, ask whether it is stored."""
        for _ in range(self._client.limits.tries):
            try:
                response = self._client.send(
                    "POST", path, content=item.line, headers=_JSON_HEADERS
                )
            except UnknownDelivery as doubt:
                error = doubt.error
                response = self._client.send("GET", item_path(path, item.key))
                if not response.is_success:
                    continue
            return self._outcome(response, item, before)
        raise error

    def _outcome(
        self, response: Response, item: PreparedItem, before: Snapshot
    ) -> Outcome:
        """Return the outcome that a response stands for.

        Raises:
            Refused: The user cannot sign in any more; the item is not to blame.
        """
        if response.is_login_required:
            raise self._client.error_for(response)
        if not response.is_success:
            problem = parse_answer_problem(response, item.item)
            return item.failed(problem)
        is_stored = item.key in before
        kind = OutcomeKind.UPDATED if is_stored else OutcomeKind.CREATED
        return Outcome(kind, item.key, note=item.note or ONE_BY_ONE)
