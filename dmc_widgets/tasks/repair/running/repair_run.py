"""The state of a task while records of it are tried again.

Outcomes take the place of those that the records had, so the counts of the task and of
its parts follow. A record without a new outcome keeps its old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NamedTuple

from ....model.change import join_changes
from ....model.outcome import Outcome, OutcomeKind, Problem
from ....model.plan import ImportPlan
from ....model.task import Counts, TaskStatus, final_status, part_number
from ....workspace import Failure, Workspace
from ....workspace.digests import list_digests
from ....workspace.outcomes import OutcomeBatch, PendingBatch
from ....workspace.repairs import RepairRound, RepairRow
from ...imports.postponed import find_postponed
from ...imports.record_writer import WrittenChunk
from ...task_run import TaskRun
from ..mending.sealed_mends import MendSealer

_FIRST: Final = 1 << 40  # above the number of any record

_NO_ROUND: Final = RepairRound(0)
_NOT_IN: Final = frozenset({OutcomeKind.FAILED, OutcomeKind.SKIPPED})
_ENDED: Final = frozenset({TaskStatus.FAILED, TaskStatus.PARTIALLY_COMPLETED})
_UNTRIED: Final = frozenset({OutcomeKind.SKIPPED})


class RetriedRecords(NamedTuple):
    """Records that are written together.

    Attributes:
        indices: Their numbers in the task.
        before: The outcome that they had.
        are_links: Only links to other entries are written, of items that are stored;
            the outcomes of these say nothing of the records unless they fail.
    """

    indices: Sequence[int]
    before: OutcomeKind
    are_links: bool = False


@dataclass(slots=True)
class RepairRun(TaskRun):
    """A task whose records are tried again.

    Attributes:
        round: The open round.
        is_waiting: Records whose parents come later in the file are left to the next
            round.
    """

    round: RepairRound = _NO_ROUND
    is_waiting: bool = False
    _retried: dict[int, RetriedRecords] = field(default_factory=dict)
    _next: int = _FIRST

    @property
    def is_repair(self) -> bool:
        """Failed records of the task are tried again; nothing else is done."""
        return True

    @property
    def waits_for_parents(self) -> bool:
        """As :attr:`is_waiting`."""
        return self.is_waiting

    @property
    def batch_key(self) -> str:
        """The key of the round's batches, which differ from those of the run."""
        mark = self.workspace.tasks.mark(self.task.id)
        return f"{mark}.r{self.round.number}"

    def rows(self) -> Iterator[RepairRow]:
        """Yield the records of the open round by their numbers, without the rest."""
        sealer = MendSealer(self.task)
        for row in self.workspace.repairs.rows(self.task.id, self.round.number):
            yield replace(row, mend=sealer.reveal(row.index, row.mend))

    def pending_batches(self) -> list[PendingBatch]:
        """Return the batches without outcomes that an interrupted round announced."""
        return self.workspace.outcomes.pending(self.task.id)

    def find_outcome(self, index: int) -> Outcome | None:
        """Return the outcome that a record has by now, without its problem."""
        return self.workspace.outcomes.find(self.task.id, index)

    def find_problem(self, index: int) -> Problem | None:
        """Return why a record failed; None if it has not."""
        failure = self.workspace.outcomes.failure(self.task.id, index)
        return failure.problem if failure else None

    def find_postponed(self) -> list[int]:
        """Return the numbers of the records that wait for later ones of the file."""
        return find_postponed(self.workspace, self.task.id)

    def has_success(self) -> bool:
        """Return True if a record has come in since the open round began.

        Another worker may have written it, which was killed.
        """
        return self.workspace.repairs.has_success(self.task.id, self.round.number)

    def announce(self, records: RetriedRecords) -> int:
        """Return the number under which *records* are written together.

        The number only tells them from others; records that are tried again do not
        follow each other in the file.
        """
        first = self._next
        self._next += len(records.indices)
        self._retried[first] = records
        return first

    def begin_next_round(self, indices: Sequence[int]) -> None:
        """Go on with another round, with records that failed."""
        self.round = self.workspace.repairs.begin_next(self.task.id, indices)
        self._begin_round()

    def _begin_round(self) -> None:
        self.is_waiting = False
        self._retried.clear()
        self._next = _FIRST

    def look_at(self, written: WrittenChunk, plan: ImportPlan) -> None:
        """Look at records with their outcomes; checks find out more about them."""

    def pass_over(self, number: int) -> None:
        """Pass over the numbers of records that have an outcome in this round."""
        self._next += number

    def index_of(self, number: int) -> int:
        """Return the number in the task of a record, from that in its batch."""
        for first, records in self._retried.items():
            if first <= number < first + len(records.indices):
                return records.indices[number - first]
        return number

    def keep(self, outcomes: OutcomeBatch, failures: Sequence[Failure]) -> None:
        """Count outcomes in place of earlier ones, and record them.

        Raises:
            WorkspaceError: They could not be recorded.
        """
        first = outcomes.first_index
        indices, before, are_links = self._retried[first]
        failures = [replace(x, index=indices[x.index - first]) for x in failures]
        tried = {
            index: outcome
            for index, outcome in zip(indices, outcomes.outcomes, strict=True)
            if outcome.kind not in _UNTRIED
        }
        if are_links:
            tried = self._join_links(tried)
            self.workspace.repairs.mark_stored(self.task.id, indices)
        else:
            self._count_again(tried, before)
        digests = dict(zip(indices, list_digests(outcomes.digests), strict=False))
        sent = {index: digests[index] for index in tried if index in digests}
        record = self.workspace.repairs.record
        self._unrecorded.append(
            partial(record, self.task.id, tried, failures, sent, announced=first)
        )
        self._record()

    def _join_links(self, links: dict[int, Outcome]) -> dict[int, Outcome]:
        """Return the outcomes of records whose links were written after their items."""
        store, joined = self.workspace, dict[int, Outcome]()
        for index, outcome in links.items():
            before = store.outcomes.find(self.task.id, index) or outcome
            change = join_changes(
                store.changes.find(self.task.id, index), outcome.change
            )
            kind = before.kind
            if outcome.kind is OutcomeKind.FAILED:
                kind = outcome.kind
            elif kind in _NOT_IN:  # its item came in with an earlier round
                kind = OutcomeKind.UPDATED
            elif kind is OutcomeKind.UNCHANGED:
                kind = outcome.kind
            joined[index] = outcome._replace(kind=kind, key=before.key, change=change)
            self._count_again({index: joined[index]}, before.kind)
        return joined

    def _count_again(self, outcomes: dict[int, Outcome], before: OutcomeKind) -> None:
        tried = [*outcomes.values()]
        self.note_counts.update(outcome.note for outcome in tried if outcome.note)
        self.counts = _recount(self.counts, tried, before)
        for index, outcome in outcomes.items() if self.parts else ():
            number = part_number(self.parts, index)
            part = self.parts[number]
            counts = _recount(part.counts, [outcome], before)
            status = part.status
            if status in _ENDED and not counts.skipped:
                status = final_status(self.task.action, counts, stopped=False)
            self.parts[number] = replace(part, counts=counts, status=status)

    def skip(self, first: int, number: int) -> None:
        """Do nothing: records that are not tried keep their outcomes."""

    def skip_pending(self) -> None:
        """Forget the records under way, which keep the outcomes that they had."""
        self.pending.clear()

    def end_parts(self, status: TaskStatus) -> None:
        """Leave the parts as they are: their counts are those of the whole task."""

    def _count_pending(self) -> None:
        self.pending.clear()


def _recount(counts: Counts, tried: Iterable[Outcome], before: OutcomeKind) -> Counts:
    """Return counts in which *tried* are no longer counted as *before*."""
    outcomes = [*tried]
    return counts.plus_many(before, -len(outcomes)).plus(outcomes)


def open_repair(workspace: Workspace, task_id: int) -> RepairRun:
    """Return the state of a task whose open round is carried out.

    What is recorded is counted again, because the worker before may have died.
    """
    task = workspace.tasks.get(task_id)
    # What was verified before is verified again at the end.
    notes = (x for x in task.notes if not x.startswith("Verification: "))
    task = replace(task, notes=tuple(notes))
    opened = workspace.repairs.open_round(task_id) or _NO_ROUND
    run = RepairRun(
        workspace,
        task,
        parts=[replace(part, counts=Counts()) for part in task.parts],
        exported_file=task.exported_file,
        round=opened,
    )
    _count_recorded(run)
    return run


def _count_recorded(run: RepairRun) -> None:
    for recorded in run.workspace.outcomes.read(run.task.id):
        run.count(recorded.outcomes)
        if run.parts:
            number = part_number(run.parts, recorded.first_index)
            part = run.parts[number]
            counts = part.counts.plus(recorded.outcomes)
            run.parts[number] = replace(part, counts=counts)
    run.note_counts.clear()
