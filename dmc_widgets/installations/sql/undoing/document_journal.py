"""The journal of documents: what a write did to them, and what takes it back.

One item may change several documents: its own, those at the other end of its
relationships, and placeholders for what it names. The before-image holds the whole row
of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from ....model.outcome import Outcome
from ....objects.documents.change_set import StoredDocument
from ....objects.entries.entry_journal import make_fingerprint
from ..database.tables import counter, document
from .losses import ItemMark, LossRecorder

DOCUMENTS: Final = "documents"
LOSSES: Final = "losses"
COUNTERS: Final = "counters"
"""The keys of a before-image: the documents, each with its kind, its code, the
fingerprint of what was left (None for nothing) and its row before (None for none); the
mark of the values that entries lost; and the counters of numberings that went, as
lists of definition, field and number."""


class DocumentState(NamedTuple):
    """A row of the table of documents, with its body as a text."""

    id: int
    name: str
    status: int
    body: str
    created: int
    modified: int

    @property
    def fingerprint(self) -> str:
        """The fingerprint that a journal would keep of it."""
        return make_fingerprint(self.status, self.body.encode(), self.modified)


class DocumentJournal:
    """Makes the changes of one batch's documents.

    Args:
        connection: A connection in the transaction of the batch.
        batch: The key of the task, and the number of the batch.
    """

    def __init__(self, connection: Connection, batch: tuple[str, int]) -> None:
        self._connection = connection
        self._batch = batch
        self._position = -1
        self._before: list[tuple[str, str, DocumentState | None]] = []
        self._counters: list[list[Any]] = []
        self.losses = LossRecorder(connection, ItemMark(*batch, 0))

    def begin(self, documents: Sequence[StoredDocument | tuple[str, str]]) -> None:
        """Take the before-images of the documents that one item is about to change."""
        self._position += 1
        self.losses = LossRecorder(
            self._connection, ItemMark(*self._batch, self._position)
        )
        keys = [
            (one.kind, one.erc) if isinstance(one, StoredDocument) else one
            for one in documents
        ]
        self._before = [(*key, read_state(self._connection, *key)) for key in keys]
        ids = [state.id for _, _, state in self._before if state is not None]
        self._counters = _read_counters(self._connection, ids)

    def complete(self, outcome: Outcome) -> Outcome:
        """Return the outcome with its before-image, after the item was written."""
        if outcome.change is None:
            return outcome
        listed = []
        fingerprint = ""
        for kind, erc, before in self._before:
            after = read_state(self._connection, kind, erc)
            left = None if after is None else after.fingerprint
            listed.append([kind, erc, left, None if before is None else list(before)])
            fingerprint = fingerprint or left or ""
        image: dict[str, Any] = {DOCUMENTS: listed}
        if not self.losses.is_empty:
            image[LOSSES] = [*self._batch, self._position]
        left_counters = _read_counters(self._connection, [x[0] for x in self._counters])
        gone = [x for x in self._counters if x not in left_counters]
        if gone:
            image[COUNTERS] = gone
        change = outcome.change._replace(fingerprint=fingerprint, before=image)
        return outcome._replace(change=change)


def read_state(connection: Connection, kind: str, erc: str) -> DocumentState | None:
    """Return the row of a document, which may be a placeholder."""
    query = select(
        document.c.id,
        document.c.name,
        document.c.status,
        document.c.body,
        document.c.created,
        document.c.modified,
    ).where(document.c.kind == kind, document.c.erc == erc)
    row = connection.execute(query).first()
    if row is None:
        return None
    return DocumentState(
        row.id, row.name, row.status, row.body.decode(), row.created, row.modified
    )


def _read_counters(connection: Connection, ids: Sequence[int]) -> list[list[Any]]:
    query = select(counter.c.definition_id, counter.c.field, counter.c.last)
    rows = connection.execute(query.where(counter.c.definition_id.in_(set(ids))))
    return [list(row) for row in rows]
