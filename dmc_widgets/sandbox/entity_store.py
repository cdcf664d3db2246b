"""The installation that the server serves, shared by many concurrent requests.

SQLite admits one writer at a time and makes the others try again. Here writers queue
for a lock, so that none of them fails because a long import is running. Requests wait
some seconds for the lock; tasks of the batch engine wait for as long as it takes.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import Unreachable
from ..installations.sql import SandboxInstallation
from ..installations.sql.lookup import ItemLocation
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
from ..objects.names import ERC
from ..objects.text import format_erc
from ..ports import Batch, Item, Page, Query
from ..storage.sqlite_lock import LockWait
from .document_ids import resolve_document_ids
from .played_version import PlayedVersion
from .responses import problem_error

DOCUMENT_TYPES: Final = {
    entity_type.name: entity_type for entity_type in build_document_entity_types()
}
"""The entity types of documents, by the names of their kinds."""

DEFINITION_TYPE: Final = DOCUMENT_TYPES[DEFINITION]
PICKLIST_TYPE: Final = DOCUMENT_TYPES[PICKLIST]
FOLDER_TYPE: Final = DOCUMENT_TYPES[FOLDER]

ADD_POLICY: Final = Policy(import_strategy=ImportStrategy.INSERT)
PUT_POLICY: Final = Policy()
_PUT_ALL_POLICY: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)
REPLACE_POLICY: Final = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH_POLICY: Final = Policy(
    import_strategy=ImportStrategy.UPDATE, update_strategy=UpdateStrategy.PARTIAL_UPDATE
)

REQUEST_WAITING: Final = LockWait(limit_s=10.0)
"""Requests give up in time for the client to learn that the database is busy."""

_POLL_S: Final = 0.2
_INSTALLATION_NAME: Final = "The sandbox"
_BUSY_REASON: Final = "Other requests and tasks are writing to the database."


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """The part of a list that a request asks for.

    Attributes:
        page: The number of the page, counted from 1.
        size: The number of items on a page.
        is_whole: True if the page contains the whole list, however long it is.
        query: The query to the installation: site, filter, order and search.
    """

    page: int = 1
    size: int = 20
    is_whole: bool = False
    query: Query = field(default_factory=Query)


class WriteLock:
    """A lock that lets one thread at a time write."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def held(self, waiting: LockWait) -> Iterator[None]:
        """Hold the lock until the block ends.

        Raises:
            Unreachable: Other threads held the lock for as long as *waiting* allows.
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
    """Reading and writing of items for request handlers and batch tasks.

    Args:
        installation: The open installation. The caller closes it.
        waiting: How long to wait for other writers of this server.
        write_lock: The lock shared by all stores over the same file.
        version: The version of Liferay that is played; None for the newest.

    Attributes:
        installation: The installation, for everything that needs no lock.
        version: The same version.
    """

    def __init__(
        self,
        installation: SandboxInstallation,
        waiting: LockWait,
        write_lock: WriteLock,
        version: PlayedVersion | None = None,
    ) -> None:
        self.installation = installation
        self.version = version
        self._waiting = waiting
        self._write_lock = write_lock

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other writers out until the block ends.

        Raises:
            Unreachable: Others wrote for as long as this store waits.
        """
        with self._write_lock.held(self._waiting):
            yield

    def page(self, entity_type: EntityType, list_request: ListRequest) -> Page:
        """Return a page of a list.

        Raises:
            InvalidQuery: The filter or the sort order is not valid.
        """
        query, size = list_request.query, list_request.size
        page = self.installation.page(entity_type, query, list_request.page, size)
        if list_request.is_whole and page.total > size:
            page = self.installation.page(entity_type, query, 1, page.total)
        return page

    def fetch_one(
        self, entity_type: EntityType, key: str, scope: str = ""
    ) -> Item | None:
        """Return the item that has an ERC, or None.

        An entry that has only been named so far has the status *empty*.
        """
        item = self.installation.fetch(entity_type, [key], scope).get(key)
        if item is not None:
            return item
        return self.installation.fetch_placeholder(entity_type, key, scope)

    def site_keys(self, entity_type: EntityType) -> list[str]:
        """Return the keys of the sites that entries may belong to."""
        return [site.key for site in self.installation.sites(entity_type)]

    def save(
        self, entity_type: EntityType, item: Item, policy: Policy, scope: str = ""
    ) -> str:
        """Write one item and return its ERC.

        As in Liferay, an update fills an entry that has only been named so far.

        Raises:
            ApiError: The installation refuses the item.
        """
        key = format_erc(item.get(ERC))
        if policy.import_strategy is ImportStrategy.UPDATE and key:
            named = self.installation.fetch_placeholder(entity_type, key, scope)
            if named is not None:
                policy = replace(policy, import_strategy=ImportStrategy.UPSERT)
        batch = Batch(
            task=f"request {uuid.uuid4()}",
            number=1,
            items=[item],
            policy=policy,
            scope=scope,
        )
        return _require_key(self.write(entity_type, batch)[0])

    def delete_one(self, entity_type: EntityType, location: ItemLocation) -> None:
        """Delete one item.

        Raises:
            ApiError: The item does not exist, or a rule forbids its deletion.
        """
        batch = Batch(
            task=f"request {uuid.uuid4()}",
            number=1,
            items=[{"externalReferenceCode": location.key}],
            policy=PUT_POLICY,
            scope=location.scope,
        )
        _require_key(self.delete(entity_type, batch)[0])

    def write(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Write a batch under the write lock.

        Like Liferay, create the picklists and folders that a definition names and
        that do not exist, with no more than what the definition says of them.
        """
        with self.exclusive():
            if entity_type.name in DOCUMENT_TYPES:
                batch = self._resolve_ids(entity_type.name, batch)
            outcomes = self.installation.write(entity_type, batch)
            if entity_type.name == DEFINITION or entity_type.part_of:
                for named_type in (PICKLIST_TYPE, FOLDER_TYPE):
                    self._create_named(named_type)
            return outcomes

    def delete(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Delete a batch under the write lock."""
        with self.exclusive():
            return self.installation.delete(entity_type, batch)

    def _resolve_ids(self, kind: str, batch: Batch) -> Batch:
        items = [
            resolve_document_ids(self.installation, kind, item) for item in batch.items
        ]
        return replace(batch, items=items)

    def _create_named(self, entity_type: EntityType) -> None:
        items = self.installation.placeholders(entity_type)
        if items:
            task = f"named {uuid.uuid4()}"
            batch = Batch(task=task, number=1, items=items, policy=_PUT_ALL_POLICY)
            self.installation.write(entity_type, batch)


def _require_key(outcome: Outcome) -> str:
    if outcome.problem is not None:
        raise problem_error(outcome.problem)
    return outcome.key
