"""TasksMixin: watching them, ending them, and what they leave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..model.plan import Action
from ..model.task import Task
from ..tasks.task_files import downloadable_file
from ..tasks.task_reports import iter_report_chunks, outcomes_to_frame
from ..tasks.worker.launcher import observe_task
from ..workspace import Failure
from .base import CenterBase

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd

_POLL_INTERVAL_S = 0.1


class TasksMixin(CenterBase):
    """Every task of the workspace, whoever started it."""

    def tasks(self, keyword: str = "", action: Action | None = None) -> list[Task]:
        """Return tasks by id whose name or entity type holds *keyword*.

        Nothing is written; see :meth:`task`.
        """
        found = self._workspace.tasks.all(keyword, action)
        return [observe_task(self._workspace, each) for each in found]

    def task(self, task_id: int) -> Task:
        """Return a task as it is at this moment. Nothing is written.

        A task whose worker died is *Inactive*, with the counts that were recorded
        last; see :meth:`recover`.

        Raises:
            UnknownName: There is no task of that id.
        """
        return observe_task(self._workspace, self._workspace.tasks.get(task_id))

    def recover(self, task_id: int) -> Task:
        """Find out what became of a task whose worker died, and record its end.

        The target is asked for what it has stored. Other tasks are left alone, and
        two processes may do this at the same time.

        Returns:
            The task as it is now; *Inactive* where the target does not answer.

        Raises:
            UnknownName: There is no task of that id.
        """
        task = self._workspace.tasks.get(task_id)
        if not self._workspace.tasks.is_unfinished(task_id):
            return task
        # Few tasks need it, and it brings along all that carries tasks out.
        from ..tasks.worker.recovery import recover_task

        return recover_task(self._workspace, task)

    def cancel(self, task_id: int) -> Task:
        """Ask a task to end, which it does within a second; ended ones stay."""
        self._workspace.tasks.request_cancel(task_id)
        return self.task(task_id)

    def wait(
        self,
        task_id: int,
        *,
        timeout_s: float | None = None,
        on_change: Callable[[Task], None] | None = None,
    ) -> Task:
        """Return the task when it has ended, or as it is after *timeout_s* seconds.

        Of a task whose worker died, what became of it is found out first.

        Args:
            task_id: Of the task.
            timeout_s: None waits for the end, however long that takes.
            on_change: Called with the task whenever it has come further.
        """
        end = None if timeout_s is None else time.monotonic() + timeout_s
        seen: Task | None = None
        while True:
            task = self.task(task_id)
            if task.status.is_final:
                task = self.recover(task_id)
            if on_change is not None and task != seen:
                on_change(task)
            seen = task
            if task.status.is_final or (end is not None and time.monotonic() >= end):
                return task
            time.sleep(_POLL_INTERVAL_S)

    def outcomes(self, task_id: int) -> pd.DataFrame:
        """Return what became of every record of a task.

        Returns:
            The columns itemIndex (from 1), outcome, externalReferenceCode, code,
            field, value (JSON text or None) and message.
        """
        self._workspace.tasks.get(task_id)
        return outcomes_to_frame(self._workspace, task_id)

    def failures(
        self, task_id: int, offset: int = 0, limit: int | None = None
    ) -> list[Failure]:
        """Return the failed records of a task by their place in the file."""
        self._workspace.tasks.get(task_id)
        return self._workspace.outcomes.failures(task_id, offset, limit)

    def report_chunks(self, task_id: int) -> Iterator[bytes]:
        """Yield the error report of a task as CSV, in pieces."""
        self._workspace.tasks.get(task_id)
        return iter_report_chunks(self._workspace, task_id)

    def task_file(self, task_id: int) -> Path:
        """Return the file of a task: an import's original, an export's result.

        Raises:
            UnknownName: There is none, or none yet.
        """
        return downloadable_file(self._workspace, self.task(task_id))
