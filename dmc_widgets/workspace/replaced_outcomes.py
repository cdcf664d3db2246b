"""Replace the outcomes of single records, among those of their batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model.outcome import Outcome
from ..model.outcome_runs import OutcomeRuns
from ..storage.database import Transaction
from .changes import replace_changes
from .digests import RecordDigest, replace_digests
from .outcomes import Failure, add_failures

_ROW = (
    "SELECT first_index, number, payload FROM outcome "
    "WHERE task_id = ? AND first_index <= ? ORDER BY first_index DESC LIMIT 1"
)
_NEW_ROW = "INSERT INTO outcome VALUES (?, ?, ?, ?)"


def replace_outcomes(
    connection: Transaction,
    task_id: int,
    outcomes: Mapping[int, Outcome],
    failures: Sequence[Failure],
    digests: Mapping[int, RecordDigest | None],
) -> None:
    """Store outcomes in place of those that the records had, in a transaction.

    Args:
        connection: The connection of the transaction.
        task_id: The task.
        outcomes: The outcomes by the numbers of their records.
        failures: Those of the records that failed.
        digests: Digests of what was sent for the records.
    """
    connection.executemany(
        "DELETE FROM failure WHERE task_id = ? AND item_index = ?",
        [(task_id, index) for index in outcomes],
    )
    add_failures(connection, task_id, failures)
    remaining = sorted(outcomes)
    while remaining:
        first, number, payload = connection.execute(
            _ROW, [task_id, remaining[0]]
        ).fetchone()
        here = [index for index in remaining if index < first + number]
        remaining = remaining[len(here) :]
        if payload is None:
            first, number, payload = _split_skipped(
                connection, task_id, (first, number), (here[0], here[-1])
            )
        replaced = [*OutcomeRuns.unpack(number, payload)]
        for index in here:
            replaced[index - first] = outcomes[index]
        connection.execute(
            "UPDATE outcome SET payload = ? WHERE task_id = ? AND first_index = ?",
            [OutcomeRuns.of(replaced).pack(), task_id, first],
        )
        changes = {index - first: outcomes[index].change for index in here}
        replace_changes(connection, task_id, first, number, changes)
        sent = {index - first: digests[index] for index in here if index in digests}
        if sent:
            replace_digests(connection, task_id, first, number, sent)


def _split_skipped(
    connection: Transaction,
    task_id: int,
    row: tuple[int, int],
    tried: tuple[int, int],
) -> tuple[int, int, bytes]:
    """Give records that were skipped together with others a row of their own."""
    first, number = row
    begin, end = tried[0], tried[1] + 1
    connection.execute(
        "DELETE FROM outcome WHERE task_id = ? AND first_index = ?", [task_id, first]
    )
    payload = OutcomeRuns.skipped(end - begin).pack()
    for start, stop, content in (
        (first, begin, None),
        (begin, end, payload),
        (end, first + number, None),
    ):
        if stop > start:
            connection.execute(_NEW_ROW, [task_id, start, stop - start, content])
    return begin, end - begin, payload
