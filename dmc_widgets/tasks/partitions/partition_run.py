"""The state of a divided import within one of its workers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ...model.task import Counts, Task, TaskStatus
from ...workspace import Failure, Workspace
from ...workspace.outcomes import MovedBatch, OutcomeBatch, PendingBatch, pack_batch
from ..course import CourseRecorder
from ..imports.postponed import PARENT_COMES_LATER
from ..task_run import TaskCancelled, TaskPaused, TaskRun, TaskTakenOver
from .messages import (
    Acknowledged,
    BatchAnnounced,
    BatchWritten,
    Channel,
    StepTaken,
)

_GRACE_S: Final = 0.4


class PartitionRun(TaskRun):
    """Sends to the coordinator what a task of one worker records itself.

    Args:
        workspace: The workspace; nothing is written to it.
        task: The task.
        mark: The key under which installations mark the batches of the task.
        channel: The way to the coordinator.

    Attributes:
        partition: The number of the partition that is being imported.
    """

    def __init__(
        self, workspace: Workspace, task: Task, mark: str, channel: Channel
    ) -> None:
        self._mark = mark
        self._channel = channel
        self.partition = 0
        super().__init__(workspace, task)

    def __post_init__(self) -> None:
        self.course = _SentCourse(self.workspace, self.task, self._channel)

    @property
    def batch_key(self) -> str:
        """The key under which installations mark the batches of this run."""
        return self._mark

    @property
    def is_pausing(self) -> bool:
        """The task was asked to pause, and not to end."""
        return self._channel.stop_status() is TaskStatus.PAUSED

    def keep(self, outcomes: OutcomeBatch, failures: Sequence[Failure]) -> None:
        """Send the outcomes of a batch.

        Raises:
            TaskTakenOver: The coordinator is gone.
        """
        notes = Counter(x.note for x in outcomes.outcomes if x.note)
        postponed = sum(x.problem.code == PARENT_COMES_LATER for x in failures)
        self._channel.send(
            BatchWritten(
                self.partition,
                pack_batch(outcomes, failures),
                Counts().plus(outcomes.outcomes),
                notes,
                postponed,
            )
        )

    def announce_batch(self, batch: PendingBatch, moved: MovedBatch | None) -> None:
        """Have it recorded that a batch is about to be written.

        Raises:
            TaskTakenOver: The worker is to stop before it writes the batch.
        """
        del moved  # only migrations have such
        self._channel.send(BatchAnnounced(batch))
        if not isinstance(self._channel.receive(), Acknowledged):
            raise TaskTakenOver

    def require_ownership(self) -> None:
        """Do nothing; messages to a coordinator that has ended fail."""

    def advance(self, done: int) -> None:
        """Record nothing; the coordinator knows the progress.

        Raises:
            TaskCancelled: The worker is to stop.
            TaskPaused: It is to stop for a while.
        """
        self.done = done
        status = self._channel.stop_status()
        if status is TaskStatus.PAUSED:
            raise TaskPaused
        if status is not None:
            raise TaskCancelled

    def should_continue(self) -> bool:
        """Return True until a moment after the worker has been ordered to stop."""
        if self._channel.stop_status() is None:
            return True
        at = time.monotonic()
        self._stop_seen_at = self._stop_seen_at or at
        return at - self._stop_seen_at < _GRACE_S


class _SentCourse(CourseRecorder):
    """Sends the steps of a worker to its coordinator."""

    def __init__(self, workspace: Workspace, task: Task, channel: Channel) -> None:
        super().__init__(workspace, task)
        self._channel = channel

    def add_step(self, kind: str, detail: str) -> None:
        """Send a step."""
        self._channel.send(StepTaken(kind, detail))
