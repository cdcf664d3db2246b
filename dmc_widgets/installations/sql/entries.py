"""Reading entries: page by page, or by their external reference codes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from ...objects.aggregations import COUNT, Aggregation
from ...objects.entries import EntryRules
from ...objects.entry_output import EntryOutput, EntryRow
from ...objects.links import Parent, could_be_erc
from ...ports import Item
from .engine import Database, Dialect
from .files import show_files, with_small_contents
from .many_links import linked_codes
from .tables import entry, relationship

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


def scope_of(rules: EntryRules, scope: str) -> str:
    """Return the scope of entries: that of the site, or none at all."""
    return "" if rules.company_scoped else scope


def count_entries(connection: Connection, rules: EntryRules, scope: str) -> int:
    """Say how many entries :func:`read_entries` yields, if nobody writes meanwhile."""
    query = (
        select(func.count())
        .select_from(entry)
        .where(entry.c.definition_id == rules.definition_id)
    )
    if rules.company_scoped or scope:
        query = query.where(entry.c.scope == scope_of(rules, scope))
    return connection.execute(query).scalar_one()


def read_entries(
    database: Database,
    rules: EntryRules,
    output: EntryOutput,
    scope: str,
) -> Iterator[Item]:
    """Yield all entries in the order of their ids, site by site.

    Without a scope come those of every site; each tells its ``scopeKey``. Each page
    is a transaction of its own, so that a reader who takes an hour keeps nobody from
    writing. Entries that are written meanwhile may be among the items.
    """
    for site in _sites(database, rules, scope):
        items = _read_site(database, rules, output, site)
        yield from with_small_contents(rules, items)


def _sites(database: Database, rules: EntryRules, scope: str) -> Sequence[str]:
    if rules.company_scoped or scope:
        return [scope]
    query = (
        select(entry.c.scope)
        .where(entry.c.definition_id == rules.definition_id)
        .distinct()
        .order_by(entry.c.scope)
    )
    with database.reading() as connection:
        return connection.scalars(query).all()


def _read_site(
    database: Database, rules: EntryRules, output: EntryOutput, scope: str
) -> Iterator[Item]:
    last = 0
    while True:
        with database.reading() as connection:
            rows = _page(connection, rules, scope_of(rules, scope), last)
            ids = _parent_ids(connection, database.dialect, scope)
            totals = _totals(connection, database.dialect, rules, scope)
            linked = linked_codes(connection, database.dialect, scope)
            items = output.items(rows, ids, totals, linked)
            show_files(connection, database, rules, items)
        yield from items
        if len(rows) < PAGE:
            return
        last = rows[-1].id


def fetch_entries(
    connection: Connection,
    database: Database,
    rules: EntryRules,
    keys: Sequence[str],
    scope: str,
) -> dict[str, Item]:
    """Return the entries stored under *keys*, whole."""
    output, dialect = EntryOutput(rules), database.dialect
    query = (
        _ROWS.where(entry.c.definition_id == rules.definition_id)
        .where(entry.c.scope == scope_of(rules, scope))
        .where(dialect.any_of(entry.c.erc))
    )
    found: dict[str, Item] = {}
    for start in range(0, len(keys), PAGE):
        some = [key for key in keys[start : start + PAGE] if could_be_erc(key)]
        result = connection.execute(query, {"keys": dialect.keys(some)})
        rows = [EntryRow._make(each) for each in result]
        ids = _parent_ids(connection, dialect, scope)
        totals = _totals(connection, dialect, rules, scope)
        linked = linked_codes(connection, dialect, scope)
        items = output.items(rows, ids, totals, linked)
        show_files(connection, database, rules, items)
        small = with_small_contents(rules, items)
        found.update(zip((row.erc for row in rows), small, strict=True))
    return found


def _page(
    connection: Connection, rules: EntryRules, scope: str, after: int
) -> list[EntryRow]:
    query: Select[Any] = (
        _ROWS.where(entry.c.definition_id == rules.definition_id)
        .where(entry.c.scope == scope)
        .where(entry.c.id > after)
        .order_by(entry.c.id)
        .limit(PAGE)
    )
    return [EntryRow._make(each) for each in connection.execute(query)]


def _parent_ids(
    connection: Connection, dialect: Dialect, site: str
) -> Callable[[Parent, Collection[str]], dict[str, int]]:
    return lambda parent, codes: ids_of(connection, dialect, (parent, site), codes)


def ids_of(
    connection: Connection,
    dialect: Dialect,
    where: tuple[Parent, str],
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
