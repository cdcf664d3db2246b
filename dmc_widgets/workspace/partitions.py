"""The partitions of imports that several workers carry out, and who works on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..storage.database import Row, Transaction
from .database import WorkspaceDatabase
from .workers import NO_WORKER, Worker, worker_values


class PartitionStatus(StrEnum):
    """How far a partition is."""

    WAITING = "Waiting"
    RUNNING = "Running"
    DONE = "Done"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """A partition of an import and what became of it.

    Attributes:
        number: The number of the partition, from 1.
        content: Its batches and its place in the file, as plain data.
        records: How many records it has.
        done: How many of them have an outcome.
        status: How far it is.
        worker: The process that works on it, or did last.
        worker_name: The name of that process for people.
        summary: What a person should know of its records, as plain data; empty until
            all of them are written.
    """

    number: int
    content: dict[str, Any]
    records: int
    done: int = 0
    status: PartitionStatus = PartitionStatus.WAITING
    worker: Worker = NO_WORKER
    worker_name: str = ""
    summary: dict[str, Any] = field(default_factory=dict)


class PartitionStore:
    """The partitions of all tasks of a workspace."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def add(
        self, task_id: int, partitions: Sequence[PartitionState], notes: Sequence[str]
    ) -> None:
        """Record how the file of a task is divided.

        Args:
            task_id: The task.
            partitions: All partitions, in their order.
            notes: What is known of the file once it was read, such as skipped lines.
        """
        with self._database.transaction() as connection:
            for partition in partitions:
                _store(connection, task_id, partition)
            connection.execute(
                "INSERT OR REPLACE INTO partition_notes VALUES (?, ?)",
                [task_id, json.dumps([*notes])],
            )

    def update(self, task_id: int, partition: PartitionState) -> None:
        """Record how far a partition is."""
        with self._database.transaction() as connection:
            _store(connection, task_id, partition)

    def read(self, task_id: int) -> list[PartitionState]:
        """Return the partitions of a task; none if one worker carries it out."""
        rows = self._database.rows(
            "SELECT * FROM partition WHERE task_id = ? ORDER BY number", [task_id]
        )
        return [_partition(row) for row in rows]

    def notes(self, task_id: int) -> list[str]:
        """Return what was known of the file when it was divided."""
        row = self._database.row(
            "SELECT notes FROM partition_notes WHERE task_id = ?", [task_id]
        )
        return [] if row is None else list(map(str, json.loads(row["notes"])))


def _store(connection: Transaction, task_id: int, partition: PartitionState) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO partition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            task_id,
            partition.number,
            json.dumps(partition.content),
            partition.records,
            partition.done,
            partition.status,
            json.dumps(worker_values(partition.worker)),
            partition.worker_name,
            json.dumps(partition.summary),
        ],
    )


def _partition(row: Row) -> PartitionState:
    host, pid, started, boot, ticks = json.loads(row["worker"])
    return PartitionState(
        number=row["number"],
        content=json.loads(row["content"]),
        records=row["records"],
        done=row["done"],
        status=PartitionStatus(row["status"]),
        worker=Worker(host=host, pid=pid, started=started, boot=boot, ticks=ticks),
        worker_name=row["worker_name"],
        summary=json.loads(row["summary"]),
    )
