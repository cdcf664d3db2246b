"""An installation in a SQL database: definitions, picklists, folders and entries.

Items on their way out, and how many there are.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from ...errors import UnknownName
from ...model.entity_type import OBJECT_ENTRY, EntityType, Site
from ...model.outcome import Outcome, OutcomeKind
from ...model.record import LargeText
from ...model.strategies import ErrorStrategy
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.entries.item_builder import ItemBuilder
from ...objects.entries.system_properties import has_site_scope, site_key
from ...objects.entries.validation import EntryRules
from ...objects.fields.attachment import ATTACHMENT
from ...objects.filters.filter_fields import document_filter_fields
from ...objects.filters.item_query import ItemQuery
from ...ports import Batch, Item, Page, Query
from .attachments import store_contents
from .batch_marks import read_mark, write_mark
from .database.engine import Database
from .deletion import ENTRY_KIND, delete_by_id, delete_document, delete_entry
from .document_reader import count_items, entity_types, fetch_items, read_items
from .document_writer import DocumentWriter
from .encryption import KeyVault
from .entry_query import compile_query, entry_scope
from .entry_reader import (
    EntryReader,
    count_entries,
    fetch_entries,
    read_entries,
    read_entry_page,
)
from .entry_writer import EntryWriter, skipped_outcomes
from .lookup import (
    ItemLocation,
    RelatedEntry,
    add_sites,
    find_children,
    find_document,
    find_entry,
    find_file,
    known_sites,
    placeholder_documents,
    published_definitions,
)
from .rules_cache import RulesCache


class CountedItems:
    """An iterator over *items* that can say about how many come.

    The number is Python's ``__length_hint__``: what is stored when it is first asked
    for. Whoever writes meanwhile may change it, so it serves progress and nothing
    else. Nothing is counted for those who do not ask.
    """

    def __init__(self, items: Iterator[Item], count: Callable[[], int]) -> None:
        self._items = items
        self._count = count
        self._number: int | None = None
        self._passed = 0

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        item = next(self._items)
        self._passed += 1
        return item

    def __length_hint__(self) -> int:
        if self._number is None:
            self._number = self._count()
        return max(0, self._number - self._passed)


_LAST: Final = 2**62
"""Behind every item; databases take no larger numbers."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_key() -> str:
    return str(uuid.uuid4())


class SqlInstallation:
    """The embedded installation; see :class:`~dmc_widgets.ports.Installation`.

    Args:
        database: Open; the installation closes it.
        now_ms: The clock: milliseconds since the epoch.
        new_key: Gives an external reference code to an item without one.
    """

    adds_sites = True

    def __init__(
        self,
        database: Database,
        *,
        now_ms: Callable[[], int] = _now_ms,
        new_key: Callable[[], str] = _new_key,
    ) -> None:
        self._database = database
        self._now_ms = now_ms
        self._new_key = new_key
        self._rules = RulesCache(database.dialect, KeyVault(database.name))

    def entity_types(self) -> list[EntityType]:
        """What may move: the kinds of definitions, and one type a published object."""
        with self._database.reading() as connection:
            return entity_types(connection)

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in the order in which they were added, as one snapshot."""
        if entity_type.class_name == OBJECT_ENTRY:
            return self._read_entries(entity_type, query)
        kind = _kind(entity_type)
        chosen = _chosen(entity_type, query)

        def count() -> int:
            with self._database.reading() as connection:
                return count_items(connection, kind) if chosen.is_plain else 0

        return CountedItems(self._read_documents(entity_type, query, chosen), count)

    def page(
        self, entity_type: EntityType, query: Query, page: int, page_size: int
    ) -> Page:
        """Return one page of what :meth:`read` yields, and how many items there are.

        This is no part of the protocol: it is what a list on the web needs.

        Args:
            entity_type: Of the items.
            query: As for :meth:`read`, and refused alike.
            page: From 1; one behind the last is empty.
            page_size: Items a page, at least 1.
        """
        if page < 1 or page_size < 1:
            message = f"There is no page {page} of {page_size} items."
            raise ValueError(message)
        start = min((page - 1) * page_size, _LAST)
        if entity_type.class_name != OBJECT_ENTRY:
            chosen = _chosen(entity_type, query)
            items = list(self._read_documents(entity_type, query, chosen))
            return Page(items[start : start + page_size], len(items))
        with self._database.reading() as connection:
            reader = self._reader(connection, entity_type, query)
            found = read_entry_page(connection, reader, start=start, size=page_size)
            if start == 0 and len(found) < page_size:
                return Page(found, len(found))
            return Page(found, count_entries(connection, reader.selection))

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items stored under these ERCs, each with all its fields."""
        with self._database.reading() as connection:
            if entity_type.class_name == OBJECT_ENTRY:
                rules = self._rules.rules(connection, entity_type)
                site = entry_scope(rules, scope)
                return fetch_entries(connection, self._database, rules, keys, site)
            found = fetch_items(connection, _kind(entity_type), keys)
        return {erc: _picked(found[erc], entity_type, None) for erc in found}

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Store the batch and its mark in one transaction.

        The contents of attachments are stored before it.
        """
        stored = self._with_contents_stored(entity_type, batch)
        with self._database.writing() as connection:
            outcomes = read_mark(connection, batch.task, batch.number)
            if outcomes is not None:
                return outcomes
            if entity_type.class_name == OBJECT_ENTRY:
                outcomes = self._write_entries(connection, entity_type, batch, stored)
            else:
                outcomes = self._write_documents(connection, entity_type, batch)
            write_mark(connection, (batch.task, batch.number), outcomes, self._now_ms())
        return outcomes

    def recall(self, _entity_type: EntityType, batch: Batch) -> list[Outcome] | None:
        """Return what the batch's mark says; see :class:`~dmc_widgets.ports.Recalling`.

        Batch and mark are stored together, so without a mark nothing is there.
        """
        with self._database.reading() as connection:
            return read_mark(connection, batch.task, batch.number)

    def delete(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Delete what the batch's items name, with the batch's mark.

        Like :meth:`write`; an item that went comes back as *updated*. Its children
        follow, stay or forbid it, as their relationship says. An item names what
        goes by its *id*, else by its ERC; ids are looked up behind the mark, so that
        a second go finds what the first one did.
        """
        with self._database.writing() as connection:
            outcomes = read_mark(connection, batch.task, batch.number)
            if outcomes is not None:
                return outcomes
            delete_one = self._deleter(connection, entity_type, batch.scope)
            outcomes = _one_by_one(delete_one, batch)
            write_mark(connection, (batch.task, batch.number), outcomes, self._now_ms())
        return outcomes

    def published(self) -> dict[str, str]:
        """Return the ERC of each published definition by its name."""
        with self._database.reading() as connection:
            return published_definitions(connection)

    def named(self, entity_type: EntityType) -> list[Item]:
        """Return documents that others name and that are not there, as placeholders."""
        with self._database.reading() as connection:
            return placeholder_documents(connection, _kind(entity_type))

    def locate(self, entity_type: EntityType, number: int) -> ItemLocation | None:
        """Return where the item with an id stands; None where there is none."""
        with self._database.reading() as connection:
            if entity_type.class_name == OBJECT_ENTRY:
                name = entity_type.short_name
                return find_entry(connection, name, number)
            return find_document(connection, _kind(entity_type), number)

    @contextmanager
    def snapshot(self) -> Iterator[SqlInstallation]:
        """Give the installation as it is now; see :class:`.SnapshotReader`."""
        with self._database.snapshot() as database:
            yield SqlInstallation(database, now_ms=self._now_ms, new_key=self._new_key)

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the known sites, by key; see :mod:`.sites`."""
        if not has_site_scope(entity_type):
            return []
        with self._database.reading() as connection:
            return [Site(site, site) for site in known_sites(connection)]

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* names a known site."""
        return any(site.key == site_key(key) for site in self.sites(entity_type))

    def add_site(self, key: str) -> None:
        """Make a site known, so that entries may belong to it."""
        with self._database.writing() as connection:
            add_sites(connection, [key])

    def linked(self, entity_type: EntityType) -> dict[str, str]:
        """Return the other object by the name of each many-to-many relationship."""
        with self._database.reading() as connection:
            rules = self._rules.rules(connection, entity_type)
        return {each.name: each.other_name for each in rules.many}

    def file(self, number: int) -> tuple[str, LargeText] | None:
        """Return the name and the content, in Base64, of an attachment's file."""
        with self._database.reading() as connection:
            found = find_file(connection, number)
        if found is None:
            return None
        return found.name, self._database.contents.text(found.content)

    def children(
        self, link: tuple[str, str, str], parents: Sequence[str]
    ) -> list[RelatedEntry]:
        """Return the entries that name *parents*; see :func:`.find_children`."""
        with self._database.reading() as connection:
            return find_children(connection, self._database.dialect, link, parents)

    def checkpoint(self) -> None:
        """Complete the database's own file, so that it may be copied."""
        self._database.checkpoint()

    def close(self) -> None:
        """Let go of the connections. Closing twice is harmless."""
        self._database.close()

    def _read_entries(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        with self._database.reading() as connection:
            reader = self._reader(connection, entity_type, query)

        def count() -> int:
            with self._database.reading() as connection:
                return count_entries(connection, reader.selection)

        return CountedItems(read_entries(reader), count)

    def _reader(
        self, connection: Connection, entity_type: EntityType, query: Query
    ) -> EntryReader:
        rules = self._rules.rules(connection, entity_type)
        return EntryReader(
            database=self._database,
            rules=rules,
            output=ItemBuilder(rules, query.fields),
            selection=compile_query(rules, self._database.dialect, query),
        )

    def _read_documents(
        self, entity_type: EntityType, query: Query, chosen: ItemQuery
    ) -> Iterator[Item]:
        with self._database.reading() as connection:
            for item in chosen.apply(read_items(connection, _kind(entity_type))):
                yield _picked(item, entity_type, query.fields)

    def _with_contents_stored(
        self, entity_type: EntityType, batch: Batch
    ) -> tuple[EntryRules | None, Batch]:
        """Put contents where they belong, and name the rules that they passed."""
        if all(field.type != ATTACHMENT for field in entity_type.fields):
            return None, batch
        with self._database.reading() as connection:
            rules = self._rules.rules(connection, entity_type)
        items = store_contents(rules, batch.items, self._database.contents)
        return rules, replace(batch, items=items)

    def _write_entries(
        self,
        connection: Connection,
        entity_type: EntityType,
        batch: Batch,
        stored: tuple[EntryRules | None, Batch],
    ) -> list[Outcome]:
        rules = self._rules.rules(connection, entity_type)
        if rules is stored[0]:
            batch = stored[1]
        else:  # no files, or somebody has changed the definition in the meantime
            batch = replace(
                batch, items=store_contents(rules, batch.items, self._database.contents)
            )
        writer = EntryWriter(
            connection, self._database.dialect, rules, self._now_ms(), self._new_key
        )
        return writer.write(batch)

    def _write_documents(
        self, connection: Connection, entity_type: EntityType, batch: Batch
    ) -> list[Outcome]:
        kind = _kind(entity_type)
        catalog = self._catalog(connection)
        return _one_by_one(
            lambda item: catalog.write_item(kind, item, batch.policy), batch
        )

    def _catalog(self, connection: Connection) -> DocumentWriter:
        return DocumentWriter(connection, now_ms=self._now_ms(), new_key=self._new_key)

    def _deleter(
        self, connection: Connection, entity_type: EntityType, scope: str
    ) -> Callable[[Item], Outcome]:
        if entity_type.class_name == OBJECT_ENTRY:
            rules = self._rules.rules(connection, entity_type)
            site = entry_scope(rules, scope)
            number = rules.definition_id
            name = entity_type.short_name
            return delete_by_id(
                lambda place: delete_entry(connection, number, *place),
                lambda wanted: find_entry(connection, name, wanted),
                (ENTRY_KIND, site),
            )
        kind = _kind(entity_type)
        catalog = self._catalog(connection)
        return delete_by_id(
            lambda place: delete_document(
                connection, catalog, {"kind": kind, "erc": place.key}
            ),
            lambda wanted: find_document(connection, kind, wanted),
            (kind, ""),
        )


def _one_by_one(change: Callable[[Item], Outcome], batch: Batch) -> list[Outcome]:
    """Change item after item; the first failure may end it."""
    stops = batch.policy.error_strategy is ErrorStrategy.STOP
    outcomes: list[Outcome] = []
    for item in batch.items:
        outcomes.append(change(item))
        if stops and outcomes[-1].kind is OutcomeKind.FAILED:
            break
    return outcomes + skipped_outcomes(batch.items[len(outcomes) :])


def _kind(entity_type: EntityType) -> str:
    if entity_type.name not in KINDS_BY_NAME:
        kind = "entity type"
        raise UnknownName(kind, entity_type.name, tuple(KINDS_BY_NAME))
    return entity_type.name


def _chosen(entity_type: EntityType, query: Query) -> ItemQuery:
    fields = document_filter_fields(entity_type)
    return ItemQuery(fields, filter=query.filter, sort=query.sort, search=query.search)


def _picked(item: Item, entity_type: EntityType, names: tuple[str, ...] | None) -> Item:
    """Leave the fields that were asked for; those without a value are None."""
    if names is not None:
        return {name: item.get(name) for name in names}
    return {field.name: None for field in entity_type.export_fields} | item
