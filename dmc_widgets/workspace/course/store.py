"""The steps and the samples of tasks, both bounded whatever a task does.

Steps are sentences about the work: which process began, which part, which connection
was tried again. Values of records, addresses and secrets are never among them. Samples
are the counts of a task at moments of its work, for a chart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from ...model.representation import ValueDisplay
from ...model.task import Counts
from ...storage.database import Transaction
from ..database import WorkspaceDatabase

MAX_SAMPLES: Final = 200
"""More than a chart shows; every second one is removed when there are so many."""

MAX_STEPS: Final = 500
"""The oldest are removed, but not the first ones, which say how the task began."""

_FIRST_STEPS: Final = 100
_REMOVED_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Step:
    """What a task did.

    Attributes:
        number: Its number in the task, from 1; steps that were removed leave a gap.
        at: When; ISO 8601 in UTC.
        kind: ``start``, ``part``, ``progress``, ``retry`` or ``end``.
        detail: What was done, as a sentence.
    """

    number: int
    at: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, repr=False)
class Sample(ValueDisplay):
    """The counts of a task at a moment.

    Attributes:
        second: The seconds of work so far; time in which the task paused is left out.
        counts: The number of records by outcome.
    """

    second: float
    counts: Counts


class CourseStore:
    """The steps and the samples of all tasks of a workspace."""

    def __init__(self, database: WorkspaceDatabase, now: Callable[[], str]) -> None:
        self._database = database
        self._now = now

    def add_step(self, task_id: int, kind: str, detail: str) -> None:
        """Add a step; some old ones are removed if there are too many."""
        with self._database.transaction() as connection:
            (last,) = connection.execute(
                "SELECT coalesce(max(number), 0) FROM task_step WHERE task_id = ?",
                [task_id],
            ).fetchone()
            connection.execute(
                "INSERT INTO task_step (task_id, number, at, kind, detail) "
                "SELECT id, ?, ?, ?, ? FROM task WHERE id = ?",
                [last + 1, self._now(), kind, detail, task_id],
            )
            if last >= MAX_STEPS and last % _REMOVED_AT_ONCE == 0:
                connection.execute(
                    "DELETE FROM task_step WHERE task_id = ? AND number > ? "
                    "AND number <= ?",
                    [task_id, _FIRST_STEPS, last - (MAX_STEPS - _FIRST_STEPS)],
                )

    def steps(self, task_id: int) -> list[Step]:
        """Return the steps of a task, the oldest first."""
        rows = self._database.rows(
            "SELECT number, at, kind, detail FROM task_step WHERE task_id = ? "
            "ORDER BY number",
            [task_id],
        )
        return [Step(**row) for row in rows]

    def samples(self, task_id: int) -> list[Sample]:
        """Return the samples of a task in the order of time."""
        rows = self._database.rows(
            "SELECT second, counts FROM task_sample WHERE task_id = ? ORDER BY second",
            [task_id],
        )
        return [
            Sample(row["second"], Counts(**json.loads(row["counts"]))) for row in rows
        ]


def add_sample(connection: Transaction, task_id: int, sample: Sample) -> int:
    """Add a sample in the transaction that reports the progress of its task.

    Returns:
        The number of samples that the task has now.
    """
    connection.execute(
        "INSERT OR REPLACE INTO task_sample (task_id, second, counts) "
        "SELECT id, ?, ? FROM task WHERE id = ?",
        [sample.second, json.dumps(asdict(sample.counts)), task_id],
    )
    (number,) = connection.execute(
        "SELECT count(*) FROM task_sample WHERE task_id = ?", [task_id]
    ).fetchone()
    if number < MAX_SAMPLES:
        return int(number)
    connection.execute(
        "DELETE FROM task_sample WHERE task_id = ? AND second IN (SELECT second FROM ("
        "SELECT second, row_number() OVER (ORDER BY second) AS place FROM task_sample "
        "WHERE task_id = ?) numbered WHERE place % 2 = 0)",
        [task_id, task_id],
    )
    return int(number + 1) // 2
