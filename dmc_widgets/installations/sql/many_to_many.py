"""Many-to-many relationships in the tables: their declarations and their links."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    bindparam,
    delete,
    insert,
    select,
)

from ...objects.documents.change_set import Body
from ...objects.entries.validation import EntryRules, ValidatedEntry
from ...objects.fields.many_to_many import (
    EntryKey,
    LinkChanges,
    LinkContext,
    ManyToManyRelationship,
    declared_relationships,
)
from .database.dialect import Dialect
from .database.tables import document, entry, entry_link, many_to_many
from .undoing.losses import LossRecorder

_DECLARED_TO: Final = (
    select(document.c.erc, many_to_many.c.name)
    .join(many_to_many, many_to_many.c.definition_id == document.c.id)
    .where(many_to_many.c.other_erc == bindparam("own_erc"))
    .order_by(document.c.id, many_to_many.c.name)
)
_REMOVE: Final[Delete] = delete(entry_link).where(
    *(column == bindparam(f"b_{column.name}") for column in entry_link.primary_key)
)


def store_declared_links(
    connection: Connection,
    definition_id: int,
    body: Body,
    losses: LossRecorder | None = None,
) -> None:
    """Store the relationships that a definition declares; delete links of others."""
    before = {
        row.name: row.other_erc
        for row in connection.execute(
            select(many_to_many.c.name, many_to_many.c.other_erc).where(
                many_to_many.c.definition_id == definition_id
            )
        )
    }
    after = dict(declared_relationships(body))
    if before == after:
        return
    lost = [name for name, other in before.items() if after.get(name) != other]
    own = select(entry.c.id).where(entry.c.definition_id == definition_id)
    if losses is not None:
        losses.add_links(lost, own)
    connection.execute(
        delete(entry_link).where(
            entry_link.c.name.in_(lost), entry_link.c.entry1_id.in_(own)
        )
    )
    connection.execute(
        delete(many_to_many).where(
            many_to_many.c.definition_id == definition_id,
            many_to_many.c.name.in_(before.keys()),
        )
    )
    rows = [
        {"definition_id": definition_id, "name": name, "other_erc": other}
        for name, other in after.items()
    ]
    if rows:
        connection.execute(insert(many_to_many), rows)


def find_reverse_links(connection: Connection, erc: str) -> list[tuple[str, str]]:
    """Return the ERC and name of each relationship that is declared to a definition."""
    rows = connection.execute(_DECLARED_TO, {"own_erc": erc})
    return [(row.erc, row.name) for row in rows]


def linked_codes_lookup(
    connection: Connection, dialect: Dialect, site: str
) -> Callable[[ManyToManyRelationship, Collection[int]], Mapping[int, list[str]]]:
    """Return a function that looks up the ERCs that entries are linked to, sorted."""

    def codes(
        link: ManyToManyRelationship, ids: Collection[int]
    ) -> dict[int, list[str]]:
        codes_by_id: dict[int, list[str]] = {}
        own, query = _of_link(dialect, link, site)
        keys = {"keys": dialect.keys(ids)}
        for entry_id, erc in connection.execute(
            query.add_columns(own, entry.c.erc), keys
        ):
            codes_by_id.setdefault(entry_id, []).append(erc)
        for linked in codes_by_id.values():
            linked.sort()  # by code points: every database sorts texts in its own way
        return codes_by_id

    return codes


def find_links(
    connection: Connection,
    dialect: Dialect,
    rules: EntryRules,
    where: tuple[str, Mapping[str, int]],
    items: Iterable[ValidatedEntry],
) -> LinkContext:
    """Look up the entries that a batch links, and the links that are stored.

    Args:
        connection: A connection in the transaction of the batch.
        dialect: The dialect of the database.
        rules: The rules of the definition.
        where: The site of the batch, and the ids of stored entries by ERC.
        items: The validated items.
    """
    site, stored = where
    context = LinkContext()
    for link in rules.many:
        linking = [item for item in items if link.name in item.many]
        linked_keys = {one for item in linking for one in item.many[link.name]}
        if linked_keys:
            context.ids[link.name] = _ids(
                connection, dialect, (link, site), linked_keys
            )
        own_ids = [stored[item.erc] for item in linking if item.erc in stored]
        if own_ids:
            own, query = _of_link(dialect, link, site)
            keys = {"keys": dialect.keys(own_ids)}
            columns = own, entry.c.id, entry.c.erc
            rows = connection.execute(query.add_columns(*columns), keys)
            for entry_id, other_id, erc in rows:
                context.linked.setdefault((link.name, entry_id), set()).add(other_id)
                context.codes[other_id] = erc
        found = context.ids.get(link.name, {})
        context.codes |= {n: key for key, n in found.items() if isinstance(key, str)}
    return context


def apply_links(
    connection: Connection, rules: EntryRules, changes: LinkChanges
) -> None:
    """Store the changes of links, after the entries themselves."""
    reverse = {link.name for link in rules.many if link.reverse}
    if changes.removed:
        keys = [_row(link, reverse, prefix="b_") for link in changes.removed]
        connection.execute(_REMOVE, keys)
    if changes.added:
        rows = [_row(link, reverse) for link in changes.added]
        connection.execute(insert(entry_link), rows)


def _row(
    key: tuple[str, int, int], reverse: Collection[str], prefix: str = ""
) -> dict[str, Any]:
    name, own, other = key
    first, second = (other, own) if name in reverse else (own, other)
    return {
        f"{prefix}name": name,
        f"{prefix}entry1_id": first,
        f"{prefix}entry2_id": second,
    }


def _of_link(
    dialect: Dialect, link: ManyToManyRelationship, site: str
) -> tuple[Any, Any]:
    """Return the column of this side, and a query for the entries of the other side."""
    own, other = entry_link.c.entry1_id, entry_link.c.entry2_id
    if link.reverse:
        own, other = other, own
    query = (
        select()
        .select_from(entry_link)
        .join(entry, entry.c.id == other)
        .where(dialect.any_of(own))
        .where(entry_link.c.name == link.name)
        .where(*_of_other(link, site))
    )
    return own, query


def _of_other(
    link: ManyToManyRelationship, site: str
) -> tuple[ColumnElement[bool], ...]:
    return (
        entry.c.definition_id == link.other.id,
        entry.c.scope == ("" if link.other.company_scoped else site),
    )


def _ids(
    connection: Connection,
    dialect: Dialect,
    where: tuple[ManyToManyRelationship, str],
    keys: Collection[EntryKey],
) -> dict[EntryKey, int]:
    ids_by_key: dict[EntryKey, int] = {}
    codes = {key for key in keys if isinstance(key, str)}
    ids = {key for key in keys if isinstance(key, int)}
    query = select(entry.c.erc, entry.c.id).where(*_of_other(*where))
    if codes:
        by_code = query.where(dialect.any_of(entry.c.erc))
        for row in connection.execute(by_code, {"keys": dialect.keys(codes)}):
            ids_by_key[row.erc] = row.id
    if ids:
        by_id = query.where(dialect.any_of(entry.c.id))
        for row in connection.execute(by_id, {"keys": dialect.keys(ids)}):
            ids_by_key[row.id] = row.id
    return ids_by_key
