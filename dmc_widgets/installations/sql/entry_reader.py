"""Read entries: page by page, or by their external reference codes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from ...objects.entries.item_builder import EntryRow, ItemBuilder
from ...objects.entries.validation import EntryRules
from ...objects.fields.aggregation import COUNT, Aggregation
from ...objects.fields.relationship import ParentDefinition, is_valid_erc
from ...ports import Item
from .attachments import load_small_contents, replace_file_ids
from .database.dialect import Dialect
from .database.engine import Database
from .database.tables import entry, relationship
from .entry_query import EntrySelection, entry_scope
from .many_to_many import linked_codes_lookup
from .placeholders import NO_PLACEHOLDER

PAGE: Final = 1000
"""Entries on a page: few enough for memory, enough to make the cost of a page small."""

_ROWS: Final = select(
    entry.c.id,
    entry.c.erc,
    entry.c.status,
    entry.c.body,
    entry.c.created,
    entry.c.modified,
    entry.c.scope,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReader:
    """Reads the entries that a query selects.

    Attributes:
        database: The database of the entries.
        rules: The rules of the definition.
        output: Builds items with the selected fields.
        selection: The entries to read.
    """

    database: Database
    rules: EntryRules
    output: ItemBuilder
    selection: EntrySelection

    def items(self, connection: Connection, rows: Sequence[EntryRow]) -> list[Item]:
        """Build the items of *rows*; parents are looked up in the entries' sites."""
        sites = {row.scope for row in rows}
        if len(sites) == 1:
            items = self._items_of_site(connection, rows, *sites)
        else:
            built: dict[int, Item] = {}
            for site in sites:
                site_rows = [row for row in rows if row.scope == site]
                site_items = self._items_of_site(connection, site_rows, site)
                built.update(
                    zip((row.id for row in site_rows), site_items, strict=True)
                )
            items = [built[row.id] for row in rows]
        replace_file_ids(connection, self.database, self.rules, items)
        return items

    def _items_of_site(
        self, connection: Connection, rows: Sequence[EntryRow], site: str
    ) -> list[Item]:
        dialect = self.database.dialect
        ids = _parent_ids(connection, dialect, site)
        totals = _totals(connection, dialect, self.rules, site)
        linked = linked_codes_lookup(connection, dialect, site)
        return self.output.items(rows, ids, totals, linked)


def count_entries(connection: Connection, selection: EntrySelection) -> int:
    """Return how many entries :func:`read_entries` yields if none are written."""
    query = select(func.count()).select_from(entry).where(selection.condition)
    return connection.execute(query).scalar_one()


def read_entries(reader: EntryReader) -> Iterator[Item]:
    """Yield entries in the order of their ids, site by site, or in the query's order.

    Without a scope, entries of every site are yielded with their ``scopeKey``. All
    pages are read in one transaction, with the related rows of other tables, so that a
    batch which others write at the same time is among the items completely or not at
    all. One transaction for each page was rejected: it would show halves of batches.
    """
    return load_small_contents(reader.rules, _read(reader))


def _read(reader: EntryReader) -> Iterator[Item]:
    with reader.database.reading() as connection:
        if reader.selection.order:
            yield from _read_sorted(connection, reader)
            return
        for condition in _sites(connection, reader):
            yield from _read_site(connection, reader, condition)


def read_entry_page(
    connection: Connection, reader: EntryReader, *, start: int, size: int
) -> list[Item]:
    """Return *size* entries from the one at *start*, counted from 0."""
    selection = reader.selection
    query = _ROWS.where(selection.condition).order_by(*_full_order(selection))
    query = query.limit(size).offset(start)
    rows = [EntryRow._make(row) for row in connection.execute(query)]
    return list(load_small_contents(reader.rules, reader.items(connection, rows)))


def _sites(
    connection: Connection, reader: EntryReader
) -> Sequence[ColumnElement[bool]]:
    selection = reader.selection
    if not selection.all_sites:
        return [selection.condition]
    query = (
        select(entry.c.scope)
        .where(selection.condition)
        .distinct()
        .order_by(entry.c.scope)
    )
    scopes = connection.scalars(query).all()
    return [and_(selection.condition, entry.c.scope == scope) for scope in scopes]


def _read_site(
    connection: Connection, reader: EntryReader, condition: ColumnElement[bool]
) -> Iterator[Item]:
    last = 0
    while True:
        rows = _page(connection, condition, last)
        yield from reader.items(connection, rows)
        if len(rows) < PAGE:
            return
        last = rows[-1].id


def _read_sorted(connection: Connection, reader: EntryReader) -> Iterator[Item]:
    """Yield entries in an order of their values.

    Only the ids are sorted at once, eight bytes for each entry. Pages that continue
    after the values of the last one were rejected: each would sort all entries again.
    """
    selection = reader.selection
    query = (
        select(entry.c.id).where(selection.condition).order_by(*_full_order(selection))
    )
    ids = array("q", connection.execute(query).scalars())
    dialect = reader.database.dialect
    by_ids = _ROWS.where(dialect.any_of(entry.c.id))
    for start in range(0, len(ids), PAGE):
        numbers = ids[start : start + PAGE]
        result = connection.execute(by_ids, {"keys": dialect.keys(numbers)})
        rows = {row.id: EntryRow._make(row) for row in result}
        yield from reader.items(connection, [rows[number] for number in numbers])


def _full_order(selection: EntrySelection) -> tuple[ColumnElement[Any], ...]:
    if selection.order or not selection.all_sites:
        return (*selection.order, entry.c.id)
    return (entry.c.scope, entry.c.id)


def fetch_entries(
    connection: Connection,
    database: Database,
    rules: EntryRules,
    keys: Sequence[str],
    scope: str,
) -> dict[str, Item]:
    """Return the entries stored under *keys*, with all fields."""
    output, dialect = ItemBuilder(rules), database.dialect
    query = (
        _ROWS.where(entry.c.definition_id == rules.definition_id)
        .where(entry.c.scope == entry_scope(rules, scope))
        .where(dialect.any_of(entry.c.erc), NO_PLACEHOLDER)
    )
    items_by_erc: dict[str, Item] = {}
    for start in range(0, len(keys), PAGE):
        codes = [key for key in keys[start : start + PAGE] if is_valid_erc(key)]
        result = connection.execute(query, {"keys": dialect.keys(codes)})
        rows = [EntryRow._make(row) for row in result]
        ids = _parent_ids(connection, dialect, scope)
        totals = _totals(connection, dialect, rules, scope)
        linked = linked_codes_lookup(connection, dialect, scope)
        items = output.items(rows, ids, totals, linked)
        replace_file_ids(connection, database, rules, items)
        small = load_small_contents(rules, items)
        items_by_erc.update(zip((row.erc for row in rows), small, strict=True))
    return items_by_erc


def _page(
    connection: Connection, condition: ColumnElement[bool], after: int
) -> list[EntryRow]:
    query: Select[Any] = (
        _ROWS.where(condition)
        .where(entry.c.id > after)
        .order_by(entry.c.id)
        .limit(PAGE)
    )
    return list(map(EntryRow._make, connection.execute(query).all()))


def _parent_ids(
    connection: Connection, dialect: Dialect, site: str
) -> Callable[[ParentDefinition, Collection[str]], dict[str, int]]:
    return lambda parent, codes: find_entry_ids(
        connection, dialect, (parent, site), codes
    )


def find_entry_ids(
    connection: Connection,
    dialect: Dialect,
    where: tuple[ParentDefinition, str],
    codes: Collection[str],
) -> dict[str, int]:
    """Return the ids of a parent's entries by ERC, for those that exist."""
    parent, site = where
    if not codes:
        return {}
    query = (
        select(entry.c.erc, entry.c.id)
        .where(entry.c.definition_id == parent.id)
        .where(entry.c.scope == ("" if parent.company_scoped else site))
        .where(dialect.any_of(entry.c.erc))
    )
    result = connection.execute(query, {"keys": dialect.keys(codes)})
    return {row.erc: row.id for row in result}


def _totals(
    connection: Connection, dialect: Dialect, rules: EntryRules, site: str
) -> Callable[[Aggregation, Collection[str]], dict[str, int | Decimal]]:
    def totals(
        aggregation: Aggregation, codes: Collection[str]
    ) -> dict[str, int | Decimal]:
        related = _related(dialect, rules, aggregation, site)
        keys = {"keys": dialect.keys(codes)}
        parent = relationship.c.parent_erc
        if aggregation.function == COUNT:
            counts = related.add_columns(parent, func.count()).group_by(parent)
            rows = connection.execute(counts, keys)
            return {erc: int(count) for erc, count in rows}
        bodies = connection.execute(related.add_columns(parent, entry.c.body), keys)
        return aggregation.totals((erc, body) for erc, body in bodies)

    return totals


def _related(
    dialect: Dialect, rules: EntryRules, aggregation: Aggregation, site: str
) -> Select[Any]:
    """Return a query for the entries that are related to some parents.

    Entries of every site count for a parent without a site.
    """
    query: Select[Any] = (
        select()
        .select_from(relationship)
        .join(entry, entry.c.id == relationship.c.entry_id)
        .where(relationship.c.parent_definition_id == rules.definition_id)
        .where(dialect.any_of(relationship.c.parent_erc))
        .where(relationship.c.field == aggregation.link)
        .where(entry.c.definition_id == aggregation.entries.id)
    )
    if aggregation.entries.company_scoped:
        return query.where(entry.c.scope == "")
    return query if rules.company_scoped else query.where(entry.c.scope == site)
