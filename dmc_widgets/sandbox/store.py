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
from ..installations.sql.finding import Place, Related
from ..model.entity import EntityType
from ..model.outcome import Outcome
from ..model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from ..objects.documents import DEFINITION, FOLDER, PICKLIST
from ..objects.schema import definition_entity_types
from ..ports import Batch, Item, Page, Query
from ..sqlite_lock import Waiting
from .answers import refusal

_KINDS: Final = {each.name: each for each in definition_entity_types()}
DEFINITIONS: Final = _KINDS[DEFINITION]
PICKLISTS: Final = _KINDS[PICKLIST]
FOLDERS: Final = _KINDS[FOLDER]

ADD: Final = Policy(on_existing=ImportStrategy.INSERT)
PUT: Final = Policy()
_PUT_ALL: Final = Policy(on_error=ErrorStrategy.CONTINUE)
REPLACE: Final = Policy(on_existing=ImportStrategy.UPDATE)
PATCH: Final = Policy(
    on_existing=ImportStrategy.UPDATE, on_update=UpdateStrategy.PARTIAL_UPDATE
)


REQUEST_WAITS: Final = Waiting(limit_s=10.0)
"""A client that waits for an answer is told in time that the database is busy."""

_ASK_EVERY_S: Final = 0.2
_NAME: Final = "The sandbox"
_BUSY: Final = "Other requests and tasks are writing to the database."


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What of a list is asked for.

    Attributes:
        page: From 1.
        size: Items on a page.
        query: Of the installation: site, filter, order, search.
    """

    page: int = 1
    size: int = 20
    query: Query = field(default_factory=Query)


class Turns:
    """Lets one thread at a time write."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def taken(self, waiting: Waiting) -> Iterator[None]:
        """Let nobody else write until the block ends.

        Raises:
            Unreachable: Others wrote for as long as *waiting* allows.
        """
        began = time.monotonic()
        while not self._lock.acquire(timeout=_ASK_EVERY_S):
            limit_s = waiting.limit_s
            is_over = limit_s is not None and time.monotonic() - began >= limit_s
            if is_over or not waiting.still_wanted():
                raise Unreachable(_NAME, _BUSY)
        try:
            yield
        finally:
            self._lock.release()


class Store:
    """What handlers ask of the installation.

    Args:
        installation: Open; who opened it closes it.
        waiting: How long to wait for others that write through this server.
        turns: Shared with other stores over the same file.
    """

    def __init__(
        self, installation: SqlInstallation, waiting: Waiting, turns: Turns
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

    def page(self, entity_type: EntityType, listing: Listing) -> Page:
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

    def locate(self, entity_type: EntityType, number: int) -> Place | None:
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
    ) -> list[Related]:
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
        return _key(self.write(entity_type, batch)[0])

    def remove(self, entity_type: EntityType, place: Place) -> None:
        """Delete one item.

        Raises:
            Fault: It is not there, or something forbids it.
        """
        batch = Batch(
            task=f"request {uuid.uuid4()}",
            number=1,
            items=[{"externalReferenceCode": place.key}],
            policy=PUT,
            scope=place.scope,
        )
        _key(self.delete(entity_type, batch)[0])

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Write a batch when it is its turn.

        Liferay makes the picklists and folders that a definition names where they
        are not there yet, with no more than what the definition says of them.
        """
        with self.alone():
            outcomes = self.installation.write(entity_type, batch)
            if entity_type.name == DEFINITION:
                for kind in (PICKLISTS, FOLDERS):
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
            made = Batch(task=task, number=1, items=items, policy=_PUT_ALL)
            self.installation.write(kind, made)


def _key(outcome: Outcome) -> str:
    if outcome.problem is not None:
        raise refusal(outcome.problem)
    return outcome.key
