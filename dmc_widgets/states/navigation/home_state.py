"""The state of the page *Home*: the latest tasks, and those that need a person."""

from __future__ import annotations

from datetime import datetime

from traitlets import HasTraits, Tuple

from ...center import Center
from ...model.task import Task, TaskStatus

_LATEST = 6
_WAITING = (
    TaskStatus.PAUSED,
    TaskStatus.INACTIVE,
    TaskStatus.FAILED,
    TaskStatus.PARTIALLY_COMPLETED,
)
_NEXT_STEPS = {
    TaskStatus.PAUSED: "Resume it, or cancel it.",
    TaskStatus.INACTIVE: "Its worker has ended. Resume it.",
    TaskStatus.FAILED: "See why it stopped, then run it again or undo it.",
    TaskStatus.PARTIALLY_COMPLETED: "Mend the failed records, then retry them.",
}
_MOST_RETURNED = 100


class HomeState(HasTraits):
    """The tasks of the workspace that *Home* shows.

    Attributes:
        latest: The newest tasks, running ones among them.
        waiting: The newest tasks that a person has to do something about.
    """

    latest = Tuple()
    waiting = Tuple()

    def load(self, center: Center) -> None:
        """Read the newest tasks.

        Raises:
            WorkspaceError: The workspace does not answer.
        """
        self.latest = center.tasks.page(0, _LATEST).tasks
        found = [
            task
            for status in _WAITING
            for task in center.tasks.page(0, _LATEST, status=status.value).tasks
        ]
        newest = sorted(found, key=lambda task: task.id, reverse=True)
        self.waiting = tuple(newest[:_LATEST])


def describe_next_step(task: Task) -> str:
    """Describe what a person can do about a task that waits; empty for any other."""
    return _NEXT_STEPS.get(task.status, "")


def describe_absence(center: Center, since: float) -> str:
    """Describe which tasks have ended since a time, in seconds since 1970.

    Returns:
        A sentence; empty if none has ended.

    Raises:
        WorkspaceError: The workspace does not answer.
    """
    ended = [
        task
        for task in center.tasks.page(0, _MOST_RETURNED).tasks
        if task.status.is_final
        and datetime.fromisoformat(task.modified).timestamp() >= since
    ]
    if not ended:
        return ""
    if len(ended) == 1:
        return f"Meanwhile the task {ended[0].name} has ended: {ended[0].status}."
    return f"Meanwhile {len(ended):,} tasks have ended."
