"""Take back what a task did to definitions, picklists and folders.

All documents that an item changed have to be as the task left them. They get their
former rows back, and the entries of a definition the values that they had lost. A
document is deleted only if nothing needs it: no entry, and no other document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from orjson import OPT_SORT_KEYS, dumps, loads
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from ....model.change import FieldChange, ItemChange
from ....model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    Outcome,
    OutcomeKind,
)
from ....objects.documents.change_set import DEFINITION, PICKLIST, Body
from ....objects.documents.references import referenced_documents
from ....objects.entries.system_properties import EMPTY
from ....objects.fields.localized import i18n_name
from ....objects.fields.many_to_many import declared_relationships
from ....objects.fields.picklist import has_key
from ....ports import WrittenItem
from ..database.sequences import retire_id
from ..database.streaming import streamed
from ..database.tables import (
    counter,
    document,
    entry,
    entry_link,
    many_to_many,
    relationship,
    unique_value,
)
from ..document_writer import list_value_keys, remove_field_values
from ..many_to_many import store_declared_links
from .document_journal import (
    COUNTERS,
    DOCUMENTS,
    LOSSES,
    DocumentJournal,
    DocumentState,
    read_state,
)
from .losses import ItemMark, read_losses

RESTORED: Final = "restored"
"""The key of the mark of the values that an undo has given back to entries."""


class _Document(NamedTuple):
    """A document that an item had changed: what it was, was left as, and is."""

    kind: str
    erc: str
    left: str | None
    before: DocumentState | None
    now: DocumentState | None

    @property
    def is_as_left(self) -> bool:
        return (None if self.now is None else self.now.fingerprint) == self.left

    @property
    def is_as_before(self) -> bool:
        if self.before is None or self.now is None:
            return self.before is self.now
        return (self.now.status, self.now.body) == (
            self.before.status,
            self.before.body,
        )


class _Restored(NamedTuple):
    """What an undo has given back to the entries of a definition.

    Attributes:
        values: A hash of the values of an entry, by its id.
        links: The name of a relationship, and the ids of the entries at its ends.
    """

    values: dict[int, int]
    links: set[tuple[str, int, int]]


class DocumentUndo:
    """Takes back what was done to documents, or to parts of them.

    Args:
        connection: A connection that holds the write lock.
        batch: The key of the undoing task, and the number of the batch.
    """

    def __init__(self, connection: Connection, batch: tuple[str, int]) -> None:
        self._connection = connection
        self._journal = DocumentJournal(connection, batch)

    def undo(self, items: Sequence[WrittenItem]) -> list[Outcome]:
        """Take back item after item; see :class:`~dmc_widgets.ports.Undoer`."""
        return [self._undo(item) for item in items]

    def _undo(self, item: WrittenItem) -> Outcome:
        image: dict[str, Any] = item.change.before or {}
        documents = [self._read(*parts) for parts in image.get(DOCUMENTS, ())]
        if not all(one.is_as_left for one in documents):
            if all(one.is_as_before for one in documents):
                return Outcome(OutcomeKind.UNCHANGED, item.key)
            return Outcome(OutcomeKind.SKIPPED, item.key, note=CHANGED_SINCE)
        known = self._find_restored(image)
        if self._is_needed(documents, known):
            return Outcome(OutcomeKind.SKIPPED, item.key, note=IN_USE_SINCE)
        self._journal.begin([(one.kind, one.erc) for one in documents])
        self._put_back(documents)
        self._restore_counters(image.get(COUNTERS, ()))
        if LOSSES in image:
            self._restore_losses(ItemMark(*image[LOSSES]))
        outcome = self._journal.complete(
            _outcome(item, documents[0] if documents else None)
        )
        if LOSSES in image and outcome.change is not None:
            before = {**outcome.change.before, RESTORED: image[LOSSES]}
            change = outcome.change._replace(before=before)
            outcome = outcome._replace(change=change)
        return outcome

    def _find_restored(self, image: dict[str, Any]) -> _Restored:
        """Return what an undo has given back to entries."""
        restored = _Restored({}, set())
        if RESTORED in image:
            mark = ItemMark(*image[RESTORED])
            for number, lost in read_losses(self._connection, mark):
                if "values" in lost:
                    restored.values[number] = _hash(lost["values"])
                elif "link" in lost:
                    name, other = lost["link"]
                    restored.links.add((name, number, other))
        return restored

    def _read(
        self, kind: str, erc: str, left: str | None, before: list[Any] | None
    ) -> _Document:
        state = None if before is None else DocumentState(*before)
        now = read_state(self._connection, kind, erc)
        return _Document(kind, erc, left, state, now)

    def _is_needed(self, documents: Sequence[_Document], known: _Restored) -> bool:
        """Return True if entries or other documents need what would go."""
        gone = [one for one in documents if one.before is None and one.now is not None]
        if gone and self._are_named(gone, documents):
            return True
        return any(self._has_entries(one, known) for one in documents)

    def _are_named(
        self, gone: Sequence[_Document], documents: Sequence[_Document]
    ) -> bool:
        own = {(one.kind, one.erc) for one in documents}
        wanted = {(one.kind, one.erc) for one in gone if not _is_placeholder(one)}
        query = select(document.c.kind, document.c.erc, document.c.body)
        for row in self._connection.execute(query).all():
            if (row.kind, row.erc) in own or row.kind != DEFINITION:
                continue
            if not wanted.isdisjoint(referenced_documents(loads(row.body))):
                return True
        return False

    def _has_entries(self, one: _Document, known: _Restored) -> bool:
        """Return True if entries would go, or lose what others have given them."""
        if one.kind == PICKLIST and one.now is not None and one.before is not None:
            gone = _keys(loads(one.now.body)) - _keys(loads(one.before.body))
            return bool(gone) and self._hold_key(one.erc, gone)
        if one.kind != DEFINITION or one.now is None:
            return False
        own = entry.c.definition_id == one.now.id
        if one.before is None:
            query = select(entry.c.id).where(own, entry.c.status != EMPTY).limit(1)
            return self._connection.execute(query).first() is not None
        after, before = loads(one.now.body), loads(one.before.body)
        lost = set(declared_relationships(after)) - set(declared_relationships(before))
        if lost and self._has_links(own, {name for name, _ in lost}, known):
            return True
        added = list_value_keys(after) - list_value_keys(before)
        return bool(added) and self._has_values(own, added, known)

    def _hold_key(self, picklist: str, keys: set[str]) -> bool:
        """Return True if entries hold one of some keys of a picklist."""
        query = select(document.c.id, document.c.body).where(
            document.c.kind == DEFINITION
        )
        for number, body in self._connection.execute(query).all():
            names = [
                str(field["name"])
                for field in loads(body).get("objectFields") or ()
                if field.get("listTypeDefinitionExternalReferenceCode") == picklist
            ]
            if names and self._hold_value_of(number, names, keys):
                return True
        return False

    def _hold_value_of(
        self, definition_id: int, names: Sequence[str], keys: set[str]
    ) -> bool:
        query = select(entry.c.body).where(entry.c.definition_id == definition_id)
        with streamed(self._connection, query) as rows:
            return any(
                has_key(values.get(name), keys)
                for values in map(loads, rows.scalars())
                for name in names
            )

    def _has_links(
        self, own: ColumnElement[bool], names: set[str], known: _Restored
    ) -> bool:
        """Return True if entries have links that no undo has given them."""
        links = select(
            entry_link.c.name, entry_link.c.entry1_id, entry_link.c.entry2_id
        ).where(
            entry_link.c.name.in_(names),
            entry_link.c.entry1_id.in_(select(entry.c.id).where(own)),
        )
        with streamed(self._connection, links) as rows:
            return any(tuple(row) not in known.links for row in rows)

    def _has_values(
        self, own: ColumnElement[bool], added: set[str], known: _Restored
    ) -> bool:
        """Return True if entries have values that no undo has given them."""
        query = select(entry.c.id, entry.c.body).where(own)
        names = added | {i18n_name(name) for name in added}
        with streamed(self._connection, query) as rows:
            for number, stored in rows:
                values = loads(stored)
                held = {name: values[name] for name in names & values.keys()}
                if held and known.values.get(number) != _hash(held):
                    return True
        return False

    def _put_back(self, documents: Sequence[_Document]) -> None:
        for one in documents:
            if one.now is not None:  # two documents may swap their names
                free = {"name": f"{one.now.id} renamed"}
                self._connection.execute(_of(one.now.id).values(free))
        for one in documents:
            if one.before is None and one.now is not None:
                self._delete(one, one.now)
        for one in documents:
            if one.before is not None:
                self._restore(one, one.before)

    def _restore(self, one: _Document, before: DocumentState) -> None:
        body = before.body.encode()
        row = {**before._asdict(), "body": body, "kind": one.kind, "erc": one.erc}
        if one.now is None:
            self._connection.execute(insert(document), [row])
        else:
            del row["id"]
            self._connection.execute(_of(one.now.id).values(row))
        if one.kind != DEFINITION:
            return
        number = before.id if one.now is None else one.now.id
        losses = self._journal.losses
        after: Body = loads(body)
        if one.now is not None:
            current = loads(one.now.body)
            remove_field_values(self._connection, number, current, after, losses)
        store_declared_links(self._connection, number, after, losses)

    def _delete(self, one: _Document, now: DocumentState) -> None:
        if one.kind == DEFINITION:
            for table in (entry, counter, many_to_many):
                of_definition = delete(table).where(table.c.definition_id == now.id)
                self._connection.execute(of_definition)
        retire_id(self._connection, document, now.id)
        self._connection.execute(delete(document).where(document.c.id == now.id))

    def _restore_counters(self, counters: Sequence[Sequence[Any]]) -> None:
        for definition_id, field, last in counters:
            same = (counter.c.definition_id == definition_id) & (
                counter.c.field == field
            )
            query = select(counter.c.last).where(same)
            if self._connection.execute(query).first() is None:
                row = {"definition_id": definition_id, "field": field, "last": last}
                self._connection.execute(insert(counter), [row])

    def _restore_losses(self, mark: ItemMark) -> None:
        """Give entries back what they lost, where they have nothing else since."""
        for number, lost in read_losses(self._connection, mark):
            query = select(entry.c.body).where(entry.c.id == number)
            body = self._connection.execute(query).scalar()
            if body is None:
                continue
            if "values" in lost:
                restored = dumps(lost["values"] | loads(body), option=OPT_SORT_KEYS)
                own = update(entry).where(entry.c.id == number)
                self._connection.execute(own.values(body=restored))
            elif "link" in lost:
                name, other = lost["link"]
                self._add_row(entry_link, (name, number, other), entry_id=other)
            elif "parent" in lost:
                self._add_row(relationship, (number, *lost["parent"]))
            else:
                self._add_row(unique_value, (*lost["unique"], number))

    def _add_row(
        self, table: Table, values: Sequence[Any], entry_id: int | None = None
    ) -> None:
        """Add a row, unless its key is taken or the entry at its other end is gone."""
        row = dict(zip(table.columns.keys(), values, strict=True))
        same = [column == row[column.name] for column in table.primary_key]
        taken = self._connection.execute(select(*table.primary_key).where(*same))
        if taken.first() is not None:
            return
        if entry_id is not None:
            query = select(entry.c.id).where(entry.c.id == entry_id)
            if self._connection.execute(query).first() is None:
                return
        self._connection.execute(insert(table), [row])


def _keys(picklist: Body) -> set[str]:
    return {str(x.get("key")) for x in picklist.get("listTypeEntries") or ()}


def _is_placeholder(one: _Document) -> bool:
    return one.now is not None and one.now.status < 0


def _outcome(item: WrittenItem, own: _Document | None) -> Outcome:
    if own is None:
        return Outcome(OutcomeKind.UNCHANGED, item.key)
    if own.before is None:
        return Outcome(OutcomeKind.UPDATED, item.key, note=DELETED, change=ItemChange())
    if own.now is None:
        return Outcome(OutcomeKind.CREATED, item.key, change=ItemChange())
    fields = tuple(FieldChange(x.field, x.new, x.old) for x in item.change.fields)
    note = DELETED if item.kind is OutcomeKind.CREATED else ""  # a part of its document
    return Outcome(OutcomeKind.UPDATED, item.key, note=note, change=ItemChange(fields))


def _of(number: int) -> Any:
    return update(document).where(document.c.id == number)


def _hash(values: dict[str, Any]) -> int:
    return hash(dumps(values, option=OPT_SORT_KEYS))
