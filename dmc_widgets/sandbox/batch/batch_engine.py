"""The batch engine: tasks that run in threads while the server answers.

A task that the end of the server broke off is run again from its beginning at the
next start, as Liferay's scan for orphans does after half an hour; the marks of its
batches keep it from writing anything twice. Liferay never takes up a task that was
still INITIAL; here it is run as well, since its client waits for it.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from ...errors import DmcError
from ...model.entity_type import EntityType
from ..entity_store import EntityStore
from .callbacks import CallbackSender
from .content import pack_zip
from .export_run import run_export
from .import_run import ImportRun
from .task_store import EXPORT, FAILED, IMPORT, BatchTask, TaskRequest, TaskStore

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")


class BatchEngine:
    """Takes orders, runs them, and calls back.

    Args:
        store: Where items are; closed with the engine.
        tasks: What is kept of them.
        callbacks: Tells that a task has ended.
        workers: How many tasks run at the same time.
        stopping: Set when the engine closes; waits for the database end then.

    Attributes:
        store: For tasks; it waits for as long as it takes.
    """

    def __init__(
        self,
        store: EntityStore,
        tasks: TaskStore,
        callbacks: CallbackSender,
        workers: int,
        stopping: threading.Event,
    ) -> None:
        self.tasks = tasks
        self.store = store
        self._callbacks = callbacks
        self._stopping = stopping
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="batch-engine")

    def import_file(
        self, order: TaskRequest, upload: Path, name: str = ""
    ) -> BatchTask:
        """Take a file, which is the engine's from now on, and import it.

        Args:
            order: What to do with it.
            upload: Where it lies: a zip, or with *name* a file to be put into one.
            name: Of the file.

        Raises:
            DuplicateTask: There is a task of that ERC.
        """
        try:
            if name:
                packed = self.tasks.spool()
                pack_zip(upload, packed, name)
                upload.unlink()
                upload = packed
            task = self.tasks.add(order)
            upload.replace(self.tasks.content(task))
        finally:
            upload.unlink(missing_ok=True)
        self._submit(task)
        return task

    def export(self, order: TaskRequest) -> BatchTask:
        """Start an export.

        Raises:
            DuplicateTask: There is a task of that ERC.
        """
        task = self.tasks.add(order)
        self._submit(task)
        return task

    def resume(self) -> None:
        """Run again what has not ended."""
        for task in self.tasks.unfinished():
            self._submit(task)

    def close(self) -> None:
        """Let tasks end their batch, and end the threads."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._callbacks.close()
        self.store.installation.close()

    def _submit(self, task: BatchTask) -> None:
        future = self._pool.submit(self._run, task)
        future.add_done_callback(partial(self._look_at, task))

    def _run(self, task: BatchTask) -> None:
        if self._stopping.is_set():
            return
        try:
            status = self._carry_out(task)
        except DmcError as exc:
            if self._stopping.is_set():
                return  # a wait was given up; the next start runs the task again
            status = FAILED
            self.tasks.finish(task.id, status, _error_message(task, exc))
        if status and task.order.callback:
            self._callbacks.send(task.order.callback, task.id, status)

    def _carry_out(self, task: BatchTask) -> str:
        entity_type = self._entity_type(task)
        if entity_type is None:
            name = task.order.class_name
            error = f"No batch engine delegate available for class name {name}"
            self.tasks.finish(task.id, FAILED, error)
            return FAILED
        if task.order.direction == EXPORT:
            return run_export(self.store, self.tasks, task, entity_type)
        if not self.tasks.content(task).is_file():
            self.tasks.finish(task.id, FAILED, "The content of the task is not there")
            return FAILED
        stopping = self._stopping.is_set
        return ImportRun(
            self.store, self.tasks, task, entity_type, stopping
        ).carry_out()

    def _entity_type(self, task: BatchTask) -> EntityType | None:
        types = self.store.installation.entity_types()
        return next((each for each in types if each.key == task.key), None)

    def _look_at(self, task: BatchTask, future: Future[None]) -> None:
        """End a task that a mistake of the program ended; it tells no details."""
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            _LOG.error("Task %s ended with %s", task.id, type(error).__name__)
            self.tasks.finish(task.id, FAILED, f"java.lang.Error: {task.mark}")


def _error_message(task: BatchTask, error: DmcError) -> str:
    """Imports tell the exception's name and text, exports its text (facts, 3.6)."""
    if task.order.direction == IMPORT:
        return f"java.lang.IllegalArgumentException: {error}"
    return str(error)
