"""What the items of a batch need to know of the target before they are written.

Records may be matched with stored items by a key, name their parents by a value, and
wait for parents that come later in their file. One batch asks for all of its items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...model.entity_type import EntityType
from ...model.line_items import LineItems
from ...model.mapping import Values
from ...model.outcome import Outcome, Problem
from ...model.plan import ImportPlan
from ...model.strategies import ImportStrategy
from ...ports import Installation
from ...workspace.outcomes import PendingBatch
from ..imports.batch_outcomes import MappedRecords, restore_announced
from ..imports.later_parents import create_later_parents
from ..imports.parent_lookups import create_lookups
from ..imports.record_matching import create_matcher, matched_note
from ..task_run import TaskRun
from .matched_codes import MatchedCodes, ReferenceTranslation

_Resolve = Callable[[Sequence[Values]], MappedRecords]


class ItemResolver:
    """Resolves the mapped records of one entity type, batch by batch.

    Args:
        run: The running task.
        plan: The plan, with the key and the look-ups of its mapping.
        installation: The target; it is only read.
        entity_type: The entity type of the records.

    Attributes:
        is_matching: Records are matched by a key.

    Raises:
        InvalidPlan: The mapping has an impossible key or look-up.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
    ) -> None:
        codes = run.matched_codes
        is_migration = codes is not None
        if codes is None:
            codes = MatchedCodes(
                run.workspace, run.task.id, plan.matched_in, is_check=run.is_check
            )
        self._references = None
        if is_migration or plan.mapping.match or plan.matched_in:
            # Links bring no key, and the code that their entry has in the source.
            is_linking = plan.policy.import_strategy is ImportStrategy.UPDATE
            own = is_migration and is_linking and not plan.mapping.match
            self._references = ReferenceTranslation(
                codes, entity_type, plan.scope, own=own
            )
        self._key = frozenset(plan.mapping.match)
        self._lookups = create_lookups(installation, plan, entity_type)
        self._matcher = create_matcher(installation, plan, entity_type, codes)
        self._later = create_later_parents(
            run, plan, installation, entity_type, self._lookups
        )
        self.is_matching = self._matcher is not None

    def __bool__(self) -> bool:
        """Return True if anything has to be resolved."""
        return self._later is not None or self.needs_records

    @property
    def needs_records(self) -> bool:
        """True if more has to be resolved than which parents come later in a file."""
        is_asking = bool(self._lookups) or self.is_matching
        return is_asking or self._references is not None

    @property
    def waits(self) -> bool:
        """True if a batch depends on what the one before it has written."""
        return self._lookups.is_self_referential

    def resolve(self, mapped: MappedRecords) -> MappedRecords:
        """Return the records of a batch as they are sent.

        Raises:
            InstallationError: The installation does not answer.
        """
        resolved = mapped
        for step in self._steps():
            resolved = _replace_items(resolved, step)
        return self._later.postpone(mapped, resolved) if self._later else resolved

    def are_resolved(self, items: LineItems) -> bool:
        """Return True if items that the target has read from lines go as they are.

        Otherwise their records have to be resolved.

        Raises:
            InstallationError: The installation does not answer.
        """
        return self._later is None or self._later.are_known(items)

    def restore(self, announced: PendingBatch, mapped: MappedRecords) -> MappedRecords:
        """Return the records of a batch that another worker has written.

        What it refused is refused, and what it matched has the codes that it found.
        """
        resolved = restore_announced(announced, mapped)
        for step in self._steps(is_matched=True):
            found = _replace_items(resolved, step)
            resolved = [
                before if isinstance(after, Problem) else after
                for before, after in zip(resolved, found, strict=True)
            ]
        return resolved

    def confirm(self, items: Sequence[Values], outcomes: Sequence[Outcome]) -> None:
        """Take note of what became of items."""
        if self._matcher is not None:
            self._matcher.confirm(items, outcomes)

    def notes(self) -> Iterator[str]:
        """Yield notes on the records that were matched."""
        if self._matcher is not None and self._matcher.renamed:
            yield matched_note(self._matcher.renamed)

    def _steps(self, *, is_matched: bool = False) -> list[_Resolve]:
        """Return what is done to items, in order.

        A key with a parent needs the parent; other parents may be among the entries
        that are matched.
        """
        steps: list[_Resolve] = []
        if self._references is not None:
            steps.append(self._translate_key)
        if self._matcher is not None and not is_matched:
            steps.append(self._matcher.resolve)
        if self._references is not None:
            steps.append(self._translate_others)
        if self._lookups:
            is_first = not self._lookups.targets.isdisjoint(self._key)
            steps.insert(0 if is_first else len(steps), self._look_up_parents)
        return steps

    def _translate_key(self, items: Sequence[Values]) -> MappedRecords:
        assert self._references is not None
        return self._references.translate(items, self._key)

    def _translate_others(self, items: Sequence[Values]) -> MappedRecords:
        assert self._references is not None
        others = self._references.names - self._key - self._lookups.targets
        return self._references.translate(items, others)

    def _look_up_parents(self, items: Sequence[Values]) -> MappedRecords:
        return [_first_problem(*parts) for parts in self._lookups.resolve(items)]


def _replace_items(mapped: MappedRecords, resolve: _Resolve) -> MappedRecords:
    """Return mapped records with their items resolved; problems stay in their place."""
    items = [item for item in mapped if not isinstance(item, Problem)]
    resolved = iter(resolve(items))
    return [item if isinstance(item, Problem) else next(resolved) for item in mapped]


def _first_problem(item: Values, problems: Sequence[Problem]) -> Values | Problem:
    return problems[0] if problems else item
