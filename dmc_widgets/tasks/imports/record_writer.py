"""Records into an installation: map, write, and keep what became of each."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from typing import Any, Literal, NamedTuple

import orjson

from ...errors import DmcError, Unreachable
from ...formats.json.values import to_json
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.mapping import Mapping, Values
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.plan import Action, ImportPlan
from ...model.record import LargeText, Record, UnreadableRecord
from ...model.strategies import ErrorStrategy, UpdateStrategy
from ...objects.fields.encrypted import HIDDEN
from ...objects.fields.field_rules import ENCRYPTED
from ...objects.names import SCOPE_KEY
from ...ports import Batch, Installation, OutcomeRecall, PipelinedWriter
from ...workspace import Failure
from ...workspace.outcomes import OutcomeBatch, PendingBatch
from ..task_run import (
    PendingRecords,
    TaskRun,
    TaskTakenOver,
    count_records,
    was_or_were,
)
from .batch_outcomes import (
    MappedRecords,
    identifying_fields,
    merge_outcomes,
    sendable_items,
)
from .document_notes import (
    STORED_OUTCOMES,
    KeptChangeFinder,
    KeptChanges,
    document_notes,
    filter_stored_changes,
)
from .expressions import compile_expression
from .parent_lookups import create_lookups

_MAX_ITEM_CHARS = 64 * 1024

_log = logging.getLogger(__name__)

Chunk = list[Record | UnreadableRecord]


class NumberedChunk(NamedTuple):
    """A chunk, and where it stands.

    Attributes:
        batch: The number of its batch within the task, from 1.
        first: The number of its first record.
        records: The chunk.
        done: How far the task has come once it is written, in bytes or items.
    """

    batch: int
    first: int
    records: Chunk
    done: int


class WrittenChunk(NamedTuple):
    """What became of a chunk.

    Attributes:
        chunk: With its place.
        outcomes: One a record.
        failure: The first record that failed; None if none did.
    """

    chunk: NumberedChunk
    outcomes: Sequence[Outcome]
    failure: Failure | None


class _PendingChunk(NamedTuple):
    """A chunk on its way: what the mapping made of it, and what of that is sent."""

    chunk: NumberedChunk
    made: MappedRecords
    items: list[Values]
    kept: list[KeptChanges]


class RecordWriter:
    """Writes the records of one entity type, chunk by chunk, for a running task.

    Args:
        run: Counts, and records outcomes.
        plan: The mapping, the strategies and the site.
        installation: The target.
        entity_type: As the target has it.
        announced: What was recorded of batches before they were written, by the
            number of their first record; for a worker that takes over from another.

    Attributes:
        stops: The first failed record ends the task.
        seen: The names of the fields that records had.
        other_sites: How many records named which site, other than that of the plan.

    Raises:
        InvalidPlan: An expression of the mapping is none, or it looks up what cannot
            be looked up.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
        announced: AnyMapping[int, PendingBatch] | None = None,
    ) -> None:
        self._run = run
        self._installation = installation
        self._entity_type = entity_type
        self._map = plan.mapping.compile(entity_type, compile_expression)
        self._lookups = create_lookups(installation, plan, entity_type)
        self._finder = KeptChangeFinder(installation, entity_type, plan.policy)
        self._plan = plan
        self._mark = run.workspace.tasks.mark(run.task.id)
        self._secret = encrypted_sources(plan.mapping, entity_type)
        self.stops = plan.policy.error_strategy is ErrorStrategy.STOP
        self.seen: set[str] = set()
        self.other_sites: Counter[str] = Counter()
        self._taken: deque[_PendingChunk] = deque()
        self._announced = announced or {}

    def write(self, chunks: Iterable[NumberedChunk]) -> Iterator[WrittenChunk]:
        """Write chunk after chunk, each as one batch; yield what became of it.

        While the installation works on one, the next may be read and mapped. Who
        takes no more has none written behind the last.

        Raises:
            InstallationError: The installation gave up, or nobody knows what became
                of some of the records.
            TaskTakenOver: Another process has ended the task.
        """
        answers = self._answers(self._batches(chunks))
        while True:
            try:
                written = next(answers, None)
            except (DmcError, TaskTakenOver):
                raise  # nothing is stored that has no outcome yet
            except Exception:
                self._settle_oldest()
                raise
            if written is None:
                return
            yield self._told(self._next_taken(), written)

    def recall(self, chunk: NumberedChunk) -> Failure | Literal[True] | None:
        """Count and record what became of a chunk that another worker has written.

        Returns:
            The first record that failed, or True if none did; None if nothing of
            the chunk was written.

        Raises:
            InstallationError: The installation does not tell now.
        """
        taken = _PendingChunk(chunk, self._made(chunk), [], [])
        taken.items.extend(sendable_items(taken.made, stop=self.stops))
        outcomes: Sequence[Outcome] | None = None
        if isinstance(self._installation, OutcomeRecall):
            batch = self._batch(taken)
            written = self._installation.recall(self._entity_type, batch)
            if written is None:
                return None
            outcomes = merge_outcomes(taken.made, taken.items, written, stop=self.stops)
        if outcomes is None:
            outcomes = [Outcome(OutcomeKind.UNKNOWN)] * len(chunk.records)
        failures = self._keep(chunk, outcomes)
        return failures[0] if failures else True

    def _answers(self, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of batches.

        Look-ups that find what the batch before has brought wait for its end.
        """
        target = self._installation
        if (
            isinstance(target, PipelinedWriter)
            and not self._lookups.is_self_referential
        ):
            return target.write_all(self._entity_type, batches)
        return (target.write(self._entity_type, batch) for batch in batches)

    def _batches(self, chunks: Iterable[NumberedChunk]) -> Iterator[Batch]:
        for chunk in chunks:
            taken = _PendingChunk(chunk, [], [], [])
            self._taken.append(taken)
            self._run.pending.append(PendingRecords(chunk.first, len(chunk.records)))
            self._run.require_ownership()
            taken.made.extend(self._made(chunk))
            taken.items.extend(sendable_items(taken.made, stop=self.stops))
            taken.kept.extend(self._finder.find(taken.items))
            self._announce(taken)
            yield self._batch(taken)

    def _batch(self, taken: _PendingChunk) -> Batch:
        return Batch(
            task=self._mark,
            number=taken.chunk.batch,
            items=taken.items,
            policy=self._plan.policy,
            scope=self._plan.scope,
            new_sites=self._plan.new_sites,
        )

    def _merged(
        self, taken: _PendingChunk, written: Sequence[Outcome]
    ) -> list[Outcome] | None:
        return merge_outcomes(taken.made, taken.items, written, stop=self.stops)

    def _next_taken(self) -> _PendingChunk:
        self._run.pending.popleft()
        return self._taken.popleft()

    def _announce(self, taken: _PendingChunk) -> None:
        """Record of a batch what nobody could find out again if this process died.

        The records of a file can be read again, but look-ups may find more by then,
        and the source of a migration may hold something else.
        """
        is_migration = self._run.task.action is Action.MIGRATION
        if not is_migration and not self._lookups:
            return
        refused = {n: x for n, x in enumerate(taken.made) if isinstance(x, Problem)}
        items = (
            [identifying_fields(each) for each in taken.items] if is_migration else []
        )
        chunk = taken.chunk
        announced = PendingBatch(
            chunk.batch, chunk.first, len(chunk.records), refused, items
        )
        self._run.workspace.outcomes.announce(self._run.task.id, announced)

    def _settle_oldest(self) -> None:
        """Find out what became of the batch under way when something went wrong.

        Nobody foresaw the error, so it may have come after the batch was stored.
        """
        if not self._taken or len(self._taken[0].items) == 0:
            return
        taken = self._taken[0]
        outcomes: Sequence[Outcome] | None = None
        if isinstance(self._installation, OutcomeRecall):
            try:
                written = self._installation.recall(
                    self._entity_type, self._batch(taken)
                )
            except DmcError:
                _log.exception("What became of a batch could not be found out")
            else:
                if written is None:
                    return  # nothing of it is stored
                outcomes = merge_outcomes(
                    taken.made, taken.items, written, stop=self.stops
                )
        self._next_taken()
        if outcomes is None:
            outcomes = [Outcome(OutcomeKind.UNKNOWN)] * len(taken.chunk.records)
        self._keep(taken.chunk, outcomes)

    def _told(self, taken: _PendingChunk, written: Sequence[Outcome]) -> WrittenChunk:
        chunk, made, items, kept = taken
        tried = chunk.records[: len(items)] if self.stops else chunk.records
        self.seen.update(*(x for x in tried if not isinstance(x, UnreadableRecord)))
        merged = self._merged(taken, written)
        if merged is None:
            merged = [Outcome(OutcomeKind.UNKNOWN)] * len(chunk.records)
            return self._kept(chunk, merged, "It answered for other records")
        mapped = [
            outcome
            for outcome, item in zip(merged, made, strict=True)
            if not isinstance(item, Problem)
        ]
        self._run.ignored_changes += filter_stored_changes(kept, mapped)
        self._run.notes += document_notes(self._entity_type, items, mapped)
        self._note_mentions(items, mapped)
        return self._kept(chunk, merged, "It went away")

    def _note_mentions(
        self, items: Sequence[Values], outcomes: Sequence[Outcome]
    ) -> None:
        mentions = self._run.references
        if mentions is None or self._entity_type.class_name == OBJECT_ENTRY:
            return
        is_patch = self._plan.policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE
        stored = {OutcomeKind.CREATED} if is_patch else STORED_OUTCOMES
        for item, outcome in zip(items, outcomes, strict=False):
            if outcome.kind in stored:
                mentions.add(self._entity_type.name, dict(item), outcome.key)

    def _kept(
        self, chunk: NumberedChunk, outcomes: Sequence[Outcome], fault: str
    ) -> WrittenChunk:
        """Keep the outcomes of a chunk.

        Raises:
            Unreachable: Some of them are unknown.
        """
        failures = self._keep(chunk, outcomes)
        lost = sum(outcome.kind is OutcomeKind.UNKNOWN for outcome in outcomes)
        if lost:
            reason = (
                f"{fault} while {count_records(lost)} {was_or_were(lost)} written; "
                "what became "
                f"of {'it' if lost == 1 else 'them'} is not known."
            )
            raise Unreachable(self._run.task.installation, reason)
        return WrittenChunk(chunk, outcomes, failures[0] if failures else None)

    def _keep(self, chunk: NumberedChunk, outcomes: Sequence[Outcome]) -> list[Failure]:
        """Count and record the outcomes of a chunk, what failed with its record."""
        failures = [
            Failure(index, each.problem or _NO_REASON, self._text(record))
            for index, (record, each) in enumerate(
                zip(chunk.records, outcomes, strict=True), start=chunk.first
            )
            if each.kind is OutcomeKind.FAILED
        ]
        self._run.keep(OutcomeBatch(chunk.first, outcomes), failures)
        return failures

    def _made(self, chunk: NumberedChunk) -> MappedRecords:
        """Map a chunk, and look parents up, all of them at once."""
        made: MappedRecords = [
            record.problem
            if isinstance(record, UnreadableRecord)
            else self._map(record)
            for record in chunk.records
        ]
        if self._plan.scope:
            self._count_sites(made)
        if not self._lookups:
            return made
        known = self._announced.get(chunk.first)
        if known is not None:  # what was looked up then is not looked up again
            return [known.refused.get(n, each) for n, each in enumerate(made)]
        whole = [each for each in made if not isinstance(each, Problem)]
        resolved = iter(self._lookups.resolve(whole))
        return [
            each if isinstance(each, Problem) else _first_problem(*next(resolved))
            for each in made
        ]

    def _count_sites(self, made: MappedRecords) -> None:
        for each in made:
            if not isinstance(each, Problem):
                stated = each.get(SCOPE_KEY)
                if stated not in {None, "", self._plan.scope}:
                    self.other_sites[str(stated)] += 1

    def _text(self, record: Record | UnreadableRecord) -> str:
        """Write a record for the report, without what is to be encrypted."""
        if isinstance(record, UnreadableRecord):
            return record.text
        hidden = {name: HIDDEN for name in self._secret if record.get(name)}
        return _format_record({**record, **hidden} if hidden else record)


def _first_problem(item: Values, problems: Sequence[Problem]) -> Values | Problem:
    return problems[0] if problems else item


_NO_REASON = Problem(
    "refused", "The installation refused the record and gave no reason."
)


def encrypted_sources(mapping: Mapping, entity_type: EntityType) -> frozenset[str]:
    """Name the source fields whose values go into Encrypted fields."""
    secret = {field.name for field in entity_type.fields if field.type == ENCRYPTED}
    sources = {pair.source for pair in mapping.pairs if pair.target in secret}
    wholes = {source.partition(".")[0] for source in sources}
    return frozenset(secret | sources | wholes)


def _format_record(record: Record) -> str:
    try:
        text = orjson.dumps(record, default=_encode_other).decode()
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        text = to_json(_shorten_large_texts(record)).decode()
    return text if len(text) <= _MAX_ITEM_CHARS else text[:_MAX_ITEM_CHARS] + "…"


def _encode_other(value: Any) -> Any:
    """Show every digit of a number, and the beginning of a large text."""
    if isinstance(value, LargeText):
        return str(value)
    return orjson.Fragment(str(value).encode())


def _shorten_large_texts(value: Any) -> Any:
    """Return *value* with the beginnings of its large texts in their places."""
    if isinstance(value, dict):
        return {key: _shorten_large_texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shorten_large_texts(each) for each in value]
    return str(value) if isinstance(value, LargeText) else value
