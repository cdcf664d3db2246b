"""Finding tasks: by words, filters and order, one page at a time."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from ..errors import UnknownChoice
from ..model.coercion import parse_optional_choice
from ..model.outcome import OutcomeKind
from ..model.plan import Action
from ..model.representation import ValueDisplay
from ..model.task import Task, TaskStatus
from ..tasks.worker.launcher import observe_task
from ..workspace.task_queries.queries import SORT_KEYS, Facets, TaskQuery
from .base import CenterPart
from .history import parse_time

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

__all__ = ["SORT_KEYS", "Facets", "TaskChoices", "TaskPage", "TaskSearch"]

_FRAME_COLUMNS: Final = [
    *("id", "name", "action", "entityType", "installation", "author", "createDate"),
    *("modifiedDate", "status", "seconds", *(kind.value for kind in OutcomeKind)),
    *("file", "error"),
]


class TaskChoices(TypedDict, total=False):
    """Which tasks are wanted; what is left out or empty does not restrict them.

    Attributes:
        status: A status: ``Failed``.
        entity_type: An entity type that a task moves: ``C_Ticket``.
        installation: The name of an installation that a task reads or writes.
        author: The user who started the task.
        since: A day or time in UTC, or an age: tasks that were created since.
        until: Likewise; tasks that were created before.
    """

    status: TaskStatus | str
    entity_type: str
    installation: str
    author: str
    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskPage(ValueDisplay):
    """Some of the tasks that were found.

    Attributes:
        tasks: The tasks of the page, as they are at this moment.
        offset: How many tasks stand before them.
        total: The number of all that were found.
    """

    tasks: tuple[Task, ...]
    offset: int
    total: int


class TaskSearch(CenterPart):
    """The part of ``center.tasks`` that finds tasks."""

    def list(
        self,
        keyword: str = "",
        action: Action | str | None = None,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int | None = None,
        **choices: Unpack[TaskChoices],
    ) -> builtins.list[Task]:
        """Return the tasks in which all words of *keyword* are found.

        The words are looked for in the name, the entity types and their labels, the
        file, the author, the installations and the error, and as the id. Nothing is
        written; see :meth:`get`.

        >>> center.tasks.list("ticket", status="Failed", since="7d")

        Args:
            keyword: Words; empty for all tasks.
            action: ``Export``, ``Import`` and so on; None for all.
            sort: ``id``, ``name``, ``action``, ``type``, ``installation``, ``author``,
                ``created``, ``status``, ``successful``, ``failed``, ``total`` or
                ``duration``.
            descending: The newest, or the largest, come first.
            limit: How many tasks at most; None for all.
            choices: Which of them; see
                :class:`~dmc_widgets.center.task_search.TaskChoices`.

        Raises:
            InvalidPlan: A time is of another form.
            UnknownChoice: The action, the status or the order is unknown.
        """
        found = self.page(
            0, limit, keyword, action, sort=sort, descending=descending, **choices
        )
        return [*found.tasks]

    def page(
        self,
        offset: int,
        limit: int | None,
        keyword: str = "",
        action: Action | str | None = None,
        *,
        sort: str = "id",
        descending: bool = False,
        **choices: Unpack[TaskChoices],
    ) -> TaskPage:
        """Return a page of the tasks that :meth:`list` would return.

        Only the tasks of the page are read, however many there are.

        Args:
            offset: How many tasks are left out; past the end, the last page is read.
            limit: How many tasks there are on a page; None for all.
            keyword: See :meth:`list`, like what follows.
            action: ``Export``, ``Import`` and so on.
            sort: What the tasks are sorted by.
            descending: The newest, or the largest, come first.
            choices: Which of them.

        Raises:
            InvalidPlan: A time is of another form.
            UnknownChoice: The action, the status or the order is unknown.
        """
        if sort not in SORT_KEYS:
            raise UnknownChoice(what="order", value=repr(sort), known=SORT_KEYS)
        finder = self._workspace.tasks.finder
        query = finder.resolve(self._build_query(keyword, action, choices))
        total = finder.count(query)
        if limit:
            offset = min(offset, max(0, total - 1) // limit * limit)
        ids = finder.ids(
            query, sort=sort, descending=descending, offset=offset, limit=limit
        )
        tasks = (observe_task(self._workspace, task) for task in finder.read(ids))
        return TaskPage(tasks=tuple(tasks), offset=offset, total=total)

    def count(
        self,
        keyword: str = "",
        action: Action | str | None = None,
        **choices: Unpack[TaskChoices],
    ) -> int:
        """Return the number of tasks that :meth:`list` would return.

        Raises:
            InvalidPlan: A time is of another form.
            UnknownChoice: The action or the status is unknown.
        """
        query = self._build_query(keyword, action, choices)
        return self._workspace.tasks.finder.count(query)

    def facets(
        self,
        keyword: str = "",
        action: Action | str | None = None,
        **choices: Unpack[TaskChoices],
    ) -> Facets:
        """Count the tasks of each action, status, entity type, installation and author.

        Each count is that of the tasks which :meth:`list` would return if its own
        filter were another one.

        Raises:
            InvalidPlan: A time is of another form.
            UnknownChoice: The action or the status is unknown.
        """
        query = self._build_query(keyword, action, choices)
        return self._workspace.tasks.finder.count_facets(query)

    def to_pandas(
        self,
        keyword: str = "",
        action: Action | str | None = None,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int | None = None,
        **choices: Unpack[TaskChoices],
    ) -> pd.DataFrame:
        """Return the tasks that :meth:`list` returns as a table.

        Returns:
            The columns id, name, action, entityType, installation, author, createDate
            and modifiedDate (UTC), status, seconds, file, error, and one for each
            outcome.
        """
        tasks = self.list(
            keyword, action, sort=sort, descending=descending, limit=limit, **choices
        )
        return _tasks_to_frame(tasks)

    def unfinished(self) -> Sequence[Task]:
        """Return the tasks that are queued, at work, or whose worker died."""
        stored = self._workspace.tasks.unfinished()
        return [observe_task(self._workspace, task) for task in stored]

    def _build_query(
        self, keyword: str, action: Action | str | None, choices: TaskChoices
    ) -> TaskQuery:
        status = parse_optional_choice(TaskStatus, choices.get("status", ""), "status")
        since, until = choices.get("since", ""), choices.get("until", "")
        observed = self.unfinished() if status is not None else ()
        return TaskQuery(
            keyword=keyword,
            action=parse_optional_choice(Action, action, "action"),
            status=status,
            entity_type=choices.get("entity_type", ""),
            installation=choices.get("installation", ""),
            author=choices.get("author", ""),
            since=parse_time(since) if since else "",
            until=parse_time(until) if until else "",
            observed={task.id: task.status for task in observed},
        )


def _tasks_to_frame(tasks: Sequence[Task]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "id": task.id,
            "name": task.name,
            "action": task.action.value,
            "entityType": task.entity_type,
            "installation": task.installation,
            "author": task.author,
            "createDate": task.created,
            "modifiedDate": task.modified,
            "status": task.status.value,
            "seconds": task.progress.elapsed_s,
            **asdict(task.counts),
            "file": task.original_file,
            "error": task.error,
        }
        for task in tasks
    ]
    frame = pd.DataFrame(rows, columns=_FRAME_COLUMNS)
    for name in ("createDate", "modifiedDate"):
        frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=True)
    return frame
