"""Read definitions, picklists and folders from the tables.

All functions work on a connection that the caller opened. Placeholders are not
documents yet and are left out, except that a picklist's keys are known once a
definition names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, Row, bindparam, func, select

from ...model.entity_type import EntityType, sort_entity_types
from ...model.query.filter_parser import MAX_FILTER_CHARS
from ...objects.documents.change_set import (
    APPROVED,
    DEFINITION,
    PICKLIST,
    PLACEHOLDER_STATUS,
    Body,
    StoredDocument,
)
from ...objects.documents.kinds import (
    DOCUMENT_KINDS,
    KINDS_BY_NAME,
    build_document_entity_types,
)
from ...objects.entries.entity_type import build_entry_entity_type
from ...objects.fields.many_to_many import find_many_to_many_relationships
from ...objects.parts.part_items import key_items, list_part_items, owner_candidates
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME, PART_TYPES, PartKind
from ...ports import Item
from .database.tables import document

_PAGE: Final = 50  # definitions may be large
_KEYS: Final = 500  # in one query


class DocumentRow(NamedTuple):
    """A document with its id and times, in milliseconds since the epoch."""

    id: int
    document: StoredDocument
    created: int
    modified: int


def read_items(connection: Connection, kind: str) -> Iterator[Item]:
    """Yield all documents of a kind, or all parts, as they are exported, oldest first.

    Placeholders are left out. Pages are read one by one. Parts are in the order of
    the documents that they belong to.
    """
    if kind in PART_KINDS_BY_NAME:
        part_kind = PART_KINDS_BY_NAME[kind]
        for owner in read_items(connection, part_kind.owner):
            yield from list_part_items(part_kind, owner)
        return
    for row in read_rows(connection, kind):
        yield exported_item(row)


def fetch_items(
    connection: Connection, kind: str, keys: Collection[str]
) -> dict[str, Item]:
    """Return the documents stored under these ERCs as they are exported.

    The keys of parts begin with the ERC of the document that they belong to.
    """
    if kind in PART_KINDS_BY_NAME:
        return _fetch_parts(connection, PART_KINDS_BY_NAME[kind], keys)
    query = select(document).where(
        document.c.kind == kind,
        document.c.status != PLACEHOLDER_STATUS,
        document.c.erc.in_(bindparam("keys", expanding=True)),
    )
    codes = list(dict.fromkeys(keys))
    items: dict[str, Item] = {}
    for start in range(0, len(codes), _KEYS):
        page = {"keys": codes[start : start + _KEYS]}
        for row in connection.execute(query, page):
            items[row.erc] = exported_item(read_row(row))
    return items


def _fetch_parts(
    connection: Connection, kind: PartKind, keys: Collection[str]
) -> dict[str, Item]:
    """Return the parts with these keys, such as ``TICKET/priority``."""
    wanted = set(keys)
    codes = [code for key in dict.fromkeys(keys) for code in owner_candidates(key)]
    items: dict[str, Item] = {}
    for owner in fetch_items(connection, kind.owner, codes).values():
        for key, item in key_items(kind, owner, list_part_items(kind, owner)):
            if key in wanted:
                items.setdefault(key, item)
    return items


def read_rows(connection: Connection, kind: str) -> Iterator[DocumentRow]:
    """Yield the documents of a kind without placeholders, oldest first."""
    query = (
        select(document)
        .where(document.c.kind == kind, document.c.status != PLACEHOLDER_STATUS)
        .where(document.c.id > bindparam("after"))
        .order_by(document.c.id)
        .limit(_PAGE)
    )
    after = 0
    while page := connection.execute(query, {"after": after}).all():
        yield from map(read_row, page)
        after = page[-1].id


def count_items(connection: Connection, kind: str) -> int:
    """Return how many documents of a kind :func:`read_items` yields."""
    if kind in PART_KINDS_BY_NAME:
        return sum(1 for _ in read_items(connection, kind))
    query = select(func.count()).where(
        document.c.kind == kind, document.c.status != PLACEHOLDER_STATUS
    )
    return connection.execute(query).scalar_one()


def entity_types(connection: Connection) -> list[EntityType]:
    """Return the entity types of documents and of published objects, by label."""
    documents = {
        kind.name: [row.document for row in read_rows(connection, kind.name)]
        for kind in DOCUMENT_KINDS
    }
    unlisted = {
        kind: {name for stored in stored_documents for name in stored.body}
        for kind, stored_documents in documents.items()
    }
    definitions = documents[DEFINITION]
    bodies = {definition.erc: definition.body for definition in definitions}
    names = {erc: str(body["name"]) for erc, body in bodies.items()}
    linked = find_many_to_many_relationships(bodies)
    picklists = picklist_bodies(connection)
    types = build_document_entity_types(unlisted)
    types += [
        build_entry_entity_type(
            definition.body,
            picklists,
            {
                name: names[other]
                for name, other in linked.get(definition.erc, {}).items()
            },
            names,
        )
        for definition in definitions
        if definition.status == APPROVED
    ]
    types += PART_TYPES
    return sort_entity_types(
        replace(known, filter_chars=MAX_FILTER_CHARS, lazy_references=True)
        for known in types
    )


def picklist_bodies(connection: Connection) -> dict[str, Body]:
    """Return every picklist by ERC, including placeholders."""
    query = select(document.c.erc, document.c.body).where(document.c.kind == PICKLIST)
    return {erc: orjson.loads(body) for erc, body in connection.execute(query)}


def exported_item(row: DocumentRow) -> Item:
    """Return a document as Liferay's REST API gives it out."""
    kind = KINDS_BY_NAME[row.document.kind]
    return kind.export(row.document, row.id, row.created, row.modified)


def read_row(row: Row[Any]) -> DocumentRow:
    """Read a row of the document table."""
    stored = StoredDocument(
        row.kind, row.erc, row.name, row.status, orjson.loads(row.body)
    )
    return DocumentRow(row.id, stored, row.created, row.modified)
