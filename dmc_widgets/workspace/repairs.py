"""Repairs: the records of tasks that are tried again, and what was mended in them.

Records are tried again in *rounds*. The records of a round, and the order in which they
are tried, stay as they are until the round ends, so that a round that was interrupted
goes on with the same batches, which the target recognises by their marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..model.mend import NO_MEND, Mend, PackedMends
from ..model.outcome import Outcome, OutcomeKind
from ..model.outcome_runs import OutcomeRuns
from ..model.task import Task, TaskStatus
from ..storage.database import Row, Transaction
from .database import WorkspaceDatabase
from .digests import RecordDigest
from .outcomes import Failure
from .replaced_outcomes import replace_outcomes
from .tasks import queue_again
from .workers import Worker

_PAGE: Final = 500
_ALL: Final = 1 << 40  # above the number of any record
_OPEN_ROUND: Final = (
    "SELECT number, rest, status, error, first, missing FROM repair_round "
    "WHERE task_id = ? AND is_open = 1"
)
_REMOVE_STORED: Final = tuple(
    f"DELETE FROM {table} WHERE task_id = ? AND NOT EXISTS (SELECT 1 FROM failure "  # noqa: S608
    f"WHERE failure.task_id = {table}.task_id "
    f"AND failure.item_index = {table}.item_index)"
    for table in ("repair", "repair_draft")
)


@dataclass(frozen=True, slots=True)
class RepairRound:
    """Records of a task that are tried again together.

    Attributes:
        number: The number of the round in its task, from 1.
        rest: The number of the first record that was not tried and comes along; 0 for
            none.
        status: The status of the task before the round.
        error: Why the task stopped before the round; empty if it did not.
        first: The number of the round with which the repair began.
        missing: The records that had failed, or were not tried, when it began.
    """

    number: int
    rest: int = 0
    status: TaskStatus = TaskStatus.COMPLETED
    error: str = ""
    first: int = 0
    missing: int = 0

    @property
    def is_within_run(self) -> bool:
        """True if the run of the task has begun it, for records that had to wait."""
        return not self.status.is_final


@dataclass(frozen=True, slots=True)
class RepairRow:
    """A record that is tried again.

    Attributes:
        index: The number of the record in the task, from 1.
        mend: What was changed in it, in all rounds.
        is_done: It has an outcome in this round.
        is_stored: Its item is stored since an earlier round, and only its links to
            other entries are missing.
    """

    index: int
    mend: Mend
    is_done: bool = False
    is_stored: bool = False


class RepairStore:
    """The repairs of all tasks of a workspace."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def mends(self, task_id: int, first: int = 1, last: int = _ALL) -> PackedMends:
        """Return what was changed in records of a task, by their numbers.

        Args:
            task_id: The task.
            first: The number of the first record.
            last: The number of the last one.
        """
        rows = self._database.rows(
            "SELECT item_index, mend FROM repair "
            "WHERE task_id = ? AND item_index BETWEEN ? AND ?",
            [task_id, first, last],
        )
        return PackedMends({row["item_index"]: row["mend"] for row in rows})

    def stored(self, task_id: int) -> set[int]:
        """Return the records whose items are stored, and only their links are not."""
        rows = self._database.rows(
            "SELECT item_index FROM repair WHERE task_id = ? AND stored = 1", [task_id]
        )
        return {row["item_index"] for row in rows}

    def begin(
        self, task: Task, mends: Mapping[int, Mend], worker: Worker, *, rest: int = 0
    ) -> bool:
        """Begin a round and queue the task; return False if the task runs already.

        Args:
            task: The task, as it ended.
            mends: What was changed in each record that is tried again, by its number,
                on top of earlier rounds.
            worker: The process that starts the worker of the task.
            rest: The first record that was not tried and comes along; 0 for none.
        """
        earlier = self.mends(task.id)
        with self._database.transaction() as connection:
            if not queue_again(connection, task.id, worker):
                return False
            number = 1 + _last_round(connection, task.id)
            missing = task.counts.failed + task.counts.skipped
            opened = RepairRound(number, rest, task.status, task.error, number, missing)
            _add_round(connection, task.id, opened)
            connection.executemany(
                "INSERT INTO repair (task_id, item_index, round, mend) "
                "VALUES (?, ?, ?, ?) ON CONFLICT (task_id, item_index) DO UPDATE "
                "SET round = excluded.round, mend = excluded.mend, done = 0",
                (
                    (task.id, index, number, _merged(mend, earlier.get(index)))
                    for index, mend in mends.items()
                ),
            )
            # What is mended now counts more than what was typed in a form before.
            connection.executemany(
                "DELETE FROM repair_draft WHERE task_id = ? AND item_index = ?",
                ((task.id, index) for index, mend in mends.items() if mend),
            )
        return True

    def begin_within(self, task: Task, indices: Sequence[int]) -> RepairRound:
        """Begin a round with failed records of a task that runs, or go on with it.

        All records were tried by then, so that no failure ends the task any more.
        """
        opened = self.open_round(task.id)
        if opened is not None:
            return opened
        with self._database.transaction() as connection:
            number = 1 + _last_round(connection, task.id)
            connection.execute(
                "UPDATE task SET passed = ? WHERE id = ?", [_ALL, task.id]
            )
            opened = RepairRound(number, 0, task.status, "", number, len(indices))
            _add_round(connection, task.id, opened)
            connection.executemany(
                "INSERT OR REPLACE INTO repair (task_id, item_index, round, mend) "
                "VALUES (?, ?, ?, ?)",
                [(task.id, index, number, NO_MEND.to_json()) for index in indices],
            )
        return opened

    def begin_next(self, task_id: int, indices: Sequence[int]) -> RepairRound:
        """Begin another round with failed records, while the task runs."""
        with self._database.transaction() as connection:
            row = connection.execute(_OPEN_ROUND, [task_id]).fetchone()
            before = _round(row)
            following = replace(before, number=before.number + 1, rest=0)
            connection.execute(
                "UPDATE repair_round SET is_open = 0 WHERE task_id = ?", [task_id]
            )
            _add_round(connection, task_id, following)
            connection.executemany(
                "INSERT INTO repair (task_id, item_index, round, mend) "
                "VALUES (?, ?, ?, ?) ON CONFLICT (task_id, item_index) DO UPDATE "
                "SET round = excluded.round, done = 0",
                [
                    (task_id, index, following.number, NO_MEND.to_json())
                    for index in indices
                ],
            )
        return following

    def go_on(self, task_id: int, worker: Worker) -> bool:
        """Queue a task whose open round was interrupted; False if it runs already."""
        with self._database.transaction() as connection:
            return queue_again(connection, task_id, worker)

    def restore(self, task: Task) -> None:
        """Give a queued task its last end again: its worker could not be started."""
        self._database.run(
            "UPDATE task SET status = ?, error = ?, error_code = ?, done = ?, "
            "whole = ?, started = ?, updated = ? WHERE id = ? AND status = ?",
            [
                task.status,
                task.error,
                task.error_code,
                task.progress.done,
                task.progress.of,
                task.progress.started,
                task.progress.updated,
                task.id,
                TaskStatus.QUEUED,
            ],
        )

    def open_round(self, task_id: int) -> RepairRound | None:
        """Return the round of a task that has begun and not ended; None without one."""
        row = self._database.row(_OPEN_ROUND, [task_id])
        return None if row is None else _round(row)

    def rows(self, task_id: int, number: int) -> Iterator[RepairRow]:
        """Yield the records of a round by their numbers."""
        after = 0
        while True:
            rows = self._database.rows(
                "SELECT item_index, mend, done, stored FROM repair "
                "WHERE task_id = ? AND round = ? AND item_index > ? "
                "ORDER BY item_index LIMIT ?",
                [task_id, number, after, _PAGE],
            )
            for row in rows:
                yield RepairRow(
                    row["item_index"],
                    Mend.from_json(row["mend"]),
                    bool(row["done"]),
                    bool(row["stored"]),
                )
            if len(rows) < _PAGE:
                return
            after = rows[-1]["item_index"]

    def has_success(self, task_id: int, number: int) -> bool:
        """Return True if a record of a round has come in, also by an earlier worker."""
        row = self._database.row(
            "SELECT 1 FROM repair WHERE task_id = ? AND round = ? AND done = 1 "
            "AND NOT EXISTS (SELECT 1 FROM failure "
            "WHERE failure.task_id = repair.task_id "
            "AND failure.item_index = repair.item_index) LIMIT 1",
            [task_id, number],
        )
        return row is not None

    def count(self, task_id: int, number: int) -> int:
        """Return how many records a round has, without the rest."""
        row = self._database.row(
            "SELECT count(*) AS number FROM repair WHERE task_id = ? AND round = ?",
            [task_id, number],
        )
        return int(row["number"]) if row else 0

    def record(
        self,
        task_id: int,
        outcomes: Mapping[int, Outcome],
        failures: Sequence[Failure],
        digests: Mapping[int, RecordDigest | None],
        *,
        announced: int,
    ) -> None:
        """Store the outcomes of records in place of those that they had.

        Args:
            task_id: The task.
            outcomes: The outcomes by the numbers of their records; a record that was
                skipped keeps the outcome that it had.
            failures: The records that failed again.
            digests: Digests of what was sent for the records.
            announced: The number under which the batch was announced.
        """
        with self._database.transaction() as connection:
            replace_outcomes(connection, task_id, outcomes, failures, digests)
            connection.executemany(
                "UPDATE repair SET done = 1 WHERE task_id = ? AND item_index = ?",
                [(task_id, index) for index in outcomes],
            )
            connection.execute(
                "DELETE FROM pending WHERE task_id = ? AND first_index = ?",
                [task_id, announced],
            )

    def mark_stored(self, task_id: int, indices: Sequence[int]) -> None:
        """Record that the items of records are stored, and their links are not yet."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE repair SET stored = 1 WHERE task_id = ? AND item_index = ?",
                [(task_id, index) for index in indices],
            )

    def end(self, task_id: int) -> None:
        """End the open round; of records that are in, the mends are forgotten."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE repair_round SET is_open = 0 WHERE task_id = ?", [task_id]
            )
            for query in _REMOVE_STORED:
                connection.execute(query, [task_id])

    def first_skipped(self, task_id: int) -> int:
        """Return the number of the first record that was not tried; 0 without one."""
        rows = self._database.rows(
            "SELECT first_index, number, payload FROM outcome WHERE task_id = ? "
            "AND (payload IS NULL OR instr(payload, ?) > 0) "
            "ORDER BY first_index",
            [task_id, f'["{OutcomeKind.SKIPPED}"'.encode()],
        )
        for row in rows:
            first = int(row["first_index"])
            for run in OutcomeRuns.unpack(row["number"], row["payload"]).runs:
                if run.kind is OutcomeKind.SKIPPED:
                    return first
                first += run.number
        return 0  # an external reference code looked like a kind of outcome


def _round(row: Row) -> RepairRound:
    status = TaskStatus(row["status"])
    number, rest, _, error, first, missing = row
    return RepairRound(number, rest, status, error, first, missing)


def _add_round(connection: Transaction, task_id: int, added: RepairRound) -> None:
    """Store a round, which is open."""
    connection.execute(
        "INSERT INTO repair_round "
        "(task_id, number, rest, status, error, first, missing, is_open) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
        [
            task_id,
            added.number,
            added.rest,
            added.status,
            added.error,
            added.first,
            added.missing,
        ],
    )


def _last_round(connection: Transaction, task_id: int) -> int:
    row = connection.execute(
        "SELECT max(number) AS last FROM repair_round WHERE task_id = ?", [task_id]
    ).fetchone()
    return int(row["last"] or 0)


def _merged(mend: Mend, earlier: Mend | None) -> str:
    return mend.after(earlier or NO_MEND).to_json()
