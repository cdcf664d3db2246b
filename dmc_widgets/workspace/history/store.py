"""The history: who did what, when and with which file; read here, and appended to.

Changes of a task's status are written by triggers; see
:mod:`~dmc_widgets.workspace.history.schema`. What people ask for is added by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...model.entity_type import search_text
from ...model.representation import ValueDisplay
from ...model.task import Counts, Task
from ...storage.database import Row
from ..database import WorkspaceDatabase
from ..permissions import Permissions

_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HistoryEvent(ValueDisplay):
    """One event in the life of a task, which stays when the task is removed.

    Attributes:
        id: The number of the event in its workspace, in the order of time.
        at: When it happened; ISO 8601 in UTC.
        event: The status that the task took (``Queued``, ``Running``, ``Completed``
            …), or what a person asked for (``Cancel``, ``Pause``, ``Resume``,
            ``Retry``, ``Prune``); ``File`` states the SHA-256 of the file, and
            ``Notify`` who got a message.
        author: The user who started the task, or who asked.
        task_id: The number of the task.
        name: The name of the task.
        installation: The name of the installation that it reads or writes.
        action: Export, Import, Migration and so on.
        entity_type: The key of its entity type; several are joined by commas.
        file: The name of the imported file; empty where there is none.
        plan: The plan as plain data, with the event that queued the task; else empty.
        counts: The number of records by outcome at that moment.
        detail: Why the task stopped, or what was done, as a sentence.
    """

    id: int
    at: str
    event: str
    author: str
    task_id: int
    name: str
    installation: str
    action: str
    entity_type: str
    file: str
    plan: dict[str, Any]
    counts: Counts
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """Which events to read; what is empty does not restrict them.

    Attributes:
        task_id: The number of a task; 0 for all.
        keyword: A text in the name, the entity type, the file or the detail.
        author: A user, exactly.
        event: An event, exactly: ``Completed``.
        installation: The name of an installation, exactly.
        since: The earliest time, as ISO 8601 in UTC or the beginning of it:
            ``2026-11-28``.
        until: The time before which events are read, likewise.
    """

    task_id: int = 0
    keyword: str = ""
    author: str = ""
    event: str = ""
    installation: str = ""
    since: str = ""
    until: str = ""

    def clause(self) -> tuple[str, list[object]]:
        """Return a condition in SQL, and its values."""
        pairs = (
            ("task_id = ?", self.task_id),
            ("author = ?", self.author),
            ("event = ?", self.event),
            ("installation = ?", self.installation),
            ("at >= ?", self.since),
            ("at < ?", self.until),
        )
        chosen = [(condition, value) for condition, value in pairs if value]
        conditions = ["1 = 1", *(condition for condition, _value in chosen)]
        return " AND ".join(conditions), [value for _condition, value in chosen]


class HistoryStore:
    """The events of all tasks that a workspace ever had."""

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        author: Callable[[], str],
        permissions: Permissions,
    ) -> None:
        self._database = database
        self._now = now
        self._author = author
        self._permissions = permissions

    def add(self, task: Task, event: str, detail: str = "") -> None:
        """Record what the present user asked for.

        Args:
            task: The task that it concerns.
            event: A word for it: ``Cancel``.
            detail: What was done, as a sentence; empty if the word says it.
        """
        self._database.run(
            "INSERT INTO history (at, event, author, task_id, name, installation, "
            "action, entity_type, original_file, plan, counts, detail) "
            "SELECT ?, ?, ?, id, name, installation, action, entity_type, "
            "original_file, '', counts, ? FROM task WHERE id = ?",
            [self._now(), event, self._author(), detail, task.id],
        )

    def read(self, chosen: HistoryFilter = HistoryFilter()) -> Iterator[HistoryEvent]:
        """Yield the events that a filter selects, the newest first."""
        condition, values = chosen.clause()
        allowed, names = self._permissions.visible()
        condition, values = f"{condition} AND {allowed}", [*values, *names]
        folded = chosen.keyword.casefold()
        before = 1 << 62
        while True:
            rows = self._database.rows(
                f"SELECT * FROM history WHERE {condition} AND id < ? "  # noqa: S608
                f"ORDER BY id DESC LIMIT {_PAGE}",
                [*values, before],
            )
            yield from (_event(row) for row in rows if folded in _search_text(row))
            if len(rows) < _PAGE:
                return
            before = rows[-1]["id"]


def _search_text(row: Row) -> str:
    types = map(search_text, row["entity_type"].split(", "))
    texts = [row["name"], row["original_file"], row["detail"], *types]
    return "\n".join(texts).casefold()


def _event(row: Row) -> HistoryEvent:
    return HistoryEvent(
        id=row["id"],
        at=row["at"],
        event=row["event"],
        author=row["author"],
        task_id=row["task_id"],
        name=row["name"],
        installation=row["installation"],
        action=row["action"],
        entity_type=row["entity_type"],
        file=row["original_file"],
        plan=json.loads(row["plan"]) if row["plan"] else {},
        counts=Counts(**json.loads(row["counts"])),
        detail=row["detail"],
    )
