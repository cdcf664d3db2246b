"""The tasks of a workspace: their state, and the processes that carry them out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from ..errors import UnknownName
from ..model.plan import Action, Plan, plan_from_dict
from ..model.roles import Role
from ..model.task import Counts, Progress, Task, TaskPart, TaskStatus
from ..storage.database import Row, Transaction
from .course.store import Sample, add_sample
from .database import WorkspaceDatabase
from .file_identity import FileIdentity
from .permissions import Permissions
from .task_queries.queries import TaskFinder, TaskQuery
from .task_queries.schema import insert_task_text
from .workers import NO_WORKER, Worker, carries_out, worker_values

_UNFINISHED = (TaskStatus.QUEUED, TaskStatus.RUNNING)
_MAX_LIKE = 50


class TaskRegistry:
    """All tasks that were ever started in the workspace, in the order of their ids.

    Attributes:
        finder: Finds tasks by their indexes.
    """

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        author: Callable[[], str],
        permissions: Permissions,
    ) -> None:
        self._database = database
        self._now = now
        self._author = author
        self._permissions = permissions
        self.finder = TaskFinder(database, _task, permissions.visible)

    def add(
        self,
        installation: str,
        plan: Plan,
        original_file: str = "",
        notes: Sequence[str] = (),
        *,
        worker: Worker = NO_WORKER,
    ) -> Task:
        """Queue a run of *plan*; *plan* has a name and a full entity type key.

        Args:
            installation: The name of the installation that the task works on.
            plan: What the task does.
            original_file: The name of the imported file; empty for exports.
            notes: The notes that were shown before the start.
            worker: The process that prepares the task and starts its worker.

        Raises:
            NotPermitted: The user lacks a role for it.
        """
        self._permissions.require_plan(installation, plan)
        stamp = self._now()
        values: dict[str, Any] = {
            "mark": uuid.uuid4().hex,
            "name": plan.name,
            "installation": installation,
            "action": plan.action,
            "entity_type": plan.entity_type,
            "plan": json.dumps(plan.as_dict()),
            "author": self._author(),
            "created": stamp,
            "modified": stamp,
            "status": TaskStatus.QUEUED,
            "original_file": original_file,
            "notes": json.dumps(list(notes)),
            "start_notes": json.dumps(list(notes)),
        }
        names = ("host", "worker", "worker_started", "boot", "ticks")
        values.update(zip(names, worker_values(worker), strict=True))
        columns, places = ", ".join(values), ", ".join("?" * len(values))
        with self._database.transaction() as connection:
            task_id = connection.execute(
                f"INSERT INTO task ({columns}) VALUES ({places})",  # noqa: S608
                list(values.values()),
            ).lastrowid
            source = getattr(plan, "source", "")
            insert_task_text(connection, task_id or 0, {**values, "source": source})
        return self.get(task_id or 0)

    def get(self, task_id: int) -> Task:
        """Return the task in its last recorded state.

        Raises:
            UnknownName: No task has that id.
        """
        row = self._database.row("SELECT * FROM task WHERE id = ?", [task_id])
        may = self._permissions.may
        if row is None or not may(Role.LOOK, row["installation"]):
            raise UnknownName(kind="task", name=str(task_id), known=self._latest_ids())
        return _task(row)

    def all(self, keyword: str = "", action: Action | None = None) -> list[Task]:
        """Return the tasks with all words of *keyword*; see :class:`.TaskQuery`."""
        query = TaskQuery(keyword=keyword, action=action)
        return self.finder.read(self.finder.ids(query))

    def identify_file(self, task_id: int, file: FileIdentity) -> None:
        """Record what the file of an import is known by."""
        self._database.run(
            "UPDATE task SET file_sha256 = ?, file_size = ? WHERE id = ?",
            [*file, task_id],
        )

    def with_file(self, installation: str, size: int) -> list[Task]:
        """Return the imports into an installation whose file has a size in bytes."""
        rows = self._database.rows(
            "SELECT * FROM task WHERE installation = ? AND file_size = ? "
            "AND file_sha256 <> '' ORDER BY id",
            [installation, size],
        )
        return [_task(row) for row in rows]

    def imports_like(self, name: str, size: int) -> list[Task]:
        """Return visible imports of files of a name or a size, the latest first."""
        condition, values = self._permissions.visible()
        rows = self._database.rows(
            "SELECT * FROM task WHERE action = ? AND (original_file = ? OR "  # noqa: S608
            f"(file_size = ? AND file_sha256 <> '')) AND {condition} "
            "ORDER BY id DESC LIMIT ?",
            [Action.IMPORT, name, size, *values, _MAX_LIKE],
        )
        return [_task(row) for row in rows]

    def unfinished(self) -> list[Task]:
        """Return the tasks that are queued or running."""
        rows = self._database.rows(
            "SELECT * FROM task WHERE status IN (?, ?) ORDER BY id", _UNFINISHED
        )
        return [_task(row) for row in rows]

    def mark(self, task_id: int) -> str:
        """Return the task's key for batches, unique across workspaces."""
        row = self._database.row("SELECT mark FROM task WHERE id = ?", [task_id])
        return str(row["mark"]) if row else ""

    def worker(self, task_id: int) -> Worker:
        """Return the process that carries out the task."""
        row = self._database.row(
            "SELECT host, worker, worker_started, boot, ticks FROM task WHERE id = ?",
            [task_id],
        )
        if row is None:
            return NO_WORKER
        return Worker(
            host=row["host"],
            pid=row["worker"],
            started=row["worker_started"],
            boot=row["boot"],
            ticks=row["ticks"],
        )

    def assign(self, task_id: int, worker: Worker) -> None:
        """Record the process that carries out the task."""
        self._database.run(
            "UPDATE task SET host = ?, worker = ?, worker_started = ?, boot = ?, "
            "ticks = ? WHERE id = ?",
            [*worker_values(worker), task_id],
        )

    def start(self, task_id: int, at: float, worker: Worker = NO_WORKER) -> bool:
        """Start a queued task; return False if another call has started it.

        Args:
            task_id: The id of the task.
            at: The time, in seconds since the epoch.
            worker: The process that carries the task out from now on.
        """
        with self._database.transaction() as connection:
            changed = connection.execute(
                # A task that is resumed has worked for some time already.
                "UPDATE task SET status = ?, "
                "started = ? - max(0, updated - started), updated = ?, modified = ?, "
                "host = ?, worker = ?, worker_started = ?, boot = ?, ticks = ? "
                "WHERE id = ? AND status = ?",
                [
                    TaskStatus.RUNNING,
                    at,
                    at,
                    self._now(),
                    *worker_values(worker),
                    task_id,
                    TaskStatus.QUEUED,
                ],
            )
            return changed.rowcount == 1

    def is_unfinished(self, task_id: int) -> bool:
        """Return True unless the task has ended; another process may have ended it."""
        row = self._database.row(
            "SELECT 1 FROM task WHERE id = ? AND status IN (?, ?)",
            [task_id, *_UNFINISHED],
        )
        return row is not None

    def report(
        self, task_id: int, counts: Counts, progress: Progress, *, sample: bool = False
    ) -> int:
        """Record the progress of a task, unless it has ended.

        Args:
            task_id: The id of the task.
            counts: The number of records by outcome.
            progress: How far it has come.
            sample: Keep the counts for the chart of the task, too.

        Returns:
            The number of samples that are kept now; 0 without a new one.
        """
        with self._database.transaction() as connection:
            self._report(connection, task_id, counts, progress)
            if not sample:
                return 0
            return add_sample(connection, task_id, Sample(progress.elapsed_s, counts))

    def _report(
        self,
        connection: Transaction,
        task_id: int,
        counts: Counts,
        progress: Progress,
    ) -> None:
        connection.execute(
            "UPDATE task SET counts = ?, done = ?, whole = ?, updated = ?, "
            "modified = ? WHERE id = ? AND status IN (?, ?)",
            [
                json.dumps(asdict(counts)),
                progress.done,
                progress.of,
                progress.updated,
                self._now(),
                task_id,
                *_UNFINISHED,
            ],
        )

    def report_parts(self, task_id: int, parts: Sequence[TaskPart]) -> None:
        """Record the progress of the parts of a task."""
        self._database.run(
            "UPDATE task SET parts = ? WHERE id = ? AND status IN (?, ?)",
            [json.dumps([asdict(part) for part in parts]), task_id, *_UNFINISHED],
        )

    def add_start_note(self, task_id: int, note: str) -> tuple[str, ...]:
        """Add a note that the task keeps when it is resumed; return all its notes."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE task SET notes = json_insert(notes, '$[#]', ?), "
                "start_notes = json_insert(start_notes, '$[#]', ?) "
                "WHERE id = ? RETURNING notes",
                [note, note, task_id],
            ).fetchone()
        return tuple(json.loads(row["notes"]))

    def finish(
        self, task: Task, worker: Worker | None = None, *, sample: bool = False
    ) -> None:
        """Record the end of a task, unless it has ended already.

        Nothing happens either if another process than *worker* carries it out by now.

        Args:
            task: The task as it ended.
            worker: The process that carried it out; None for any.
            sample: Keep the counts for the chart of the task, too.
        """
        with self._database.transaction() as connection:
            if worker is None or carries_out(connection, task.id, worker):
                self._finish(connection, task)
                if sample and task.progress.started:
                    last = Sample(task.progress.elapsed_s, task.counts)
                    add_sample(connection, task.id, last)

    def _finish(self, connection: Transaction, task: Task) -> None:
        connection.execute(
            "UPDATE task SET status = ?, counts = ?, notes = ?, done = ?, whole = ?, "
            "updated = ?, modified = ?, exported_file = ?, error = ?, error_code = ?, "
            "parts = ? "
            "WHERE id = ? AND status IN (?, ?)",
            [
                task.status,
                json.dumps(asdict(task.counts)),
                json.dumps(list(task.notes)),
                task.progress.done,
                task.progress.of,
                task.progress.updated,
                self._now(),
                task.exported_file,
                task.error,
                task.error_code,
                json.dumps([asdict(part) for part in task.parts]),
                task.id,
                *_UNFINISHED,
            ],
        )

    def require_change(self, task_id: int) -> None:
        """Refuse to go on with a task, to stop it or to mend what it left.

        Raises:
            NotPermitted: The user may not start such a task either.
            UnknownName: No task has that id.
        """
        task = self.get(task_id)
        self._permissions.require_plan(task.installation, task.plan)

    def request_cancel(self, task_id: int) -> None:
        """Ask the worker to end the task; it checks before every batch."""
        self.require_change(task_id)
        self._database.run("UPDATE task SET cancel = 1 WHERE id = ?", [task_id])

    def request_pause(self, task_id: int) -> None:
        """Ask the worker to interrupt the task; it checks before every batch."""
        self.require_change(task_id)
        self._database.run("UPDATE task SET pause = 1 WHERE id = ?", [task_id])

    def requested_status(self, task_id: int) -> TaskStatus | None:
        """Return the status that the task was asked to take: *Cancelled* or *Paused*.

        Returns:
            None if it may go on. To cancel is more than to pause.
        """
        row = self._database.row(
            "SELECT cancel, pause FROM task WHERE id = ?", [task_id]
        )
        if row is None or not (row["cancel"] or row["pause"]):
            return None
        return TaskStatus.CANCELLED if row["cancel"] else TaskStatus.PAUSED

    def cancel_idle(self, task: Task, error: str) -> bool:
        """End a task on which no worker is at work: a paused one, or a queued one.

        Args:
            task: The task as it is stored.
            error: Why it ended, as a sentence.

        Returns:
            False if it has another status by now.
        """
        self.require_change(task.id)
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE task SET status = ?, error = ?, modified = ?, cancel = 1 "
                "WHERE id = ? AND status = ?",
                [TaskStatus.CANCELLED, error, self._now(), task.id, task.status],
            )
            return changed.rowcount == 1

    def reopen(self, task: Task, *, dead: Worker, passed: int, worker: Worker) -> bool:
        """Queue a task again that has ended, pauses, or whose worker died.

        Its counts and outcomes stay. Of its notes those stay that it was started with.

        Args:
            task: The task as it is stored; a plan that differs replaces the stored one.
            dead: The process that carried it out.
            passed: The number of the last record whose failure no longer ends the task.
            worker: The process that starts its next worker.

        Returns:
            False if another process has begun something with the task.
        """
        self.require_change(task.id)
        with self._database.transaction() as connection:
            if not carries_out(connection, task.id, dead):
                return False
            changed = connection.execute(
                "UPDATE task SET status = ?, error = '', error_code = '', "
                "notes = CASE WHEN EXISTS (SELECT 1 FROM repair_round "
                "WHERE task_id = task.id AND is_open = 1 AND status <> ?) THEN notes "
                "ELSE start_notes END, cancel = 0, pause = 0, passed = max(passed, ?), "
                "exported_file = '', modified = ?, plan = ?, "
                "host = ?, worker = ?, worker_started = ?, boot = ?, ticks = ? "
                "WHERE id = ? AND status = ?",
                [
                    TaskStatus.QUEUED,
                    TaskStatus.RUNNING,  # such a round belongs to an import
                    passed,
                    self._now(),
                    json.dumps(task.plan.as_dict()),
                    *worker_values(worker),
                    task.id,
                    task.status,
                ],
            )
            return changed.rowcount == 1

    def close_again(self, task: Task) -> None:
        """Take back :meth:`reopen`, because no worker could be started."""
        self._database.run(
            "UPDATE task SET status = ?, error = ?, error_code = ?, notes = ?, "
            "exported_file = ?, plan = ?, host = ?, worker = ?, worker_started = ?, "
            "boot = ?, ticks = ? WHERE id = ? AND status = ?",
            [
                task.status,
                task.error,
                task.error_code,
                json.dumps(list(task.notes)),
                task.exported_file,
                json.dumps(task.plan.as_dict()),
                *worker_values(NO_WORKER),
                task.id,
                TaskStatus.QUEUED,
            ],
        )

    def passed(self, task_id: int) -> int:
        """Return the number of the last record whose failure no longer ends a task.

        A task that stopped at a record that failed goes on after it when it is resumed.
        """
        row = self._database.row("SELECT passed FROM task WHERE id = ?", [task_id])
        return int(row["passed"]) if row else 0

    def discard(self, task_id: int) -> None:
        """Remove a task that was not started, because its file could not be copied."""
        self._database.run("DELETE FROM task WHERE id = ?", [task_id])

    def records_size(self, task_id: int) -> int:
        """Return the bytes of the values that :meth:`prune` would remove."""
        size = 0
        for table in self._database.tables_of("task"):
            lengths = " + ".join(
                f'coalesce(length("{column}"), 0)' for column in table.columns
            )
            row = self._database.row(
                f"SELECT coalesce(sum({lengths or 0}), 0) AS size "  # noqa: S608
                f'FROM "{table.name}" WHERE "{table.key}" = ?',
                [task_id],
            )
            size += int(row["size"]) if row else 0
        return size

    def prune(self, task_id: int) -> None:
        """Remove all that is recorded of a task, but the task itself."""
        self._permissions.require(Role.ADMINISTER)
        tables = self._database.tables_of("task")
        with self._database.transaction() as connection:
            for name, key, _ in tables:
                statement = f'DELETE FROM "{name}" WHERE "{key}" = ?'  # noqa: S608
                connection.execute(statement, [task_id])
            connection.execute(
                "UPDATE task SET pruned = ? WHERE id = ?", [self._now(), task_id]
            )

    def _latest_ids(self) -> tuple[str, ...]:
        found = self.finder.ids(descending=True, limit=5)
        return tuple(str(task_id) for task_id in reversed(found))


def queue_again(connection: Transaction, task_id: int, worker: Worker) -> bool:
    """Queue a task that has ended, in a transaction; return False if it has not.

    Args:
        connection: The connection of the transaction.
        task_id: The id of the task.
        worker: The process that starts the worker of the task.
    """
    changed = connection.execute(
        "UPDATE task SET status = ?, cancel = 0, pause = 0, error = '', "
        "error_code = '', done = 0, whole = 0, started = 0, updated = 0, "
        "host = ?, worker = ?, worker_started = ?, boot = ?, ticks = ? "
        "WHERE id = ? AND status NOT IN (?, ?)",
        [TaskStatus.QUEUED, *worker_values(worker), task_id, *_UNFINISHED],
    )
    return changed.rowcount == 1


def _task(row: Row) -> Task:
    return Task(
        id=row["id"],
        name=row["name"],
        installation=row["installation"],
        plan=plan_from_dict(json.loads(row["plan"])),
        author=row["author"],
        created=row["created"],
        modified=row["modified"],
        status=TaskStatus(row["status"]),
        counts=Counts(**json.loads(row["counts"])),
        progress=Progress(row["done"], row["whole"], row["started"], row["updated"]),
        original_file=row["original_file"],
        exported_file=row["exported_file"],
        error=row["error"],
        error_code=row["error_code"],
        pruned=row["pruned"],
        file_sha256=row["file_sha256"],
        notes=tuple(json.loads(row["notes"])),
        parts=tuple(_part(load) for load in json.loads(row["parts"])),
    )


def _part(data: dict[str, Any]) -> TaskPart:
    status, counts = TaskStatus(data["status"]), Counts(**data["counts"])
    return TaskPart(**{**data, "status": status, "counts": counts})
