"""The records of an import that were written before the import was resumed.

The file yields the same batches each time. So what is recorded is passed over, and what
is not recorded is written as it would have been: a batch that the target has already is
known by its mark, and gets the outcomes of the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from ...model.outcome import Outcome
from ...model.strategies import ErrorStrategy, Policy
from ...workspace import Failure
from ..task_run import TaskRun
from .record_writer import NumberedChunk

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
        self._numbers: dict[int, int] = {}
        self.passed = 0
        self.failure: Failure | None = None
        if next(self._outcomes.read(task_id), None) is None:
            return
        self.passed = run.workspace.tasks.passed(task_id)
        if stops:
            self.failure = self._outcomes.first_failure(task_id, self.passed)
        stopped_at = self.failure.index if self.failure else 0
        self._outcomes.keep_tried(
            task_id, run.worker, stops=stops, stopped_at=stopped_at
        )
        for batch in self._outcomes.read(task_id):
            self._numbers[batch.first_index] = len(batch.outcomes)
            run.count(batch.outcomes)

    def remaining(
        self, chunks: Iterator[NumberedChunk], visit: Visit
    ) -> Iterator[NumberedChunk]:
        """Yield the chunks, or the parts of chunks, that are not recorded.

        Args:
            chunks: All chunks of the file.
            visit: Called with the records that are passed over.
        """
        for chunk in chunks:
            outcomes = self._recorded_outcomes(chunk)
            if not outcomes:
                yield chunk
                continue
            number = len(outcomes)
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

    def _recorded_outcomes(self, chunk: NumberedChunk) -> list[Outcome]:
        """Return the outcomes of the first records of a chunk, as far as recorded."""
        outcomes: list[Outcome] = []
        end = chunk.first + len(chunk.records)
        first = chunk.first
        while first < end and self._numbers.pop(first, None) is not None:
            batch = self._outcomes.find_batch(self._run.task.id, first)
            outcomes += batch.outcomes if batch else ()
            first = chunk.first + len(outcomes)
        return list(islice(outcomes, len(chunk.records)))
