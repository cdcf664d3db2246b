"""Look up items by id, name and relationship, and the known sites.

Servers over an installation need it: their paths name entries and definitions by id.
All functions work on a connection that the caller opened.

A database has no sites of its own, only the keys of sites that entries name. An unknown
key is refused as a typing error; else every such error would make a new site. Known
are the two sites that every company of Liferay has, and those that were added by an
import with that option, by a migration, or by :meth:`SqlInstallation.add_site`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, insert, select

from ...objects.documents.change_set import APPROVED, DEFINITION, PLACEHOLDER_STATUS
from ...objects.fields.attachment import FileContent
from ...objects.fields.number import MAX_ID
from ...ports import Item
from .database.dialect import Dialect
from .database.tables import document, entry, relationship, site, stored_file


class ItemLocation(NamedTuple):
    """Where an item is stored: its ERC, and the key of its site or an empty text."""

    key: str
    scope: str = ""


class RelatedEntry(NamedTuple):
    """A child entry, with its site, and the parent that it names."""

    parent: str
    key: str
    scope: str


class AttachmentFile(NamedTuple):
    """The file of an attachment: its name and its content."""

    name: str
    content: FileContent


def published_definitions(connection: Connection) -> dict[str, str]:
    """Return the ERC of each published definition by its name, oldest first."""
    query = (
        select(document.c.name, document.c.erc)
        .where(document.c.kind == DEFINITION, document.c.status == APPROVED)
        .order_by(document.c.id)
    )
    return {row.name: row.erc for row in connection.execute(query)}


def placeholder_documents(connection: Connection, kind: str) -> list[Item]:
    """Return the placeholders of a kind, which other documents name, oldest first."""
    query = (
        select(document.c.body)
        .where(document.c.kind == kind, document.c.status == PLACEHOLDER_STATUS)
        .order_by(document.c.id)
    )
    return [orjson.loads(body) for body in connection.execute(query).scalars()]


def find_document(
    connection: Connection, kind: str, number: int
) -> ItemLocation | None:
    """Return where the document with an id is stored; None for a placeholder."""
    query = select(document.c.erc).where(
        document.c.kind == kind,
        document.c.id == number,
        document.c.status != PLACEHOLDER_STATUS,
    )
    erc = connection.execute(query).scalar() if 0 < number <= MAX_ID else None
    return None if erc is None else ItemLocation(erc)


_ENTRY_OF_ID: Final = (
    select(entry.c.erc, entry.c.scope)
    .join(document, document.c.id == entry.c.definition_id)
    .where(entry.c.id == bindparam("own_id"), document.c.kind == DEFINITION)
    .where(document.c.name == bindparam("own_name"))
)


def find_entry(connection: Connection, name: str, number: int) -> ItemLocation | None:
    """Return where the entry with an id is stored, if the definition is its own."""
    if not 0 < number <= MAX_ID:
        return None
    where = {"own_id": number, "own_name": name}
    row = connection.execute(_ENTRY_OF_ID, where).first()
    return ItemLocation(row.erc, row.scope) if row else None


def find_file(connection: Connection, number: int) -> AttachmentFile | None:
    """Return the file with an id, which attachments hold."""
    if not 0 < number <= MAX_ID:
        return None
    query = select(stored_file.c.name, stored_file.c.sha256, stored_file.c.size).where(
        stored_file.c.id == number
    )
    row = connection.execute(query).first()
    return AttachmentFile(row.name, FileContent(row.sha256, row.size)) if row else None


def find_children(
    connection: Connection,
    dialect: Dialect,
    link: tuple[str, str, str],
    parents: Sequence[str],
) -> list[RelatedEntry]:
    """Return the entries that name some parents in a Relationship field, by id.

    Args:
        connection: A connection for reading.
        dialect: The dialect of the database.
        link: The names of the parents' and of the children's definition, and the
            children's field (``r_owner_c_personId``).
        parents: The ERCs of the parents.
    """
    parent, child, field = link
    ids = select(document.c.id).where(document.c.kind == DEFINITION)
    query = (
        select(relationship.c.parent_erc, entry.c.erc, entry.c.scope)
        .join(entry, entry.c.id == relationship.c.entry_id)
        .where(relationship.c.field == field)
        .where(
            relationship.c.parent_definition_id
            == ids.where(document.c.name == parent).scalar_subquery()
        )
        .where(
            entry.c.definition_id
            == ids.where(document.c.name == child).scalar_subquery()
        )
        .where(dialect.any_of(relationship.c.parent_erc))
        .order_by(entry.c.id)
    )
    rows = connection.execute(query, {"keys": dialect.keys(parents)})
    return [RelatedEntry(*row) for row in rows]


def known_sites(connection: Connection) -> list[str]:
    """Return the keys of the known sites, in order."""
    return list(connection.scalars(select(site.c.key).order_by(site.c.key)))


def add_sites(connection: Connection, keys: Iterable[str]) -> None:
    """Make sites known, unless they are already."""
    new = sorted(set(keys) - set(known_sites(connection)))
    if new:
        connection.execute(insert(site), [{"key": key} for key in new])
