"""Runs an import task of the batch engine.

Items are written in batches of some hundred, each with the mark of the task and its
number, so that a task that runs again after a crash writes nothing twice. With
``ON_ERROR_FAIL`` the result is that of Liferay: the items before a refused one remain;
if an item of a batch of 100 cannot be read, nothing of that batch is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ...formats.json.batch_configuration import find_site
from ...formats.json.values import to_json
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.record import Record, UnreadableRecord
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.entries.lazy_references import PARAMETER
from ...objects.names import ERC, SCOPE_KEY
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME
from ...objects.text import format_erc
from ...ports import Batch, Item
from ..api.validation import find_unknown_properties
from ..auth.principal import missing_permission_problem, required_action
from ..entity_store import EntityStore
from ..requests import read_signed_number
from ..responses import format_exception
from ..sites import SiteDirectory
from .content import count_records, open_records, stated_site
from .field_names import make_field_mapper
from .item_conversion import find_unconvertible_value
from .part_tasks import PartTask
from .task_store import (
    COMPLETED,
    FAILED,
    ON_ERROR_FAIL,
    BatchTask,
    FailedItem,
    TaskStore,
)

IMPORT_BATCH_SIZE: Final = 100
"""Liferay's ``importBatchSize``."""

TRANSACTION_SIZE: Final = 5 * IMPORT_BATCH_SIZE
"""Items written in one transaction. It affects only the time, since the items before
one that fails remain in any case."""

_MAX_ID: Final = 2**63 - 1

NumberedItems = list[tuple[int, Item | Problem]]
"""The items of a batch with their numbers, or the problem of an unreadable one."""


class ImportRun:
    """One run of a task, from the beginning of its file.

    Args:
        store: The store to write items to.
        tasks: The store that records the progress of the task.
        task: The task, whose content has been received.
        entity_type: The entity type of its items.
        is_stopping: Called before each batch; True ends the run.
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
        self._request = task.request
        self._reader = self._request.reader or self._request.content_type
        self._rename = make_field_mapper(self._request.mapping, self._reader)
        self._stops = self._request.strategy == ON_ERROR_FAIL
        self._left_out = _left_out_properties(self._request.parameters)
        self._policy = task_policy(task)
        self._processed = 0
        self._site = ""
        self._parts = _create_part_task(store, tasks, task, entity_type)

    def run(self) -> str:
        """Import the items.

        Returns:
            The final status of the task; empty if the server stopped before its end.

        Raises:
            FileError: The content cannot be read.
        """
        path, parameters = (
            self._tasks.content_path(self._task),
            self._request.parameters,
        )
        if self._parts is not None and self._parts.refusal:
            self._tasks.start(self._task.id, 0)
            self._tasks.finish(self._task.id, FAILED, self._parts.refusal)
            return FAILED
        site = find_site(parameters) or stated_site(path, self._reader)
        self._site = find_task_site(self._store, self._tasks, site)
        total = count_records(path, self._reader, parameters)
        self._tasks.start(self._task.id, total)
        with open_records(path, self._reader, parameters) as records:
            for number, items in enumerate(self._batches(records), start=1):
                if self._is_stopping():
                    return ""
                failure = self._write(number, items)
                if failure is not None:
                    self._tasks.finish(self._task.id, FAILED, failure.message)
                    return FAILED
        self._tasks.finish(self._task.id, COMPLETED)
        return COMPLETED

    def _batches(
        self, records: Iterator[Record | UnreadableRecord]
    ) -> Iterator[NumberedItems]:
        """Cut the file into batches; an unreadable item spoils its batch of 100."""
        batch: NumberedItems = []
        for index, record in enumerate(records, start=1):
            item = self._read_item(record)
            if self._stops and isinstance(item, Problem):
                complete = batch[: _round_down_to_batches(len(batch))]
                yield from filter(None, (complete, [(index, item)]))
                return
            batch.append((index, item))
            if len(batch) >= TRANSACTION_SIZE:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read_item(self, record: Record | UnreadableRecord) -> Item | Problem:
        if isinstance(record, UnreadableRecord):
            return record.problem
        item = self._rename(record)
        if self._left_out:
            item = {k: v for k, v in item.items() if k not in self._left_out}
        return (
            find_unknown_properties(self._type, item, self._store.version)
            or find_unconvertible_value(self._type, item)
            or item
        )

    def _write(self, number: int, items: NumberedItems) -> FailedItem | None:
        """Write a batch, record its failures, and return the one that ends the task."""
        resolved: NumberedItems = [
            (index, self._resolve_erc(item)) for index, item in items
        ]
        if self._stops:
            resolved = _cut_after_first_problem(resolved)
        batch = Batch(
            task=self._task.mark,
            number=number,
            items=[item for _, item in resolved if not isinstance(item, Problem)],
            policy=self._policy,
            scope=self._site,
        )
        outcomes = iter(self._apply(batch) if batch.items else ())
        failed: list[FailedItem] = []
        kind = self._type.name if self._type.part_of else ""
        items_as_read = dict(items)
        for index, item in resolved:
            outcome = _next_outcome(item, outcomes)
            if outcome.kind is OutcomeKind.FAILED:
                item_as_read = items_as_read[index]
                failed.append(_build_failed_item(index, item_as_read, outcome, kind))
                if self._stops:
                    break
        fatal = failed[0] if failed and self._stops else None
        if fatal is None:
            self._processed += len(items)
        else:
            self._processed = _round_down_to_batches(fatal.index - 1)
        self._tasks.advance(self._task.id, self._processed, failed)
        return fatal

    def _apply(self, batch: Batch) -> Sequence[Outcome]:
        task_request = self._request
        if task_request.onlooker:
            action = required_action(task_request.operation, task_request.class_name)
            problem = missing_permission_problem(
                task_request.onlooker, action, self._type.name
            )
            return [Outcome(OutcomeKind.FAILED, "", problem) for _ in batch.items]
        if self._parts is not None:
            return self._parts.write(batch)
        if task_request.operation == "DELETE":
            return self._store.delete(self._type, batch)
        return self._store.write(self._type, batch)

    def _resolve_erc(self, item: Item | Problem) -> Item | Problem:
        """Return an item with the ERC that its id belongs to."""
        is_new = self._request.operation == "CREATE"
        if isinstance(item, Problem) or (is_new and self._parts is None):
            return item
        if self._parts is not None:
            return self._parts.resolve(item)
        number = item.get("id") or self._request.parameters.get("objectDefinitionId")
        if number is None:
            code = format_erc(item.get(ERC))
            return item | {ERC: code} if code else self._missing_key_problem()
        if self._request.operation == "DELETE":
            return {"id": _parse_id(number)}
        location = self._store.installation.locate(self._type, _parse_id(number))
        if location is not None:
            site = {SCOPE_KEY: location.scope} if location.scope else {}
            return item | {ERC: location.key, **site}
        kind = self._type.class_name.rpartition(".")[2]
        message = f"No {kind} exists with the primary key {number}"
        return Problem("no-such-object-entry", message, "id")

    def _missing_key_problem(self) -> Problem:
        verb = "delete" if self._request.operation == "DELETE" else "update"
        message = f"Unable to {verb} by external reference code or ID"
        return Problem("not-found", message, "id")


def _create_part_task(
    store: EntityStore, tasks: TaskStore, task: BatchTask, entity_type: EntityType
) -> PartTask | None:
    """Return what knows the items of a task, if they are parts."""
    kind = PART_KINDS_BY_NAME.get(entity_type.name)
    if kind is None:
        return None
    return PartTask(
        kind=kind,
        store=store,
        database=tasks.database,
        operation=task.request.operation,
        policy=task_policy(task),
        parameters=task.request.parameters,
    )


def _left_out_properties(parameters: Mapping[str, str]) -> frozenset[str]:
    """Return the properties that an import does not look at: batchRestrictFields."""
    names = (parameters.get("batchRestrictFields") or "").split(",")
    return frozenset(filter(None, map(str.strip, names)))


def find_task_site(store: EntityStore, tasks: TaskStore, name: str) -> str:
    """Return the key of the site that a task names; the name itself if unknown."""
    directory = SiteDirectory(store.installation, tasks.database)
    return directory.resolve(name) if name else ""


def task_policy(task: BatchTask) -> Policy:
    """Return the strategies of a task; by default the engine only adds items."""
    parameters = task.request.parameters
    import_strategy = ImportStrategy.UPDATE
    if task.request.operation == "CREATE":
        stated = parameters.get("createStrategy") or ImportStrategy.INSERT
        import_strategy = ImportStrategy(stated)
    return Policy(
        import_strategy=import_strategy,
        update_strategy=UpdateStrategy(
            parameters.get("updateStrategy") or UpdateStrategy.UPDATE
        ),
        error_strategy=ErrorStrategy.STOP
        if task.request.strategy == ON_ERROR_FAIL
        else ErrorStrategy.CONTINUE,
        lazy_references=parameters.get(PARAMETER) == "true",
    )


def _round_down_to_batches(number: int) -> int:
    return number // IMPORT_BATCH_SIZE * IMPORT_BATCH_SIZE


def _cut_after_first_problem(items: NumberedItems) -> NumberedItems:
    for position, (_, item) in enumerate(items):
        if isinstance(item, Problem):
            return items[: position + 1]
    return items


def _next_outcome(item: Item | Problem, outcomes: Iterator[Outcome]) -> Outcome:
    if isinstance(item, Problem):
        return Outcome(OutcomeKind.FAILED, "", item)
    return next(outcomes)


def _build_failed_item(
    index: int, item: Item | Problem, outcome: Outcome, kind: str
) -> FailedItem:
    """Describe a failure; an item that could not be read has no text."""
    problem = outcome.problem or Problem("refused", "The item was refused")
    text = "" if isinstance(item, Problem) else to_json(item).decode()
    return FailedItem(index, text, format_exception(problem, kind))


def _parse_id(value: Any) -> int:
    """Return the id that a value states; 0, which nothing has, for what is none."""
    number = 0 if isinstance(value, bool) else read_signed_number(str(value), 0)
    return number if abs(number) <= _MAX_ID else 0


def is_object_entry(entity_type: EntityType) -> bool:
    """Return True if items of the type are entries of an object."""
    return entity_type.class_name == OBJECT_ENTRY
