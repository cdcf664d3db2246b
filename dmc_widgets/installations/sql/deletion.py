"""Deleting entries and documents, with what hangs on them.

What becomes of an entry's children is said by the relationship (*deletionType*):
``cascade`` deletes them, ``disassociate`` leaves them without a parent, ``prevent``
refuses. All of it is decided before anything is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, func, select, update

from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.strategies import Policy
from ...objects.documents.change_set import APPROVED, DEFINITION, PLACEHOLDER_STATUS
from ...objects.errors.document_problem_types import (
    DocumentProblemType,
    RemoteDocumentProblemType,
)
from ...objects.errors.entry_problem_types import (
    EntryProblemType,
    RemoteEntryProblemType,
)
from ...objects.names import ERC, erc_field_name, relationship_field_name
from ...ports import Item
from .database.sequences import retire_id
from .database.tables import counter, document, entry, relationship, unique_value
from .document_writer import DocumentWriter
from .lookup import ItemLocation

ENTRY_KIND: Final = "ObjectEntry"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_DEEPEST: Final = 100  # relationships from parent to child to child


def delete_by_id(
    delete_one: Callable[[ItemLocation], Outcome],
    find: Callable[[int], ItemLocation | None],
    where: tuple[str, str],
) -> Callable[[Item], Outcome]:
    """Let items name what goes by their *id*, else by their ERC.

    Args:
        delete_one: Deletes what stands at a place.
        find: Looks an id up.
        where: What messages call a thing, and the site of ERCs.
    """
    kind, scope = where

    def delete_item(item: Item) -> Outcome:
        number = item.get("id")
        if number is None:
            return delete_one(ItemLocation(item[ERC], scope))
        place = find(number)
        if place is not None:
            return delete_one(place)
        key = f"primary key {number}"
        if kind == ENTRY_KIND:
            problem = RemoteEntryProblemType.NO_ENTRY.problem("id", key=key)
        else:
            problem = RemoteDocumentProblemType.NO_DOCUMENT.problem(
                "id", kind=kind, key=key
            )
        return Outcome(OutcomeKind.FAILED, "", problem)

    return delete_item


def delete_entry(
    connection: Connection, definition_id: int, key: str, scope: str
) -> Outcome:
    """Delete one entry and what its relationships say of its children."""
    query = select(entry.c.id).where(
        entry.c.definition_id == definition_id,
        entry.c.scope == scope,
        entry.c.erc == key,
    )
    number = connection.execute(query).scalar()
    if number is None:
        return Outcome(
            OutcomeKind.FAILED,
            key,
            EntryProblemType.NOT_THERE.problem(ERC, key, erc=key),
        )
    plan = _Plan(connection)
    plan.add(definition_id, number, ItemLocation(key, scope))
    if plan.problem is not None:
        return Outcome(OutcomeKind.FAILED, key, plan.problem)
    plan.carry_out()
    return Outcome(OutcomeKind.UPDATED, key)


def delete_document(
    connection: Connection, catalog: DocumentWriter, place: Item
) -> Outcome:
    """Delete a definition with its entries, a picklist or a folder.

    Args:
        connection: For writing.
        catalog: Of the same transaction; it takes a definition out of the
            relationships of others.
        place: *kind* and *erc*.
    """
    kind, erc = place["kind"], place["erc"]
    query = select(document.c.id, document.c.body).where(
        document.c.kind == kind,
        document.c.erc == erc,
        document.c.status != PLACEHOLDER_STATUS,
    )
    found = connection.execute(query).first()
    if found is None:
        missing = DocumentProblemType.NOT_FOUND
        problem = missing.problem(ERC, erc, kind=kind, erc=erc)
        return Outcome(OutcomeKind.FAILED, erc, problem)
    if kind == DEFINITION:
        _unlink_definition(connection, catalog, erc)
        _delete_entries(connection, found.id)
    retire_id(connection, document, found.id)
    connection.execute(delete(document).where(document.c.id == found.id))
    return Outcome(OutcomeKind.UPDATED, erc)


class _Plan:
    """What goes and what loses its parent, gathered before anything is touched."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._doomed: dict[int, None] = {}
        self._orphans: list[tuple[int, str]] = []
        self.problem: Problem | None = None

    def add(
        self, definition_id: int, number: int, place: ItemLocation, depth: int = 0
    ) -> None:
        """Doom an entry, and see what this means for its children."""
        if number in self._doomed or self.problem or depth > _DEEPEST:
            return
        self._doomed[number] = None
        for each in _relationships(self._connection, definition_id):
            self._look_at(each, (definition_id, place), depth)

    def carry_out(self) -> None:
        """Unlink the orphans, then delete the doomed; side tables follow them."""
        for number, field in self._orphans:
            if number not in self._doomed:
                _unlink_entry(self._connection, number, field)
        retire_id(self._connection, entry, max(self._doomed))
        for number in reversed(self._doomed):
            self._connection.execute(delete(entry).where(entry.c.id == number))

    def _look_at(
        self, declared: Mapping[str, Any], parent: tuple[int, ItemLocation], depth: int
    ) -> None:
        definition_id, (key, scope) = parent
        field = relationship_field_name(declared["name"], declared["parent"])
        query = (
            select(entry.c.id, entry.c.definition_id, entry.c.erc, entry.c.scope)
            .join(relationship, relationship.c.entry_id == entry.c.id)
            .where(relationship.c.parent_definition_id == definition_id)
            .where(relationship.c.parent_erc == key, relationship.c.field == field)
        )
        if scope:  # another site may have a parent of that code
            query = query.where(entry.c.scope == scope)
        for child in self._connection.execute(query).all():
            if declared.get("deletionType") == "cascade":
                place = ItemLocation(child.erc, child.scope)
                self.add(child.definition_id, child.id, place, depth + 1)
            elif declared.get("deletionType") == "disassociate":
                self._orphans.append((child.id, field))
            elif child.id not in self._doomed:
                needed = DocumentProblemType.STILL_NEEDED
                self.problem = needed.problem(name=declared["name"])
                return


def _relationships(connection: Connection, definition_id: int) -> list[dict[str, Any]]:
    query = select(document.c.name, document.c.body).where(
        document.c.id == definition_id
    )
    found = connection.execute(query).one()
    return [
        {**relationship, "parent": found.name}
        for relationship in orjson.loads(found.body).get("objectRelationships") or ()
        if relationship.get("type") in {"oneToMany", "oneToOne"}
    ]


def _unlink_entry(connection: Connection, number: int, field: str) -> None:
    """Take the parent out of a child: its body, its link, its unique value."""
    body = connection.execute(select(entry.c.body).where(entry.c.id == number)).scalar()
    twin = erc_field_name(field)
    values = orjson.loads(body or b"{}")
    values.pop(twin, None)
    kept = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    connection.execute(update(entry).where(entry.c.id == number).values(body=kept))
    connection.execute(
        delete(relationship).where(
            relationship.c.entry_id == number, relationship.c.field == field
        )
    )
    connection.execute(
        delete(unique_value).where(
            unique_value.c.entry_id == number, unique_value.c.field == twin
        )
    )


def _unlink_definition(
    connection: Connection, catalog: DocumentWriter, erc: str
) -> None:
    """End the relationships of a definition, as parent and as child."""
    query = select(document.c.erc, document.c.body).where(
        document.c.kind == DEFINITION, document.c.status != PLACEHOLDER_STATUS
    )
    for other in connection.execute(query).all():
        body = orjson.loads(other.body)
        kept = [
            relationship
            for relationship in body["objectRelationships"]
            if other.erc != erc and relationship.get(_CHILD) != erc
        ]
        if len(kept) < len(body["objectRelationships"]):
            stored = catalog.by_erc(DEFINITION, other.erc)
            published = stored is not None and stored.status == APPROVED
            item = body | {"objectRelationships": kept}
            if published:
                item["status"] = {"code": APPROVED}
            catalog.write_item(DEFINITION, item, Policy())


def _delete_entries(connection: Connection, definition_id: int) -> None:
    gone = select(entry.c.id).where(entry.c.definition_id == definition_id)
    highest = select(func.max(entry.c.id)).where(entry.c.definition_id == definition_id)
    last = connection.execute(highest).scalar()
    if last is not None:
        retire_id(connection, entry, last)
    for table in (unique_value, relationship):
        connection.execute(delete(table).where(table.c.entry_id.in_(gone)))
    links = relationship.c.parent_definition_id == definition_id
    connection.execute(delete(relationship).where(links))
    for table in (entry, counter):
        connection.execute(delete(table).where(table.c.definition_id == definition_id))
