"""The tasks of a list as the rows of a table, sorted and paged by the workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task, TaskStatus
from ...states.model_words import translate_word
from ...states.task_list_state import STATUS_KINDS, TaskListState
from ...states.task_menu import list_menu_items
from ...states.task_state import (
    compute_percent,
    format_action,
    format_duration,
    format_entity_types,
    format_live_progress,
)
from ..controls import Column, Sort


def _shrinking(
    key: str, label: str, width: str, *, priority: Literal[2, 3, 4]
) -> Column:
    """Return a column of texts that leaves the table where it is narrow."""
    return Column(key, label, sortable=True, clip=True, width=width, priority=priority)


TASK_COLUMNS = (
    Column("name", lazy("Name"), kind="link", sortable=True, clip=True),
    _shrinking("action", lazy("Action"), "clamp(138px, 9vw, 230px)", priority=2),
    _shrinking("type", lazy("Entity Type"), "clamp(122px, 9vw, 260px)", priority=2),
    _shrinking(
        "installation", lazy("Installation"), "clamp(116px, 8vw, 240px)", priority=3
    ),
    Column("created", lazy("Created"), kind="time", sortable=True, width="104px"),
    Column(
        "duration",
        lazy("Duration"),
        align="end",
        sortable=True,
        width="94px",
        priority=3,
    ),
    _shrinking("author", lazy("Author"), "clamp(110px, 6vw, 180px)", priority=4),
    Column("status", lazy("Status"), kind="status", sortable=True, width="180px"),
    Column(
        *("successful", lazy("Successful")),
        kind="number",
        sortable=True,
        width="98px",
        priority=4,
    ),
    Column("failed", lazy("Failed"), kind="number", sortable=True, width="72px"),
    Column("total", lazy("Total"), kind="number", sortable=True, width="82px"),
    Column("menu", lazy("Actions"), kind="actions", width="44px"),
)
"""Their keys are what the workspace sorts by."""


class TaskRows:
    """A :class:`RowSource` over the page of tasks that a state holds.

    Args:
        state: The state of the list.
        load: Reads the page that the state describes into it.
        find_address: Returns the address of a task's page; empty for none.

    Attributes:
        is_reading: The state changes because another page is read for the table, which
            must not read again because of that.
    """

    def __init__(
        self,
        state: TaskListState,
        load: Callable[[], object],
        find_address: Callable[[Task], str] = lambda _task: "",
    ) -> None:
        self._state, self._load = state, load
        self._find_address = find_address
        self.is_reading = False

    def count(self, _query: str) -> int:
        """Return the number of tasks that match the search and the filters."""
        if self._state.is_stale:
            self._read()
        return self._state.total

    def rows(
        self, offset: int, limit: int, sort: Sort | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return the rows of the page, which is read if it is another one."""
        state = self._state
        by, descending = sort or ("created", True)
        view = (offset, limit, by, descending)
        if view != (state.offset, state.limit, state.sort, state.descending):
            state.offset, state.limit, state.sort, state.descending = view
            self._read()
        return [self._build_row(task) for task in state.tasks]

    def _read(self) -> None:
        self.is_reading = True
        try:
            self._load()
        finally:
            self.is_reading = False

    def _build_row(self, task: Task) -> dict[str, Any]:
        return {
            "key": str(task.id),
            "href": self._find_address(task),
            "strong": True,
            "name": task.name,
            "action": format_action(task),
            "type": format_entity_types(task),
            "installation": task.installation,
            "created": task.created,
            "duration": _format_task_duration(task),
            "author": task.author,
            "status": _build_status(task),
            "successful": task.counts.successful,
            "failed": task.counts.failed,
            "total": task.counts.total,
            "menu": [(label, _(label)) for label in list_menu_items(task)],
        }


def _build_status(task: Task) -> tuple[Any, ...]:
    word = (translate_word(task.status), STATUS_KINDS[task.status])
    if task.status is not TaskStatus.RUNNING:
        return word
    percent = compute_percent(task) if task.progress.of else None
    return (*word, {"percent": percent, "text": format_live_progress(task)})


def _format_task_duration(task: Task) -> str:
    elapsed_s = task.progress.elapsed_s
    if not elapsed_s:
        return ""
    return _("under 1 s") if elapsed_s < 1 else format_duration(elapsed_s)
