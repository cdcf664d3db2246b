"""What the worker of a task writes down about its course: steps and samples.

A step is a sentence about the work, such as a part that begins. Nothing of the records
is in it, and no address. What cannot be written down is left out: the log of a task is
never the reason for its end.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from ..errors import WorkspaceError
from ..model.task import Counts, Progress, Task, TaskPart, TaskStatus
from ..workspace import Workspace
from ..workspace.workers import Worker

_FIRST_INTERVAL_S: Final = 0.2
_PROGRESS_INTERVAL_S: Final = 5.0
_PERCENT_STEP: Final = 10
_RETRIES: Final = "stamina"  # the library logs each request that it sends again


class CourseRecorder:
    """Writes down the steps and the samples of a running task.

    Args:
        workspace: The workspace of the task.
        task: The task when the run began.
    """

    def __init__(self, workspace: Workspace, task: Task) -> None:
        self._workspace, self._task = workspace, task
        elapsed_s = task.progress.elapsed_s
        self._interval_s = max(_FIRST_INTERVAL_S, elapsed_s / 100)
        self._sampled_at = self._stepped_at = elapsed_s
        self._percent = task.progress.percent
        self._samples = 0

    def add_start(self, worker: Worker) -> None:
        """Write down which process carries the task out from now on."""
        self.add_step("start", f"Process {worker.pid} on {worker.host} began.")

    def add_step(self, kind: str, detail: str) -> None:
        """Write down a step; see :class:`.Step`."""
        with suppress(WorkspaceError):
            self._workspace.course.add_step(self._task.id, kind, detail)

    def report(self, counts: Counts, progress: Progress, *, is_sample: bool) -> None:
        """Record the progress and, now and then, a sample and a step of it.

        Raises:
            WorkspaceError: The progress could not be recorded.
        """
        second = progress.elapsed_s
        is_due = is_sample and second - self._sampled_at >= self._interval_s
        number = self._workspace.tasks.report(
            self._task.id, counts, progress, sample=is_due
        )
        if is_due:
            self._sampled_at = second
            if number < self._samples:  # every second one was removed
                self._interval_s *= 2
            self._samples = number
        self._add_progress(counts, progress)

    def _add_progress(self, counts: Counts, progress: Progress) -> None:
        percent = progress.percent // _PERCENT_STEP * _PERCENT_STEP
        is_far = percent > self._percent
        if is_far and progress.elapsed_s - self._stepped_at >= _PROGRESS_INTERVAL_S:
            self._percent, self._stepped_at = percent, progress.elapsed_s
            self.add_step("progress", f"{percent} % done: {counts.summary}.")

    def add_begun_part(self, part: TaskPart) -> None:
        """Write down that a part begins."""
        self.add_step("part", f"{part.title} began.")

    def add_ended_part(self, part: TaskPart) -> None:
        """Write down that a part has ended; nothing while it still runs."""
        if part.status is not TaskStatus.RUNNING:
            status = part.status.value.lower()
            self.add_step("part", f"{part.title} {status}: {part.counts.summary}.")


class _RetryHandler(logging.Handler):
    """Writes down that a request was sent again."""

    def __init__(self, course: CourseRecorder) -> None:
        super().__init__()
        self._course = course

    def emit(self, record: logging.LogRecord) -> None:
        facts = record.__dict__
        number, wait_s = facts.get("stamina.retry_num"), facts.get("stamina.wait_for")
        cause = str(facts.get("stamina.caused_by", "")).partition("(")[0].strip("_")
        if number is None or wait_s is None:
            return
        self._course.add_step(
            "retry",
            f"A request was not answered ({cause}); attempt {number + 1} follows in "
            f"{wait_s:.1f} s.",
        )


@contextmanager
def recorded_retries(course: CourseRecorder) -> Iterator[None]:
    """Write down each request of this process that is sent again."""
    handler, logger = _RetryHandler(course), logging.getLogger(_RETRIES)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
