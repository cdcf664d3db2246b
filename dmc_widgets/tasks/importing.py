"""From a file into an installation: read, map, write, batch by batch.

The batches of a file are always the same ones, because only the file decides
where a batch ends; so a task that is taken up again writes batches that the
installation recognises by their marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

import orjson

from ..errors import FileError, InstallationError, NotSupported
from ..formats.archive import open_source
from ..formats.source import Source
from ..model.entity import EntityType
from ..model.mapping import Mapping, Values
from ..model.outcome import Outcome, OutcomeKind, Problem
from ..model.plan import ImportPlan
from ..model.record import Record, Unreadable
from ..model.strategies import ErrorStrategy
from ..model.task import TaskStatus, final_status
from ..objects.field_types import ENCRYPTED
from ..ports import Batch, Installation
from ..workspace import Failure
from ..workspace.outcomes import Recorded
from .expressions import compile_expression
from .files import original_path
from .run import Run, records

_BATCH_RECORDS = 1000
_BATCH_BYTES = 4 * 1024 * 1024  # few large records fill a batch, too
_ITEM_CHARS = 64 * 1024
_HIDDEN = "***"

Chunk = list[Record | Unreadable]
Made = list[Values | Problem]
"""What the mapping made of a chunk, place by place."""


def run_import(
    run: Run, plan: ImportPlan, installation: Installation, entity_type: EntityType
) -> None:
    """Carry out an import task to its end.

    Raises:
        FileError: The file cannot be read from some place on.
        InstallationError: The installation gave up.
        InvalidPlan: An expression of the mapping is none.
        NotSupported: It does not offer a strategy of the plan.
        Cancelled: Somebody asked for it.
    """
    require_strategies(plan, entity_type)
    path = original_path(run.workspace, run.task)
    name = run.task.original_file
    with open_source(path, name=name, options=plan.reading) as source:
        run.of = source.size
        _Import(run, plan, installation, entity_type).carry_out(source)


def require_strategies(plan: ImportPlan, entity_type: EntityType) -> None:
    """Refuse a plan that the installation cannot carry out, before it starts.

    Raises:
        NotSupported: The refusal names what can be chosen.
    """
    policy = plan.policy
    for chosen, offered in (
        (policy.on_existing, entity_type.import_strategies),
        (policy.on_update, entity_type.update_strategies),
    ):
        if chosen not in offered:
            known = ", ".join(sorted(each.label for each in offered))
            raise NotSupported(
                what=f"{entity_type.name} cannot be imported with {chosen.label!r}.",
                instead=f"Choose one of: {known}.",
            )


class _Import:
    def __init__(
        self,
        run: Run,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
    ) -> None:
        self._run = run
        self._plan = plan
        self._installation = installation
        self._entity_type = entity_type
        self._map = plan.mapping.compile(entity_type, compile_expression)
        self._mark = run.workspace.tasks.mark(run.task.id)
        self._stops = plan.policy.on_error is ErrorStrategy.STOP
        self._seen: set[str] = set()
        self._secret = _secret_names(plan.mapping, entity_type)

    def carry_out(self, source: Source) -> None:
        """Import every record, or as many as the error strategy lets."""
        run = self._run
        first = 1
        chunks = _chunks(source)
        try:
            for number, chunk in enumerate(chunks, start=1):
                failed = self._import_chunk(number, first, chunk)
                first += len(chunk)
                run.advance(source.position)
                if failed and self._stops:
                    self._skip_rest(chunks, source, first)
                    self._end_stopped(failed)
                    return
        finally:
            self._remark_ignored_fields()
        run.finish(final_status(run.task.action, run.counts, stopped=False))

    def _import_chunk(self, number: int, first: int, chunk: Chunk) -> Failure | None:
        """Write one batch and return its first failure, if there is one."""
        made: Made = [
            each.problem if isinstance(each, Unreadable) else self._map(each)
            for each in chunk
        ]
        items = _items(made, stop=self._stops)
        tried = chunk[: len(items)] if self._stops else chunk
        self._seen.update(*(x for x in tried if not isinstance(x, Unreadable)))
        try:
            written = self._installation.write(
                self._entity_type,
                Batch(
                    task=self._mark,
                    number=number,
                    items=items,
                    policy=self._plan.policy,
                    scope=self._plan.scope,
                ),
            )
        except InstallationError:
            self._skip(first, len(chunk))
            raise
        outcomes = _merged(made, written, stop=self._stops)
        failures = [
            Failure(first + place, outcome.problem or _UNTOLD, self._text(chunk[place]))
            for place, outcome in enumerate(outcomes)
            if outcome.kind is OutcomeKind.FAILED
        ]
        self._run.workspace.outcomes.add(
            self._run.task.id, Recorded(first, outcomes), failures
        )
        self._run.count(outcomes)
        return failures[0] if failures else None

    def _text(self, record: Record | Unreadable) -> str:
        """Write a record for the report, without what is to be encrypted."""
        if isinstance(record, Unreadable):
            return record.text
        hidden = {name: _HIDDEN for name in self._secret if record.get(name)}
        return _item_text({**record, **hidden} if hidden else record)

    def _skip(self, first: int, number: int) -> None:
        if number:
            self._run.workspace.outcomes.add_skipped(self._run.task.id, first, number)
            self._run.count_many(OutcomeKind.SKIPPED, number)

    def _skip_rest(self, chunks: Iterator[Chunk], source: Source, first: int) -> None:
        """Count what stands behind the record at which the import stopped."""
        number = 0
        try:
            for chunk in chunks:
                number += len(chunk)
                self._run.advance(source.position)
        except FileError as exc:
            self._run.remarks.append(f"The file has another fault: {exc}")
        finally:
            self._skip(first, number)

    def _end_stopped(self, failure: Failure) -> None:
        told = f"Record {failure.index}: {failure.problem.message.rstrip('.')}."
        if failure.index == 1:
            told += " Nothing was imported."
        elif failure.index == 2:
            told += " Record 1 stays imported."
        else:
            told += f" Records 1 to {failure.index - 1} stay imported."
        skipped = self._run.counts.skipped
        if skipped:
            verb = "was" if skipped == 1 else "were"
            told += f" {records(skipped)} behind it {verb} not tried."
        self._run.finish(TaskStatus.FAILED, told)

    def _remark_ignored_fields(self) -> None:
        if self._entity_type.open or not self._plan.mapping.same_names:
            return  # nothing is ignored, or the person chose what is
        known = {each.name for each in self._entity_type.fields}
        used = {pair.source for pair in self._plan.mapping.pairs}
        ignored = sorted(self._seen - known - used)
        if ignored:
            shown = ", ".join(ignored[:10]) + (", …" if len(ignored) > 10 else "")
            name = self._entity_type.name
            self._run.remarks.append(
                f"{name} has no fields of these names, so they were left out: {shown}."
            )


def _chunks(source: Source) -> Iterator[Chunk]:
    """Cut the file into batches. What stands before a broken place is yielded."""
    chunk: Chunk = []
    start = source.position
    try:
        for record in source.records():
            chunk.append(record)
            full = len(chunk) >= _BATCH_RECORDS
            if full or source.position - start >= _BATCH_BYTES:
                yield chunk
                chunk, start = [], source.position
    except FileError:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _items(made: Made, *, stop: bool) -> list[Values]:
    """Return the items to write; under *stop* only those before a bad record."""
    if stop:
        good = takewhile(lambda each: not isinstance(each, Problem), made)
        return [each for each in good if not isinstance(each, Problem)]
    return [each for each in made if not isinstance(each, Problem)]


def _merged(made: Made, written: Sequence[Outcome], *, stop: bool) -> list[Outcome]:
    """Give every place of the chunk its outcome, in order."""
    if len(written) == len(made):
        return list(written)
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


def _secret_names(mapping: Mapping, entity_type: EntityType) -> frozenset[str]:
    """Name the source fields whose values go into Encrypted fields."""
    secret = {each.name for each in entity_type.fields if each.type == ENCRYPTED}
    sources = {pair.source for pair in mapping.pairs if pair.target in secret}
    return frozenset(secret | sources)


def _item_text(record: Record) -> str:
    text = orjson.dumps(record, default=_exact_number).decode()
    return text if len(text) <= _ITEM_CHARS else text[:_ITEM_CHARS] + "…"


def _exact_number(value: Any) -> Any:
    return orjson.Fragment(str(value).encode())
