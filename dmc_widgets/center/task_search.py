"""The filters of the task list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from ..model.coercion import parse_optional_choice
from ..model.task import Task, TaskStatus
from .history import parse_time


class TaskChoices(TypedDict, total=False):
    """Which tasks are wanted; what is left out or empty does not restrict them.

    Attributes:
        status: A status: ``Failed``.
        installation: The name of an installation that a task reads or writes.
        author: The user who started the task.
        since: A day or time in UTC, or an age: tasks that were created since.
        until: Likewise; tasks that were created before.
    """

    status: TaskStatus | str
    installation: str
    author: str
    since: str
    until: str


def build_task_filter(choices: TaskChoices) -> Callable[[Task], bool]:
    """Return a function that says whether a task is wanted.

    Raises:
        InvalidPlan: A time is of another form.
        UnknownChoice: There is no such status.
    """
    status = parse_optional_choice(TaskStatus, choices.get("status", ""), "status")
    installation, author = choices.get("installation", ""), choices.get("author", "")
    since, until = choices.get("since", ""), choices.get("until", "")
    since, until = since and parse_time(since), until and parse_time(until)

    def is_wanted(task: Task) -> bool:
        installations = {task.installation, getattr(task.plan, "source", "")}
        return (
            (status is None or task.status is status)
            and (not installation or installation in installations)
            and (not author or task.author == author)
            and (not since or task.created >= since)
            and (not until or task.created < until)
        )

    return is_wanted
