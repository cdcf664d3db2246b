"""The installation behind the server, used by many requests at once.

SQLite lets one writer in at a time and makes the others try again; here they queue
up, so that none of them has tried in vain when a long import runs. Requests wait some
seconds for their turn; tasks of the batch engine wait for as long as it takes.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from ..errors import Unreachable
from ..installations.sql import SqlInstallation
from ..installations.sql.lookup import ItemLocation, RelatedEntry
from ..model.entity_type import EntityType
from ..model.outcome import Outcome
from ..model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from ..objects.documents.change_set import DEFINITION, FOLDER, PICKLIST
from ..objects.documents.kinds import build_document_entity_types
from ..ports import Batch, Item, Page, Query
from ..storage.sqlite_lock import LockWait
from .responses import problem_error

_DOCUMENT_TYPES: Final = {each.name: each for each in build_document_entity_types()}
DEFINITION_TYPE: Final = _DOCUMENT_TYPES[DEFINITION]
PICKLIST_TYPE: Final = _DOCUMENT_TYPES[PICKLIST]
FOLDER_TYPE: Final = _DOCUMENT_TYPES[FOLDER]

ADD_POLICY: Final = Policy(import_strategy=ImportStrategy.INSERT)
PUT_POLICY: Final = Policy()
_PUT_ALL_POLICY: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)
REPLACE_POLICY: Final = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH_POLICY: Final = Policy(
    import_strategy=ImportStrategy.UPDATE, update_strategy=UpdateStrategy.PARTIAL_UPDATE
)


REQUEST_WAITING: Final = LockWait(limit_s=10.0)
"""A client that waits for an answer is told in time that the database is busy."""

_POLL_S: Final = 0.2
_INSTALLATION_NAME: Final = "The sandbox"
_BUSY_REASON: Final = "Other requests and tasks are writing to the database."


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """What of a list is asked for.

    Attributes:
        page: From 1.
        size: Items on a page.
        query: Of the installation: site, filter, order, search.
    """

    page: int = 1
    size: int = 20
    query: Query = field(default_factory=Query)


class WriteLock:
    """Lets one thread at a time write."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def taken(self, waiting: LockWait) -> Iterator[None]:
        """Let nobody else write until the block ends.

        Raises:
            Unreachable: Others wrote for as long as *waiting* allows.
        """
        began = time.monotonic()
        while not self._lock.acquire(timeout=_POLL_S):
            limit_s = waiting.limit_s
            is_over = limit_s is not None and time.monotonic() - began >= limit_s
            if is_over or not waiting.should_continue():
                raise Unreachable(_INSTALLATION_NAME, _BUSY_REASON)
        try:
            yield
        finally:
            self._lock.release()


class EntityStore:
    """What handlers ask of the installation.

    Args:
        installation: Open; who opened it closes it.
        waiting: How long to wait for others that write through this server.
        turns: Shared with other stores over the same file.
    """

    def __init__(
        self, installation: SqlInstallation, waiting: LockWait, turns: WriteLock
    ) -> None:
        self.installation = installation
        self._waiting = waiting
        self._turns = turns

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else write until the block ends.

        Raises:
            Unreachable: Others wrote for as long as this store waits.
        """
        with self._turns.taken(self._waiting):
            yield

    def published(self) -> dict[str, str]:
        """Return the ERC of each published definition by its name."""
        return self.installation.published()

    def entity_types(self) -> list[EntityType]:
        """Return everything that the batch engine may move."""
        return self.installation.entity_types()

    def page(self, entity_type: EntityType, listing: ListRequest) -> Page:
        """Return a page of a list.

        Raises:
            InvalidQuery: The filter or the order cannot be understood.
        """
        return self.installation.page(
            entity_type, listing.query, listing.page, listing.size
        )

    def one(self, entity_type: EntityType, key: str, scope: str = "") -> Item | None:
        """Return the item of an ERC."""
        return self.installation.fetch(entity_type, [key], scope).get(key)

    def many(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items of some ERCs."""
        return self.installation.fetch(entity_type, keys, scope)

    def locate(self, entity_type: EntityType, number: int) -> ItemLocation | None:
        """Return where the item of an id stands."""
        return self.installation.locate(entity_type, number)

    def sites(self, entity_type: EntityType) -> list[str]:
        """Return the keys of the sites that entries may belong to."""
        return [site.key for site in self.installation.sites(entity_type)]

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* names one of these sites."""
        return self.installation.has_site(entity_type, key)

    def linked(self, entity_type: EntityType) -> dict[str, str]:
        """Return the other object by the name of each many-to-many relationship."""
        return self.installation.linked(entity_type)

    def children(
        self, link: tuple[str, str, str], parents: Sequence[str]
    ) -> list[RelatedEntry]:
        """Return the entries that name some parents."""
        return self.installation.children(link, parents)

    def save(
        self, entity_type: EntityType, item: Item, policy: Policy, scope: str = ""
    ) -> str:
        """Write one item and return its ERC.

        Raises:
            Fault: The item is refused.
        """
        batch = Batch(
            task=f"request {uuid.uuid4()}",
            number=1,
            items=[item],
            policy=policy,
            scope=scope,
        )
        return _require_key(self.write(entity_type, batch)[0])

    def remove(self, entity_type: EntityType, place: ItemLocation) -> None:
        """Delete one item.

        Raises:
            Fault: It is not there, or something forbids it.
        """
        batch = Batch(
            task=f"request {uuid.uuid4()}",
            number=1,
            items=[{"externalReferenceCode": place.key}],
            policy=PUT_POLICY,
            scope=place.scope,
        )
        _require_key(self.delete(entity_type, batch)[0])

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Write a batch when it is its turn.

        Liferay makes the picklists and folders that a definition names where they
        are not there yet, with no more than what the definition says of them.
        """
        with self.alone():
            outcomes = self.installation.write(entity_type, batch)
            if entity_type.name == DEFINITION:
                for kind in (PICKLIST_TYPE, FOLDER_TYPE):
                    self._make_named(kind)
            return outcomes

    def delete(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Delete a batch when it is its turn."""
        with self.alone():
            return self.installation.delete(entity_type, batch)

    def _make_named(self, kind: EntityType) -> None:
        items = self.installation.named(kind)
        if items:
            task = f"named {uuid.uuid4()}"
            made = Batch(task=task, number=1, items=items, policy=_PUT_ALL_POLICY)
            self.installation.write(kind, made)


def _require_key(outcome: Outcome) -> str:
    if outcome.problem is not None:
        raise problem_error(outcome.problem)
    return outcome.key
