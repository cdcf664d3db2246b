"""The records of an import that were written before the import was resumed.

The file yields the same batches each time. So what is recorded is passed over, and what
is not recorded is written as it would have been: a batch that the target has already is
known by its mark, and gets the outcomes of the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from ...model.outcome import Outcome
from ...model.strategies import ErrorStrategy, Policy
from ...workspace import Failure
from ...workspace.outcomes import OutcomeBatch
from ..task_run import TaskRun
from .numbered_chunk import NumberedChunk
from .postponed import PARENT_COMES_LATER

_TAIL_BATCH: Final = 1_000_000
"""A batch that stopped at its record n is never written again, so the records after it
make a batch of their own, whose number has n times this more."""

Visit = Callable[[NumberedChunk, Sequence[Outcome]], object]
"""Takes records that are recorded, with their outcomes."""


class RecordedRecords:
    """What is recorded of an import at its start: nothing, unless it is resumed.

    Outcomes of records that were skipped, or whose fate is unknown, are removed; all
    others are counted.

    Args:
        run: The task.
        policy: The strategies of the import.

    Attributes:
        passed: The number of the last record whose failure no longer stops the task.
        failure: The failure that has stopped the task before its worker died, or None.
    """

    def __init__(self, run: TaskRun, policy: Policy) -> None:
        self._run = run
        self._outcomes = run.workspace.outcomes
        task_id = run.task.id
        stops = policy.error_strategy is ErrorStrategy.STOP
        self._number = 0
        self.passed = 0
        self.failure: Failure | None = None
        if next(self._outcomes.read(task_id), None) is None:
            return
        self.passed = run.workspace.tasks.passed(task_id)
        if stops:
            self.failure = self._outcomes.first_failure(
                task_id, self.passed, besides=PARENT_COMES_LATER
            )
        stopped_at = self.failure.index if self.failure else 0
        self._outcomes.keep_tried(
            task_id, run.worker, stops=stops, stopped_at=stopped_at
        )
        for batch in self._batches():
            self._number += len(batch.outcomes)
            run.count(batch.outcomes)

    def _batches(self) -> Iterator[OutcomeBatch]:
        """Yield what is recorded of the records from the first one on, up to a gap."""
        following = 1
        for batch in self._outcomes.read(self._run.task.id):
            if batch.first_index != following:
                return
            following += len(batch.outcomes)
            yield batch

    def remaining(
        self, chunks: Iterator[NumberedChunk], visit: Visit
    ) -> Iterator[NumberedChunk]:
        """Yield the chunks, or the parts of chunks, that are not recorded.

        Args:
            chunks: All chunks of the file.
            visit: Called with the records that are passed over.
        """
        recorded = chain.from_iterable(batch.outcomes for batch in self._batches())
        for chunk in chunks:
            number = min(len(chunk.records), self._number - chunk.first + 1)
            if number <= 0:
                yield chunk
                continue
            outcomes = list(islice(recorded, number))
            head, tail = chunk.records[:number], chunk.records[number:]
            visit(chunk._replace(records=head), outcomes)
            self._run.advance(chunk.done)
            if tail:
                yield NumberedChunk(
                    chunk.batch + number * _TAIL_BATCH,
                    chunk.first + number,
                    tail,
                    chunk.done,
                )
