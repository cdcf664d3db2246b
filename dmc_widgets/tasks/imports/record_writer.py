"""Write records to an installation: map them, write batches, record the outcomes."""

from __future__ import annotations

import itertools
import logging
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ...errors import DmcError, Unreachable
from ...model.batch_results import BatchResults
from ...model.entity_type import EntityType
from ...model.entry_digests import EntryDigests
from ...model.line_items import LineItems
from ...model.mapping import Values
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.outcome_runs import count_kinds
from ...model.plan import Action, ImportPlan
from ...model.record import Record, UnreadableRecord
from ...model.strategies import ErrorStrategy, UpdateStrategy
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.names import SCOPE_KEY
from ...ports import (
    Batch,
    Installation,
    Item,
    OutcomeRecall,
    PipelinedWriter,
)
from ...workspace import Failure
from ...workspace.outcomes import MovedBatch, OutcomeBatch, PendingBatch
from ..matching.item_resolver import ItemResolver
from ..task_run import (
    PendingRecords,
    TaskPaused,
    TaskRun,
    TaskTakenOver,
)
from ..verification.record_digests import RecordDigester
from .batch_comparison import BatchComparison
from .batch_outcomes import (
    MappedRecords,
    describe_unknown,
    identifying_fields,
    leave_out,
    list_failures,
    list_refused,
    merge_outcomes,
    record_code,
    sendable_items,
    unknown_outcomes,
)
from .deletion_guard import DeletionGuard
from .document_notes import (
    STORED_OUTCOMES,
    IgnoredChangeFinder,
    IgnoredChanges,
    definition_fetcher,
    document_notes,
    filter_stored_changes,
)
from .expressions import compile_expression
from .line_reading import LineReading
from .numbered_chunk import NumberedChunk
from .postponed import first_failure, is_postponed
from .record_texts import RecordTexts

if TYPE_CHECKING:
    from ..dry_runs.shown_outcomes import ShownOutcomes

_NOTHING: Final = frozenset[str]()

_log = logging.getLogger(__name__)


class WrittenChunk(NamedTuple):
    """A chunk and its outcomes.

    Attributes:
        chunk: The chunk.
        outcomes: The outcomes, one a record.
        failure: The first record that failed; None if none did.
    """

    chunk: NumberedChunk
    outcomes: Sequence[Outcome]
    failure: Failure | None


@dataclass(slots=True)
class _PendingChunk:
    """A chunk on its way into the installation.

    Attributes:
        chunk: The chunk.
        mapped: What the mapping made of each record.
        items: The items that are sent.
        ignored: The changes of each item that the installation will ignore.
        digests: Takes the digests of the entries that the installation stores.
    """

    chunk: NumberedChunk
    mapped: MappedRecords = ()
    items: Sequence[Item] = ()
    ignored: Sequence[IgnoredChanges] = ()
    digests: EntryDigests | None = None


class RecordWriter:
    """Write the records of one entity type, chunk by chunk, for a running task.

    Args:
        run: The running task; it counts and records outcomes.
        plan: The mapping, the strategies and the site.
        installation: The target.
        entity_type: The entity type in the target.
        announced: What a worker that died has recorded of its batches before it wrote
            them, by the number of their first record.

    Attributes:
        entity_type: The entity type in the target.
        policy: The strategies of the plan.
        options: The options of the plan.
        stops: True if the first failed record ends the task.
        fields_seen: The names of the fields that records had.
        other_sites: The number of records that named another site than the plan, by
            the site's key.

    Raises:
        InvalidPlan: The mapping has an invalid expression or an impossible look-up.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
        announced: dict[int, PendingBatch] | None = None,
    ) -> None:
        self._run = run
        self._installation = installation
        self.entity_type = entity_type
        self._map = plan.mapping.compile(entity_type, compile_expression)
        self._resolver = ItemResolver(run, plan, installation, entity_type)
        self._ignored_changes = IgnoredChangeFinder(
            installation, entity_type, plan.policy
        )
        self._deletions = DeletionGuard(installation, plan, entity_type)
        self._plan = plan
        self.policy = plan.policy
        self.options = plan.options
        self._mark = run.batch_key
        self._texts = RecordTexts(plan.mapping, entity_type)
        self.stops = plan.policy.error_strategy is ErrorStrategy.STOP
        self.fields_seen: set[str] = set()
        self.other_sites: Counter[str] = Counter()
        self._pending: deque[_PendingChunk] = deque()
        self._shown = self._create_shown_outcomes()
        self._digester = RecordDigester(installation, entity_type, plan)
        self._has_file = run.task.action is Action.IMPORT and not run.is_repair
        self._announced = {} if announced is None else announced
        self._comparison = BatchComparison(
            run, plan, installation, entity_type, self._announced
        )
        self._lines = self._create_line_reading()
        self._results: Iterator[Sequence[Outcome]] = iter(())
        self._has_failed = False

    def _create_line_reading(self) -> LineReading | None:
        """Return what has lines read by the target; None if others look at records."""
        is_looked_at = self._resolver.needs_records or self._comparison.is_needed
        is_looked_at = is_looked_at or self._shown is not None
        if is_looked_at or self._run.predictor or not self._has_file:
            return None
        parts = self._installation, self.entity_type, self._plan
        return LineReading(*parts, self._map, self._resolver.are_resolved)

    def expect_no_links(self) -> None:
        """Take for granted that no record has a list of linked entries."""
        self._comparison.waits = False

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Let the batches that have begun get their outcomes when the block ends.

        Where several are written at once, some are under way when the caller stops.

        Raises:
            InstallationError: Nothing of one of them is stored.
        """
        try:
            yield
        except TaskTakenOver:
            self._finish_begun()
            raise
        except Exception:
            with suppress(DmcError):  # the first error tells why the task ends
                self._settle()
            raise
        self._settle()

    def write(self, chunks: Iterable[NumberedChunk]) -> Iterator[WrittenChunk]:
        """Write chunks, each as one batch; yield their outcomes.

        While the installation works on a batch, the next one may be read and mapped.
        If the caller stops iterating, no further batch is written.

        Raises:
            InstallationError: The installation gave up, or the outcomes of some
                records are unknown.
            TaskTakenOver: Another process has ended the task.
        """
        self._results = self._write_batches(self._prepare_batches(chunks))
        while True:
            try:
                outcomes = next(self._results, None)
            except (DmcError, TaskTakenOver):
                self._has_failed = True
                raise  # nothing of the oldest batch is stored
            except Exception:
                self._recover_oldest()
                raise
            if outcomes is None:
                return
            yield self._receive(self._pop_pending(), outcomes)

    def recall(self, chunk: NumberedChunk) -> Failure | Literal[True] | None:
        """Count and record the outcomes of a chunk that another worker has written.

        Returns:
            The first record that failed, or True if none did; None if nothing of
            the chunk was written.

        Raises:
            InstallationError: The installation does not answer.
        """
        pending = self._restore_pending(chunk)
        outcomes = self._recall_outcomes(pending)
        if outcomes is None:
            return None
        failures = self._record(chunk, outcomes, pending.mapped)
        return first_failure(failures) or True

    def _prepare_batches(self, chunks: Iterable[NumberedChunk]) -> Iterator[Batch]:
        """Map chunks, announce them where needed, and yield their batches."""
        for chunk in chunks:
            digests = self._digester.collect() if self._has_file else None
            pending = _PendingChunk(chunk, digests=digests)
            self._pending.append(pending)
            self._run.pending.append(PendingRecords(chunk.first, len(chunk.records)))
            self._run.require_ownership()
            if chunk.first in self._announced:
                self._forget_unless_written(chunk)
            pending.mapped = self._map_chunk(chunk)
            pending.items = sendable_items(pending.mapped, stop=self.stops)
            pending.ignored = self._ignored_changes.find(pending.items)
            self._comparison.read_before(chunk.first, pending.items)
            self._announce(pending)
            batch = self._create_batch(pending)
            is_begun = chunk.first in self._announced  # by a run that was as shown
            if self._run.predictor and self._shown and not is_begun:
                written = self._run.predictor.write(self.entity_type, batch)
                self._require_shown(pending, written)
            yield batch

    def _forget_unless_written(self, chunk: NumberedChunk) -> None:
        """Look up again what the records name if the other worker has not written them.

        Otherwise the same items have to be sent, because their outcomes are known.
        """
        pending = self._restore_pending(chunk)
        if self._recall_outcomes(pending) is None:
            del self._announced[chunk.first]

    def _restore_pending(self, chunk: NumberedChunk) -> _PendingChunk:
        """Return a chunk as another worker has announced it."""
        mapped = self._map_chunk(chunk)
        return _PendingChunk(chunk, mapped, sendable_items(mapped, stop=self.stops))

    def _write_batches(self, batches: Iterator[Batch]) -> Iterator[Sequence[Outcome]]:
        """Yield the outcomes of batches.

        Look-ups that depend on what the batch before has written wait for its end.
        """
        target = self._installation
        waits = self._resolver.waits or self._shown is not None
        waits = waits or self._comparison.waits
        if isinstance(target, PipelinedWriter) and not waits:
            at_once = 1 if self._run.is_repair else self.options.at_once
            return target.write_all(self.entity_type, batches, at_once)
        return (target.write(self.entity_type, batch) for batch in batches)

    def _finish_begun(self) -> Sequence[Sequence[Outcome] | DmcError]:
        results = self._results
        return results.finish_begun() if isinstance(results, BatchResults) else []

    def _settle(self) -> None:
        """Record the outcomes of the batches that have begun.

        What has none stays among the pending records.

        Raises:
            InstallationError: Nothing of a batch is stored.
        """
        begun = self._finish_begun()
        if not begun:
            return
        errors: list[DmcError] = []
        waiting = [self._pop_pending()] if self._has_failed else []
        for outcomes in begun:
            pending = self._pop_pending()
            try:
                if isinstance(outcomes, DmcError):
                    raise outcomes
                self._receive(pending, outcomes)
            except Unreachable as exc:
                errors.append(exc)
                if isinstance(outcomes, DmcError):
                    waiting.append(pending)
            except (DmcError, TaskPaused) as exc:
                waiting.append(pending)
                errors += [exc] if isinstance(exc, DmcError) else []
        for pending in reversed(waiting):
            self._pending.appendleft(pending)
            chunk = pending.chunk
            self._run.pending.appendleft(
                PendingRecords(chunk.first, len(chunk.records))
            )
        if errors:
            raise errors[0]

    def _receive(
        self, pending: _PendingChunk, written: Sequence[Outcome]
    ) -> WrittenChunk:
        """Record the outcomes of a chunk, and note what else they tell.

        Raises:
            Unreachable: Some of the outcomes are unknown.
        """
        chunk, mapped, items = pending.chunk, pending.mapped, pending.items
        try:
            written = self._comparison.add_changes(chunk.first, items, written)
        except Unreachable as exc:  # once it answers, the batch is asked for again
            cause = Problem(exc.code, exc.reason)
            unknown = Outcome(OutcomeKind.UNKNOWN, problem=cause)
            return self._finish_chunk(pending, [unknown] * len(chunk.records), "")
        is_read = isinstance(mapped, LineItems)  # by the target, so all are items
        if not is_read:
            tried = chunk.records[: len(items)] if self.stops else chunk.records
            self._note_fields(tried)
        outcomes = merge_outcomes(mapped, items, written, stop=self.stops)
        if outcomes is None:
            outcomes = unknown_outcomes(len(chunk.records))
            return self._finish_chunk(
                pending, outcomes, "It answered for other records"
            )
        item_outcomes = outcomes
        if not is_read:
            item_outcomes = [
                outcome
                for outcome, item in zip(outcomes, mapped, strict=True)
                if not isinstance(item, Problem)
            ]
        stored_changes = filter_stored_changes(pending.ignored, item_outcomes)
        self._run.ignored_changes += stored_changes
        self._resolver.confirm(items, item_outcomes)
        self._note_stored(items, item_outcomes)
        return self._finish_chunk(pending, outcomes, "It went away")

    def revisit(self, chunk: NumberedChunk, outcomes: Sequence[Outcome]) -> None:
        """Note what records tell that were written before the task was resumed.

        Args:
            chunk: The records.
            outcomes: Their outcomes, which are counted already.
        """
        self._note_fields(chunk.records)
        is_document = self.entity_type.name in KINDS_BY_NAME
        if not is_document and not self._plan.scope:
            return
        mapped = self._map_records(chunk)
        stored = [
            (item, outcome)
            for item, outcome in zip(mapped, outcomes, strict=True)
            if not isinstance(item, Problem)
        ]
        if is_document:
            items = [item for item, _ in stored]
            self._note_stored(items, [outcome for _, outcome in stored])

    def _note_fields(self, records: Sequence[Record | UnreadableRecord]) -> None:
        read = (x for x in records if not isinstance(x, UnreadableRecord))
        self.fields_seen.update(*read)

    def _note_stored(
        self, items: Sequence[Values], outcomes: Sequence[Outcome]
    ) -> None:
        """Note what items of documents tell besides their outcomes."""
        fetch = definition_fetcher(self._installation)
        notes = document_notes(self.entity_type, items, outcomes, fetch)
        self._run.notes += notes
        self._track_references(items, outcomes)

    def _finish_chunk(
        self, pending: _PendingChunk, outcomes: Sequence[Outcome], cause: str
    ) -> WrittenChunk:
        chunk = pending.chunk
        lost = count_kinds(outcomes)[OutcomeKind.UNKNOWN]
        if lost and self._run.is_pausing:
            raise TaskPaused  # the batch is written again, and answers by its mark
        if lost:
            self._record(chunk, outcomes)
            reason = describe_unknown(outcomes, lost, cause)
            raise Unreachable(self._run.task.installation, reason)
        failures = self._record(chunk, outcomes, pending.mapped, pending.digests)
        return WrittenChunk(chunk, outcomes, first_failure(failures))

    def _record(
        self,
        chunk: NumberedChunk,
        outcomes: Sequence[Outcome],
        mapped: Sequence[Values | Problem] = (),
        stored: EntryDigests | None = None,
    ) -> list[Failure]:
        """Count and record the outcomes of a chunk, with the records that failed."""
        failures = list_failures(chunk.first, chunk.records, outcomes, self._texts)
        digests = self._digester.digest(mapped, outcomes, stored)
        self._run.keep(OutcomeBatch(chunk.first, outcomes, digests), failures)
        return failures

    def _recover_oldest(self) -> None:
        """Find out what became of the batch under way after an unexpected error.

        The error may have come after the batch was stored.
        """
        if not self._pending or not self._pending[0].items:
            return
        pending = self._pending[0]
        outcomes: Sequence[Outcome] | None
        try:
            outcomes = self._recall_outcomes(pending)
        except DmcError:
            _log.exception("What became of a batch could not be found out")
            outcomes = unknown_outcomes(len(pending.chunk.records))
        if outcomes is not None:
            self._pop_pending()
            self._record(pending.chunk, outcomes, pending.mapped)

    def _recall_outcomes(self, pending: _PendingChunk) -> Sequence[Outcome] | None:
        """Ask the installation for the outcomes of a batch; None if it has none."""
        if not isinstance(self._installation, OutcomeRecall):
            return unknown_outcomes(len(pending.chunk.records))
        batch = self._create_batch(pending)
        written = self._installation.recall(self.entity_type, batch)
        if written is None:
            return None
        mapped, items = pending.mapped, pending.items
        first = pending.chunk.first
        changed = self._comparison.add_changes(first, items, written)
        outcomes = merge_outcomes(mapped, items, changed, stop=self.stops)
        return outcomes or unknown_outcomes(len(pending.chunk.records))

    def _create_batch(self, pending: _PendingChunk) -> Batch:
        return Batch(
            task=self._mark,
            number=pending.chunk.batch,
            items=pending.items,
            policy=self._plan.policy,
            scope=self._plan.scope,
            new_sites=self._plan.new_sites,
            journal=self._plan.options.journal,
            digests=pending.digests,
            reads=self._comparison.reads(pending.chunk.first),
            accept=partial(self._require_shown, pending) if self._shown else None,
        )

    def _create_shown_outcomes(self) -> ShownOutcomes | None:
        task_id = self._plan.options.as_shown
        if not task_id:
            return None
        # Few tasks need it.
        from ..dry_runs.shown_outcomes import ShownOutcomes

        run = self._run
        part = run.parts[run.running_part] if run.parts else None
        return ShownOutcomes(run.workspace, task_id, run.task.installation, part)

    def _require_shown(
        self, pending: _PendingChunk, written: Sequence[Outcome]
    ) -> None:
        """Require that a batch does what the dry run has shown, before it is stored.

        Raises:
            TargetChanged: It does something else.
        """
        chunk, mapped, items = pending.chunk, pending.mapped, pending.items
        outcomes = merge_outcomes(mapped, items, written, stop=self.stops)
        if self._shown is None or outcomes is None:
            return
        incomplete = chunk.left_out or [_NOTHING] * len(outcomes)
        self._shown.require(
            (self._run.index_of(number), outcome)
            for number, outcome, left_out in zip(
                itertools.count(chunk.first), outcomes, incomplete, strict=False
            )
            if not is_postponed(outcome) and not left_out
        )

    def _pop_pending(self) -> _PendingChunk:
        self._run.pending.popleft()
        return self._pending.popleft()

    def _announce(self, pending: _PendingChunk) -> None:
        """Record of a batch what could not be found out if this process died.

        The records of a file can be read again, but look-ups may find more by then,
        and the source of a migration may have changed.
        """
        is_migration = self._run.task.action is Action.MIGRATION
        has_codes = is_migration or self._resolver.is_matching
        is_plain = not has_codes and not self._resolver
        if is_plain and not self._comparison.is_needed:
            return
        refused = list_refused(pending.mapped)
        items = [identifying_fields(x) for x in pending.items] if has_codes else []
        chunk = pending.chunk
        before = self._comparison.pack(chunk.first)
        announced = PendingBatch(
            chunk.batch, chunk.first, len(chunk.records), refused, items, before
        )
        moved = None
        if is_migration:
            codes = [record_code(record) for record in chunk.records]
            part = self._run.running_part
            moved = MovedBatch(chunk.batch, chunk.first, part, codes)
        self._run.announce_batch(announced, moved)

    def _track_references(
        self, items: Sequence[Values], outcomes: Sequence[Outcome]
    ) -> None:
        """Remember what stored definitions refer to."""
        references = self._run.references
        is_document = self.entity_type.name in KINDS_BY_NAME
        if references is None or not is_document:
            return
        is_patch = self._plan.policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE
        stored = {OutcomeKind.CREATED} if is_patch else STORED_OUTCOMES
        for item, outcome in zip(items, outcomes, strict=False):
            if outcome.kind in stored:
                references.add(self.entity_type.name, dict(item), outcome.key)

    def _map_records(self, chunk: NumberedChunk) -> MappedRecords:
        """Map the records of a chunk, without look-ups."""
        mapped: MappedRecords = [
            record.problem
            if isinstance(record, UnreadableRecord)
            else self._map(record)
            for record in chunk.records
        ]
        if self._plan.scope:
            self._count_other_sites(mapped)
        if chunk.left_out:
            mapped = [*map(leave_out, mapped, chunk.left_out)]
        return self._deletions.check(mapped)

    def _map_chunk(self, chunk: NumberedChunk) -> MappedRecords:
        """Map the records of a chunk, and look up all their parents at once."""
        announced = self._announced.get(chunk.first)
        if self._lines is not None and not chunk.left_out and announced is None:
            items = self._lines.read(chunk.records, self.fields_seen)
            if items is not None:
                return items
        mapped = self._map_records(chunk)
        if not self._resolver:
            return mapped
        if announced is not None:  # the other worker has looked things up
            return self._resolver.restore(announced, mapped)
        return self._resolver.resolve(mapped)

    def notes(self) -> Iterator[str]:
        """Yield notes on the records that were written."""
        return self._resolver.notes()

    def _count_other_sites(self, mapped: MappedRecords) -> None:
        for item in mapped:
            if not isinstance(item, Problem):
                site = item.get(SCOPE_KEY)
                if site not in {None, "", self._plan.scope}:
                    self.other_sites[str(site)] += 1
