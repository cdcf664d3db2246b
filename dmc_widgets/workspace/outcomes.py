"""What became of every record of every task, and the full story of failures.

Most records succeed, so outcomes are kept a batch a row, as one compact text;
a failure has a row of its own, which reports and pages read directly.

What the workspace hands out besides plans, templates and tasks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..model.access import NO_ACCESS, Access
from ..model.outcome import Outcome, OutcomeKind, Problem
from .database import WorkspaceDatabase


@dataclass(frozen=True, slots=True)
class Connection:
    """An installation that people know by a name.

    Attributes:
        name: Unique in the workspace.
        url: Without any secret; it may be shown.
        access: Who signs in there, and how; no secret either.
    """

    name: str
    url: str
    access: Access = NO_ACCESS


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that failed.

    Attributes:
        index: Its ordinal in the file, from 1.
        problem: Why.
        item: What it was, as JSON text, or the raw text that could not be read.
    """

    index: int
    problem: Problem
    item: str


@dataclass(frozen=True, slots=True)
class OutcomeBatch:
    """The outcomes of neighbouring records.

    Attributes:
        first_index: The ordinal of the first record, from 1.
        outcomes: One a record. Problems are left out; see :class:`Failure`.
    """

    first_index: int
    outcomes: Sequence[Outcome]

    @property
    def is_skipped(self) -> bool:
        """Return True if none of the records was tried."""
        return all(outcome.kind is OutcomeKind.SKIPPED for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class PendingBatch:
    """A batch that was about to be written.

    Attributes:
        batch: Its number within the task.
        first_index: The ordinal of its first record, from 1.
        number: How many records it was made of.
        refused: Why records were not to be written, by place from 0.
        items: Of those that were: codes, sites, and lists of other entries.
    """

    batch: int
    first_index: int
    number: int
    refused: dict[int, Problem]
    items: list[dict[str, Any]]


class OutcomeStore:
    """The outcomes of all tasks of a workspace."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def add(
        self, task_id: int, recorded: OutcomeBatch, failures: Sequence[Failure]
    ) -> None:
        """Keep the outcomes of one batch. Adding it twice changes nothing."""
        payload = orjson.dumps(
            [[outcome.kind, outcome.key, outcome.note] for outcome in recorded.outcomes]
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?)",
                [task_id, recorded.first_index, len(recorded.outcomes), payload],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_values(task_id, failure) for failure in failures],
            )
            connection.execute(
                "DELETE FROM pending WHERE task_id = ? AND first_index = ?",
                [task_id, recorded.first_index],
            )

    def announce(self, task_id: int, announced: PendingBatch) -> None:
        """Record that a batch is about to be written, until its outcomes come."""
        refused = [
            [place, each.code, each.message, each.field, each.value]
            for place, each in announced.refused.items()
        ]
        payload = orjson.dumps([refused, announced.items], default=str)
        self._database.run(
            "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?)",
            [
                task_id,
                announced.batch,
                announced.first_index,
                announced.number,
                payload,
            ],
        )

    def announced(self, task_id: int) -> list[PendingBatch]:
        """Return the batches without outcomes that may have been written."""
        rows = self._database.rows(
            "SELECT * FROM pending WHERE task_id = ? ORDER BY batch", [task_id]
        )
        return [_announced(row) for row in rows]

    def at(self, task_id: int, first_index: int) -> OutcomeBatch | None:
        """Return the outcomes that begin with a record; None if there are none."""
        row = self._database.row(
            "SELECT number, payload FROM outcome WHERE task_id = ? AND first_index = ?",
            [task_id, first_index],
        )
        if row is None:
            return None
        return OutcomeBatch(first_index, _outcomes(row["number"], row["payload"]))

    def add_skipped(self, task_id: int, first_index: int, number: int) -> None:
        """Keep that *number* records from *first_index* on were not tried."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, NULL)",
                [task_id, first_index, number],
            )
            connection.execute(
                "DELETE FROM pending WHERE task_id = ? AND first_index BETWEEN ? AND ?",
                [task_id, first_index, first_index + number - 1],
            )

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
            yield OutcomeBatch(after, _outcomes(row["number"], row["payload"]))

    def failures(
        self, task_id: int, offset: int = 0, limit: int | None = None
    ) -> list[Failure]:
        """Return failed records by their place in the file."""
        rows = self._database.rows(
            "SELECT * FROM failure WHERE task_id = ? ORDER BY item_index "
            "LIMIT ? OFFSET ?",
            [task_id, -1 if limit is None else limit, offset],
        )
        return [_failure(row) for row in rows]

    def failure(self, task_id: int, index: int) -> Failure | None:
        """Return why a record failed; None if it did not."""
        row = self._database.row(
            "SELECT * FROM failure WHERE task_id = ? AND item_index = ?",
            [task_id, index],
        )
        return None if row is None else _failure(row)

    def count_failures(self, task_id: int) -> int:
        """Return how many records failed."""
        row = self._database.row(
            "SELECT count(*) AS number FROM failure WHERE task_id = ?", [task_id]
        )
        return int(row["number"]) if row else 0


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


def _failure(row: sqlite3.Row) -> Failure:
    problem = Problem(row["code"], row["message"], row["field"], row["value"])
    return Failure(row["item_index"], problem, row["item"])


def _announced(row: sqlite3.Row) -> PendingBatch:
    refused, items = orjson.loads(row["payload"])
    return PendingBatch(
        row["batch"],
        row["first_index"],
        row["number"],
        {place: Problem(*parts) for place, *parts in refused},
        items,
    )


def _outcomes(number: int, payload: bytes | None) -> list[Outcome]:
    if payload is None:
        return [Outcome(OutcomeKind.SKIPPED)] * number
    return [
        Outcome(OutcomeKind(kind), key, None, note)
        for kind, key, note in orjson.loads(payload)
    ]
