"""Where an import stops: at its error limit, or at its first failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..model.error_limit import ErrorLimit
from ..model.outcome import Outcome, OutcomeKind
from ..model.plan import has_several_workers, is_dry_run
from ..model.run_options import RunOptions
from ..model.task import TaskStatus
from ..workspace import Failure
from .imports.postponed import is_postponed
from .task_run import TaskRun, count_records, was_or_were

_BATCH_RECORDS: Final = 1000
_LIMITED_BATCH_RECORDS: Final = 100
"""The limit is checked after each batch, so batches are smaller where there is one."""


def batch_records(options: RunOptions) -> int:
    """Return how many records a batch has; the same whenever the plan is run."""
    return _LIMITED_BATCH_RECORDS if options.error_limit else _BATCH_RECORDS


class ErrorBudget:
    """Counts the failed records of a task against its limit.

    A task that is resumed begins with a new budget: the person who resumes it has seen
    what failed before.

    Args:
        options: The options of the plan.
    """

    def __init__(self, options: RunOptions) -> None:
        self._limit = options.error_limit
        self._tried = 0
        self._failed = 0

    def spend(self, outcomes: Sequence[Outcome]) -> ErrorLimit | None:
        """Count *outcomes*; return the limit if it is reached now."""
        if self._limit is None:
            return None
        failed = (x for x in outcomes if x.kind is OutcomeKind.FAILED)
        tried = sum(outcome.kind is not OutcomeKind.SKIPPED for outcome in outcomes)
        return self.spend_counts(sum(not is_postponed(x) for x in failed), tried)

    def spend_counts(self, failed: int, tried: int) -> ErrorLimit | None:
        """Count records that failed for good, among those that were tried."""
        if self._limit is None:
            return None
        self._failed += failed
        self._tried += tried
        is_reached = self._limit.is_reached(self._failed, self._tried)
        return self._limit if is_reached else None


def finish_at_error_limit(run: TaskRun, limit: ErrorLimit) -> None:
    """Record the end of a task that has reached its error limit."""
    counts = run.counts
    tried = counts.total - counts.skipped
    texts = [
        f"Stopped at the error limit ({limit.title}): {counts.failed:,} of "
        f"{count_records(tried)} failed."
    ]
    if not is_dry_run(run.task.plan):
        number = counts.successful
        verb = "is" if number == 1 else "are"
        texts.append(f"{count_records(number)} {verb} in the target.")
    if counts.skipped:
        number = counts.skipped
        after = " after them" if not has_several_workers(run.task.plan) else ""
        after = f"{count_records(number)}{after} {was_or_were(number)} not tried."
        texts.append(after)
    if limit.undo and not is_dry_run(run.task.plan):
        texts.append("What was written is taken back by a task of its own.")
    run.reached_limit = limit
    run.finish(TaskStatus.FAILED, " ".join(texts))


def finish_at_failure(run: TaskRun, failure: Failure) -> None:
    """Record the end of an import that has stopped at its first failure."""
    message = f"Record {failure.index}: {failure.problem.message.rstrip('.')}."
    if is_dry_run(run.task.plan):
        message += " The import would stop here."
    elif failure.index == 1:
        message += " Nothing was imported."
    elif failure.index == 2:
        message += " Record 1 stays imported."
    else:
        message += f" Records 1 to {failure.index - 1} stay imported."
    skipped = run.counts.skipped
    if skipped:
        verb = "was" if skipped == 1 else "were"
        message += f" {count_records(skipped)} after it {verb} not tried."
    run.finish(TaskStatus.FAILED, message)
