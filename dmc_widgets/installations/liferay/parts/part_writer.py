"""Write parts by the server's REST resources, one request a part.

Liferay's batch engine can add parts to one definition a task, and nothing more. So
each part is added, replaced or patched by a request of its own. Which one, is
decided from the definition that is stored; whether it is in order, the server says.

Such requests leave no mark. A batch that is written again finds its parts stored
and equal, so nothing is added twice, and their outcome is *unchanged*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ....errors import InstallationError
from ....installations.document_overlay import DocumentOverlay
from ....model.entity_type import EntityType
from ....model.outcome import LEFT_OUT, Outcome, OutcomeKind, Problem
from ....model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from ....objects.documents.definition_fields import select_custom_fields
from ....objects.documents.kinds import KINDS_BY_NAME, normalize_item
from ....objects.parts.part_changes import (
    PartPlace,
    apply_to_owner,
    check_exists,
    compose_part,
    find_place,
    is_left_out,
    report_duplicate,
)
from ....objects.parts.part_kinds import FIELD, PART_KINDS_BY_NAME
from ....objects.replacement_tokens import check_tokens
from ....ports import Batch, Item, Query
from ..http.cancellation import OperationCancelled
from ..http.client import Client
from ..http.errors import Response, UnknownDelivery
from ..http.exact_json import encode
from ..items import ItemFetcher, ItemNormalizer, item_path
from ..metadata import ServerMetadata
from ..problems import parse_answer_problem

_JSON_HEADERS: Final = {"Content-Type": "application/json"}


class _OwnerSource:
    """Reads the documents of a server, and keeps them with the ids of their parts."""

    def __init__(self, metadata: ServerMetadata, fetcher: ItemFetcher) -> None:
        self._metadata = metadata
        self._fetcher = fetcher
        self.raw: dict[tuple[str, str], Item] = {}

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        path = self._metadata.list_path(entity_type)
        normalizer = ItemNormalizer(entity_type, query.fields)
        return map(normalizer.item, self._metadata.read_all(path))

    def fetch(self, entity_type: EntityType, keys: Sequence[str]) -> dict[str, Item]:
        normalizer = ItemNormalizer(entity_type)
        items = self._fetcher.fetch(entity_type, keys)
        self.raw |= {(entity_type.name, key): item for key, item in items.items()}
        return {key: normalizer.item(item) for key, item in items.items()}

    def ids(self, place: PartPlace) -> tuple[int, int | None]:
        """Return the id of the owner, and that of the part that is stored there."""
        owner = self.raw[place.kind.owner, place.owner.erc]
        parts = owner.get(place.kind.array) or ()
        if place.kind is FIELD:
            parts = select_custom_fields(parts)
        number = None if place.position is None else int(parts[place.position]["id"])
        return int(owner["id"]), number


class PartWriter:
    """Writes parts of one kind to a server.

    Args:
        client: The client of the server.
        metadata: The metadata of the server.
        fetcher: Reads documents by their codes.
        entity_type: The entity type of the parts.
        policy: The strategies of the import.
    """

    def __init__(
        self,
        client: Client,
        metadata: ServerMetadata,
        fetcher: ItemFetcher,
        entity_type: EntityType,
        policy: Policy,
    ) -> None:
        self._client = client
        self._metadata = metadata
        self._fetcher = fetcher
        self._kind = PART_KINDS_BY_NAME[entity_type.name]
        self._writable = {field.name for field in entity_type.import_fields}
        self._schemas = metadata.item_schemas(entity_type)
        self._policy = policy
        self._source = _OwnerSource(metadata, fetcher)
        self._known = self._read_anew()

    def write(self, batch: Batch) -> list[Outcome]:
        """Write one part after the other; under STOP the first failure ends it.

        Raises:
            InstallationError: The server does not answer, and nothing is written.
        """
        stops = self._policy.error_strategy is ErrorStrategy.STOP
        outcomes: list[Outcome] = []
        for item in batch.items:
            try:
                outcome = self._write_item(item)
            except (InstallationError, OperationCancelled):
                if not outcomes:
                    raise
                unknown = Outcome(OutcomeKind.UNKNOWN)
                return outcomes + [unknown] * (len(batch.items) - len(outcomes))
            outcomes.append(outcome)
            if stops and outcome.kind is OutcomeKind.FAILED:
                break
        skipped = Outcome(OutcomeKind.SKIPPED)
        return outcomes + [skipped] * (len(batch.items) - len(outcomes))

    def _read_anew(self) -> DocumentOverlay:
        types = {
            name: replace(kind.entity_type(), open=False)
            for name, kind in KINDS_BY_NAME.items()
        }
        self._known = DocumentOverlay(self._source, types)
        return self._known

    def _write_item(self, item: Item) -> Outcome:
        place = self._find_place(item)
        if isinstance(place, Problem):
            return Outcome(OutcomeKind.FAILED, "", place)
        outcome = self._settle(place)
        if outcome is not None:
            return outcome
        response = self._send(place, item)
        self._read_anew()
        if response is None:
            return Outcome(OutcomeKind.CREATED, place.key)
        if response.is_login_required:
            raise self._client.error_for(response)
        if not response.is_success:
            problem = parse_answer_problem(response, place.part)
            return Outcome(OutcomeKind.FAILED, place.key, problem)
        is_new = place.position is None
        kind = OutcomeKind.CREATED if is_new else OutcomeKind.UPDATED
        return Outcome(kind, place.key)

    def _settle(self, place: PartPlace) -> Outcome | None:
        """Return the outcome of a part that is not sent; None for any other."""
        problem = check_exists(place, self._policy)
        if problem is None and is_left_out(place, self._policy):
            return Outcome(OutcomeKind.UNCHANGED, place.key, note=LEFT_OUT)
        if problem is None and place.position is not None:
            if self._is_unchanged(place):
                return Outcome(OutcomeKind.UNCHANGED, place.key)
            if self._policy.import_strategy is ImportStrategy.INSERT:
                problem = report_duplicate(place)
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, place.key, problem)
        return None

    def _find_place(self, item: Item) -> PartPlace | Problem:
        body = normalize_item(item)
        if isinstance(body, Problem):
            return body
        problem = check_tokens(body)
        return problem or find_place(self._kind, body, self._known, self._policy)

    def _is_unchanged(self, place: PartPlace) -> bool:
        """Return True if the server holds the part, with what servers add to it."""
        change = apply_to_owner(place, self._known, self._policy)
        if isinstance(change, Problem):
            return False  # the server decides
        return all(
            document.is_placeholder or self._known.is_equivalent_to_stored(document)
            for document in change.documents
        )

    def _send(self, place: PartPlace, item: Item) -> Response | None:
        """Send the request; None if a part was added without an answer.

        A server that does not list Liferay's own definition may have it all the same.
        """
        if place.parent:
            owner = item_path(KINDS_BY_NAME[self._kind.owner].path, place.parent)
            return self._add(f"{owner}/{self._kind.path}", self._payload(item), item)
        owner_id, number = self._source.ids(place)
        kind = place.kind
        if number is None:
            path = f"{KINDS_BY_NAME[kind.owner].path}/{owner_id}/{kind.path}"
            return self._add(
                path, self._payload(compose_part(place, self._policy)), item
            )
        path = f"{KINDS_BY_NAME[kind.owner].api}/{kind.path}/{number}"
        is_patch = self._policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE
        if is_patch and kind.is_patched:
            return self._request("PATCH", path, self._payload(place.part))
        composed = self._payload(compose_part(place, self._policy))
        return self._request("PUT", path, composed)

    def _add(
        self, path: str, payload: Mapping[str, Any], item: Item
    ) -> Response | None:
        """Add a part; in doubt, look whether it is stored before adding it again."""
        for _ in range(self._client.limits.tries):
            try:
                return self._request("POST", path, payload)
            except UnknownDelivery as doubt:
                error = doubt.error
                self._read_anew()
                place = self._find_place(item)
                if isinstance(place, PartPlace) and place.position is not None:
                    return None
        raise error

    def _request(self, method: str, path: str, payload: Mapping[str, Any]) -> Response:
        return self._client.request(
            method, path, content=encode(payload), headers=_JSON_HEADERS
        )

    def _payload(self, part: Mapping[str, Any]) -> Item:
        """Return the properties of a part that this server takes, at any depth."""
        own = self._kind.properties.keys() & self._writable
        payload = {name: value for name, value in part.items() if name in own}
        if self._schemas is None:
            return payload
        return self._schemas.fit(self._kind.name, payload).item
