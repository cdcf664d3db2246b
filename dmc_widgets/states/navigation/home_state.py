"""The state of the page *Home*: the latest tasks, and those that need a person."""

from __future__ import annotations

from datetime import datetime

from traitlets import HasTraits, Tuple

from ...center import Center
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.task import Task, TaskStatus
from ..model_words import translate_word

_LATEST = 6
_WAITING = (
    TaskStatus.PAUSED,
    TaskStatus.INACTIVE,
    TaskStatus.FAILED,
    TaskStatus.PARTIALLY_COMPLETED,
)
_NEXT_STEPS = {
    TaskStatus.PAUSED: lazy("Resume it, or cancel it."),
    TaskStatus.INACTIVE: lazy("Its worker has ended. Resume it."),
    TaskStatus.FAILED: lazy("See why it stopped, then run it again or undo it."),
    TaskStatus.PARTIALLY_COMPLETED: lazy("Mend the failed records, then retry them."),
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
        self.latest = center.tasks.page(0, _LATEST, descending=True).tasks
        found = [
            task
            for status in _WAITING
            for task in center.tasks.page(
                0, _LATEST, descending=True, status=status.value
            ).tasks
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
        for task in center.tasks.page(0, _MOST_RETURNED, descending=True).tasks
        if task.status.is_final
        and datetime.fromisoformat(task.modified).timestamp() >= since
    ]
    if not ended:
        return ""
    if len(ended) == 1:
        return _("Meanwhile the task {name} has ended: {status}.").format(
            name=ended[0].name, status=translate_word(ended[0].status)
        )
    return _("Meanwhile {count} tasks have ended.").format(
        count=format_number(len(ended))
    )
