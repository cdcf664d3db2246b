"""The chunks of a migration's part, also of one that was begun before a resume."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from ...model.entity_type import EntityType
from ...model.plan import ImportPlan
from ...model.record import Record
from ...model.strategies import ErrorStrategy
from ...ports import Installation
from ...workspace import Failure
from ...workspace.outcomes import MovedBatch, OutcomeBatch, PendingBatch
from ..error_budget import batch_records
from ..imports.batch_outcomes import record_code
from ..imports.numbered_chunk import NumberedChunk
from ..task_run import TaskRun
from .announced_batches import announced_failures, recall_announced
from .moved_items import MovedItems
from .selection import MigrationPart


class PartChunks:
    """Splits the items of a part into chunks with the numbers of their batches.

    Args:
        run: The task.
        moved: What was moved before the task was resumed.
        number: The number of the part, from 0.
        part: The part.
        plan: The plan by which its items are written.

    Attributes:
        announced: What was announced of the unfinished batches, by their first record;
            less those whose items are not the same any more.
        failure: A failed record of the worker before this one that ends the task, or
            None. It is known once all chunks are read.
        last_batch: The highest number of a batch so far.
    """

    def __init__(
        self,
        run: TaskRun,
        moved: MovedItems,
        number: int,
        part: MigrationPart,
        plan: ImportPlan,
    ) -> None:
        self._run = run
        self._moved = moved
        self._number = number
        self._part = part
        self._plan = plan
        self.announced: dict[int, PendingBatch] = moved.announced(number)
        self.failure: Failure | None = None
        self.last_batch = moved.last_batch

    def read(
        self,
        items: Iterator[Record],
        target: tuple[Installation, EntityType],
        done: Callable[[int], int],
    ) -> Iterator[NumberedChunk]:
        """Yield the items that are not recorded.

        Args:
            items: All items of the part.
            target: The target of the migration, and the entity type there.
            done: Returns the progress of the task for a number of items of the part.
        """
        numbers = _RecordNumbers(self._run, self._moved.unfinished(self._number))
        remaining = self._moved.remaining(self._number, self._part, items)
        size = batch_records(self._plan.options)
        while records := list(islice(remaining, numbers.next_size(size))):
            self.last_batch += 1
            batch = self.last_batch
            expected = numbers.take_unfinished()
            if expected is not None:
                if [record_code(x) for x in records] == expected.codes:
                    batch = expected.batch
                else:  # the source has changed
                    recalled = self._recall(expected, *target)
                    if self.failure:
                        return
                    numbers.add_recalled(expected, len(recalled))
                    records = [x for x in records if record_code(x) not in recalled]
            if records:
                first = numbers.place(expected, len(records))
                yield NumberedChunk(batch, first, [*records], done(numbers.number))
        numbers.skip_unfinished()

    def _recall(
        self, expected: MovedBatch, target: Installation, entity_type: EntityType
    ) -> set[tuple[str, str]]:
        """Record what the worker before this one has written and not recorded.

        Returns:
            The sites and codes of the records; none of a batch that was not written.
        """
        run, policy = self._run, self._plan.policy
        mark = run.workspace.tasks.mark(run.task.id)
        pending = self.announced.pop(expected.first_index, None)
        if pending is None:
            return set()
        outcomes = recall_announced(target, entity_type, mark, pending, policy)
        if outcomes is None or not self._moved.take(self._part, expected, outcomes):
            return set()
        failures = announced_failures(pending, outcomes, expected)
        run.keep(OutcomeBatch(pending.first_index, outcomes), failures)
        if failures and policy.error_strategy is ErrorStrategy.STOP:
            self.failure = failures[0]
        return set(expected.codes)


class _RecordNumbers:
    """The numbers of the records of a part.

    Several batches may have been under way at the same time, and some later one have
    outcomes. Then the numbers of unfinished batches are among those that are recorded:
    their records keep them, and what is not there any more counts as skipped.
    Otherwise one number follows the other.

    Args:
        run: The task.
        unfinished: The batches that were announced and have no outcomes.

    Attributes:
        number: How many records of the part have been numbered.
    """

    def __init__(self, run: TaskRun, unfinished: list[MovedBatch]) -> None:
        self._run = run
        self._unfinished = deque(unfinished)
        total = run.counts.total
        self.number = run.part_counts.total
        self._has_gaps = any(x.first_index <= total for x in unfinished)
        waiting = sum(len(x.codes) for x in unfinished) if self._has_gaps else 0
        self._last = total + waiting
        self._is_recalled = False

    def next_size(self, size: int) -> int:
        """Return how many records the next batch has, if they are there."""
        return len(self._unfinished[0].codes) if self._unfinished else size

    def take_unfinished(self) -> MovedBatch | None:
        """Return the next unfinished batch; None after the last one."""
        self._is_recalled = False
        return self._unfinished.popleft() if self._unfinished else None

    def add_recalled(self, batch: MovedBatch, number: int) -> None:
        """Count records of a batch that the target had, under their old numbers."""
        self._is_recalled = bool(number)
        self.number += number
        if not self._has_gaps:
            self._last += number
        elif number:
            self._skip(batch.first_index + number, len(batch.codes) - number)

    def place(self, batch: MovedBatch | None, number: int) -> int:
        """Return the number of the first of some records."""
        self.number += number
        if batch is None or self._is_recalled or not self._has_gaps:
            first, self._last = self._last + 1, self._last + number
            return first
        self._skip(batch.first_index + number, len(batch.codes) - number)
        return batch.first_index

    def skip_unfinished(self) -> None:
        """Count the records of unfinished batches that are not there any more."""
        while self._has_gaps and self._unfinished:
            batch = self._unfinished.popleft()
            self._skip(batch.first_index, len(batch.codes))

    def _skip(self, first: int, number: int) -> None:
        if number > 0:
            self._run.skip(first, number)
