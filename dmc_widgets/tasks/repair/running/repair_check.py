"""Check mended records at once: everything that a repair does, without its last step.

The same records are read, mended, mapped and written as in a repair, in rounds, and
nothing of it stays in the target or in the workspace. Records do not stop each other,
and of each record that would fail again all problems are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from typing import Final

from ....model.mend import NO_MEND, Mend, PackedMends
from ....model.outcome import Outcome, OutcomeKind, Problem
from ....model.plan import ImportPlan, MigrationPlan
from ....model.record import Record
from ....model.repair_check import CheckedProblem, RepairCheck
from ....model.task import Counts, Task
from ....ports import Installation
from ....workspace import Failure, Workspace
from ....workspace.outcomes import MovedBatch, OutcomeBatch, PendingBatch
from ....workspace.repairs import RepairRow
from ...dry_runs import open_rehearsal
from ...imports.offered_strategies import require_strategies
from ...imports.postponed import is_postponed
from ...imports.record_writer import WrittenChunk
from ...installation_access import find_entity_type, open_snapshot
from ...preview.import_preview import list_problems
from ...task_run import count_records
from ..mending.mended_file import MendedRecords
from ..mending.sealed_mends import MendSealer
from ..mending.value_mending import add_picklist_key
from .import_repair import continue_upon_error, write_import_records
from .migration_repair import write_migration_records
from .record_spool import RecordSpool
from .repair_run import RepairRun
from .repair_start import first_untried, list_failed
from .repair_task import require_repairable

_EXPLAINED_AT_ONCE: Final = 500
_OUTCOMES: Final = {kind: Outcome(kind) for kind in OutcomeKind}
_FAILED: Final = _OUTCOMES[OutcomeKind.FAILED]


@dataclass(slots=True)
class CheckRun(RepairRun):
    """A repair that is only checked: what it finds stays in memory.

    Attributes:
        mends: What was changed in each record, by its number in the task.
        found: The outcomes that the records would have.
        failing: The plans by which records were written that would fail.
        records: These records.
        further: Problems of these in other fields than those of their outcomes.
        stored: Records whose items are in, and only their links are not.
        succeeded_in_round: How many records would come in with the open round.
    """

    mends: Mapping[int, Mend] = field(default_factory=dict)
    found: dict[int, Outcome] = field(default_factory=dict)
    failing: dict[int, ImportPlan] = field(default_factory=dict)
    records: RecordSpool[Record] = field(default_factory=RecordSpool)
    further: dict[int, tuple[Problem, ...]] = field(default_factory=dict)
    stored: set[int] = field(default_factory=set)
    succeeded_in_round: int = 0
    _in_round: Sequence[int] = ()

    @property
    def is_check(self) -> bool:
        """Nothing of what is found stays in the workspace."""
        return True

    @property
    def batch_key(self) -> str:
        """A key that no batch has which was written."""
        return f"{self.workspace.tasks.mark(self.task.id)}.check{self.round.number}"

    def rows(self) -> Iterator[RepairRow]:
        """Yield the records of the open round."""
        for index in self._in_round or sorted(self.mends):
            is_stored = index in self.stored
            yield RepairRow(index, self.mends[index], is_stored=is_stored)

    def pending_batches(self) -> list[PendingBatch]:
        """Return nothing: a check is not interrupted."""
        return []

    def find_outcome(self, index: int) -> Outcome | None:
        """Return the outcome that a record would have, or has."""
        known = self.workspace.outcomes.find(self.task.id, index)
        return self.found.get(index, known)

    def find_problem(self, index: int) -> Problem | None:
        """Return why a record would fail again."""
        found = self.found.get(index)
        return found.problem if found else None

    def find_postponed(self) -> list[int]:
        """Return the records that wait for later ones."""
        return [index for index, x in self.found.items() if is_postponed(x)]

    def has_success(self) -> bool:
        """Return True if a record would come in with the open round."""
        return self.succeeded_in_round > 0

    def begin_next_round(self, indices: Sequence[int]) -> None:
        """Go on with another round."""
        self.round = replace(self.round, number=self.round.number + 1)
        self._in_round = indices
        self.succeeded_in_round = 0
        self._begin_round()

    def require_ownership(self) -> None:
        """Allow it: nothing of the task changes."""

    def advance(self, done: int) -> None:
        """Report no progress."""

    def announce_batch(self, batch: PendingBatch, moved: MovedBatch | None) -> None:
        """Announce nothing: nothing is written."""

    def look_at(self, written: WrittenChunk, plan: ImportPlan) -> None:
        """Remember the records that would fail, to find all their problems."""
        chunk = written.chunk
        for number, (record, outcome) in enumerate(
            zip(chunk.records, written.outcomes, strict=True), start=chunk.first
        ):
            index = self.index_of(number)
            self.failing.pop(index, None)
            if outcome.kind is OutcomeKind.FAILED and isinstance(record, dict):
                self.failing[index] = plan
                self.records.put(index, record)

    def keep(self, outcomes: OutcomeBatch, _failures: Sequence[Failure]) -> None:
        """Remember the outcomes that records would have."""
        indices, _, are_links = self._retried[outcomes.first_index]
        for index, outcome in zip(indices, outcomes.outcomes, strict=True):
            is_in = outcome.kind is not OutcomeKind.FAILED
            before = (self.find_outcome(index) or outcome) if are_links else _FAILED
            if not are_links or not is_in:
                self.found[index] = _without_changes(outcome)
            elif before.kind is OutcomeKind.FAILED:  # its item came in before
                self.found[index] = _OUTCOMES[OutcomeKind.UPDATED]
            if is_in and before.kind is OutcomeKind.FAILED:
                self.succeeded_in_round += 1
        if are_links:
            self.stored.update(indices)

    def find_all_problems(self, target: Installation) -> None:
        """Find the problems that failing records have besides the first of each.

        A record fails for the first one; people want to mend them all at once.
        """
        by_plan = groupby(sorted(self.failing), self.failing.__getitem__)
        for plan, indices in by_plan:
            remaining = iter(indices)
            while some := [*islice(remaining, _EXPLAINED_AT_ONCE)]:
                records = [self.records.get(index) for index in some]
                found = list_problems(target, plan, records)
                for index, problems in zip(some, found, strict=True):
                    self._keep_further(index, problems)

    def _keep_further(self, index: int, problems: Sequence[Problem]) -> None:
        known = self.find_problem(index)
        by_field = {} if known is None else {known.field: known}
        for problem in problems:
            by_field.setdefault(problem.field, problem)
        further = tuple(x for x in by_field.values() if x is not known)
        if further:
            self.further[index] = further


def _without_changes(outcome: Outcome) -> Outcome:
    """Return the part of an outcome that a check reports; there may be very many."""
    if outcome.problem is None:
        return _OUTCOMES[outcome.kind]
    return Outcome(outcome.kind, problem=outcome.problem)


def check_repair(
    workspace: Workspace,
    task: Task,
    mended: MendedRecords | None,
    open_installation: Callable[[str], Installation],
) -> RepairCheck:
    """Return what would become of failed records, and write nothing.

    Args:
        workspace: Holds the task.
        task: The task.
        mended: The records, with what was changed; None for all that failed, as they
            are.
        open_installation: Opens an installation by its name.

    Raises:
        NotSupported: The task has no records to try again.
        InvalidPlan: The task cannot be carried out any more, or a key cannot be added.
        FileError: The file of the import cannot be read.
        InstallationError: An installation does not answer.
    """
    require_repairable(task)
    mended = MendedRecords(list_failed(workspace, task)) if mended is None else mended
    run = CheckRun(
        workspace,
        task,
        parts=list(task.parts),
        mends=_merge(workspace, task, mended),
        stored=workspace.repairs.stored(task.id),
    )
    with (
        closing(run.records),
        closing(open_installation(task.installation)) as target,
    ):
        if not run.mends:
            pass
        elif isinstance(task.plan, ImportPlan):
            plan = continue_upon_error(task.plan)
            with open_rehearsal(target) as rehearsal:
                _check_import(run, plan, rehearsal, mended)
        elif isinstance(task.plan, MigrationPlan):
            migration = continue_upon_error(task.plan)
            with (
                closing(open_installation(migration.source)) as opened,
                open_snapshot(opened) as source,
            ):
                write_migration_records(
                    run, migration, source, target, rehearse=run.find_all_problems
                )
    return _build_check(run, mended)


def _merge(workspace: Workspace, task: Task, mended: MendedRecords) -> PackedMends:
    """Return what is changed in each record that failed, in all rounds."""
    earlier, sealer = workspace.repairs.mends(task.id), MendSealer(task)
    failed = list_failed(workspace, task)
    return PackedMends.pack(
        (index, sealer.reveal(index, mend.after(earlier.get(index, NO_MEND))))
        for index, mend in mended.mends.items()
        if index in failed
    )


def _check_import(
    run: CheckRun, plan: ImportPlan, target: Installation, mended: MendedRecords
) -> None:
    plan = replace(plan, options=replace(plan.options, as_shown=0))
    for name, key in mended.new_keys:
        add_picklist_key(target, run.batch_key, plan, name, key)
    entity_type = find_entity_type(target.entity_types(), plan.entity_type)
    require_strategies(plan, entity_type)
    write_import_records(run, plan, target, entity_type)
    run.find_all_problems(target)


def _build_check(run: CheckRun, mended: MendedRecords) -> RepairCheck:
    problems = [
        CheckedProblem(index, run.task.place(index), problem)
        for index, outcome in sorted(run.found.items())
        if outcome.problem is not None
        for problem in (outcome.problem, *run.further.get(index, ()))
    ]
    rest = first_untried(run.workspace, run.task)
    notes = [*mended.notes]
    if rest:
        number = run.task.counts.skipped
        come = "comes" if number == 1 else "come"
        notes.append(
            f"{count_records(number)} that the import did not try {come} along, and "
            "were not checked."
        )
    return RepairCheck(Counts().plus(run.found.values()), tuple(problems), tuple(notes))
