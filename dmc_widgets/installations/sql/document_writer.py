"""Write definitions, picklists and folders, with the effects on their entries.

A writer works in the caller's transaction, so that a document and its side effects are
stored together or not at all. When a definition loses fields, its entries lose the
values.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ...model.outcome import Outcome
from ...model.strategies import Policy
from ...objects.comparison.document_changes import add_document_change
from ...objects.documents.change_set import (
    DEFINITION,
    Body,
    DocumentChange,
    StoredDocument,
)
from ...objects.documents.definition_fields import get_setting, is_relationship
from ...objects.fields.localized import i18n_name
from ...objects.names import erc_field_name
from ...objects.parts.part_changes import evaluate_item
from ...ports import Item
from .database.sequences import next_id
from .database.tables import counter, document, entry, relationship, unique_value
from .document_reader import DocumentRow, read_row
from .many_to_many import find_reverse_links, store_declared_links
from .placeholders import find_named_placeholders, remove_unnamed_placeholders
from .undoing.document_journal import DocumentJournal
from .undoing.losses import LossRecorder

_PAGE: Final = 500  # entries rewritten at a time


def remove_field_values(
    connection: Connection,
    definition_id: int,
    before: Body,
    after: Body,
    losses: LossRecorder | None = None,
) -> None:
    """Remove the values of removed fields from a definition's entries.

    Args:
        connection: A connection in the transaction that changes the definition.
        definition_id: The id of the definition.
        before: Its stored body.
        after: Its new body.
        losses: Records what entries lose, for undoing it; None where that is not kept.
    """
    lost = _removed_fields(before, after)
    freed = set(lost.values()) | (_one_to_one_keys(before) - _one_to_one_keys(after))
    if freed:
        if losses is not None:
            losses.add_unique_values(definition_id, freed)
        connection.execute(
            delete(unique_value).where(
                unique_value.c.definition_id == definition_id,
                unique_value.c.field.in_(freed),
            )
        )
    if not lost:
        return
    names = list(lost)
    own = entry.c.definition_id == definition_id
    placeholders = find_named_placeholders(connection, own)
    of_definition = select(entry.c.id).where(entry.c.definition_id == definition_id)
    connection.execute(
        delete(counter).where(
            counter.c.definition_id == definition_id, counter.c.field.in_(names)
        )
    )
    if losses is not None:
        losses.add_parents(names, of_definition)
    connection.execute(
        delete(relationship).where(
            relationship.c.field.in_(names), relationship.c.entry_id.in_(of_definition)
        )
    )
    remove_unnamed_placeholders(connection, placeholders)
    value_keys = set(lost.values()) | {i18n_name(name) for name in lost}
    _rewrite_entries(connection, definition_id, value_keys, losses)


def _rewrite_entries(
    connection: Connection,
    definition_id: int,
    lost: set[str],
    losses: LossRecorder | None,
) -> None:
    """Rewrite bodies page by page, so that memory does not grow with the entries."""
    query = (
        select(entry.c.id, entry.c.body)
        .where(entry.c.definition_id == definition_id)
        .where(entry.c.id > bindparam("after"))
        .order_by(entry.c.id)
        .limit(_PAGE)
    )
    rewritten = (
        update(entry)
        .where(entry.c.id == bindparam("number"))
        .values(body=bindparam("shorter"))
    )
    after = 0
    while page := connection.execute(query, {"after": after}).all():
        changed = [
            {"number": number, "shorter": shorter}
            for number, body in page
            if (shorter := _without(body, lost)) is not None
        ]
        if changed:
            if losses is not None:
                losses.add_values(_collect_lost(page, lost))
            connection.execute(rewritten, changed)
        after = page[-1].id


def _without(body: bytes, lost: set[str]) -> bytes | None:
    """Return an entry's body without some keys; None if it has none of them."""
    values = orjson.loads(body)
    if lost.isdisjoint(values):
        return None
    return orjson.dumps(
        {name: value for name, value in values.items() if name not in lost}
    )


def _collect_lost(rows: Iterable[Any], lost: set[str]) -> dict[int, dict[str, Any]]:
    """Return the values that entries lose, by their ids, of those that lose any."""
    values = {row.id: orjson.loads(row.body) for row in rows}
    return {
        number: {name: all_values[name] for name in all_values.keys() & lost}
        for number, all_values in values.items()
        if not lost.isdisjoint(all_values)
    }


def list_value_keys(body: Body) -> set[str]:
    """Return the keys under which entries hold the values of a definition's fields."""
    return {_value_key(field) for field in body["objectFields"]}


def _removed_fields(before: Body, after: Body) -> dict[str, str]:
    """Return the fields that a definition no longer has, with the keys of their values.

    Entries hold a parent under the ERC field of a Relationship field.
    """
    left = {field["name"] for field in after["objectFields"]}
    return {
        field["name"]: _value_key(field)
        for field in before["objectFields"]
        if field["name"] not in left
    }


def _one_to_one_keys(body: Body) -> set[str]:
    """Return the keys of the parents in one-to-one relationships."""
    return {
        _value_key(field)
        for field in body["objectFields"]
        if field.get("relationshipType") == "oneToOne"
    }


def _value_key(field: Body) -> str:
    if not is_relationship(field):
        return str(field["name"])
    stated = get_setting(field, "objectRelationshipERCObjectFieldName")
    return str(stated or erc_field_name(field["name"]))


class DocumentWriter:
    """Reads and writes the documents of an installation within one transaction.

    It caches what it has read and written, so it must not outlive the transaction.

    Args:
        connection: A connection in the transaction of the batch.
        now_ms: The time that documents get as their date of change.
        new_key: Returns an ERC for an item that has none.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        now_ms: int | None = None,
        new_key: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._connection = connection
        self._now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
        self._new_key = new_key
        self._by_erc: dict[tuple[str, str], DocumentRow | None] = {}

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document with an ERC, including placeholders."""
        row = self._row(kind, erc)
        return row.document if row else None

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document with a name, including placeholders."""
        query = select(document.c.erc).where(
            document.c.kind == kind, document.c.name == name
        )
        erc = self._connection.execute(query).scalar()
        return self.by_erc(kind, erc) if erc is not None else None

    def linking_to(self, erc: str) -> list[tuple[str, str]]:
        """Return the many-to-many relationships that others declare to a definition."""
        return find_reverse_links(self._connection, erc)

    def write_item(
        self,
        kind: str,
        item: Item,
        policy: Policy,
        journal: DocumentJournal | None = None,
    ) -> Outcome:
        """Evaluate an item and store the resulting changes.

        Args:
            kind: The name of a kind of documents, or of parts of documents.
            item: The mapped item.
            policy: The strategies for existing and missing documents.
            journal: Makes the change that the outcome states; None where it states
                none.
        """
        outcome, change = evaluate_item(kind, item, self, policy, self._new_key)
        if change is None or journal is None:
            if change is not None:
                self.apply(change)
            return outcome
        journal.begin(change.documents)
        if change.documents:
            outcome = add_document_change(outcome, change, self)
        self.apply(change, journal.losses)
        return journal.complete(outcome)

    def apply(self, change: DocumentChange, losses: LossRecorder | None = None) -> None:
        """Store all documents of a change, and remove deleted fields from entries."""
        self._release_names(change.documents)
        for new in change.documents:
            row = self._row(new.kind, new.erc)
            if row is None:
                self._insert(new)
            else:
                self._update(row, new, losses)

    def _row(self, kind: str, erc: str) -> DocumentRow | None:
        key = (kind, erc)
        if key not in self._by_erc:
            query = select(document).where(
                document.c.kind == kind, document.c.erc == erc
            )
            row = self._connection.execute(query).first()
            self._by_erc[key] = read_row(row) if row else None
        return self._by_erc[key]

    def _release_names(self, documents: Sequence[StoredDocument]) -> None:
        """Release the names that change, since two documents may swap theirs.

        A name contains no blank, so the temporary one cannot be taken.
        """
        for new in documents:
            row = self._row(new.kind, new.erc)
            if row and row.document.name != new.name:
                free = {"name": f"{row.id} renamed"}
                self._connection.execute(_update_of(row.id).values(free))

    def _insert(self, new: StoredDocument) -> None:
        number = next_id(self._connection, document)
        values = {
            "id": number,
            "kind": new.kind,
            "erc": new.erc,
            "created": self._now_ms,
            **self._values(new),
        }
        self._connection.execute(insert(document).values(values))
        if new.kind == DEFINITION:
            store_declared_links(self._connection, number, new.body)
        self._by_erc[new.kind, new.erc] = DocumentRow(
            number, new, self._now_ms, self._now_ms
        )

    def _update(
        self, row: DocumentRow, new: StoredDocument, losses: LossRecorder | None
    ) -> None:
        values = self._values(new)
        created = self._now_ms if row.document.is_placeholder else row.created
        values["created"] = created
        self._connection.execute(_update_of(row.id).values(values))
        if new.kind == DEFINITION:
            before = row.document.body
            remove_field_values(self._connection, row.id, before, new.body, losses)
            store_declared_links(self._connection, row.id, new.body, losses)
        self._by_erc[new.kind, new.erc] = DocumentRow(
            row.id, new, created, self._now_ms
        )

    def _values(self, new: StoredDocument) -> dict[str, Any]:
        return {
            "name": new.name,
            "status": new.status,
            "body": orjson.dumps(new.body),
            "modified": self._now_ms,
        }


def _update_of(number: int) -> Any:
    return update(document).where(document.c.id == number)
