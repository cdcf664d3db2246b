"""What became of every record of every task, and the full story of failures.

Most records succeed, so outcomes are kept a batch a row, as one compact text;
a failure has a row of its own, which reports and pages read directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from ..model.outcome import Outcome, OutcomeKind, Problem
from .database import Database
from .records import Failure


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcomes of neighbouring records.

    Attributes:
        first_index: The ordinal of the first record, from 1.
        outcomes: One a record. Problems are left out; see :class:`Failure`.
    """

    first_index: int
    outcomes: Sequence[Outcome]


class Outcomes:
    """The outcomes of all tasks of a workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, task_id: int, recorded: Recorded, failures: Sequence[Failure]
    ) -> None:
        """Keep the outcomes of one batch. Adding it twice changes nothing."""
        payload = orjson.dumps(
            [[each.kind, each.key, each.note] for each in recorded.outcomes]
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?)",
                [task_id, recorded.first_index, len(recorded.outcomes), payload],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_values(task_id, each) for each in failures],
            )

    def add_skipped(self, task_id: int, first_index: int, number: int) -> None:
        """Keep that *number* records from *first_index* on were not tried."""
        self._database.run(
            "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, NULL)",
            [task_id, first_index, number],
        )

    def read(self, task_id: int) -> Iterator[Recorded]:
        """Yield all outcomes of a task in the order of its file."""
        after = 0
        while True:
            row = self._database.row(
                "SELECT first_index, number, payload FROM outcome "
                "WHERE task_id = ? AND first_index > ? ORDER BY first_index LIMIT 1",
                [task_id, after],
            )
            if row is None:
                return
            after = row["first_index"]
            yield Recorded(after, _outcomes(row["number"], row["payload"]))

    def failures(
        self, task_id: int, offset: int = 0, limit: int | None = None
    ) -> list[Failure]:
        """Return failed records by their place in the file."""
        rows = self._database.rows(
            "SELECT * FROM failure WHERE task_id = ? ORDER BY item_index "
            "LIMIT ? OFFSET ?",
            [task_id, -1 if limit is None else limit, offset],
        )
        return [
            Failure(
                row["item_index"],
                Problem(row["code"], row["message"], row["field"], row["value"]),
                row["item"],
            )
            for row in rows
        ]

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


def _outcomes(number: int, payload: bytes | None) -> list[Outcome]:
    if payload is None:
        return [Outcome(OutcomeKind.SKIPPED)] * number
    return [
        Outcome(OutcomeKind(kind), key, None, note)
        for kind, key, note in orjson.loads(payload)
    ]
