"""Queries for tasks: filtered, sorted and paged by the database.

A page of ten thousand tasks is found among their indexes, and only the rows on it are
read. The status of a task whose worker died stands in no column, so the caller says
which tasks have another status than the one that is stored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ...model.plan import Action
from ...model.representation import ValueDisplay
from ...model.task import Task, TaskStatus
from ...storage.database import NO_LIMIT, Row
from ..database import WorkspaceDatabase
from .schema import fold

_SORT_KEYS: Final = {
    "id": "id",
    "name": "name COLLATE NOCASE",
    "action": "action",
    "type": "entity_type",
    "installation": "installation",
    "author": "author",
    "created": "created",
    "status": "status",
    "successful": "successful",
    "failed": "failed",
    "total": "total",
    "duration": "seconds",
}
SORT_KEYS: Final = tuple(_SORT_KEYS)
"""What tasks can be sorted by."""


_IDS: Final = "(SELECT CAST(value AS BIGINT) FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which tasks are wanted; what is empty does not restrict them.

    Attributes:
        keyword: Words that all stand in the name, the entity types or their labels, the
            file, the author, the installation, the error or, as a number, the id.
        action: What the tasks do.
        status: Their status as it is observed now.
        entity_type: The short name or the key of one of their entity types.
        installation: The name of an installation that they read or write.
        author: The user who started them.
        since: The earliest time of creation, as the workspace writes it.
        until: The time before which they were created.
        observed: The status of each task whose stored status is not the present one.
        found: The ids of the tasks with the words, as JSON; None to look for them.
    """

    keyword: str = ""
    action: Action | None = None
    status: TaskStatus | None = None
    entity_type: str = ""
    installation: str = ""
    author: str = ""
    since: str = ""
    until: str = ""
    observed: Mapping[int, TaskStatus] = field(default_factory=dict)
    found: str | None = None

    def clause(self) -> tuple[str, list[object]]:
        """Return a condition in SQL, and its values."""
        conditions: list[str] = ["1 = 1"]
        values: list[object] = []
        for condition, value in self._comparisons():
            if value:
                conditions.append(condition)
                values += [value] * condition.count("?")
        if self.status is not None:
            conditions.append(f"(status = ? AND id NOT IN {_IDS} OR id IN {_IDS})")
            values += [self.status, *self._observed_ids(self.status)]
        if self.found is not None:
            conditions.append(f"id IN {_IDS}")
            values.append(self.found)
        return " AND ".join(conditions), values

    def _comparisons(self) -> tuple[tuple[str, object], ...]:
        return (
            ("action = ?", self.action),
            ("(installation = ? OR source = ?)", self.installation),
            ("author = ?", self.author),
            ("created >= ?", self.since),
            ("created < ?", self.until),
            (_OF_TYPE, self.entity_type),
        )

    def _observed_ids(self, status: TaskStatus) -> tuple[str, str]:
        """Return the ids of all observed tasks, and of those with a status, as JSON."""
        same = [key for key, value in self.observed.items() if value is status]
        return json.dumps(list(self.observed)), json.dumps(same)


ALL_TASKS: Final = TaskQuery()
_WITH_WORD: Final = (
    "SELECT task_id FROM task_text WHERE instr(text, ?) > 0 "
    "UNION ALL SELECT id FROM task WHERE error <> '' AND instr(lower(error), ?) > 0 "
    "UNION ALL SELECT ?"
)
# One of several types, and with or without the class of its key.
_OF_TYPE: Final = (
    "entity_type IN (SELECT t.entity_type FROM (SELECT DISTINCT entity_type FROM task) "
    "t WHERE instr(', ' || replace(replace(t.entity_type, '#', ', '), '.', ', ') || "
    "', ', ', ' || ? || ', ') > 0 OR instr(', ' || t.entity_type || ', ', "
    "', ' || ? || ', ') > 0)"
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Facets(ValueDisplay):
    """How many tasks there are of each kind: what a filter can be set to.

    Attributes:
        actions: The number of tasks by action.
        statuses: The number of tasks by status, as stored.
        entity_types: The number of tasks by the key of an entity type.
        installations: The number of tasks by the installation that they work on.
        authors: The number of tasks by author.
    """

    actions: Mapping[str, int]
    statuses: Mapping[str, int]
    entity_types: Mapping[str, int]
    installations: Mapping[str, int]
    authors: Mapping[str, int]


class TaskFinder:
    """Finds tasks of a workspace.

    Args:
        database: The database of the workspace.
        read_task: Builds a task from its row.
        visible: Returns the condition by which the user may see a task.
    """

    def __init__(
        self,
        database: WorkspaceDatabase,
        read_task: Callable[[Row], Task],
        visible: Callable[[], tuple[str, list[object]]],
    ) -> None:
        self._database = database
        self._read_task = read_task
        self._visible = visible

    def _clause(self, query: TaskQuery) -> tuple[str, list[object]]:
        """Return the condition of a query, for what the user may see of it."""
        condition, values = self.resolve(query).clause()
        allowed, names = self._visible()
        return f"{condition} AND {allowed}", [*values, *names]

    def resolve(self, query: TaskQuery) -> TaskQuery:
        """Look for the words of a query once, where it is used for several reads."""
        words = fold(query.keyword).split()
        if not words or query.found is not None:
            return query
        condition = " AND ".join([f"id IN ({_WITH_WORD})"] * len(words))
        values: list[object] = []
        for word in words:
            values += [word, word, int(word) if _is_id(word) else 0]
        rows = self._database.rows(
            f"SELECT id FROM task WHERE {condition}",  # noqa: S608
            values,
        )
        return replace(query, found=json.dumps([row["id"] for row in rows]))

    def count(self, query: TaskQuery = ALL_TASKS) -> int:
        """Return the number of tasks that a query selects."""
        condition, values = self._clause(query)
        row = self._database.row(
            f"SELECT count(*) AS number FROM task WHERE {condition}",  # noqa: S608
            values,
        )
        return int(row["number"]) if row else 0

    def ids(
        self,
        query: TaskQuery = ALL_TASKS,
        *,
        sort: str = "id",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[int]:
        """Return the ids of the tasks that a query selects, sorted.

        Args:
            query: Which tasks.
            sort: One of :data:`SORT_KEYS`; equal ones are sorted by their ids.
            descending: The largest, or the newest, come first.
            offset: How many of them are left out.
            limit: How many there are at most; None for all.
        """
        condition, values = self._clause(query)
        order = "DESC" if descending else "ASC"
        keys = dict.fromkeys((_SORT_KEYS[sort], "id"))
        ordered = ", ".join(f"{key} {order}" for key in keys)
        rows = self._database.rows(
            f"SELECT id FROM task WHERE {condition} "  # noqa: S608
            f"ORDER BY {ordered} LIMIT ? OFFSET ?",
            [*values, NO_LIMIT if limit is None else limit, offset],
        )
        return [row["id"] for row in rows]

    def read(self, ids: list[int]) -> list[Task]:
        """Return the tasks of these ids in this order; missing ones are left out."""
        rows = self._database.rows(
            f"SELECT * FROM task WHERE id IN {_IDS}",  # noqa: S608
            [json.dumps(ids)],
        )
        tasks = {row["id"]: self._read_task(row) for row in rows}
        return [tasks[key] for key in ids if key in tasks]

    def count_facets(self, query: TaskQuery = ALL_TASKS) -> Facets:
        """Count the tasks of each kind; each count ignores the filter of its own."""
        query = self.resolve(query)
        types: Counter[str] = Counter()
        by_type = self._group("entity_type", replace(query, entity_type=""))
        for keys, number in by_type.items():  # a task may have several
            types.update(dict.fromkeys(keys.split(", "), number))
        return Facets(
            actions=self._group("action", replace(query, action=None)),
            statuses=self._group("status", replace(query, status=None)),
            entity_types=types,
            installations=self._group("installation", replace(query, installation="")),
            authors=self._group("author", replace(query, author="")),
        )

    def _group(self, column: str, query: TaskQuery) -> dict[str, int]:
        condition, values = self._clause(query)
        rows = self._database.rows(
            f"SELECT {column} AS value, count(*) AS number FROM task "  # noqa: S608
            f"WHERE {condition} GROUP BY {column} ORDER BY {column}",
            values,
        )
        return {row["value"]: row["number"] for row in rows}


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 16
