"""The end of a repair: another round where it helps, the status, and a note."""

from __future__ import annotations

from ....model.task import final_status
from ....workspace import Failure
from ...error_budget import finish_at_failure
from ...task_run import count_records
from ..mending.waiting_records import MISSING_REFERENCES
from .repair_run import RepairRun


def begin_round_for_references(run: RepairRun) -> bool:
    """Begin another round with records whose parents may be in by now.

    Records that were postponed for a parent further down in the file are among them,
    also those of the import.

    Returns:
        False if no record waits for another, or none has come in since the round began.
    """
    waiting = set(run.find_postponed())
    if run.has_success():
        waiting |= {
            row.index
            for row in run.rows()
            if (problem := run.find_problem(row.index)) is not None
            and problem.code in MISSING_REFERENCES
        }
    if waiting:
        run.begin_next_round(sorted(waiting))
    return bool(waiting)


def finish_repair(run: RepairRun, failure: Failure | None) -> None:
    """End the task, and then the round.

    Args:
        run: The running repair.
        failure: The failure at which it stopped; None if it did not.
    """
    run.notes.append(_summary(run))
    if failure is not None:
        finish_at_failure(run, failure)
    elif run.counts.skipped:
        run.finish(run.round.status, run.round.error)
    else:
        run.finish(final_status(run.task.action, run.counts, stopped=False))
    # Only now: a worker that is killed before leaves a repair that can go on.
    run.workspace.repairs.end(run.task.id)


def _summary(run: RepairRun) -> str:
    failed = run.counts.failed
    number = max(0, run.round.missing - failed - run.counts.skipped)
    return (
        f"Repair {run.round.first}: {count_records(number)} came in, "
        f"{count_records(failed)} of the task still failed."
    )
