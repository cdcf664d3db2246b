"""The batch engine: import and export tasks that run in threads.

A task that the end of the server interrupted is run again from its beginning at the
next start, as Liferay's scan for orphans does after half an hour; the marks of its
batches keep it from writing anything twice. Liferay never resumes a task that is still
INITIAL; here it is run as well, since its client waits for it.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from ...errors import DmcError, InstallationError
from ...model.entity_type import EntityType
from ..entity_store import EntityStore
from .callbacks import CallbackSender
from .content import pack_zip
from .export_run import run_export
from .import_run import ImportRun
from .task_store import EXPORT, FAILED, IMPORT, BatchTask, TaskRequest, TaskStore

_LOG: Final = logging.getLogger("dmc_widgets.sandbox")
_CONTENT_EXCEPTION: Final = "java.lang.IllegalArgumentException"
_SYSTEM_EXCEPTION: Final = "com.liferay.portal.kernel.exception.SystemException"


class BatchEngine:
    """Creates tasks, runs them, and calls back when they have ended.

    Args:
        store: The store that tasks read and write; closed with the engine.
        tasks: The store of the tasks themselves.
        callbacks: Sends callbacks of tasks that have ended.
        workers: The number of tasks that run at the same time.
        stopping: Set when the engine closes; ends the waits for the database.

    Attributes:
        store: The same store. It waits for the database as long as necessary.
        tasks: The same store of tasks.
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
        self, task_request: TaskRequest, upload: Path, name: str = ""
    ) -> BatchTask:
        """Start a task that imports a file; the file is the engine's from now on.

        Args:
            task_request: The task to create.
            upload: The file: a zip archive, or with *name* a file to pack into one.
            name: The client's name of the file; empty for a zip archive.

        Raises:
            DuplicateTask: There is a task with that ERC.
        """
        try:
            if name:
                packed = self.tasks.new_upload_path()
                pack_zip(upload, packed, name)
                upload.unlink()
                upload = packed
            task = self.tasks.add(task_request)
            upload.replace(self.tasks.content_path(task))
        finally:
            upload.unlink(missing_ok=True)
        self._submit(task)
        return task

    def export(self, task_request: TaskRequest) -> BatchTask:
        """Start an export.

        Raises:
            DuplicateTask: There is a task with that ERC.
        """
        task = self.tasks.add(task_request)
        self._submit(task)
        return task

    def resume(self) -> None:
        """Run again the tasks that have not ended."""
        for task in self.tasks.unfinished():
            self._submit(task)

    def close(self) -> None:
        """Let each task finish its batch, then stop the threads."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._callbacks.close()
        self.store.installation.close()

    def _submit(self, task: BatchTask) -> None:
        future = self._pool.submit(self._run, task)
        future.add_done_callback(partial(self._fail_crashed, task))

    def _run(self, task: BatchTask) -> None:
        if self._stopping.is_set():
            return
        try:
            status = self._execute(task)
        except DmcError as exc:
            if self._stopping.is_set():
                return  # a wait was cancelled; the next start runs the task again
            status = FAILED
            self.tasks.finish(task.id, status, _error_message(task, exc))
        if status and task.request.callback:
            self._callbacks.send(task.request.callback, task.id, status)

    def _execute(self, task: BatchTask) -> str:
        entity_type = self._find_entity_type(task)
        if entity_type is None:
            name = task.request.class_name
            error = f"No batch engine delegate available for class name {name}"
            self.tasks.finish(task.id, FAILED, error)
            return FAILED
        if task.request.direction == EXPORT:
            return run_export(self.store, self.tasks, task, entity_type)
        if not self.tasks.content_path(task).is_file():
            self.tasks.finish(task.id, FAILED, "The content of the task is missing")
            return FAILED
        is_stopping = self._stopping.is_set
        return ImportRun(self.store, self.tasks, task, entity_type, is_stopping).run()

    def _find_entity_type(self, task: BatchTask) -> EntityType | None:
        for entity_type in self.store.installation.entity_types():
            if entity_type.key == task.key:
                return entity_type
        return None

    def _fail_crashed(self, task: BatchTask, future: Future[None]) -> None:
        """Fail a task that an unexpected exception ended, without any details."""
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            _LOG.error("Task %s ended with %s", task.id, type(error).__name__)
            self.tasks.finish(task.id, FAILED, f"java.lang.Error: {task.mark}")


def _error_message(task: BatchTask, error: DmcError) -> str:
    """Return Liferay's message: an import's begins with the name of the exception."""
    if task.request.direction != IMPORT:
        return str(error)
    is_database = isinstance(error, InstallationError)
    return f"{_SYSTEM_EXCEPTION if is_database else _CONTENT_EXCEPTION}: {error}"
