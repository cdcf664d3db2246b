"""Queued tasks that wait for a process which takes them: the pool of a workspace.

Usually the process that queues a task starts its worker, on the same machine. In a
workspace with a pool that is left to the processes of ``dmc work``, on any machine that
sees the folder. The tasks of a package wait as one: they have the same leader, the
first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..model.task import TaskStatus
from .database import WorkspaceDatabase
from .workers import POOL_HOST, Worker, worker_values

_SETTING: Final = "worker_pool"


class TaskQueue:
    """The tasks of a workspace that wait for a process of its pool."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    @property
    def has_pool(self) -> bool:
        """True if processes of a pool take the queued tasks."""
        query = "SELECT value FROM setting WHERE name = ?"
        row = self._database.row(query, [_SETTING])
        return row is not None and row["value"] == "1"

    @has_pool.setter
    def has_pool(self, value: bool) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO setting VALUES (?, ?)", [_SETTING, str(int(value))]
        )

    def add(self, task_ids: Sequence[int]) -> None:
        """Let queued tasks wait, to be taken together and carried out in this order."""
        leader = Worker(host=POOL_HOST, pid=task_ids[0])
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE task SET host = ?, worker = ?, worker_started = ?, boot = ?, "
                "ticks = ? WHERE id = ? AND status = ?",
                [
                    [*worker_values(leader), task_id, TaskStatus.QUEUED]
                    for task_id in task_ids
                ],
            )

    def take(self, worker: Worker) -> list[int]:
        """Take the oldest waiting task, or the whole package that it belongs to.

        No two processes take the same one, and none waits for another.

        Args:
            worker: The process that takes it, and starts its worker.

        Returns:
            The ids in the order in which they are carried out; empty if none waits.
        """
        oldest = (
            "SELECT worker FROM task WHERE status = ? AND host = ? ORDER BY id LIMIT 1"
        )
        rows = self._database.rows(
            "UPDATE task SET host = ?, worker = ?, worker_started = ?, "  # noqa: S608
            "boot = ?, ticks = ? WHERE status = ? AND host = ? AND worker = "
            f"({oldest}{self._database.skip_locked}) RETURNING id",
            [*worker_values(worker), *[TaskStatus.QUEUED, POOL_HOST] * 2],
        )
        return sorted(row["id"] for row in rows)

    def take_back(self, task_id: int, worker: Worker) -> bool:
        """Let a waiting task belong to this process; False if it does not wait."""
        rows = self._database.rows(
            "UPDATE task SET host = ?, worker = ?, worker_started = ?, boot = ?, "
            "ticks = ? WHERE id = ? AND status = ? AND host = ? RETURNING id",
            [*worker_values(worker), task_id, TaskStatus.QUEUED, POOL_HOST],
        )
        return bool(rows)

    def count_waiting(self) -> int:
        """Return the number of tasks that no process has taken yet."""
        row = self._database.row(
            "SELECT count(*) AS number FROM task WHERE status = ? AND host = ?",
            [TaskStatus.QUEUED, POOL_HOST],
        )
        return int(row["number"]) if row else 0
