"""TaskStore of the batch engine, as the ledger keeps them (batch-engine facts, 1.3)."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import orjson

from ...model.entity_type import DEFAULT_DELEGATE, class_name_key
from ...objects.documents.document_kind import format_time
from ...objects.embedded_installation import COMPANY_ID
from ..database import SandboxDatabase
from ..responses import unknown_id_error, unknown_key_error

INITIAL: Final = "INITIAL"
STARTED: Final = "STARTED"
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"

IMPORT: Final = "import"
EXPORT: Final = "export"

ON_ERROR_FAIL: Final = "ON_ERROR_FAIL"
ON_ERROR_CONTINUE: Final = "ON_ERROR_CONTINUE"

_TASK_LABELS: Final = {IMPORT: "import task", EXPORT: "export task"}
_TASK_CLASS_NAMES: Final = {
    IMPORT: "BatchEngineImportTask",
    EXPORT: "BatchEngineExportTask",
}


class DuplicateTask(Exception):
    """A task of that ERC is there already; its text is what Liferay answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """What a request asks of the batch engine.

    Attributes:
        direction: ``import`` or ``export``.
        erc: Of the task; empty for a new one.
        class_name: Of the items.
        delegate: Of the items, such as ``C_Ticket``.
        content_type: As it is shown: ``JSON``.
        reader: The format that reads it, where this is not the content type.
        operation: ``CREATE``, ``UPDATE`` or ``DELETE``; empty for exports.
        strategy: ``ON_ERROR_FAIL`` or ``ON_ERROR_CONTINUE``.
        mapping: Source field to target field; empty for none.
        fields: The names of those to export; empty for all.
        parameters: Free ones, as texts.
        callback: Where to call when it ends; mostly empty.
        onlooker: The user who asks, where they may change nothing; else empty.
    """

    direction: str
    class_name: str
    erc: str = ""
    delegate: str = DEFAULT_DELEGATE
    content_type: str = ""
    reader: str = ""
    operation: str = ""
    strategy: str = ON_ERROR_FAIL
    mapping: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    callback: str = ""
    onlooker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTask:
    """A task: what was asked for, and how far it has come."""

    id: int
    order: TaskRequest
    status: str
    error: str
    processed: int
    total: int
    started: int | None
    ended: int | None

    @property
    def key(self) -> str:
        """Of the entity type."""
        return class_name_key(self.order.class_name, self.order.delegate)

    @property
    def mark(self) -> str:
        """The key under which the installation marks the task's batches."""
        return f"sandbox {self.order.direction} {self.order.erc}"

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """Read a row of the ledger."""
        order = TaskRequest(
            direction=row["direction"],
            erc=row["erc"],
            class_name=row["class_name"],
            delegate=row["delegate"],
            content_type=row["content_type"],
            reader=row["reader"],
            operation=row["operation"],
            strategy=row["strategy"],
            mapping=tuple(tuple(pair) for pair in orjson.loads(row["mapping"])),
            fields=tuple(orjson.loads(row["fields"])),
            parameters=orjson.loads(row["parameters"]),
            callback=row["callback"],
            onlooker=row["onlooker"],
        )
        return cls(
            id=row["id"],
            order=order,
            status=row["status"],
            error=row["error"],
            processed=row["processed"],
            total=row["total"],
            started=row["started"],
            ended=row["ended"],
        )


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An item that failed: its ordinal from 1, its text or nothing, and why."""

    index: int
    item: str
    message: str


class TaskStore:
    """The tasks of the ledger."""

    def __init__(self, database: SandboxDatabase) -> None:
        self._database = database

    def add(self, order: TaskRequest) -> BatchTask:
        """Keep a new task.

        Raises:
            DuplicateTask: There is one of that ERC.
        """
        erc = order.erc or str(uuid.uuid4())
        values = {
            "direction": order.direction,
            "erc": erc,
            "class_name": order.class_name,
            "delegate": order.delegate,
            "content_type": order.content_type,
            "reader": order.reader,
            "operation": order.operation,
            "strategy": order.strategy,
            "mapping": orjson.dumps(order.mapping).decode(),
            "fields": orjson.dumps(order.fields).decode(),
            "parameters": orjson.dumps(order.parameters).decode(),
            "callback": order.callback,
            "onlooker": order.onlooker,
        }
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        statement = f"INSERT INTO task ({names}) VALUES ({places})"  # noqa: S608
        try:
            with self._database.transaction() as connection:
                connection.execute(statement, values)
        except sqlite3.IntegrityError as exc:
            message = (
                f"Duplicate batch engine {_TASK_LABELS[order.direction]} with external "
                f"reference code {erc} and company {COMPANY_ID}"
            )
            raise DuplicateTask(message) from exc
        return self.by_erc(order.direction, erc)

    def by_id(self, direction: str, number: int) -> BatchTask:
        """Return a task.

        Raises:
            ApiError: There is none of that id.
        """
        query = "SELECT * FROM task WHERE direction = ? AND id = ?"
        found = self._database.rows(query, (direction, number))
        if not found:
            raise unknown_id_error(_TASK_CLASS_NAMES[direction], number)
        return BatchTask.of(found[0])

    def by_erc(self, direction: str, erc: str) -> BatchTask:
        """Return a task.

        Raises:
            ApiError: There is none of that ERC.
        """
        query = "SELECT * FROM task WHERE direction = ? AND erc = ?"
        found = self._database.rows(query, (direction, erc))
        if not found:
            name = _TASK_CLASS_NAMES[direction]
            raise unknown_key_error(
                name, externalReferenceCode=erc, companyId=COMPANY_ID
            )
        return BatchTask.of(found[0])

    def unfinished(self) -> list[BatchTask]:
        """Return the tasks that have yet to end, the oldest first."""
        query = "SELECT * FROM task WHERE status IN ('INITIAL', 'STARTED') ORDER BY id"
        return [BatchTask.of(row) for row in self._database.rows(query)]

    def failed_items(self, task_id: int) -> list[FailedItem]:
        """Return the items that failed, in the order of the file."""
        query = (
            "SELECT item_index, item, message FROM failed_item WHERE task_id = ? "
            "ORDER BY item_index"
        )
        return [FailedItem(*row) for row in self._database.rows(query, (task_id,))]

    def start(self, task_id: int, total: int) -> None:
        """Note that a task runs, from the beginning of its file."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM failed_item WHERE task_id = ?", (task_id,))
            connection.execute(
                "UPDATE task SET status = ?, started = ?, total = ?, processed = 0 "
                "WHERE id = ?",
                (STARTED, _now_ms(), total, task_id),
            )

    def advance(
        self, task_id: int, processed: int, failed: Sequence[FailedItem]
    ) -> None:
        """Note how many items were read, and those that failed meanwhile."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE task SET processed = ? WHERE id = ?", (processed, task_id)
            )
            self._add_failed(connection, task_id, failed)

    def finish(
        self,
        task_id: int,
        status: str,
        error: str = "",
        failed: Sequence[FailedItem] = (),
    ) -> None:
        """Note how a task ended."""
        with self._database.transaction() as connection:
            self._add_failed(connection, task_id, failed)
            connection.execute(
                "UPDATE task SET status = ?, error = ?, ended = ? WHERE id = ?",
                (status, error, _now_ms(), task_id),
            )

    def content(self, task: BatchTask) -> Path:
        """Return the place of a task's zip; its name is nobody's text but ours."""
        return self._database.folder / f"{task.order.direction}-{task.id}.zip"

    def spool(self) -> Path:
        """Return a place for a file that has yet to get its task."""
        return self._database.folder / f"upload-{uuid.uuid4()}.part"

    def _add_failed(
        self,
        connection: sqlite3.Connection,
        task_id: int,
        failed: Sequence[FailedItem],
    ) -> None:
        connection.executemany(
            "INSERT OR REPLACE INTO failed_item VALUES (?, ?, ?, ?)",
            [(task_id, each.index, each.item, each.message) for each in failed],
        )


def render_task(task: BatchTask, failed: Sequence[FailedItem]) -> dict[str, Any]:
    """Build the JSON of a task; times that are not there are left out."""
    order = task.order
    shown: dict[str, Any] = {
        "className": order.class_name,
        "contentType": order.content_type,
        "endTime": _format_time(task.ended),
        "errorMessage": task.error,
        "executeStatus": task.status,
        "externalReferenceCode": order.erc,
        "id": task.id,
        "processedItemsCount": task.processed,
        "startTime": _format_time(task.started),
        "totalItemsCount": task.total,
    }
    if order.direction == IMPORT:
        shown |= {
            "failedItems": [
                {"item": each.item, "itemIndex": each.index, "message": each.message}
                for each in failed
            ],
            "importStrategy": order.strategy,
            "operation": order.operation,
        }
    return {name: shown[name] for name in sorted(shown) if shown[name] is not None}


def _format_time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else format_time(milliseconds)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
