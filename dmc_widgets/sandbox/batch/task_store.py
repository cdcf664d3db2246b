"""The tasks of the batch engine: what was requested, progress, and failed items."""

from __future__ import annotations

import logging
import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import orjson

from ...errors import InstallationError
from ...model.entity_type import DEFAULT_DELEGATE, class_name_key
from ...objects.company_ids import COMPANY_ID
from ...objects.documents.document_kind import format_time
from ..database import SandboxDatabase
from ..responses import unknown_id_error, unknown_key_error

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")

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
    """There is already a task with that ERC; the text is that of Liferay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """What a client asks the batch engine to do.

    Attributes:
        direction: ``import`` or ``export``.
        class_name: The class name of the items.
        erc: The ERC of the task; empty for a generated one.
        delegate: The task item delegate of the items, such as ``C_Ticket``.
        content_type: The content type that responses state, such as ``JSON``.
        reader: The format that reads the content, if it differs from the content type.
        operation: ``CREATE``, ``UPDATE`` or ``DELETE``; empty for exports.
        strategy: The error strategy, ``ON_ERROR_FAIL`` or ``ON_ERROR_CONTINUE``.
        mapping: Pairs of source and target field; empty for none.
        fields: The names of the fields to export; empty for all.
        parameters: All other parameters of the request.
        callback: The URL to call when the task has ended; usually empty.
        onlooker: The name of a user who may only read and sent the request; empty if
            its sender may write.
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
    """A task: what was requested, and how far it has got."""

    id: int
    request: TaskRequest
    status: str
    error: str
    processed: int
    total: int
    started: int | None
    ended: int | None

    @property
    def key(self) -> str:
        """The key of the entity type of the items."""
        return class_name_key(self.request.class_name, self.request.delegate)

    @property
    def mark(self) -> str:
        """The key under which the installation marks the task's batches."""
        return f"sandbox {self.request.direction} {self.request.erc}"

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """Return the task in a row of the database."""
        task_request = TaskRequest(
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
            request=task_request,
            status=row["status"],
            error=row["error"],
            processed=row["processed"],
            total=row["total"],
            started=row["started"],
            ended=row["ended"],
        )


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An item that failed.

    Attributes:
        index: The number of the item in its file, counted from 1.
        item: The item as JSON; empty if it could not be read.
        message: Why it failed.
    """

    index: int
    item: str
    message: str


class _End(NamedTuple):
    """How a task ended."""

    status: str
    error: str
    ended: int


class TaskStore:
    """Creates, finds and updates tasks in the sandbox's database.

    Args:
        database: The open database.

    Attributes:
        database: The same database.
    """

    def __init__(self, database: SandboxDatabase) -> None:
        self.database = database
        self._unrecorded_ends: dict[int, _End] = {}

    def add(self, task_request: TaskRequest) -> BatchTask:
        """Store a new task.

        Raises:
            DuplicateTask: There is already a task with that ERC.
        """
        erc = task_request.erc or str(uuid.uuid4())
        values = {
            "direction": task_request.direction,
            "erc": erc,
            "class_name": task_request.class_name,
            "delegate": task_request.delegate,
            "content_type": task_request.content_type,
            "reader": task_request.reader,
            "operation": task_request.operation,
            "strategy": task_request.strategy,
            "mapping": orjson.dumps(task_request.mapping).decode(),
            "fields": orjson.dumps(task_request.fields).decode(),
            "parameters": orjson.dumps(task_request.parameters).decode(),
            "callback": task_request.callback,
            "onlooker": task_request.onlooker,
        }
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        statement = f"INSERT INTO task ({names}) VALUES ({places})"  # noqa: S608
        try:
            with self.database.transaction() as connection:
                self._record_ends(connection)
                connection.execute(statement, values)
        except sqlite3.IntegrityError as exc:
            label = _TASK_LABELS[task_request.direction]
            message = (
                f"Duplicate batch engine {label} with external reference code {erc} "
                f"and company {COMPANY_ID}"
            )
            raise DuplicateTask(message) from exc
        self._unrecorded_ends.clear()
        return self.get_by_erc(task_request.direction, erc)

    def get_by_id(self, direction: str, number: int) -> BatchTask:
        """Return the task that has an id.

        Raises:
            ApiError: No task has that id.
        """
        query = "SELECT * FROM task WHERE direction = ? AND id = ?"
        rows = self.database.rows(query, (direction, number))
        if not rows:
            raise unknown_id_error(_TASK_CLASS_NAMES[direction], number)
        return self._task(rows[0])

    def get_by_erc(self, direction: str, erc: str) -> BatchTask:
        """Return the task that has an ERC.

        Raises:
            ApiError: No task has that ERC.
        """
        query = "SELECT * FROM task WHERE direction = ? AND erc = ?"
        rows = self.database.rows(query, (direction, erc))
        if not rows:
            name = _TASK_CLASS_NAMES[direction]
            raise unknown_key_error(
                name, externalReferenceCode=erc, companyId=COMPANY_ID
            )
        return self._task(rows[0])

    def unfinished(self) -> list[BatchTask]:
        """Return the tasks that have not ended, oldest first."""
        query = "SELECT * FROM task WHERE status IN ('INITIAL', 'STARTED') ORDER BY id"
        return [BatchTask.from_row(row) for row in self.database.rows(query)]

    def failed_items(self, task_id: int) -> list[FailedItem]:
        """Return the items of a task that failed, in the order of its file."""
        query = (
            "SELECT item_index, item, message FROM failed_item WHERE task_id = ? "
            "ORDER BY item_index"
        )
        return [FailedItem(*row) for row in self.database.rows(query, (task_id,))]

    def start(self, task_id: int, total: int) -> None:
        """Record that a task runs, from the beginning of its file."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM failed_item WHERE task_id = ?", (task_id,))
            connection.execute(
                "UPDATE task SET status = ?, started = ?, total = ?, processed = 0 "
                "WHERE id = ?",
                (STARTED, _now_ms(), total, task_id),
            )

    def advance(
        self, task_id: int, processed: int, failed: Sequence[FailedItem]
    ) -> None:
        """Record how many items were processed, and those that failed since."""
        with self.database.transaction() as connection:
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
        """Record how a task ended.

        On a full disk, the end is reported to clients, and is recorded before the next
        task is added. If there is none, the next start runs the task again.
        """
        ended = _now_ms()
        try:
            with self.database.transaction() as connection:
                self._add_failed(connection, task_id, failed)
                connection.execute(
                    "UPDATE task SET status = ?, error = ?, ended = ? WHERE id = ?",
                    (status, error, ended, task_id),
                )
        except InstallationError as exc:
            if status != FAILED:
                raise
            _LOG.error("The end of task %s could not be recorded: %s", task_id, exc)
            self._unrecorded_ends[task_id] = _End(status, error, ended)

    def _record_ends(self, connection: sqlite3.Connection) -> None:
        """Record the ends that there was no room for.

        A client may send again what is missing, which the task must not write after it.
        """
        connection.executemany(
            "UPDATE task SET status = ?, error = ?, ended = ? WHERE id = ?",
            [(*end, task_id) for task_id, end in self._unrecorded_ends.items()],
        )

    def _task(self, row: sqlite3.Row) -> BatchTask:
        """Return a task with its end, which may not have been recorded."""
        task = BatchTask.from_row(row)
        end = self._unrecorded_ends.get(task.id)
        return replace(task, **end._asdict()) if end else task

    def content_path(self, task: BatchTask) -> Path:
        """Return the path of a task's zip archive, without any text of a client."""
        return self.database.folder / f"{task.request.direction}-{task.id}.zip"

    def new_upload_path(self) -> Path:
        """Return a path for a file whose task does not exist yet."""
        return self.database.folder / f"upload-{uuid.uuid4()}.part"

    def _add_failed(
        self,
        connection: sqlite3.Connection,
        task_id: int,
        failed: Sequence[FailedItem],
    ) -> None:
        connection.executemany(
            "INSERT OR REPLACE INTO failed_item VALUES (?, ?, ?, ?)",
            [(task_id, item.index, item.item, item.message) for item in failed],
        )


def render_task(task: BatchTask, failed: Sequence[FailedItem]) -> dict[str, Any]:
    """Build the JSON of a task; times that are not known are left out."""
    task_request = task.request
    body: dict[str, Any] = {
        "className": task_request.class_name,
        "contentType": task_request.content_type,
        "endTime": _format_time(task.ended),
        "errorMessage": task.error,
        "executeStatus": task.status,
        "externalReferenceCode": task_request.erc,
        "id": task.id,
        "processedItemsCount": task.processed,
        "startTime": _format_time(task.started),
        "totalItemsCount": task.total,
    }
    if task_request.direction == IMPORT:
        body |= {
            "failedItems": [
                {"item": item.item, "itemIndex": item.index, "message": item.message}
                for item in failed
            ],
            "importStrategy": task_request.strategy,
            "operation": task_request.operation,
        }
    return {name: body[name] for name in sorted(body) if body[name] is not None}


def _format_time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else format_time(milliseconds)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
