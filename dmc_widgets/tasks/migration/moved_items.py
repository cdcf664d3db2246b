"""What a migration has moved before it was resumed.

The source may have changed since, so items are known by their sites and codes. Batches
that were announced and have no outcomes are written again with their own numbers, as
long as the source yields the same items: the target then answers by their marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ...errors import InvalidPlan
from ...model.error_limit import ErrorLimit
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import MigrationPlan
from ...model.record import Record
from ...model.strategies import ErrorStrategy
from ...model.task import TaskPart
from ...workspace import Failure
from ...workspace.outcomes import MovedBatch, OutcomeBatch, PendingBatch
from ..error_budget import ErrorBudget
from ..imports.batch_outcomes import record_code
from ..task_run import TaskRun
from .key_store import KeyStore
from .selection import MigrationPart
from .source_items import (
    existing_keys_group,
    moved_keys_group,
    unfinished_keys_group,
    written_keys_group,
)

_EXISTING: Final = frozenset({OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
_STORED: Final = _EXISTING | {OutcomeKind.CREATED}
_PAGE_SIZE: Final = 500


class MovedItems:
    """The items that have outcomes when a migration begins: none in a first run.

    Args:
        run: The task, with the parts of this run.
        plan: The plan of the migration.
        store: Keeps the codes of the items.

    Attributes:
        last_batch: The highest number of a batch so far; 0 for none.

    Raises:
        InvalidPlan: The migration would move other parts than it began with.
    """

    def __init__(self, run: TaskRun, plan: MigrationPlan, store: KeyStore) -> None:
        self._run = run
        self._store = store
        self._outcomes = run.workspace.outcomes
        self._task_id = run.task.id
        self._passed = run.workspace.tasks.passed(run.task.id)
        self._failure: Failure | None = None
        self._last_part = -1
        self.last_batch = 0
        if plan.dry_run:
            return
        for batch in self._outcomes.moved(self._task_id):
            self.last_batch = max(self.last_batch, batch.batch)
            self._last_part = max(self._last_part, batch.part)
        if self.last_batch:
            self._begin_again(plan)

    def _begin_again(self, plan: MigrationPlan) -> None:
        stops = plan.policy.error_strategy is ErrorStrategy.STOP
        self._require_same_parts(self._run.task.parts)
        if stops:
            self._failure = self._outcomes.first_failure(self._task_id, self._passed)
        stopped_at = self._failure.index if self._failure else 0
        self._outcomes.keep_tried(
            self._task_id, self._run.worker, stops=stops, stopped_at=stopped_at
        )

    def _require_same_parts(self, before: tuple[TaskPart, ...]) -> None:
        begun = self._last_part + 1
        if (
            list(map(_identity, before))[:begun]
            != list(map(_identity, self._run.parts))[:begun]
        ):
            reason = (
                "The source has other entity types to move than when this migration "
                "began, so it cannot go on. Migrate again: records that exist already "
                "are recognised by their external reference codes."
            )
            raise InvalidPlan(reason)

    def is_complete(self, number: int) -> bool:
        """Return True if a later part had begun, so this one needs no reading."""
        return number < self._last_part

    def count(
        self, number: int, part: MigrationPart, budget: ErrorBudget
    ) -> Failure | ErrorLimit | None:
        """Count what is recorded of a part, and remember the codes of its items.

        Returns:
            What has stopped the task before its worker died, or None.
        """
        limit: ErrorLimit | None = None
        for moved in self._outcomes.moved(self._task_id, number):
            recorded = self._outcomes.find_batch(self._task_id, moved.first_index)
            if recorded is None:
                self._store.add(unfinished_keys_group(part), moved.codes)
                continue
            self._run.count(recorded.outcomes)
            self._remember(part, moved, recorded)
            new = recorded.outcomes[max(0, self._passed - moved.first_index + 1) :]
            limit = limit or budget.spend(new)
        if self._failure and self._failure.index <= self._run.counts.total:
            return self._failure
        return limit

    def recorded(self, number: int) -> list[tuple[MovedBatch, OutcomeBatch]]:
        """Return the batches of a part that have outcomes, each with these."""
        moved = self._outcomes.moved(self._task_id, number)
        found = (
            (x, self._outcomes.find_batch(self._task_id, x.first_index)) for x in moved
        )
        return [(batch, outcomes) for batch, outcomes in found if outcomes is not None]

    def unfinished(self, number: int) -> list[MovedBatch]:
        """Return the batches of a part that were announced and have no outcomes."""
        if number != self._last_part:
            return []
        return [
            moved
            for moved in self._outcomes.moved(self._task_id, number)
            if self._outcomes.find_batch(self._task_id, moved.first_index) is None
        ]

    def announced(self, number: int) -> dict[int, PendingBatch]:
        """Return what was announced of a part's unfinished batches, by first record."""
        unfinished = {batch.first_index for batch in self.unfinished(number)}
        if not unfinished:
            return {}
        pending = self._outcomes.pending(self._task_id)
        return {x.first_index: x for x in pending if x.first_index in unfinished}

    def take(
        self, part: MigrationPart, batch: MovedBatch, outcomes: Sequence[Outcome]
    ) -> bool:
        """Remember the codes of a batch of which the target knows all outcomes.

        Returns:
            False if the target does not know some of them: the batch has to be written
            again.
        """
        kinds = {outcome.kind for outcome in outcomes}
        if kinds & {OutcomeKind.UNKNOWN, OutcomeKind.SKIPPED}:
            return False
        self._remember(part, batch, OutcomeBatch(batch.first_index, outcomes))
        return True

    def remaining(
        self, number: int, part: MigrationPart, items: Iterator[Record]
    ) -> Iterator[Record]:
        """Yield those of the items of a part that are not recorded."""
        if number != self._last_part:
            return items
        return self._filter(moved_keys_group(part), items)

    def _filter(self, group: str, items: Iterator[Record]) -> Iterator[Record]:
        while page := list(islice(items, _PAGE_SIZE)):
            codes: dict[str, list[str]] = {}
            for item in page:
                scope, code = record_code(item)
                codes.setdefault(scope, []).append(code)
            moved = {
                (scope, code)
                for scope, keys in codes.items()
                for code in self._store.find(group, scope, keys)
            }
            yield from (item for item in page if record_code(item) not in moved)

    def _remember(
        self, part: MigrationPart, moved: MovedBatch, recorded: OutcomeBatch
    ) -> None:
        """Remember the codes of recorded items, as the first run would have done it."""
        add = self._store.add
        pairs = list(zip(moved.codes, recorded.outcomes, strict=False))
        add(moved_keys_group(part), (code for code, _ in pairs))
        if part.second_pass_fields:
            return
        for group, kinds in (
            (written_keys_group(part.entity_type), _STORED),
            (existing_keys_group(part.entity_type), _EXISTING),
        ):
            add(group, (code for code, x in pairs if x.kind in kinds))


def _identity(part: TaskPart) -> tuple[str, bool, bool]:
    return part.entity_type, part.links, part.needed
