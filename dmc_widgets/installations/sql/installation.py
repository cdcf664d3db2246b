"""An installation in a SQL database: definitions, picklists, folders and entries."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self

import orjson
from sqlalchemy import Connection

from ...errors import UnknownName
from ...model.entity_type import OBJECT_ENTRY, EntityType, Site
from ...model.entry_digests import digest_entries
from ...model.item_pages import ItemColumns, JsonLines
from ...model.line_items import Columns, LineFields, LineItems
from ...model.outcome import Outcome, OutcomeKind
from ...model.strategies import ErrorStrategy
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.entries.item_builder import ItemBuilder
from ...objects.entries.system_properties import has_site_scope, site_key
from ...objects.entries.validation import EntryRules
from ...objects.fields.attachment import ATTACHMENT
from ...objects.filters.filter_fields import document_filter_fields
from ...objects.filters.item_query import ItemQuery
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME
from ...ports import Batch, Item, Page, PrunedStorage, Query, UndoBatch
from .attachments import store_contents
from .batch_marks import read_mark, write_mark
from .database.engine import Database
from .database.rehearsal import rehearse
from .document_reader import count_items, entity_types, fetch_items, read_items
from .document_writer import DocumentWriter
from .encryption import KeyVault
from .entry_query import compile_query, entry_scope
from .entry_reader import (
    EntryReader,
    count_entries,
    fetch_bodies,
    fetch_entries,
    read_column_pages,
    read_entries,
    read_entry_page,
    read_pages,
)
from .entry_writer import EntryWriter, skipped_outcomes
from .lookup import add_sites, known_sites
from .pruning import prune_database
from .rules_cache import RulesCache
from .undoing.document_journal import DocumentJournal
from .undoing.document_undo import DocumentUndo
from .undoing.entry_undo import EntryUndo

_MAX_OFFSET: Final = 2**62
"""After every item; databases take no larger numbers."""


_UNSHARED_TYPES: Final = frozenset({ATTACHMENT, "AutoIncrement"})


class SizedItems:
    """An iterator over items that estimates how many are left.

    The estimate is Python's ``__length_hint__``: the number that is stored when it is
    first asked for. Other writers may change it, so it serves progress bars and
    nothing else. Nothing is counted unless it is asked for.

    Args:
        items: The items.
        count: Returns how many there are.
    """

    def __init__(self, items: Iterator[Item], count: Callable[[], int]) -> None:
        self._items = items
        self._count = count
        self._total: int | None = None
        self._passed = 0

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        item = next(self._items)
        self._passed += 1
        return item

    def __length_hint__(self) -> int:
        if self._total is None:
            self._total = self._count()
        return max(0, self._total - self._passed)


class SizedEntries(SizedItems):
    """Entries that come page by page as well.

    See :class:`.PagedItems` and :class:`.ColumnItems`.
    """

    def __init__(self, reader: EntryReader, count: Callable[[], int]) -> None:
        super().__init__(read_entries(reader), count)
        self._reader = reader

    def pages(self) -> Iterator[JsonLines | list[Item]] | None:
        """Yield the entries page by page; None where no page would be JSON."""
        return read_pages(self._reader)

    def column_pages(self) -> Iterator[ItemColumns | list[Item]] | None:
        """Yield the entries page by page; None where no page would be columns."""
        return read_column_pages(self._reader)


def _current_ms() -> int:
    return time.time_ns() // 1_000_000


def _random_erc() -> str:
    return str(uuid.uuid4())


class SqlInstallation:
    """The embedded installation; see :class:`~dmc_widgets.ports.Installation`.

    Args:
        database: The open database; the installation closes it.
        now_ms: The clock, in milliseconds since the epoch.
        new_key: Returns an external reference code for an item without one.
    """

    adds_sites = True

    def __init__(
        self,
        database: Database,
        *,
        now_ms: Callable[[], int] = _current_ms,
        new_key: Callable[[], str] = _random_erc,
    ) -> None:
        self._database = database
        self._now_ms = now_ms
        self._new_key = new_key
        self._rules = RulesCache(database.dialect, KeyVault(database.name))

    def entity_types(self) -> list[EntityType]:
        """Return the kinds of documents, and one type for each published object."""
        with self._database.reading() as connection:
            return entity_types(connection)

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in the order in which they were added, as one snapshot."""
        if entity_type.class_name == OBJECT_ENTRY:
            return self._read_entries(entity_type, query)
        kind = document_kind(entity_type)
        item_query = _item_query(entity_type, query)

        def count() -> int:
            with self._database.reading() as connection:
                return count_items(connection, kind) if item_query.is_plain else 0

        return SizedItems(self._read_documents(entity_type, query, item_query), count)

    def page(
        self, entity_type: EntityType, query: Query, page: int, page_size: int
    ) -> Page:
        """Return one page of what :meth:`read` yields, from 1, and the total."""
        if page < 1 or page_size < 1:
            message = f"There is no page {page} of {page_size} items."
            raise ValueError(message)
        start = min((page - 1) * page_size, _MAX_OFFSET)
        if entity_type.class_name != OBJECT_ENTRY:
            documents = list(self._read_documents(entity_type, query))
            return Page(documents[start : start + page_size], len(documents))
        with self._database.reading() as connection:
            reader = self._entry_reader(connection, entity_type, query)
            items = read_entry_page(connection, reader, start=start, size=page_size)
            if start == 0 and len(items) < page_size:
                return Page(items, len(items))
            return Page(items, count_entries(connection, reader.selection))

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items stored under these ERCs, each with all its fields."""
        with self._database.reading() as connection:
            if entity_type.class_name == OBJECT_ENTRY:
                rules = self._rules.rules(connection, entity_type)
                site = entry_scope(rules, scope)
                return fetch_entries(connection, self._database, rules, keys, site)
            kind = document_kind(entity_type)
            items = fetch_items(connection, kind, keys)
        return {
            erc: _select_fields(self._complete_document(kind, item), entity_type, None)
            for erc, item in items.items()
        }

    def stored_values(
        self,
        entity_type: EntityType,
        keys: Sequence[str],
        scope: str,
        names: Sequence[str],
    ) -> dict[str, list[Any]]:
        """Return the values of entries as they are stored; see the protocol."""
        with self._database.reading() as connection:
            rules = self._rules.rules(connection, entity_type)
            dialect = self._database.dialect
            bodies = fetch_bodies(connection, dialect, rules, keys, scope)
            return {
                erc: [*map(orjson.loads(body).get, names)] for erc, _, body in bodies
            }

    def stored_digests(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, bytes]:
        """Return the digests of entries as they are stored; see the protocol."""
        with self._database.reading() as connection:
            rules = self._rules.rules(connection, entity_type)
            dialect = self._database.dialect
            rows = fetch_bodies(connection, dialect, rules, keys, scope)
        codes, statuses, bodies = zip(*rows, strict=True) if rows else ((), (), ())
        return dict(zip(codes, digest_entries(bodies, statuses), strict=True))

    def read_lines(
        self,
        entity_type: EntityType,
        lines: Sequence[bytes],
        fields: LineFields,
        make: Callable[[], list[Item]],
    ) -> LineItems | None:
        """Return the items of lines of JSON; see the protocol."""
        typed = self._rules.known_typed(entity_type)
        return typed.read_lines(lines, fields, make) if typed else None

    def read_columns(
        self,
        entity_type: EntityType,
        columns: Columns,
        fields: LineFields,
        make: Callable[[], list[Item]],
    ) -> LineItems | None:
        """Return the items of columns of a table; see the protocol."""
        typed = self._rules.known_typed(entity_type)
        return typed.read_columns(columns, fields, make) if typed else None

    def write(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Store the batch and its mark in one transaction.

        The contents of attachments are stored before it.
        """
        prepared = self._store_contents(entity_type, batch)

        def write(connection: Connection) -> Sequence[Outcome]:
            if entity_type.class_name == OBJECT_ENTRY:
                return self._write_entries(connection, entity_type, batch, prepared)
            return self._write_documents(connection, entity_type, batch)

        return self._write_once(batch, write, shares=_may_share(entity_type, batch))

    def undo(self, entity_type: EntityType, batch: UndoBatch) -> Sequence[Outcome]:
        """Take back what was done to items; see :class:`~dmc_widgets.ports.Undoer`."""

        def undo(connection: Connection) -> Sequence[Outcome]:
            if entity_type.class_name == OBJECT_ENTRY:
                rules = self._rules.rules(connection, entity_type)
                dialect = self._database.dialect
                entries = EntryUndo(connection, dialect, rules, self._now_ms())
                return entries.undo(batch.items)
            mark = batch.task, batch.number
            return DocumentUndo(connection, mark).undo(batch.items)

        return self._write_once(batch, undo)

    def recall(
        self, _entity_type: EntityType, batch: Batch
    ) -> Sequence[Outcome] | None:
        """Return the outcomes in the batch's mark; see :class:`~.ports.OutcomeRecall`.

        Batch and mark are stored together, so without a mark nothing was written.
        """
        with self._database.reading() as connection:
            return read_mark(connection, batch.task, batch.number)

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Give the installation as it is now; see :class:`~.ports.SnapshotReader`."""
        with self._database.snapshot() as database:
            yield type(self)(database, now_ms=self._now_ms, new_key=self._new_key)

    @contextmanager
    def rehearsal(self) -> Iterator[Self]:
        """Give the installation for a rehearsal; see :class:`~.ports.Rehearser`.

        All of it is one transaction, which is rolled back when the block ends.
        """
        with rehearse(self._database) as database:
            yield type(self)(database, now_ms=self._now_ms, new_key=self._new_key)

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the known sites, by key; see :mod:`.lookup`."""
        if not has_site_scope(entity_type):
            return []
        with self._database.reading() as connection:
            return [Site(site, site) for site in known_sites(connection)]

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* is that of a known site."""
        return any(site.key == site_key(key) for site in self.sites(entity_type))

    def add_site(self, key: str) -> None:
        """Make a site known, so that entries may belong to it."""
        self._database.write(lambda connection: add_sites(connection, [key]))

    def close(self) -> None:
        """Close the connections. Closing twice is harmless."""
        self._database.close()

    def _write_once(
        self,
        batch: Batch | UndoBatch,
        write: Callable[[Connection], Sequence[Outcome]],
        *,
        shares: bool = False,
    ) -> Sequence[Outcome]:
        """Write a batch with its mark, or return the outcomes of the first time."""

        def write_with_mark(connection: Connection) -> Sequence[Outcome]:
            marked = read_mark(connection, batch.task, batch.number)
            if marked is not None:
                return marked
            outcomes = write(connection)
            if isinstance(batch, Batch) and batch.accept is not None:
                batch.accept(outcomes)
            write_mark(connection, (batch.task, batch.number), outcomes, self._now_ms())
            return outcomes

        return self._database.write(write_with_mark, shares=shares)

    def _read_entries(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        with self._database.reading() as connection:
            reader = self._entry_reader(connection, entity_type, query)

        def count() -> int:
            with self._database.reading() as connection:
                return count_entries(connection, reader.selection)

        return SizedEntries(reader, count)

    def _entry_reader(
        self, connection: Connection, entity_type: EntityType, query: Query
    ) -> EntryReader:
        rules = self._rules.rules(connection, entity_type)
        output = ItemBuilder(rules, query.fields)
        return EntryReader(
            database=self._database,
            rules=rules,
            output=output,
            selection=compile_query(
                rules,
                self._database.dialect,
                query,
                partial(self._rules.related_rules, connection),
            ),
        )

    def prune(
        self, tasks: Sequence[str], before_ms: int, *, dry_run: bool
    ) -> PrunedStorage:
        """Remove the marks of *tasks*, and attachments that nothing names."""
        return prune_database(self._database, tasks, before_ms, dry_run=dry_run)

    def _read_documents(
        self,
        entity_type: EntityType,
        query: Query,
        item_query: ItemQuery | None = None,
    ) -> Iterator[Item]:
        item_query = item_query or _item_query(entity_type, query)
        with self._database.reading() as connection:
            kind = document_kind(entity_type)
            items = (
                self._complete_document(kind, item)
                for item in read_items(connection, kind)
            )
            for item in item_query.apply(items):
                yield _select_fields(item, entity_type, query.fields)

    def _complete_document(self, _kind: str, item: Item) -> Item:
        """Return a document as this installation gives it out."""
        return item

    def _store_contents(
        self, entity_type: EntityType, batch: Batch
    ) -> tuple[EntryRules | None, Batch]:
        """Store the contents of attachments; return the rules that they passed."""
        if all(field.type != ATTACHMENT for field in entity_type.fields):
            return None, batch
        with self._database.reading() as connection:
            rules = self._batch_rules(connection, entity_type, batch)
        items = store_contents(rules, batch.items, self._database.contents)
        return rules, replace(batch, items=items)

    def _write_entries(
        self,
        connection: Connection,
        entity_type: EntityType,
        batch: Batch,
        prepared: tuple[EntryRules | None, Batch],
    ) -> Sequence[Outcome]:
        rules = self._batch_rules(connection, entity_type, batch)
        if rules is prepared[0]:
            batch = prepared[1]
        else:  # no attachments, or another process has changed the definition since
            batch = replace(
                batch, items=store_contents(rules, batch.items, self._database.contents)
            )
        return self._write_with_rules(connection, rules, batch)

    def _write_with_rules(
        self, connection: Connection, rules: EntryRules, batch: Batch
    ) -> Sequence[Outcome]:
        """Store entries whose attachments' contents are stored."""
        typed = self._rules.typed(rules)
        return self._entry_writer(connection, rules).write(batch, typed)

    def _entry_writer(self, connection: Connection, rules: EntryRules) -> EntryWriter:
        dialect = self._database.dialect
        return EntryWriter(connection, dialect, rules, self._now_ms(), self._new_key)

    def _batch_rules(
        self, connection: Connection, entity_type: EntityType, batch: Batch
    ) -> EntryRules:
        lazy = batch.policy.lazy_references
        return self._rules.rules(connection, entity_type, lazy_references=lazy)

    def _write_documents(
        self, connection: Connection, entity_type: EntityType, batch: Batch
    ) -> Sequence[Outcome]:
        kind = document_kind(entity_type)
        writer = self._document_writer(connection)
        journal = None
        if batch.journal:
            journal = DocumentJournal(connection, (batch.task, batch.number))
        return apply_to_each(
            lambda item: writer.write_item(kind, item, batch.policy, journal), batch
        )

    def _document_writer(self, connection: Connection) -> DocumentWriter:
        return DocumentWriter(connection, now_ms=self._now_ms(), new_key=self._new_key)


def _may_share(entity_type: EntityType, batch: Batch) -> bool:
    """Return True if a batch changes entries that it names, and nothing else.

    Others would meet at one row, such as the last number of a field, at every batch.
    """
    return (
        entity_type.class_name == OBJECT_ENTRY
        and not batch.policy.lazy_references
        and not batch.new_sites
        and all(field.type not in _UNSHARED_TYPES for field in entity_type.fields)
    )


def apply_to_each(change: Callable[[Item], Outcome], batch: Batch) -> Sequence[Outcome]:
    """Apply *change* to item after item; under STOP the first failure ends it."""
    stops = batch.policy.error_strategy is ErrorStrategy.STOP
    outcomes: list[Outcome] = []
    for item in batch.items:
        outcomes.append(change(item))
        if stops and outcomes[-1].kind is OutcomeKind.FAILED:
            break
    return outcomes + skipped_outcomes(batch.items[len(outcomes) :])


def document_kind(entity_type: EntityType) -> str:
    """Return the name of the kind of documents or parts that an entity type stands for.

    Raises:
        UnknownName: It is not the entity type of such a kind.
    """
    known = (*KINDS_BY_NAME, *PART_KINDS_BY_NAME)
    if entity_type.name not in known:
        kind = "entity type"
        raise UnknownName(kind, entity_type.name, known)
    return entity_type.name


def _item_query(entity_type: EntityType, query: Query) -> ItemQuery:
    fields = document_filter_fields(entity_type)
    return ItemQuery(fields, filter=query.filter, sort=query.sort, search=query.search)


def _select_fields(
    item: Item, entity_type: EntityType, names: tuple[str, ...] | None
) -> Item:
    """Return the named fields of an item; those without a value are None."""
    if names is not None:
        return {name: item.get(name) for name in names}
    return {field.name: None for field in entity_type.export_fields} | item
