"""The outcomes of all records of all tasks, and the details of failures.

Most records succeed, so the outcomes of a batch are one row with its runs of equal
outcomes and the keys. A failure has a row of its own, which reports and pages read
directly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import orjson

from ..model.failure_group import (
    ALL_FAILURES,
    LAST_RECORD,
    FailureFilter,
    FailureGroup,
)
from ..model.outcome import Outcome, OutcomeKind, Problem
from ..model.outcome_runs import OutcomeRuns, count_kinds
from ..model.representation import ValueDisplay
from ..storage.database import NO_LIMIT, Row, Transaction
from .changes import add_changes, pack_outcome_changes
from .database import WorkspaceDatabase
from .digests import BatchDigests, RecordDigest, add_digests, pack_digests
from .tried_records import keep_tried
from .workers import Worker, carries_out

_CLEAR: Final = (
    "DELETE FROM outcome WHERE task_id = ?",
    "DELETE FROM failure WHERE task_id = ?",
    "DELETE FROM pending WHERE task_id = ?",
    "DELETE FROM change WHERE task_id = ?",
    "DELETE FROM added_key WHERE task_id = ?",
    "DELETE FROM moved WHERE task_id = ?",
    "DELETE FROM digest WHERE task_id = ?",
    "DELETE FROM matched_code WHERE task_id = ?",
)


@dataclass(frozen=True, slots=True, repr=False)
class Failure(ValueDisplay):
    """One record that failed.

    Attributes:
        index: The number of the record in the file, from 1.
        problem: Why it failed.
        item: The record as JSON text, or the raw text that could not be read.
    """

    index: int
    problem: Problem
    item: str


@dataclass(frozen=True, slots=True)
class OutcomeBatch:
    """The outcomes of consecutive records.

    Attributes:
        first_index: The number of the first record, from 1.
        outcomes: One for each record, without its problem; see :class:`Failure`.
        digests: Digests of what was sent, one a record, None for records that were not
            written; empty where none are made.
    """

    first_index: int
    outcomes: Sequence[Outcome]
    digests: Sequence[RecordDigest | None] | BatchDigests = ()

    @property
    def is_unknown(self) -> bool:
        """Return True if it is not known of a record whether it was written."""
        return OutcomeKind.UNKNOWN in self.kinds

    @property
    def is_skipped(self) -> bool:
        """Return True if none of the records was tried."""
        return self.kinds <= {OutcomeKind.SKIPPED}

    @property
    def kinds(self) -> set[OutcomeKind]:
        """What happened to the records, each kind once."""
        return {*count_kinds(self.outcomes)}


class PackedBatch(NamedTuple):
    """The outcomes of consecutive records, as the workspace stores them.

    Attributes:
        first_index: The number of the first record, from 1.
        number: How many records they are.
        payload: The outcomes.
        failures: The records that failed.
        is_unknown: It is not known of a record whether it was written.
        changes: The changes and their summary; None if there are none.
        digests: The digests and their layout; None if there are none.
    """

    first_index: int
    number: int
    payload: bytes
    failures: Sequence[Failure]
    is_unknown: bool
    changes: tuple[str, bytes] | None
    digests: tuple[str, bytes] | None


def pack_batch(batch: OutcomeBatch, failures: Sequence[Failure]) -> PackedBatch:
    """Return the outcomes of a batch as the workspace stores them."""
    return PackedBatch(
        batch.first_index,
        len(batch.outcomes),
        OutcomeRuns.of(batch.outcomes).pack(),
        failures,
        batch.is_unknown,
        pack_outcome_changes(batch.outcomes),
        pack_digests(batch.digests),
    )


@dataclass(frozen=True, slots=True)
class PendingBatch:
    """A batch that was about to be written, and whose outcomes are not all known.

    Attributes:
        batch: The number of the batch within the task.
        first_index: The number of its first record, from 1.
        number: How many records it was made from.
        refused: The problems of records that were refused before, by position from 0.
        items: The items of the others: ERCs, sites, and lists of other entries.
        before: The items of the batch as they are stored before it, each with its site
            and its ERC; None where that is not read.
    """

    batch: int
    first_index: int
    number: int
    refused: dict[int, Problem]
    items: list[dict[str, Any]]
    before: list[list[Any]] | None = None


class MovedBatch(NamedTuple):
    """The items of a batch of a migration.

    Attributes:
        batch: The number of the batch within the task.
        first_index: The number of its first record, from 1.
        part: The number of the part that the items belong to, from 0.
        codes: The site and the external reference code of each record.
    """

    batch: int
    first_index: int
    part: int
    codes: list[tuple[str, str]]


class OutcomeStore:
    """The outcomes of all tasks of a workspace."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def add(
        self,
        task_id: int,
        batch: OutcomeBatch,
        failures: Sequence[Failure],
        worker: Worker | None = None,
    ) -> None:
        """Store outcomes and changes of one batch. Adding it twice changes nothing.

        Nothing happens if another process than *worker* carries out the task by now.
        """
        self.add_packed(task_id, pack_batch(batch, failures), worker)

    def add_packed(
        self, task_id: int, batch: PackedBatch, worker: Worker | None = None
    ) -> None:
        """Do what :meth:`add` does, of a batch that another process has packed."""
        first = batch.first_index
        with self._database.transaction() as connection:
            if worker is not None and not carries_out(connection, task_id, worker):
                return
            connection.execute(
                "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?)",
                [task_id, first, batch.number, batch.payload],
            )
            add_failures(connection, task_id, batch.failures)
            if not batch.is_unknown:  # a resumed task needs what was stored before
                connection.execute(
                    "DELETE FROM pending WHERE task_id = ? AND first_index = ?",
                    [task_id, first],
                )
            add_changes(connection, task_id, first, batch.changes)
            add_digests(connection, task_id, first, batch.digests)

    def recorded_batches(self, task_id: int) -> dict[int, int]:
        """Return how many records each batch with outcomes has, by its first record."""
        rows = self._database.rows(
            "SELECT first_index, number FROM outcome WHERE task_id = ?", [task_id]
        )
        return {row["first_index"]: row["number"] for row in rows}

    def keep_tried(
        self, task_id: int, worker: Worker, *, stops: bool, stopped_at: int = 0
    ) -> None:
        """Remove the outcomes of records that a resumed task writes again.

        Nothing happens if another process than *worker* carries out the task by now.
        See :func:`~.tried_records.keep_tried`.
        """
        with self._database.transaction() as connection:
            if carries_out(connection, task_id, worker):
                keep_tried(connection, task_id, stops=stops, stopped_at=stopped_at)

    def clear(self, task_id: int) -> None:
        """Remove all outcomes of a task that begins again."""
        with self._database.transaction() as connection:
            for statement in _CLEAR:
                connection.execute(statement, [task_id])

    def moved(self, task_id: int, part: int | None = None) -> Iterator[MovedBatch]:
        """Yield which items the batches of a migration have, in their order.

        Args:
            task_id: The task.
            part: The number of a part, from 0; None for all parts.
        """
        after = 0
        query = (
            "SELECT * FROM moved WHERE task_id = ? AND (? IS NULL OR part = ?) "
            "AND first_index > ? ORDER BY first_index LIMIT 1"
        )
        while row := self._database.row(query, [task_id, part, part, after]):
            after = row["first_index"]
            codes = [(scope, erc) for scope, erc in orjson.loads(row["codes"])]
            yield MovedBatch(row["batch"], after, row["part"], codes)

    def add_pending(
        self,
        task_id: int,
        pending: PendingBatch,
        moved: MovedBatch | None = None,
    ) -> None:
        """Record that a batch is about to be written, until its outcomes are added.

        Args:
            task_id: The task.
            pending: The batch.
            moved: The codes of its records, which stay recorded: a migration finds by
                them what it has moved when it is resumed.
        """
        refused = [
            [position, problem.code, problem.message, problem.field, problem.value]
            for position, problem in pending.refused.items()
        ]
        payload = orjson.dumps([refused, pending.items, pending.before], default=str)
        place = [task_id, pending.batch, pending.first_index]
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?)",
                [*place, pending.number, payload],
            )
            if moved:
                connection.execute(
                    "INSERT OR REPLACE INTO moved "
                    "(task_id, batch, first_index, part, codes) VALUES (?, ?, ?, ?, ?)",
                    [*place, moved.part, orjson.dumps(moved.codes)],
                )

    def remove_pending(self, task_id: int) -> None:
        """Remove the record of batches that turned out not to be written."""
        self._database.run("DELETE FROM pending WHERE task_id = ?", [task_id])

    def pending(self, task_id: int) -> list[PendingBatch]:
        """Return the batches without outcomes that may have been written."""
        rows = self._database.rows(
            "SELECT * FROM pending WHERE task_id = ? ORDER BY batch", [task_id]
        )
        return [_pending_batch(row) for row in rows]

    def find(self, task_id: int, index: int) -> Outcome | None:
        """Return the outcome of a record, without its problem; None if it has none."""
        row = self._database.row(
            "SELECT first_index, number, payload FROM outcome "
            "WHERE task_id = ? AND first_index <= ? ORDER BY first_index DESC LIMIT 1",
            [task_id, index],
        )
        if row is None or index >= row["first_index"] + row["number"]:
            return None
        place: int = index - row["first_index"]
        return OutcomeRuns.unpack(row["number"], row["payload"])[place]

    def find_batch(self, task_id: int, first_index: int) -> OutcomeBatch | None:
        """Return the batch that begins with a record, or None."""
        row = self._database.row(
            "SELECT number, payload FROM outcome WHERE task_id = ? AND first_index = ?",
            [task_id, first_index],
        )
        if row is None:
            return None
        outcomes = OutcomeRuns.unpack(row["number"], row["payload"])
        return OutcomeBatch(first_index, outcomes)

    def add_skipped(
        self,
        task_id: int,
        first_index: int,
        number: int,
        worker: Worker | None = None,
    ) -> None:
        """Record that *number* records from *first_index* on were not tried.

        Nothing happens if another process than *worker* carries out the task by now.
        """
        with self._database.transaction() as connection:
            if worker is not None and not carries_out(connection, task_id, worker):
                return
            connection.execute(
                "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, NULL)",
                [task_id, first_index, number],
            )
            connection.execute(
                "DELETE FROM pending WHERE task_id = ? AND first_index BETWEEN ? AND ?",
                [task_id, first_index, first_index + number - 1],
            )

    def are_skipped(self, task_id: int, first_index: int, number: int) -> bool:
        """Return True if none of *number* records from *first_index* on was tried."""
        place = self._database.row(
            "SELECT max(first_index) AS first FROM outcome "
            "WHERE task_id = ? AND first_index <= ?",
            [task_id, first_index],
        )
        start = place["first"] if place and place["first"] is not None else first_index
        for batch in self.read(task_id, start - 1):
            if batch.first_index >= first_index + number:
                break
            begin = max(0, first_index - batch.first_index)
            end = first_index + number - batch.first_index
            tried = batch.outcomes[begin:end]
            if any(outcome.kind is not OutcomeKind.SKIPPED for outcome in tried):
                return False
        return True

    def read(self, task_id: int, after: int = 0) -> Iterator[OutcomeBatch]:
        """Yield the outcomes of a task in the order of its file.

        Args:
            task_id: The task.
            after: The ordinal of the record before the first batch to yield.
        """
        while True:
            row = self._database.row(
                "SELECT first_index, number, payload FROM outcome "
                "WHERE task_id = ? AND first_index > ? ORDER BY first_index LIMIT 1",
                [task_id, after],
            )
            if row is None:
                return
            after = row["first_index"]
            outcomes = OutcomeRuns.unpack(row["number"], row["payload"])
            yield OutcomeBatch(after, outcomes)

    def count(self, task_id: int) -> int:
        """Return the number of records with an outcome."""
        row = self._database.row(
            "SELECT coalesce(sum(number), 0) AS number FROM outcome WHERE task_id = ?",
            [task_id],
        )
        return int(row["number"]) if row else 0

    def page_of_kind(
        self, task_id: int, kind: OutcomeKind, offset: int, limit: int
    ) -> list[tuple[int, Outcome]]:
        """Return what :meth:`page` does, of the records with one kind of outcome."""
        numbered = (
            (number, outcome)
            for batch in self.read(task_id)
            if kind in batch.kinds
            for number, outcome in enumerate(batch.outcomes, batch.first_index)
            if outcome.kind is kind
        )
        return [*islice(numbered, offset, offset + limit)]

    def page(self, task_id: int, offset: int, limit: int) -> list[tuple[int, Outcome]]:
        """Return the numbers and the outcomes of some records, in their order."""
        rows = self._database.rows(
            "SELECT first_index, number FROM outcome WHERE task_id = ? "
            "ORDER BY first_index",
            [task_id],
        )
        for row in rows:
            if offset < row["number"]:
                break
            offset -= row["number"]
        else:
            return []
        batches = self.read(task_id, row["first_index"] - 1)
        numbered = (
            pair
            for batch in batches
            for pair in enumerate(batch.outcomes, batch.first_index)
        )
        return [*islice(numbered, offset, offset + limit)]

    def failures(
        self,
        task_id: int,
        offset: int = 0,
        limit: int | None = None,
        *,
        only: FailureFilter = ALL_FAILURES,
    ) -> list[Failure]:
        """Return the failed records in the order of the file."""
        condition, values = _failure_condition(task_id, only)
        rows = self._database.rows(
            f"SELECT * FROM failure WHERE {condition} ORDER BY item_index "  # noqa: S608
            "LIMIT ? OFFSET ?",
            [*values, NO_LIMIT if limit is None else limit, offset],
        )
        return [_failure(row) for row in rows]

    def failure_groups(
        self, task_id: int, limit: int = 100, *, only: FailureFilter = ALL_FAILURES
    ) -> list[FailureGroup]:
        """Return the failed records by code, field and value, large groups first."""
        condition, values = _failure_condition(task_id, only)
        rows = self._database.rows(
            "SELECT count(*) AS number, code, field, value, min(message) AS message "  # noqa: S608
            f"FROM failure WHERE {condition} GROUP BY code, field, value "
            "ORDER BY number DESC, min(item_index) LIMIT ?",
            [*values, limit],
        )
        return [FailureGroup(*row) for row in rows]

    def failed_indices(self, task_id: int) -> list[int]:
        """Return the numbers of all records that failed, in their order."""
        rows = self._database.rows(
            "SELECT item_index FROM failure WHERE task_id = ? ORDER BY item_index",
            [task_id],
        )
        return [row["item_index"] for row in rows]

    def failures_of_field(self, task_id: int, field: str) -> list[Failure]:
        """Return the records that failed for a value of *field*, in their order."""
        rows = self._database.rows(
            "SELECT * FROM failure WHERE task_id = ? AND field = ? ORDER BY item_index",
            [task_id, field],
        )
        return [_failure(row) for row in rows]

    def failures_with(self, task_id: int, codes: Collection[str]) -> list[int]:
        """Return the numbers of the records that failed with one of some codes."""
        rows = self._database.rows(
            "SELECT item_index FROM failure WHERE task_id = ? "
            "AND code IN (SELECT CAST(value AS TEXT) FROM json_each(?)) "
            "ORDER BY item_index",
            [task_id, orjson.dumps([*codes]).decode()],
        )
        return [row["item_index"] for row in rows]

    def failure(self, task_id: int, index: int) -> Failure | None:
        """Return the failure of a record; None if it did not fail."""
        row = self._database.row(
            "SELECT * FROM failure WHERE task_id = ? AND item_index = ?",
            [task_id, index],
        )
        return None if row is None else _failure(row)

    def first_failure(
        self, task_id: int, after: int, besides: str = ""
    ) -> Failure | None:
        """Return the first record after the number *after* that failed, or None.

        Failures with the code *besides* do not count.
        """
        row = self._database.row(
            "SELECT * FROM failure WHERE task_id = ? AND item_index > ? AND code <> ? "
            "ORDER BY item_index LIMIT 1",
            [task_id, after, besides],
        )
        return None if row is None else _failure(row)

    def last_failure(self, task_id: int) -> int:
        """Return the number of the last record that failed; 0 if none did."""
        row = self._database.row(
            "SELECT max(item_index) AS number FROM failure WHERE task_id = ?", [task_id]
        )
        return (row["number"] or 0) if row else 0

    def count_failures(
        self, task_id: int, *, only: FailureFilter = ALL_FAILURES
    ) -> int:
        """Return how many records failed."""
        condition, values = _failure_condition(task_id, only)
        row = self._database.row(
            f"SELECT count(*) AS number FROM failure WHERE {condition}",  # noqa: S608
            values,
        )
        return int(row["number"]) if row else 0


def _failure_condition(task_id: int, only: FailureFilter) -> tuple[str, list[object]]:
    """Return the condition of a filter, and its values."""
    condition, values = "task_id = ?", list[object]([task_id])
    if only.code:
        condition += " AND code = ? AND field = ?"
        values += [only.code, only.field]
    if only.text:
        found = (
            f"instr(lower({column}), lower(?)) > 0" for column in ("item", "message")
        )
        condition += f" AND ({' OR '.join(found)})"
        values += [only.text] * 2
    if only.first > 1 or only.last < LAST_RECORD:
        condition += " AND item_index BETWEEN ? AND ?"
        values += [only.first, only.last]
    numbers = "item_index IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
    if only.among is not None:
        condition += f" AND {numbers}"
        values.append(orjson.dumps([*only.among]).decode())
    if only.besides:
        condition += f" AND NOT {numbers}"
        values.append(orjson.dumps([*only.besides]).decode())
    return condition, values


def add_failures(
    connection: Transaction, task_id: int, failures: Sequence[Failure]
) -> None:
    """Store failures in the transaction that adds the outcomes of their records."""
    connection.executemany(
        "INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?, ?, ?)",
        [_values(task_id, failure) for failure in failures],
    )


def _values(task_id: int, failure: Failure) -> tuple[object, ...]:
    problem = failure.problem
    return (
        task_id,
        failure.index,
        problem.code,
        problem.field,
        problem.value,
        problem.message,
        failure.item,
    )


def _failure(row: Row) -> Failure:
    problem = Problem(row["code"], row["message"], row["field"], row["value"])
    return Failure(row["item_index"], problem, row["item"])


def _pending_batch(row: Row) -> PendingBatch:
    refused, items, *before = orjson.loads(row["payload"])
    return PendingBatch(
        row["batch"],
        row["first_index"],
        row["number"],
        {position: Problem(*parts) for position, *parts in refused},
        items,
        before[0] if before else None,
    )
