"""Carrying out an import task (batch-engine facts, 3.1 to 3.4).

Items are written some hundred at a time, each time with the mark of the task and a
number, so that a task that is run again after a crash writes nothing twice. What
``ON_ERROR_FAIL`` leaves behind is what Liferay does: the items before one that is
refused stay; of a batch in which one cannot even be read, nothing is written. Batches
are those of Liferay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ...formats.json.values import to_json
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.record import Record, UnreadableRecord
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.names import ERC
from ...objects.text import format_erc
from ...ports import Batch, Item
from ..api.validation import find_unknown_properties
from ..auth.principal import missing_permission_problem, required_action
from ..entity_store import EntityStore
from ..responses import format_exception
from .content import count_records, make_field_mapper, reading
from .task_store import (
    COMPLETED,
    FAILED,
    ON_ERROR_FAIL,
    BatchTask,
    FailedItem,
    TaskStore,
)

IMPORT_BATCH_SIZE: Final = 100
"""Of Liferay's ``importBatchSize``."""

TRANSACTION_SIZE: Final = 5 * IMPORT_BATCH_SIZE
"""Items written in one transaction. It shows in nothing but the time, since the items
before one that fails stay in any case."""

SITE_PARAMETERS: Final = ("scopeKey", "siteId", "siteExternalReferenceCode")
"""The parameters that may name a site, by what files and clients use."""

NumberedItems = list[tuple[int, Item | Problem]]
"""The items of a batch with their ordinals, or why one is none."""


class ImportRun:
    """One run of a task, from the beginning of its file.

    Args:
        store: Where items go.
        tasks: Where its progress is kept.
        task: Whose content is there.
        entity_type: Of its items.
        is_stopping: Asked after each batch; the server is about to end.
    """

    def __init__(
        self,
        store: EntityStore,
        tasks: TaskStore,
        task: BatchTask,
        entity_type: EntityType,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._task = task
        self._type = entity_type
        self._is_stopping = is_stopping
        self._order = task.order
        self._reader = self._order.reader or self._order.content_type
        self._rename = make_field_mapper(self._order.mapping, self._reader)
        self._stops = self._order.strategy == ON_ERROR_FAIL
        self._policy = task_policy(task)
        self._processed = 0

    def carry_out(self) -> str:
        """Import the items.

        Returns:
            The status in which the task ended; empty where the server did first.

        Raises:
            FileError: The content cannot be read.
        """
        path, parameters = self._tasks.content(self._task), self._order.parameters
        total = count_records(path, self._reader, parameters)
        self._tasks.start(self._task.id, total)
        with reading(path, self._reader, parameters) as records:
            for number, made in enumerate(self._batches(records), start=1):
                if self._is_stopping():
                    return ""
                failure = self._write(number, made)
                if failure is not None:
                    self._tasks.finish(self._task.id, FAILED, failure.message)
                    return FAILED
        self._tasks.finish(self._task.id, COMPLETED)
        return COMPLETED

    def _batches(
        self, records: Iterator[Record | UnreadableRecord]
    ) -> Iterator[NumberedItems]:
        """Cut the file; an item that cannot be read takes its batch along."""
        made: NumberedItems = []
        for index, record in enumerate(records, start=1):
            item = self._made(record)
            if self._stops and isinstance(item, Problem):
                whole = made[: _round_down_to_batches(len(made))]
                yield from filter(None, (whole, [(index, item)]))
                return
            made.append((index, item))
            if len(made) >= TRANSACTION_SIZE:
                yield made
                made = []
        if made:
            yield made

    def _made(self, record: Record | UnreadableRecord) -> Item | Problem:
        if isinstance(record, UnreadableRecord):
            return record.problem
        item = self._rename(record)
        return find_unknown_properties(self._type, item) or item

    def _write(self, number: int, made: NumberedItems) -> FailedItem | None:
        """Write a batch, keep what failed, and return what ends the task."""
        resolved: NumberedItems = [
            (index, self._resolved(item)) for index, item in made
        ]
        if self._stops:
            resolved = _cut_after_first_problem(resolved)
        batch = Batch(
            task=self._task.mark,
            number=number,
            items=[item for _, item in resolved if not isinstance(item, Problem)],
            policy=self._policy,
            scope=self._scope,
        )
        outcomes = iter(self._changed(batch) if batch.items else ())
        failed: list[FailedItem] = []
        read = dict(made)
        for index, item in resolved:
            outcome = _next_outcome(item, outcomes)
            if outcome.kind is OutcomeKind.FAILED:
                failed.append(_build_failed_item(index, read[index], outcome))
                if self._stops:
                    break
        ends = failed[0] if failed and self._stops else None
        if ends is None:
            self._processed += len(made)
        else:
            self._processed = _round_down_to_batches(ends.index - 1)
        self._tasks.advance(self._task.id, self._processed, failed)
        return ends

    def _changed(self, batch: Batch) -> list[Outcome]:
        order = self._order
        if order.onlooker:
            action = required_action(order.operation, order.class_name)
            problem = missing_permission_problem(
                order.onlooker, action, self._type.name
            )
            return [Outcome(OutcomeKind.FAILED, "", problem) for _ in batch.items]
        if order.operation == "DELETE":
            return self._store.delete(self._type, batch)
        return self._store.write(self._type, batch)

    @property
    def _scope(self) -> str:
        stated = (self._order.parameters.get(name) or "" for name in SITE_PARAMETERS)
        return next(filter(None, stated), "")

    def _resolved(self, item: Item | Problem) -> Item | Problem:
        """Find the ERC of an item that is named by its id."""
        if isinstance(item, Problem) or self._order.operation == "CREATE":
            return item
        number = item.get("id") or self._order.parameters.get("objectDefinitionId")
        if number is None:
            code = format_erc(item.get(ERC))
            return item | {ERC: code} if code else self._unnamed()
        if self._order.operation == "DELETE":
            return {"id": _parse_id(number)}
        place = self._store.installation.locate(self._type, _parse_id(number))
        if place is not None:
            return item | {ERC: place.key}
        kind = self._type.class_name.rpartition(".")[2]
        message = f"No {kind} exists with the primary key {number}"
        return Problem("no-such-object-entry", message, "id")

    def _unnamed(self) -> Problem:
        word = "delete" if self._order.operation == "DELETE" else "update"
        message = f"Unable to {word} by external reference code or ID"
        return Problem("not-found", message, "id")


def task_policy(task: BatchTask) -> Policy:
    """Read the strategies of a task; the engine adds only, unless told otherwise."""
    parameters = task.order.parameters
    import_strategy = ImportStrategy.UPDATE
    if task.order.operation == "CREATE":
        stated = parameters.get("createStrategy") or ImportStrategy.INSERT
        import_strategy = ImportStrategy(stated)
    return Policy(
        import_strategy=import_strategy,
        update_strategy=UpdateStrategy(
            parameters.get("updateStrategy") or UpdateStrategy.UPDATE
        ),
        error_strategy=ErrorStrategy.STOP
        if task.order.strategy == ON_ERROR_FAIL
        else ErrorStrategy.CONTINUE,
    )


def _round_down_to_batches(number: int) -> int:
    return number // IMPORT_BATCH_SIZE * IMPORT_BATCH_SIZE


def _cut_after_first_problem(made: NumberedItems) -> NumberedItems:
    for place, (_, item) in enumerate(made):
        if isinstance(item, Problem):
            return made[: place + 1]
    return made


def _next_outcome(item: Item | Problem, outcomes: Iterator[Outcome]) -> Outcome:
    if isinstance(item, Problem):
        return Outcome(OutcomeKind.FAILED, "", item)
    return next(outcomes)


def _build_failed_item(
    index: int, item: Item | Problem, outcome: Outcome
) -> FailedItem:
    """Tell of a failure; an item that could not be read has no text."""
    problem = outcome.problem or Problem("refused", "The item was refused")
    text = "" if isinstance(item, Problem) else to_json(item).decode()
    return FailedItem(index, text, format_exception(problem))


def _parse_id(value: Any) -> int:
    text = str(value)
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and not isinstance(value, bool) else 0


def is_object_entry(entity_type: EntityType) -> bool:
    """Say whether items are entries of an object."""
    return entity_type.class_name == OBJECT_ENTRY
