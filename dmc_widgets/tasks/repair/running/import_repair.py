"""Try the failed records of an import again, as they were mended.

The records are read from the file of the task once more, so that nothing is lost that
reports shorten or hide; the mends are applied to them. Where the import stopped at the
first failure, the records after it come along.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from ....formats.source import Source, open_source
from ....model.entity_type import EntityType
from ....model.mend import Mend
from ....model.outcome import OutcomeKind
from ....model.plan import ImportPlan, MigrationPlan
from ....model.record import Record, UnreadableRecord
from ....model.run_options import RunOptions
from ....model.strategies import ErrorStrategy
from ....ports import Installation
from ....workspace import Failure
from ....workspace.repairs import RepairRow
from ...imports.document_notes import (
    STORED_OUTCOMES,
    create_reference_tracker,
    report_placeholders,
)
from ...imports.expressions import compile_expression
from ...imports.file_chunks import read_chunks
from ...imports.later_parents import OwnReferences
from ...imports.numbered_chunk import NumberedChunk
from ...imports.offered_strategies import require_strategies
from ...imports.open_placeholders import report_open_placeholders
from ...imports.parent_lookups import create_lookups
from ...imports.postponed import find_postponed
from ...imports.record_writer import RecordWriter
from ...installation_access import require_permission
from ...task_files import original_file
from ...task_run import TaskRun
from ...verification.automatic import verify_at_end
from .parents_first import OrderedRecord, ParentsFirst
from .repair_end import begin_round_for_references, finish_repair
from .repair_run import RepairRun, RetriedRecords

_Plan = TypeVar("_Plan", ImportPlan, MigrationPlan)

_BATCH_RECORDS = 200
_BATCH_BYTES = 4 * 1024 * 1024


def run_import_repair(
    run: RepairRun,
    plan: ImportPlan,
    installation: Installation,
    entity_type: EntityType,
) -> None:
    """Try the records of the task's open round again, and end the round.

    Raises:
        FileError: The file of the task cannot be read.
        InstallationError: The installation gave up.
        InvalidPlan: An expression of the mapping is invalid.
        NotSupported: The installation does not offer a strategy of the plan.
        TaskCancelled: The task was cancelled.
    """
    plan = replace(plan, options=replace(plan.options, as_shown=0))
    require_strategies(plan, entity_type)
    require_permission(installation, entity_type, plan.policy, plan.scope)
    run.references = create_reference_tracker(run, installation, entity_type)
    failure = write_import_records(run, plan, installation, entity_type)
    report_placeholders(run, installation)
    report_open_placeholders(run, installation, [entity_type], plan.policy)
    verify_at_end(run, plan, installation)
    finish_repair(run, failure)


def write_import_records(
    run: RepairRun,
    plan: ImportPlan,
    installation: Installation,
    entity_type: EntityType,
) -> Failure | None:
    """Write the records of the open round, and of those that follow from it.

    Returns:
        The failure that stopped the repair; None if none did.

    Raises:
        FileError: The file of the task cannot be read.
        InstallationError: The installation gave up.
        InvalidPlan: An expression of the mapping is invalid.
        TaskCancelled: The task was cancelled.
    """
    path = original_file(run.workspace, run.task).path
    with open_source(path, name=run.task.original_file, options=plan.reading) as source:
        repair = _ImportRepair(run, plan, installation, entity_type)
        run.is_waiting = plan.policy.error_strategy is ErrorStrategy.STOP
        failure = repair.carry_out(source)
        if failure is None:
            repair.plan = continue_upon_error(plan)  # all have been tried by now
            repair.carry_out_further_rounds(source)
    return failure


def retry_postponed(
    run: TaskRun,
    plan: ImportPlan,
    installation: Installation,
    entity_type: EntityType,
    source: Source,
) -> None:
    """Try the records again that wait for parents further down in their file.

    Rounds follow each other until no record comes in any more. What fails then was
    tried, so it does not stop the import.

    Args:
        run: The task, which has written all other records; its counts follow.
        plan: The plan of the import.
        installation: The target.
        entity_type: The entity type of the records.
        source: The file.

    Raises:
        FileError: The file cannot be read again.
        InstallationError: The installation gave up.
        TaskCancelled: The task was cancelled.
    """
    repairs, task_id = run.workspace.repairs, run.task.id
    opened = repairs.begin_within(run.task, find_postponed(run.workspace, task_id))
    retries = RepairRun(
        run.workspace,
        run.task,
        counts=run.counts,
        done=run.done,
        references=run.references,
        round=opened,
    )
    plan = continue_upon_error(plan)
    repair = _ImportRepair(retries, plan, installation, entity_type)
    try:
        repair.carry_out(source)
        repair.carry_out_further_rounds(source)
        repairs.end(task_id)
    finally:
        run.counts = retries.counts
        run.note_counts.update(retries.note_counts)
        run.notes += retries.notes


def continue_upon_error(plan: _Plan) -> _Plan:
    """Return a plan in which no failure stops the records after it."""
    policy = replace(plan.policy, error_strategy=ErrorStrategy.CONTINUE)
    return replace(plan, policy=policy)


@dataclass(slots=True)
class _ImportRepair:
    """Writes the records of rounds of one task."""

    run: RepairRun
    plan: ImportPlan
    installation: Installation
    entity_type: EntityType

    def carry_out_further_rounds(self, source: Source) -> None:
        """Try records again that name others, as long as that brings some in."""
        while begin_round_for_references(self.run):
            self.carry_out(source)

    def carry_out(self, source: Source) -> Failure | None:
        """Write the records of the open round; return the failure that stopped it."""
        run = self.run
        run.total = source.size
        with closing(self._create_order()) as order:
            batches = _RetriedBatches(run, run.rows(), self.plan.options, order)
            failure = self._write(batches.read(source), self.plan)
            if failure is None and batches.has_links:
                failure = self._write(batches.read_links(source.size), self._link_plan)
            return failure

    def _write(
        self, chunks: Iterator[NumberedChunk], plan: ImportPlan
    ) -> Failure | None:
        run = self.run
        announced = {x.first_index: x for x in run.pending_batches()}
        writer = RecordWriter(run, plan, self.installation, self.entity_type, announced)
        for written in writer.write(chunks):
            run.advance(written.chunk.done)
            run.look_at(written, plan)
            if written.failure is not None and writer.stops:
                run.skip_pending()
                index = run.index_of(written.failure.index)
                return run.workspace.outcomes.failure(run.task.id, index)
        return None

    @property
    def _link_plan(self) -> ImportPlan:
        """The plan with which records are written that have left out their parents."""
        plan = self.plan
        options = replace(plan.options, as_shown=0)
        return replace(plan, policy=plan.policy.for_links(), options=options)

    def _create_order(self) -> ParentsFirst:
        plan, entity_type = self.plan, self.entity_type
        lookups = create_lookups(self.installation, plan, entity_type)
        references = OwnReferences(plan, entity_type, lookups)
        to_item = plan.mapping.compile(entity_type, compile_expression)
        return ParentsFirst(references, entity_type, to_item)


class _RetriedBatches:
    """The batches of a round: the mended records, and what comes along after them.

    They are the same whenever the round is carried out; those with outcomes are left
    out. The records pass through: very many may have failed.
    """

    def __init__(
        self,
        run: RepairRun,
        rows: Iterator[RepairRow],
        options: RunOptions,
        order: ParentsFirst,
    ) -> None:
        self._run = run
        self._options = options
        self._order = order
        self._rows = rows
        self._stored: dict[int, None] = {}
        self._left_out: list[int] = []
        self._number = 0

    @property
    def has_links(self) -> bool:
        """True if records have left out a parent, in this round or an earlier one."""
        return bool(self._stored or self._left_out)

    def read(self, source: Source) -> Iterator[NumberedChunk]:
        """Yield the batches that have no outcomes in this round."""
        for batch in _split(self._order.sort(self._read_mended(source))):
            self._left_out += [x.number for x in batch if x.left_out]
            yield from self._batch(batch, source.position)
        if self._run.round.rest:
            yield from self._read_rest(source)

    def read_links(self, done: int) -> Iterator[NumberedChunk]:
        """Yield the records that left out a parent, whole, as far as they are stored.

        The target knows the batches that it has written by their marks.
        """
        links = (*self._stored, *self._left_out)
        stored = (self._order.find(x) for x in links if self._is_stored(x))
        for batch in _split(stored):
            self._number += 1
            indices = [x.number for x in batch]
            retried = RetriedRecords(indices, OutcomeKind.CREATED, are_links=True)
            records = [x.record for x in batch]
            first = self._run.announce(retried)
            yield NumberedChunk(self._number, first, records, done)

    def _is_stored(self, index: int) -> bool:
        if index in self._stored:
            return True
        outcome = self._run.find_outcome(index)
        return outcome is not None and outcome.kind in STORED_OUTCOMES

    def _read_mended(self, source: Source) -> Iterator[OrderedRecord]:
        """Yield the mended records that are not stored yet; keep the others."""
        row = next(self._rows, None)
        position = source.position
        for index, record in enumerate(source.records(), start=1):
            if row is None:
                break
            size, position = source.position - position, source.position
            if index != row.index:
                continue
            mended = OrderedRecord(
                index, mend_record(record, row.mend), size, is_done=row.is_done
            )
            if row.is_stored:
                self._stored[index] = None
                self._order.keep(mended)
            else:
                yield mended
            self._run.advance(self._run.done)
            row = next(self._rows, None)

    def _batch(
        self, batch: list[OrderedRecord], position: int
    ) -> Iterator[NumberedChunk]:
        self._number += 1
        indices = [x.number for x in batch]
        if all(x.is_done for x in batch):
            self._run.pass_over(len(indices))
            return
        first = self._run.announce(RetriedRecords(indices, OutcomeKind.FAILED))
        left_out = [x.left_out for x in batch] if any(x.left_out for x in batch) else []
        records = [x.record for x in batch]
        yield NumberedChunk(self._number, first, records, position, left_out)

    def _read_rest(self, source: Source) -> Iterator[NumberedChunk]:
        """Yield the records that were not tried, in the batches of the file."""
        store = self._run.workspace.outcomes
        rest = self._run.round.rest
        for chunk in read_chunks(source, self._options):
            end = chunk.first + len(chunk.records)
            if end <= rest:
                continue
            self._number += 1
            first = max(rest, chunk.first)
            indices = range(first, end)
            if not store.are_skipped(self._run.task.id, first, end - first):
                self._run.pass_over(len(indices))
                continue
            number = self._run.announce(RetriedRecords(indices, OutcomeKind.SKIPPED))
            records = chunk.records[first - chunk.first :]
            yield NumberedChunk(self._number, number, records, chunk.done)


def _split(records: Iterator[OrderedRecord]) -> Iterator[list[OrderedRecord]]:
    """Yield records as batches."""
    batch: list[OrderedRecord] = []
    size = 0
    for record in records:
        batch.append(record)
        size += record.size
        if len(batch) >= _BATCH_RECORDS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def mend_record(
    record: Record | UnreadableRecord, mend: Mend
) -> Record | UnreadableRecord:
    """Return a record with its mends; one that cannot be read has only these."""
    if isinstance(record, UnreadableRecord):
        return mend.apply({}) if mend else record
    return mend.apply(record)
