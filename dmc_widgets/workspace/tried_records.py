"""What stays recorded of a task that is resumed: the records that were tried.

Records that were skipped, or whose fate is unknown, lose their outcomes, because they
get others when they are written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from ..model.outcome import Outcome, OutcomeKind
from ..model.outcome_runs import OutcomeRuns
from ..storage.database import Row, Transaction

_CANDIDATES: Final = (
    "SELECT first_index, number, payload FROM outcome WHERE task_id = ? AND "
    "(payload IS NULL OR instr(payload, CAST('\"skipped\"' AS BLOB)) > 0 "
    "OR instr(payload, CAST('\"unknown\"' AS BLOB)) > 0)"
)
_REMOVE: Final = (
    "DELETE FROM outcome WHERE task_id = ? AND first_index BETWEEN ? AND ?",
    "DELETE FROM change WHERE task_id = ? AND first_index BETWEEN ? AND ?",
    "DELETE FROM failure WHERE task_id = ? AND item_index BETWEEN ? AND ?",
)


def keep_tried(
    connection: Transaction, task_id: int, *, stops: bool, stopped_at: int = 0
) -> None:
    """Remove the outcomes of records that will be written again.

    Args:
        connection: A connection to the workspace's database, in a transaction.
        task_id: The task.
        stops: The first failure in a batch has ended the batch: the records before it
            and itself are tried, and the others of the batch are not.
        stopped_at: The number of the record whose failure still ends the task: its
            batch stays as it is. 0 for none.
    """
    for row in connection.execute(_CANDIDATES, [task_id]).fetchall():
        outcomes: Sequence[Outcome] = ()
        if row["payload"]:
            outcomes = [*OutcomeRuns.unpack(row["number"], row["payload"])]
        first = row["first_index"]
        if outcomes and first <= stopped_at < first + row["number"]:
            continue
        tried = _count_tried(outcomes, stops=stops)
        if tried == row["number"]:
            continue  # an external reference code looked like a kind of outcome
        if tried:
            _shorten(connection, task_id, row, outcomes[:tried])
        else:
            _remove(connection, task_id, row["first_index"], row["number"])


def _count_tried(outcomes: Sequence[Outcome], *, stops: bool) -> int:
    """Return how many records of a batch keep their outcomes; mostly all or none."""
    kinds = [outcome.kind for outcome in outcomes]
    if OutcomeKind.UNKNOWN in kinds:
        return 0
    if OutcomeKind.SKIPPED not in kinds:
        return len(kinds)
    tried = kinds.index(OutcomeKind.SKIPPED)
    is_stopped = stops and set(kinds[tried:]) == {OutcomeKind.SKIPPED}
    return tried if is_stopped else 0


def _shorten(
    connection: Transaction,
    task_id: int,
    row: Row,
    outcomes: Sequence[Outcome],
) -> None:
    first = row["first_index"]
    connection.execute(
        "UPDATE outcome SET number = ?, payload = ? "
        "WHERE task_id = ? AND first_index = ?",
        [len(outcomes), OutcomeRuns.of(outcomes).pack(), task_id, first],
    )
    changes = connection.execute(
        "SELECT payload FROM change WHERE task_id = ? AND first_index = ?",
        [task_id, first],
    ).fetchone()
    if changes is not None:
        kept = orjson.loads(changes["payload"])[: len(outcomes)]
        connection.execute(
            "UPDATE change SET payload = ? WHERE task_id = ? AND first_index = ?",
            [orjson.dumps(kept), task_id, first],
        )


def _remove(connection: Transaction, task_id: int, first: int, number: int) -> None:
    for statement in _REMOVE:
        connection.execute(statement, [task_id, first, first + number - 1])
