"""Many-to-many relationships in the tables: who declares them, and what they link."""

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
    connection: Connection, definition_id: int, body: Body
) -> None:
    """Note what a definition declares; links of what it no longer does are gone."""
    before = {
        each.name: each.other_erc
        for each in connection.execute(
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
    """Return who declares a relationship to a definition, and under which name."""
    found = connection.execute(_DECLARED_TO, {"own_erc": erc})
    return [(each.erc, each.name) for each in found]


def linked_codes_lookup(
    connection: Connection, dialect: Dialect, site: str
) -> Callable[[ManyToManyRelationship, Collection[int]], Mapping[int, list[str]]]:
    """Make what looks up the codes that entries are linked to, sorted."""

    def codes(
        link: ManyToManyRelationship, ids: Collection[int]
    ) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        own, query = _of_link(dialect, link, site)
        keys = {"keys": dialect.keys(ids)}
        for entry_id, erc in connection.execute(
            query.add_columns(own, entry.c.erc), keys
        ):
            found.setdefault(entry_id, []).append(erc)
        for each in found.values():
            each.sort()  # by code points: databases sort texts each in its own way
        return found

    return codes


def find_links(
    connection: Connection,
    dialect: Dialect,
    rules: EntryRules,
    where: tuple[str, Mapping[str, int]],
    items: Iterable[ValidatedEntry],
) -> LinkContext:
    """Look up what a batch says of many-to-many relationships, and what is there.

    Args:
        connection: In the transaction of the batch.
        dialect: Of the database.
        rules: Of the definition.
        where: The site of the batch, and the ids of stored entries by ERC.
        items: After the first look.
    """
    site, stored = where
    found = LinkContext()
    for link in rules.many:
        speaking = [item for item in items if link.name in item.many]
        named = {one for each in speaking for one in each.many[link.name]}
        if named:
            found.ids[link.name] = _ids(connection, dialect, (link, site), named)
        own_ids = [stored[each.erc] for each in speaking if each.erc in stored]
        if own_ids:
            own, query = _of_link(dialect, link, site)
            keys = {"keys": dialect.keys(own_ids)}
            rows = connection.execute(query.add_columns(own, entry.c.id), keys)
            for entry_id, other_id in rows:
                found.linked.setdefault((link.name, entry_id), set()).add(other_id)
    return found


def apply_links(
    connection: Connection, rules: EntryRules, changes: LinkChanges
) -> None:
    """Store what has changed; entries that are linked are stored already."""
    reverse = {each.name for each in rules.many if each.reverse}
    if changes.removed:
        keys = [_row(each, reverse, prefix="b_") for each in changes.removed]
        connection.execute(_REMOVE, keys)
    if changes.added:
        rows = [_row(each, reverse) for each in changes.added]
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
    """Return the column of this side, and what finds the other side's entries."""
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
    named: Collection[EntryKey],
) -> dict[EntryKey, int]:
    found: dict[EntryKey, int] = {}
    codes = {each for each in named if isinstance(each, str)}
    ids = {each for each in named if isinstance(each, int)}
    query = select(entry.c.erc, entry.c.id).where(*_of_other(*where))
    if codes:
        by_code = query.where(dialect.any_of(entry.c.erc))
        for each in connection.execute(by_code, {"keys": dialect.keys(codes)}):
            found[each.erc] = each.id
    if ids:
        by_id = query.where(dialect.any_of(entry.c.id))
        for each in connection.execute(by_id, {"keys": dialect.keys(ids)}):
            found[each.id] = each.id
    return found
