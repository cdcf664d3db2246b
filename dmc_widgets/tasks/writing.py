"""Records into an installation: map, write, and keep what became of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import orjson

from ..errors import InstallationError, Unreachable
from ..formats.json_values import to_json
from ..model.entity import OBJECT_ENTRY, EntityType
from ..model.large_text import LargeText
from ..model.mapping import Mapping, Values
from ..model.outcome import Outcome, OutcomeKind, Problem
from ..model.plan import ImportPlan
from ..model.record import Record, Unreadable
from ..model.strategies import ErrorStrategy, UpdateStrategy
from ..objects.field_types import ENCRYPTED
from ..objects.secrets import HIDDEN
from ..ports import AheadWriter, Batch, Installation
from ..workspace import Failure
from ..workspace.outcomes import Recorded
from .expressions import compile_expression
from .kept_changes import (
    STORED,
    Kept,
    KeptChangeFinder,
    folder_notes,
    kept_where_stored,
)
from .parent_lookups import lookups_of
from .run import Run, records

_ITEM_CHARS = 64 * 1024

Chunk = list[Record | Unreadable]
Made = list[Values | Problem]
"""What the mapping made of a chunk, place by place."""


class Numbered(NamedTuple):
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


class Written(NamedTuple):
    """What became of a chunk.

    Attributes:
        chunk: With its place.
        outcomes: One a record.
        failure: The first record that failed; None if none did.
    """

    chunk: Numbered
    outcomes: Sequence[Outcome]
    failure: Failure | None


class _Taken(NamedTuple):
    """A chunk on its way: what the mapping made of it, and what of that is sent."""

    chunk: Numbered
    made: Made
    items: list[Values]
    kept: list[Kept]


class Writer:
    """Writes the records of one entity type, chunk by chunk, for a running task.

    Args:
        run: Counts, and records outcomes.
        plan: The mapping, the strategies and the site.
        installation: The target.
        entity_type: As the target has it.

    Attributes:
        stops: The first failed record ends the task.
        seen: The names of the fields that records had.

    Raises:
        InvalidPlan: An expression of the mapping is none, or it looks up what cannot
            be looked up.
    """

    def __init__(
        self,
        run: Run,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
    ) -> None:
        self._run = run
        self._installation = installation
        self._entity_type = entity_type
        self._map = plan.mapping.compile(entity_type, compile_expression)
        self._lookups = lookups_of(installation, plan, entity_type)
        self._finder = KeptChangeFinder(installation, entity_type, plan.policy)
        self._plan = plan
        self._mark = run.workspace.tasks.mark(run.task.id)
        self._secret = secret_names(plan.mapping, entity_type)
        self.stops = plan.policy.on_error is ErrorStrategy.STOP
        self.seen: set[str] = set()
        self._taken: deque[_Taken] = deque()

    def write(self, chunks: Iterable[Numbered]) -> Iterator[Written]:
        """Write chunk after chunk, each as one batch; yield what became of it.

        While the installation works on one, the next may be read and mapped. Who
        takes no more has none written behind the last.

        Raises:
            InstallationError: The installation gave up, or nobody knows what became
                of some of the records.
        """
        answers = self._answers(self._batches(chunks))
        while True:
            try:
                written = next(answers, None)
            except InstallationError:
                if self._taken:
                    chunk = self._taken[0].chunk
                    self.skip(chunk.first, len(chunk.records))
                raise
            if written is None:
                return
            yield self._told(self._taken.popleft(), written)

    @property
    def ahead(self) -> int:
        """How many records were taken that nothing is told of yet."""
        return sum(len(each.chunk.records) for each in self._taken)

    def _answers(self, batches: Iterator[Batch]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of batches.

        Look-ups that find what the batch before has brought wait for its end.
        """
        target = self._installation
        if isinstance(target, AheadWriter) and not self._lookups.to_itself:
            return target.write_all(self._entity_type, batches)
        return (target.write(self._entity_type, each) for each in batches)

    def _batches(self, chunks: Iterable[Numbered]) -> Iterator[Batch]:
        for chunk in chunks:
            taken = _Taken(chunk, [], [], [])
            self._taken.append(taken)
            taken.made.extend(self._made(chunk.records))
            taken.items.extend(_items(taken.made, stop=self.stops))
            taken.kept.extend(self._finder.find(taken.items))
            yield Batch(
                task=self._mark,
                number=chunk.batch,
                items=taken.items,
                policy=self._plan.policy,
                scope=self._plan.scope,
            )

    def _told(self, taken: _Taken, written: Sequence[Outcome]) -> Written:
        chunk, made, items, kept = taken
        tried = chunk.records[: len(items)] if self.stops else chunk.records
        self.seen.update(*(x for x in tried if not isinstance(x, Unreadable)))
        merged = _merged(made, items, written, stop=self.stops)
        if merged is None:
            merged = [Outcome(OutcomeKind.UNKNOWN)] * len(chunk.records)
            return self._kept(chunk, merged, "It answered for other records")
        mapped = [
            outcome
            for outcome, item in zip(merged, made, strict=True)
            if not isinstance(item, Problem)
        ]
        self._run.kept += kept_where_stored(kept, mapped)
        self._run.remarks += folder_notes(self._entity_type, items, mapped)
        self._note_mentions(items, mapped)
        return self._kept(chunk, merged, "It went away")

    def _note_mentions(
        self, items: Sequence[Values], outcomes: Sequence[Outcome]
    ) -> None:
        mentions = self._run.mentions
        if mentions is None or self._entity_type.class_name == OBJECT_ENTRY:
            return
        is_patch = self._plan.policy.on_update is UpdateStrategy.PARTIAL_UPDATE
        stored = {OutcomeKind.CREATED} if is_patch else STORED
        for item, outcome in zip(items, outcomes, strict=False):
            if outcome.kind in stored:
                mentions.add(self._entity_type.name, dict(item), outcome.key)

    def _kept(
        self, chunk: Numbered, outcomes: Sequence[Outcome], fault: str
    ) -> Written:
        """Count and record the outcomes of a chunk, what failed with its record."""
        failures = [
            Failure(index, each.problem or _UNTOLD, self._text(record))
            for index, (record, each) in enumerate(
                zip(chunk.records, outcomes, strict=True), start=chunk.first
            )
            if each.kind is OutcomeKind.FAILED
        ]
        self._run.workspace.outcomes.add(
            self._run.task.id, Recorded(chunk.first, outcomes), failures
        )
        self._run.count(outcomes)
        lost = sum(each.kind is OutcomeKind.UNKNOWN for each in outcomes)
        if lost:
            reason = (
                f"{fault} while {records(lost)} were written; what became of "
                "them is not known."
            )
            raise Unreachable(self._run.task.installation, reason)
        return Written(chunk, outcomes, failures[0] if failures else None)

    def _made(self, chunk: Chunk) -> Made:
        """Map a chunk, and look parents up, all of them at once."""
        made: Made = [
            each.problem if isinstance(each, Unreadable) else self._map(each)
            for each in chunk
        ]
        if not self._lookups:
            return made
        whole = [each for each in made if not isinstance(each, Problem)]
        resolved = iter(self._lookups.resolve(whole))
        return [
            each if isinstance(each, Problem) else _first_problem(*next(resolved))
            for each in made
        ]

    def _text(self, record: Record | Unreadable) -> str:
        """Write a record for the report, without what is to be encrypted."""
        if isinstance(record, Unreadable):
            return record.text
        hidden = {name: HIDDEN for name in self._secret if record.get(name)}
        return _item_text({**record, **hidden} if hidden else record)

    def skip(self, first: int, number: int) -> None:
        """Note that *number* records from *first* on were not tried."""
        if number:
            self._run.workspace.outcomes.add_skipped(self._run.task.id, first, number)
            self._run.count_many(OutcomeKind.SKIPPED, number)


def _first_problem(item: Values, problems: Sequence[Problem]) -> Values | Problem:
    return problems[0] if problems else item


def _items(made: Made, *, stop: bool) -> list[Values]:
    """Return the items to write; under *stop* only those before a bad record."""
    if stop:
        good = takewhile(lambda each: not isinstance(each, Problem), made)
        return [each for each in good if not isinstance(each, Problem)]
    return [each for each in made if not isinstance(each, Problem)]


def _merged(
    made: Made, items: Sequence[Values], written: Sequence[Outcome], *, stop: bool
) -> list[Outcome] | None:
    """Give every place of the chunk its outcome, in order.

    Returns:
        None if nobody can tell whose answers these are: a batch that is written
        again is answered as it was the first time, and look-ups may have kept back
        fewer or more of its records then.
    """
    if len(written) == len(made):
        return list(written)
    if len(written) != len(items):
        return None
    answers = iter(written)
    merged: list[Outcome] = []
    stopped = False
    for each in made:
        if stopped:
            merged.append(Outcome(OutcomeKind.SKIPPED))
        elif isinstance(each, Problem):
            merged.append(Outcome(OutcomeKind.FAILED, "", each))
        else:
            merged.append(next(answers))
        stopped = stop and (stopped or merged[-1].kind is OutcomeKind.FAILED)
    return merged


_UNTOLD = Problem("refused", "The installation refused the record and gave no reason.")


def secret_names(mapping: Mapping, entity_type: EntityType) -> frozenset[str]:
    """Name the source fields whose values go into Encrypted fields."""
    secret = {each.name for each in entity_type.fields if each.type == ENCRYPTED}
    sources = {pair.source for pair in mapping.pairs if pair.target in secret}
    wholes = {source.partition(".")[0] for source in sources}
    return frozenset(secret | sources | wholes)


def _item_text(record: Record) -> str:
    try:
        text = orjson.dumps(record, default=_shown).decode()
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        text = to_json(_shortened(record)).decode()
    return text if len(text) <= _ITEM_CHARS else text[:_ITEM_CHARS] + "…"


def _shown(value: Any) -> Any:
    """Show every digit of a number, and the beginning of a large text."""
    if isinstance(value, LargeText):
        return str(value)
    return orjson.Fragment(str(value).encode())


def _shortened(value: Any) -> Any:
    """Return *value* with the beginnings of its large texts in their places."""
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    return str(value) if isinstance(value, LargeText) else value
