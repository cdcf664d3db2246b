"""The filters of the task list."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TypedDict, Unpack

from ..model.coercion import parse_optional_choice
from ..model.plan import Action
from ..model.task import Task, TaskStatus
from ..tasks.worker.launcher import observe_task
from .base import CenterPart
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
        UnknownChoice: The status is unknown.
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


class TaskSearch(CenterPart):
    """The part of ``center.tasks`` that finds tasks."""

    def list(
        self,
        keyword: str = "",
        action: Action | str | None = None,
        **choices: Unpack[TaskChoices],
    ) -> builtins.list[Task]:
        """Return tasks by id whose name or entity type holds *keyword*.

        Nothing is written; see :meth:`get`.

        >>> center.tasks.list("ticket", status="Failed", since="7d")

        Args:
            keyword: A text; empty for all tasks.
            action: ``Export``, ``Import`` and so on; None for all.
            choices: Which of them; see
                :class:`~dmc_widgets.center.task_search.TaskChoices`.

        Raises:
            InvalidPlan: A time is of another form.
            UnknownChoice: The action or the status is unknown.
        """
        chosen = parse_optional_choice(Action, action, "action")
        is_wanted = build_task_filter(choices)
        tasks = self._workspace.tasks.all(keyword, chosen)
        observed = (observe_task(self._workspace, task) for task in tasks)
        return [task for task in observed if is_wanted(task)]
