"""Definitions, picklists and folders: what the rules know of the tables, and change.

A catalog works in the caller's write transaction, so that a document and its side
effects stand or fall together.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from ...model.outcome import Outcome
from ...model.strategies import Policy
from ...objects.documents import DEFINITION, Change, StoredDocument
from ...objects.judging import judge_document
from ...ports import Item
from .deleted_fields import forget_fields
from .documents import DocumentRow, read_row
from .many_links import declared_to, keep_declared
from .spent_ids import next_id
from .tables import document


class Catalog:
    """The documents of an installation, as seen and changed by one transaction.

    It remembers what it has read and written, so it must not outlive the
    transaction.

    Args:
        connection: For writing, in the transaction of the batch.
        now_ms: The time of what is written.
        new_key: Makes an ERC for an item that has none.
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
        """Return the document of that ERC, a placeholder too."""
        row = self._row(kind, erc)
        return row.document if row else None

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name, a placeholder too."""
        query = select(document.c.erc).where(
            document.c.kind == kind, document.c.name == name
        )
        erc = self._connection.execute(query).scalar()
        return self.by_erc(kind, erc) if erc is not None else None

    def linking_to(self, erc: str) -> list[tuple[str, str]]:
        """Return who declares a many-to-many relationship to that definition."""
        return declared_to(self._connection, erc)

    def write_item(self, kind: str, item: Item, policy: Policy) -> Outcome:
        """Decide what an item comes to, and store it.

        Args:
            kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
            item: As it was mapped.
            policy: What to do with a document that is there or is not.
        """
        outcome, change = judge_document(kind, item, self, policy, self._new_key)
        if change is not None:
            self.apply(change)
        return outcome

    def apply(self, change: Change) -> None:
        """Store every document of a change, and take deleted fields out of entries."""
        self._free_names(change.documents)
        for each in change.documents:
            row = self._row(each.kind, each.erc)
            if row is None:
                self._insert(each)
            else:
                self._update(row, each)

    def _row(self, kind: str, erc: str) -> DocumentRow | None:
        key = (kind, erc)
        if key not in self._by_erc:
            query = select(document).where(
                document.c.kind == kind, document.c.erc == erc
            )
            found = self._connection.execute(query).first()
            self._by_erc[key] = read_row(found) if found else None
        return self._by_erc[key]

    def _free_names(self, documents: Sequence[StoredDocument]) -> None:
        """Let go of names that change, since two documents may swap one.

        No name has a blank, so what stands there meanwhile is nobody's.
        """
        for each in documents:
            row = self._row(each.kind, each.erc)
            if row and row.document.name != each.name:
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
            keep_declared(self._connection, number, new.body)
        self._by_erc[new.kind, new.erc] = DocumentRow(
            number, new, self._now_ms, self._now_ms
        )

    def _update(self, row: DocumentRow, new: StoredDocument) -> None:
        values = self._values(new)
        created = self._now_ms if row.document.is_placeholder else row.created
        values["created"] = created
        self._connection.execute(_update_of(row.id).values(values))
        if new.kind == DEFINITION:
            forget_fields(self._connection, row.id, row.document.body, new.body)
            keep_declared(self._connection, row.id, new.body)
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
