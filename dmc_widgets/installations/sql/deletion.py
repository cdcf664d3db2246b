"""Delete entries and documents, with the effects on related entries.

The relationship decides what happens to the children of an entry (*deletionType*):
``cascade`` deletes them, ``disassociate`` leaves them without a parent, ``prevent``
refuses. Everything is decided before anything is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select, update

from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.strategies import Policy
from ...objects.documents.change_set import APPROVED, DEFINITION, PLACEHOLDER_STATUS
from ...objects.documents.kinds import KINDS_BY_NAME
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
from .placeholders import (
    find_named_placeholders,
    has_placeholders,
    remove_unnamed_placeholders,
)

ENTRY_KIND: Final = "ObjectEntry"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_FIND_ID: Final = select(entry.c.id).where(
    entry.c.definition_id == bindparam("own_definition"),
    entry.c.scope == bindparam("own_scope"),
    entry.c.erc == bindparam("own_erc"),
)
_DELETE: Final = delete(entry).where(entry.c.id == bindparam("own_id"))
_MAX_DEPTH: Final = 100  # relationships from parent to child to child


def delete_by_id(
    delete_one: Callable[[ItemLocation], Outcome],
    find: Callable[[int], ItemLocation | None],
    where: tuple[str, str],
) -> Callable[[Item], Outcome]:
    """Return a function that deletes an item by its *id*, else by its ERC.

    Args:
        delete_one: Deletes the item at a location.
        find: Returns the location of an id.
        where: The noun for messages, and the site that ERCs belong to.
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


class EntryDeleter:
    """Deletes entries of one definition within one transaction.

    Args:
        connection: A connection that holds the write lock.
        definition_id: The id of the definition.
    """

    def __init__(self, connection: Connection, definition_id: int) -> None:
        self._connection = connection
        self._definition_id = definition_id
        self._relationships: dict[int, list[dict[str, Any]]] = {}
        self._may_name_placeholders = has_placeholders(connection)

    def delete(self, key: str, scope: str) -> Outcome:
        """Delete one entry, and its children as its relationships say."""
        where = {
            "own_definition": self._definition_id,
            "own_scope": scope,
            "own_erc": key,
        }
        number = self._connection.execute(_FIND_ID, where).scalar()
        if number is None:
            return Outcome(
                OutcomeKind.FAILED,
                key,
                EntryProblemType.NOT_THERE.problem(ERC, key, erc=key),
            )
        plan = _Deletion(self._connection, self.relationships)
        plan.add(self._definition_id, number, ItemLocation(key, scope))
        if plan.problem is not None:
            return Outcome(OutcomeKind.FAILED, key, plan.problem)
        plan.carry_out(may_name_placeholders=self._may_name_placeholders)
        return Outcome(OutcomeKind.UPDATED, key)

    def relationships(self, definition_id: int) -> list[dict[str, Any]]:
        """Return the relationships of a definition to its children."""
        if definition_id not in self._relationships:
            found = _relationships(self._connection, definition_id)
            self._relationships[definition_id] = found
        return self._relationships[definition_id]


def delete_document(
    connection: Connection, writer: DocumentWriter, place: Item
) -> Outcome:
    """Delete a definition with its entries, a picklist or a folder.

    Args:
        connection: A connection for writing.
        writer: The writer of the same transaction, which removes a definition
            from the relationships of others.
        place: *kind* and *erc*.
    """
    kind, erc = place["kind"], place["erc"]
    query = select(document.c.id, document.c.body).where(
        document.c.kind == kind,
        document.c.erc == erc,
        document.c.status != PLACEHOLDER_STATUS,
    )
    row = connection.execute(query).first()
    if row is None:
        missing = DocumentProblemType.NOT_FOUND
        problem = missing.problem(ERC, erc, kind=kind, erc=erc)
        return Outcome(OutcomeKind.FAILED, erc, problem)
    if erc in KINDS_BY_NAME[kind].builtin_ercs:
        name = orjson.loads(row.body).get("name")
        problem = DocumentProblemType.BUILTIN.problem(ERC, erc, name=name)
        return Outcome(OutcomeKind.FAILED, erc, problem)
    if kind == DEFINITION:
        _unlink_definition(connection, writer, erc)
        _delete_entries(connection, row.id)
    retire_id(connection, document, row.id)
    connection.execute(delete(document).where(document.c.id == row.id))
    return Outcome(OutcomeKind.UPDATED, erc)


class _Deletion:
    """The entries to delete and those that lose their parent, collected beforehand."""

    def __init__(
        self,
        connection: Connection,
        relationships: Callable[[int], list[dict[str, Any]]],
    ) -> None:
        self._connection = connection
        self._relationships = relationships
        self._deleted: dict[int, None] = {}
        self._orphans: list[tuple[int, str]] = []
        self.problem: Problem | None = None

    def add(
        self, definition_id: int, number: int, place: ItemLocation, depth: int = 0
    ) -> None:
        """Add an entry to delete, and the effects on its children."""
        if number in self._deleted or self.problem or depth > _MAX_DEPTH:
            return
        self._deleted[number] = None
        for declared in self._relationships(definition_id):
            self._add_children(declared, (definition_id, place), depth)

    def carry_out(self, *, may_name_placeholders: bool) -> None:
        """Unlink the orphans, then delete the entries; side tables cascade.

        Placeholders that only these entries named are deleted, too.
        """
        placeholders = set[int]()
        for number in self._deleted if may_name_placeholders else ():
            placeholders |= find_named_placeholders(
                self._connection, entry.c.id == number
            )
        for number, field in self._orphans:
            if number not in self._deleted:
                _unlink_entry(self._connection, number, field)
        retire_id(self._connection, entry, max(self._deleted))
        for number in reversed(self._deleted):
            self._connection.execute(_DELETE, {"own_id": number})
        remove_unnamed_placeholders(
            self._connection, placeholders - self._deleted.keys()
        )

    def _add_children(
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
            elif child.id not in self._deleted:
                needed = DocumentProblemType.STILL_NEEDED
                self.problem = needed.problem(name=declared["name"])
                return


def _relationships(connection: Connection, definition_id: int) -> list[dict[str, Any]]:
    query = select(document.c.name, document.c.body).where(
        document.c.id == definition_id
    )
    row = connection.execute(query).one()
    return [
        {**relationship, "parent": row.name}
        for relationship in orjson.loads(row.body).get("objectRelationships") or ()
        if relationship.get("type") in {"oneToMany", "oneToOne"}
    ]


def _unlink_entry(connection: Connection, number: int, field: str) -> None:
    """Remove the parent from a child: from its body, its links and unique values."""
    body = connection.execute(select(entry.c.body).where(entry.c.id == number)).scalar()
    twin = erc_field_name(field)
    values = orjson.loads(body or b"{}")
    values.pop(twin, None)
    body_without_parent = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    connection.execute(
        update(entry).where(entry.c.id == number).values(body=body_without_parent)
    )
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
    connection: Connection, writer: DocumentWriter, erc: str
) -> None:
    """End the relationships of a definition, as parent and as child."""
    query = select(document.c.erc, document.c.body).where(
        document.c.kind == DEFINITION, document.c.status != PLACEHOLDER_STATUS
    )
    for other in connection.execute(query).all():
        body = orjson.loads(other.body)
        remaining = [
            relationship
            for relationship in body["objectRelationships"]
            if other.erc != erc and relationship.get(_CHILD) != erc
        ]
        if len(remaining) < len(body["objectRelationships"]):
            stored = writer.by_erc(DEFINITION, other.erc)
            published = stored is not None and stored.status == APPROVED
            item = body | {"objectRelationships": remaining}
            if published:
                item["status"] = {"code": APPROVED}
            writer.write_item(DEFINITION, item, Policy())


def _delete_entries(connection: Connection, definition_id: int) -> None:
    own = entry.c.definition_id == definition_id
    placeholders = find_named_placeholders(connection, own)
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
    remove_unnamed_placeholders(connection, placeholders)
