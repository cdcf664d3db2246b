"""Finding by what only this installation knows: ids, names, who is related to whom.

Servers over an installation need it: their paths name entries and definitions by
id. Everything here works on a connection that the caller opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection, select

from ...objects.attachment_types import Content
from ...objects.documents import APPROVED, DEFINITION, EMPTY
from ...ports import Item
from .engine import Dialect
from .tables import document, entry, relationship, stored_file

LARGEST_ID: Final = 2**63 - 1


class Place(NamedTuple):
    """Where something stands: its ERC, and the key of its site or nothing."""

    key: str
    scope: str = ""


class Related(NamedTuple):
    """A child, the parent that it names, and the child's site."""

    parent: str
    key: str
    scope: str


class FoundFile(NamedTuple):
    """A file of an attachment: what it is called, and which content it has."""

    name: str
    content: Content


def published_objects(connection: Connection) -> dict[str, str]:
    """Return the ERC of each published definition by its name, oldest first."""
    query = (
        select(document.c.name, document.c.erc)
        .where(document.c.kind == DEFINITION, document.c.status == APPROVED)
        .order_by(document.c.id)
    )
    return {each.name: each.erc for each in connection.execute(query)}


def named_documents(connection: Connection, kind: str) -> list[Item]:
    """Return the documents of a kind that are not there, only named, oldest first."""
    query = (
        select(document.c.body)
        .where(document.c.kind == kind, document.c.status == EMPTY)
        .order_by(document.c.id)
    )
    return [orjson.loads(body) for body in connection.execute(query).scalars()]


def find_document(connection: Connection, kind: str, number: int) -> Place | None:
    """Return where the document with an id stands; placeholders are none."""
    query = select(document.c.erc).where(
        document.c.kind == kind, document.c.id == number, document.c.status != EMPTY
    )
    found = connection.execute(query).scalar() if 0 < number <= LARGEST_ID else None
    return None if found is None else Place(found)


def find_entry(connection: Connection, name: str, number: int) -> Place | None:
    """Return where the entry with an id stands, if it is one of that definition's."""
    if not 0 < number <= LARGEST_ID:
        return None
    query = (
        select(entry.c.erc, entry.c.scope)
        .join(document, document.c.id == entry.c.definition_id)
        .where(entry.c.id == number)
        .where(document.c.kind == DEFINITION, document.c.name == name)
    )
    found = connection.execute(query).first()
    return Place(found.erc, found.scope) if found else None


def find_file(connection: Connection, number: int) -> FoundFile | None:
    """Return the file with an id, as attachments name it."""
    if not 0 < number <= LARGEST_ID:
        return None
    query = select(stored_file.c.name, stored_file.c.sha256, stored_file.c.size).where(
        stored_file.c.id == number
    )
    found = connection.execute(query).first()
    return FoundFile(found.name, Content(found.sha256, found.size)) if found else None


def find_children(
    connection: Connection,
    dialect: Dialect,
    link: tuple[str, str, str],
    parents: Sequence[str],
) -> list[Related]:
    """Return the entries that name some parents in a Relationship field, by id.

    Args:
        connection: For reading.
        dialect: Of the database.
        link: The names of the parents' and of the children's definition, and the
            children's field (``r_owner_c_personId``).
        parents: ERCs.
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
    found = connection.execute(query, {"keys": dialect.keys(parents)})
    return [Related(*each) for each in found]
