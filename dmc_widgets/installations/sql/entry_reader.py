"""Reading entries: page by page, or by their external reference codes."""

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

PAGE: Final = 1000
"""Records a page: few enough to hold, enough that a page costs no time of its own."""

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
    """What reads the entries that a query wants.

    Attributes:
        database: Of the entries.
        rules: Of the definition.
        output: Makes items of the fields asked for.
        selection: Of the entries.
    """

    database: Database
    rules: EntryRules
    output: ItemBuilder
    selection: EntrySelection

    def items(self, connection: Connection, rows: Sequence[EntryRow]) -> list[Item]:
        """Build the items of *rows*; parents are looked up in the entries' sites."""
        sites = {row.scope for row in rows}
        if len(sites) == 1:
            items = self._of_site(connection, rows, *sites)
        else:
            built: dict[int, Item] = {}
            for site in sites:
                some = [row for row in rows if row.scope == site]
                found = self._of_site(connection, some, site)
                built.update(zip((row.id for row in some), found, strict=True))
            items = [built[row.id] for row in rows]
        replace_file_ids(connection, self.database, self.rules, items)
        return items

    def _of_site(
        self, connection: Connection, rows: Sequence[EntryRow], site: str
    ) -> list[Item]:
        dialect = self.database.dialect
        ids = _parent_ids(connection, dialect, site)
        totals = _totals(connection, dialect, self.rules, site)
        linked = linked_codes_lookup(connection, dialect, site)
        return self.output.items(rows, ids, totals, linked)


def count_entries(connection: Connection, selection: EntrySelection) -> int:
    """Say how many entries :func:`read_entries` yields, if nobody writes meanwhile."""
    query = select(func.count()).select_from(entry).where(selection.condition)
    return connection.execute(query).scalar_one()


def read_entries(reader: EntryReader) -> Iterator[Item]:
    """Yield entries in the order of their ids, site by site, or in the query's order.

    Without a scope come those of every site; each tells its ``scopeKey``. All pages
    are read in one transaction, with what belongs to the entries in other tables, so
    that a batch which others write meanwhile is among the items wholly or not at all.
    A transaction a page was turned down: it would show halves of batches.
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
    wanted = reader.selection
    query = _ROWS.where(wanted.condition).order_by(*_full_order(wanted))
    query = query.limit(size).offset(start)
    rows = [EntryRow._make(each) for each in connection.execute(query)]
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

    The ids alone are sorted at once, eight bytes an entry. Pages that go on after the
    last one's values were turned down: each would sort all entries again.
    """
    wanted = reader.selection
    query = select(entry.c.id).where(wanted.condition).order_by(*_full_order(wanted))
    ids = array("q", connection.execute(query).scalars())
    dialect = reader.database.dialect
    some = _ROWS.where(dialect.any_of(entry.c.id))
    for start in range(0, len(ids), PAGE):
        numbers = ids[start : start + PAGE]
        result = connection.execute(some, {"keys": dialect.keys(numbers)})
        rows = {each.id: EntryRow._make(each) for each in result}
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
    """Return the entries stored under *keys*, whole."""
    output, dialect = ItemBuilder(rules), database.dialect
    query = (
        _ROWS.where(entry.c.definition_id == rules.definition_id)
        .where(entry.c.scope == entry_scope(rules, scope))
        .where(dialect.any_of(entry.c.erc))
    )
    found: dict[str, Item] = {}
    for start in range(0, len(keys), PAGE):
        some = [key for key in keys[start : start + PAGE] if is_valid_erc(key)]
        result = connection.execute(query, {"keys": dialect.keys(some)})
        rows = [EntryRow._make(each) for each in result]
        ids = _parent_ids(connection, dialect, scope)
        totals = _totals(connection, dialect, rules, scope)
        linked = linked_codes_lookup(connection, dialect, scope)
        items = output.items(rows, ids, totals, linked)
        replace_file_ids(connection, database, rules, items)
        small = load_small_contents(rules, items)
        found.update(zip((row.erc for row in rows), small, strict=True))
    return found


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
    """Return the ids of a parent's entries by ERC; those that are not here are not."""
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
    return {each.erc: each.id for each in result}


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
    """Select the entries that are related to some parents, all in one query.

    Entries of every site count for a parent that belongs to none.
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
