"""The changes of all tasks: what each record did to the fields of its item.

The changes of a batch are one row beside its outcomes, written in the same transaction.
A summary of the row says how often each field changed and was lost in it, so that
counts, and a filter by field, read only the rows that they concern.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, NamedTuple

import orjson

from ..model.alike_changes import AlikeChanges
from ..model.change import (
    FieldChange,
    ItemChange,
    pack_changes,
    unpack_change,
    unpack_changes,
)
from ..model.change_dumping import dump_changes
from ..model.outcome import Outcome, OutcomeKind
from ..model.outcome_runs import OutcomeRuns
from ..storage.database import Row, Transaction
from .database import WorkspaceDatabase


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What one record of a task did.

    Attributes:
        index: The number of the record in the task, from 1.
        kind: Created or updated.
        key: The external reference code of the item.
        change: What the record did to the item.
        batch: The number of the first record of its batch.
    """

    index: int
    kind: OutcomeKind
    key: str
    change: ItemChange
    batch: int = 0


class FieldCount(NamedTuple):
    """How many records of a task changed a field.

    Attributes:
        changed: The records that changed it.
        lost: Those of them that removed a stored value.
    """

    changed: int
    lost: int


_PAGE: Final = (
    "SELECT o.first_index, o.number, o.payload AS outcomes, c.summary, c.payload "
)
_BATCHES: Final = (
    _PAGE + "FROM change c JOIN outcome o USING (task_id, first_index) "
    "WHERE task_id = ? AND first_index > ? ORDER BY first_index LIMIT 1"
)
_LAST_BATCHES: Final = (
    _PAGE + "FROM change c JOIN outcome o USING (task_id, first_index) "
    "WHERE task_id = ? AND first_index < ? ORDER BY first_index DESC LIMIT 1"
)


class ChangeStore:
    """The changes of all tasks of a workspace; outcomes are added with them."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def read(
        self,
        task_id: int,
        *,
        field: str = "",
        lost: bool = False,
        after: int = 0,
        backwards: bool = False,
    ) -> Iterator[RecordChange]:
        """Yield what the records of a task did, in the order of its file.

        Args:
            task_id: The task.
            field: Only records that changed this field or a part of it, with this
                change alone; empty for all.
            lost: Only records that removed a stored value, with these changes alone.
            after: The number of the record after which to begin; 0 for all.
            backwards: Begin with the last record; *after* is then the record before
                which to begin.
        """
        for row in self._rows(task_id, after, backwards=backwards):
            if not _concerns(row["summary"], field, lost=lost):
                continue
            changes = _record_changes(row)
            for record in reversed(changes) if backwards else changes:
                is_passed = after and (
                    record.index >= after if backwards else record.index <= after
                )
                selected = None if is_passed else _select(record, field, lost=lost)
                if selected is not None:
                    yield selected

    def find(self, task_id: int, index: int) -> ItemChange | None:
        """Return what a record did to its item; None if nothing is known of it."""
        for found in self.read(task_id, after=index - 1):
            return found.change if found.index == index else None
        return None

    def count_fields(
        self, task_id: int, first: int = 1, last: int | None = None
    ) -> dict[str, FieldCount]:
        """Return how many records changed each field, by the name of the field.

        Args:
            task_id: The task.
            first: The number of the first record of a part of the task.
            last: The number of the last record of that part; None for the end.
        """
        changed: Counter[str] = Counter()
        lost: Counter[str] = Counter()
        for row in self._summaries(task_id):
            if first <= row["first_index"] <= (last or row["first_index"]):
                for name, (number, losses) in orjson.loads(row["summary"]).items():
                    changed[name] += number
                    lost[name] += losses
        return {name: FieldCount(changed[name], lost[name]) for name in sorted(changed)}

    def count(self, task_id: int, *, field: str = "", lost: bool = False) -> int:
        """Return the number of changes of single fields; see :meth:`read`."""
        return sum(
            _matches(row["summary"], field, lost=lost)
            for row in self._summaries(task_id)
        )

    def page(
        self,
        task_id: int,
        offset: int,
        limit: int,
        *,
        field: str = "",
        lost: bool = False,
    ) -> list[tuple[RecordChange, FieldChange]]:
        """Return some of the changes of single fields, in the order of the file.

        Only the rows that hold them are read, however many come before.

        Args:
            task_id: The task.
            offset: The number of changes before the first one.
            limit: The number of changes at most.
            field: See :meth:`read`.
            lost: See :meth:`read`.
        """
        after, left = 0, offset
        for row in self._summaries(task_id):
            number = _matches(row["summary"], field, lost=lost)
            if number > left:
                after = row["first_index"] - 1
                break
            left -= number
        else:
            return []
        records = self.read(task_id, field=field, lost=lost, after=after)
        changes = ((record, one) for record in records for one in record.change.fields)
        return list(islice(changes, left, left + limit))

    def _summaries(self, task_id: int) -> list[Row]:
        return self._database.rows(
            "SELECT first_index, summary FROM change WHERE task_id = ? "
            "ORDER BY first_index",
            [task_id],
        )

    def is_empty(self, task_id: int) -> bool:
        """Return True if nothing is known of what a task changed."""
        row = self._database.row("SELECT 1 FROM change WHERE task_id = ?", [task_id])
        return row is None

    def add_key(self, task_id: int, key: str, change: ItemChange) -> None:
        """Store that a repair has added an entry to a picklist.

        Args:
            task_id: The task that was repaired.
            key: The key of the entry as a part of its picklist: ``COLOURS/green``.
            change: What was done, as the target states it.
        """
        self._database.run(
            "INSERT OR IGNORE INTO added_key VALUES (?, ?, ?)",
            [task_id, key, orjson.dumps(pack_changes([change])[0])],
        )

    def added_keys(self, task_id: int) -> list[tuple[str, ItemChange]]:
        """Return what repairs of a task have added to picklists, the first first."""
        rows = self._database.rows(
            "SELECT key, change FROM added_key WHERE task_id = ? ORDER BY rowid",
            [task_id],
        )
        return [
            (row["key"], unpack_change(orjson.loads(row["change"]))) for row in rows
        ]

    def _rows(self, task_id: int, after: int, *, backwards: bool) -> Iterator[Row]:
        """Yield the rows of a task one by one, from the one that holds a record on."""
        place = self._place(task_id, after, backwards=backwards)
        query = _LAST_BATCHES if backwards else _BATCHES
        while (row := self._database.row(query, [task_id, place])) is not None:
            place = row["first_index"]
            yield row

    def _place(self, task_id: int, after: int, *, backwards: bool) -> int:
        if backwards:
            return after or 2**62
        row = self._database.row(
            "SELECT max(first_index) AS first FROM change "
            "WHERE task_id = ? AND first_index <= ?",
            [task_id, after],
        )
        return 0 if row is None or row["first"] is None else int(row["first"]) - 1


def pack_outcome_changes(outcomes: Sequence[Outcome]) -> tuple[str, bytes] | None:
    """Return the changes of a batch as they are stored; None if there are none."""
    changes: Sequence[ItemChange | None]
    if isinstance(outcomes, OutcomeRuns):
        changes = outcomes.changes
    else:
        changes = [outcome.change for outcome in outcomes]
    return (_summarize(changes), dump_changes(changes)) if any(changes) else None


def add_changes(
    connection: Transaction,
    task_id: int,
    first_index: int,
    packed: tuple[str, bytes] | None,
) -> None:
    """Store the changes of a batch in the transaction that adds its outcomes."""
    if packed is not None:
        connection.execute(
            "INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?)",
            [task_id, first_index, *packed],
        )


def replace_changes(
    connection: Transaction,
    task_id: int,
    first_index: int,
    number: int,
    replaced: Mapping[int, ItemChange | None],
) -> None:
    """Store changes of single records of a batch in place of those that they had.

    Args:
        connection: The connection of the transaction.
        task_id: The task.
        first_index: The number of the batch's first record.
        number: The number of records in the batch.
        replaced: The changes by the places of their records in the batch, from 0.
    """
    row = connection.execute(
        "SELECT payload FROM change WHERE task_id = ? AND first_index = ?",
        [task_id, first_index],
    ).fetchone()
    if row is None and not any(replaced.values()):
        return
    stored = [None] * number if row is None else orjson.loads(row["payload"])
    changes = unpack_changes(stored)
    for place, change in replaced.items():
        changes[place] = change
    connection.execute(
        "INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?)",
        [task_id, first_index, _summarize(changes), dump_changes(changes)],
    )


def _summarize(changes: Sequence[ItemChange | None]) -> str:
    if isinstance(changes, AlikeChanges):
        alike = {name: [len(changes), 0] for name in changes.names}
        return orjson.dumps(alike).decode()
    counts: dict[str, list[int]] = {}
    for change in changes:
        if change is not None:
            for field in change.fields:
                name, _, new = field
                count = counts.get(name)
                if count is None:
                    count = counts[name] = [0, 0]
                count[0] += 1
                if not new:  # as every value is that takes the place of a lost one
                    count[1] += field.lost
    return orjson.dumps(counts).decode()


def _concerns(summary: str, field: str, *, lost: bool) -> bool:
    """Return True if a row may hold what is asked for."""
    return (not field and not lost) or _matches(summary, field, lost=lost) > 0


def _matches(summary: str, field: str, *, lost: bool) -> int:
    """Return how many changes of single fields in a row are asked for."""
    return sum(
        lost_number if lost else number
        for name, (number, lost_number) in orjson.loads(summary).items()
        if _is_field(name, field)
    )


def _select(each: RecordChange, field: str, *, lost: bool) -> RecordChange | None:
    """Return a record with the changes that are asked for; None without any."""
    if not field and not lost:
        return each
    fields = tuple(
        change
        for change in each.change.fields
        if _is_field(change.field, field) and (change.lost or not lost)
    )
    if not fields:
        return None
    return replace(each, change=each.change._replace(fields=fields))


def _is_field(name: str, wanted: str) -> bool:
    return not wanted or name == wanted or name.startswith(f"{wanted}.")


def _record_changes(row: Row) -> list[RecordChange]:
    outcomes = OutcomeRuns.unpack(row["number"], row["outcomes"])
    return [
        RecordChange(
            index,
            outcome.kind,
            outcome.key,
            unpack_change(parts),
            row["first_index"],
        )
        for index, (outcome, parts) in enumerate(
            zip(outcomes, orjson.loads(row["payload"]), strict=True),
            start=row["first_index"],
        )
        if parts is not None
    ]
