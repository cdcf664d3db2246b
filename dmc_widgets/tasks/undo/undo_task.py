"""The task of an undo: what another task did, taken back from its last record on.

The order of dependencies needs no planning: what came later may need what came before,
so the records are taken back in reverse. The batches follow from the journal of the
finished task, which does not change, so an undo that is resumed writes batches that the
installation recognises by their marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain, groupby
from typing import Final, NamedTuple

import orjson

from ...errors import NotSupported
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import IN_USE_SINCE, Outcome, OutcomeKind, Problem
from ...model.plan import UndoPlan
from ...model.task import Counts, Task, TaskPart, final_status, part_number
from ...objects.names import ERC, SCOPE_KEY
from ...objects.parts.part_kinds import PICKLIST_ENTRY
from ...ports import (
    Installation,
    ItemRemover,
    Rehearser,
    UndoBatch,
    Undoer,
    WrittenItem,
)
from ...workspace import Failure, Workspace
from ...workspace.changes import RecordChange
from ...workspace.outcomes import OutcomeBatch
from ..installation_access import find_entity_type
from ..task_run import PendingRecords, TaskRun
from .server_undo import ServerUndo

DRY_RUN_NOTE: Final = (
    "This was a dry run: nothing was taken back, and the counts say what would become "
    "of the records."
)
_MAX_BATCH_RECORDS: Final = 200  # each record takes statements of its own
_RETRIED: Final = 10**12
"""Added to the number of the first record of a batch that is tried again."""
_NO_REASON: Final = Problem(
    "refused", "The installation refused to take the item back and gave no reason."
)


def run_undo(run: TaskRun, plan: UndoPlan, installation: Installation) -> None:
    """Carry out an undo to its end.

    Raises:
        InstallationError: The installation gave up.
        NotSupported: The installation cannot undo.
        TaskCancelled: The task was cancelled.
    """
    if plan.dry_run:
        run.notes.append(DRY_RUN_NOTE)
    with _open_target(run, plan, installation) as target:
        _UndoTask(run, plan, target).carry_out()


@contextmanager
def _open_target(
    run: TaskRun, plan: UndoPlan, installation: Installation
) -> Iterator[Undoer]:
    """Yield what takes back; of a dry run, what takes its own work back in the end."""
    if plan.dry_run and isinstance(installation, Rehearser):
        with installation.rehearsal() as rehearsal:
            yield require_undoer(rehearsal)
        return
    if isinstance(installation, ItemRemover) and not isinstance(installation, Undoer):
        with closing(ServerUndo(installation, run.workspace, run.task.id)) as target:
            yield target
        run.workspace.outcomes.remove_pending(run.task.id)
        return
    yield require_undoer(installation)


def require_undoer(installation: Installation) -> Undoer:
    """Return the installation as one that can undo.

    Raises:
        NotSupported: It cannot.
    """
    if isinstance(installation, Undoer):
        return installation
    raise NotSupported(
        what="This kind of installation cannot take tasks back.",
        instead="Restore the items from a backup.",
    )


class _Chunk(NamedTuple):
    """Records of one entity type, the last first."""

    entity_type: str
    records: list[RecordChange]


class _Kept(NamedTuple):
    """Records that were left alone because others need their items, by their places."""

    entity_type: str
    records: dict[int, RecordChange]


class _UndoTask:
    """Takes back the records of one task."""

    def __init__(self, run: TaskRun, plan: UndoPlan, target: Undoer) -> None:
        self._run = run
        self._plan = plan
        self._target = target
        self._undone = run.workspace.tasks.get(plan.task)
        self._mark = run.workspace.tasks.mark(run.task.id)
        self._types: list[EntityType] = []
        self._keys = _read_added_keys(run.workspace, self._undone)
        self._kept: list[_Kept] = []

    def carry_out(self) -> None:
        """Take back batch after batch, from the last one on."""
        run = self._run
        counts = self._undone.counts
        run.total = counts.created + counts.updated + len(self._keys)
        first = 1
        run.workspace.outcomes.keep_tried(run.task.id, run.worker, stops=False)
        if isinstance(self._target, ServerUndo):
            chunks = _read_whole_batches(run.workspace, self._undone)
        else:
            chunks = _read_chunks(run.workspace, self._undone)
        keys = [_Chunk(PICKLIST_ENTRY.class_name, self._keys)] if self._keys else []
        for number, chunk in enumerate(chain(chunks, keys), start=1):
            self._begin_part(chunk.entity_type)
            self._take_back(number, first, chunk)
            first += len(chunk.records)
            run.advance(first - 1)
        self._end_part()
        self._retry_kept()
        run.finish(final_status(run.task.action, run.counts, stopped=False))

    def _begin_part(self, entity_type: str) -> None:
        """Begin a part where the entity type changes, in an undo of several."""
        parts = self._run.parts
        is_alone = not self._undone.parts and not self._keys
        if is_alone or (parts and parts[-1].entity_type == entity_type):
            return
        self._end_part()
        parts.append(TaskPart(entity_type=entity_type))
        self._run.begin_part(len(parts) - 1)

    def _end_part(self) -> None:
        run = self._run
        if run.parts:
            status = final_status(run.task.action, run.part_counts, stopped=False)
            run.end_part(len(run.parts) - 1, status)

    def _take_back(self, number: int, first: int, chunk: _Chunk) -> None:
        run = self._run
        recorded = run.workspace.outcomes.find_batch(run.task.id, first)
        if recorded is not None and not recorded.is_skipped:
            run.count(recorded.outcomes)
            self._note_kept(first, chunk, recorded.outcomes)
            return
        run.pending.append(PendingRecords(first, len(chunk.records)))
        run.require_ownership()
        entity_type = self._find_type(chunk.entity_type)
        items = [
            WrittenItem(record.kind, record.key, record.change)
            for record in chunk.records
        ]
        batch = UndoBatch(
            task=self._mark,
            number=number,
            items=items,
            dry_run=self._plan.dry_run,
            first=first,
        )
        outcomes = self._target.undo(entity_type, batch)
        if entity_type.class_name != OBJECT_ENTRY:
            self._types = []  # the batch may have changed the fields of entries
        run.pending.popleft()
        run.keep(OutcomeBatch(first, outcomes), _failures(first, items, outcomes))
        self._note_kept(first, chunk, outcomes)

    def _note_kept(
        self, first: int, chunk: _Chunk, outcomes: Sequence[Outcome]
    ) -> None:
        pairs = zip(chunk.records, outcomes, strict=True)
        records = {
            index: record
            for index, (record, outcome) in enumerate(pairs, start=first)
            if outcome.note == IN_USE_SINCE
        }
        if records:
            self._kept.append(_Kept(chunk.entity_type, records))

    def _retry_kept(self) -> None:
        """Take back what was in use only by items that were taken back after it.

        Records may name each other, so no order serves all of them at once.
        """
        while self._kept:
            self._run.require_ownership()
            left = [x for kept in self._kept if (x := self._retry(kept)).records]
            if sum(len(x.records) for x in left) == self._count_kept():
                return
            self._kept = left

    def _count_kept(self) -> int:
        return sum(len(kept.records) for kept in self._kept)

    def _retry(self, kept: _Kept) -> _Kept:
        """Try records again, and return those that are still in use."""
        run = self._run
        indices = [*kept.records]
        items = [WrittenItem(x.kind, x.key, x.change) for x in kept.records.values()]
        batch = UndoBatch(
            task=f"{self._mark}-kept-{indices[0]}-{len(items)}",
            number=1,
            items=items,
            dry_run=self._plan.dry_run,
            first=_RETRIED + indices[0],
        )
        outcomes = self._target.undo(self._find_type(kept.entity_type), batch)
        tried = {
            index: outcome
            for index, outcome in zip(indices, outcomes, strict=True)
            if outcome.kind is not OutcomeKind.SKIPPED
        }
        if tried:
            failures = [
                replace(failure, index=indices[failure.index])
                for failure in _failures(0, items, outcomes)
            ]
            run.workspace.repairs.record(
                run.task.id, tried, failures, {}, announced=-batch.first
            )
            self._count_again(tried)
        left = {x: kept.records[x] for x in indices if x not in tried}
        return _Kept(kept.entity_type, left)

    def _count_again(self, tried: dict[int, Outcome]) -> None:
        """Count records that were kept before."""
        run = self._run
        run.counts = _recount(run.counts, tried.values())
        run.note_counts.update(x.note for x in tried.values() if x.note)
        run.note_counts -= Counter({IN_USE_SINCE: len(tried)})
        for index, outcome in tried.items() if run.parts else ():
            number = part_number(run.parts, index)
            counts = _recount(run.parts[number].counts, [outcome])
            status = final_status(run.task.action, counts, stopped=False)
            run.parts[number] = replace(run.parts[number], counts=counts, status=status)

    def _find_type(self, name: str) -> EntityType:
        """Return an entity type, which an earlier batch may have brought back."""
        if not any(known.is_named(name) for known in self._types):
            self._types = self._target.entity_types()
        return find_entity_type(self._types, name)


def _read_chunks(workspace: Workspace, task: Task) -> Iterator[_Chunk]:
    """Yield what a task did, from its last record on, in pieces of one entity type."""
    records = workspace.changes.read(task.id, backwards=True)
    for entity_type, group in groupby(records, lambda each: type_of(task, each.index)):
        chunk: list[RecordChange] = []
        for record in group:
            chunk.append(record)
            if len(chunk) == _MAX_BATCH_RECORDS:
                yield _Chunk(entity_type, chunk)
                chunk = []
        if chunk:
            yield _Chunk(entity_type, chunk)


def _read_whole_batches(workspace: Workspace, task: Task) -> Iterator[_Chunk]:
    """Yield what a task did, from its last batch on, in the batches that it wrote.

    The fingerprints of a batch's items are those after the whole of it.
    """
    records = workspace.changes.read(task.id, backwards=True)
    for _, group in groupby(records, lambda each: each.batch):
        batch = list(group)
        yield _Chunk(type_of(task, batch[0].index), batch)


def _read_added_keys(workspace: Workspace, task: Task) -> list[RecordChange]:
    """Return the picklist keys that repairs of a task have added, the last first.

    They are taken back after the records, which may hold them.
    """
    added = reversed(workspace.changes.added_keys(task.id))
    return [
        RecordChange(
            0, OutcomeKind.CREATED, key, change
        )  # they have no place in the file
        for key, change in added
    ]


def _recount(counts: Counts, tried: Iterable[Outcome]) -> Counts:
    """Return counts with the outcomes of records that were skipped before."""
    outcomes = [*tried]
    return counts.plus_many(OutcomeKind.SKIPPED, -len(outcomes)).plus(outcomes)


def type_of(task: Task, index: int) -> str:
    """Return the key of the entity type that a record of a task belongs to."""
    for part in reversed(task.parts):
        if part.counts.total and part.first <= index:
            return part.entity_type
    return task.plan.entity_type


def _failures(
    first: int, items: list[WrittenItem], outcomes: Sequence[Outcome]
) -> list[Failure]:
    return [
        Failure(index, outcome.problem or _NO_REASON, _describe(item))
        for index, (item, outcome) in enumerate(
            zip(items, outcomes, strict=True), start=first
        )
        if outcome.kind is OutcomeKind.FAILED
    ]


def _describe(item: WrittenItem) -> str:
    named = {ERC: item.key}
    if item.change.site:
        named[SCOPE_KEY] = item.change.site
    return orjson.dumps(named).decode()
