"""The codes under which targets have the items that tasks matched by a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from .database import WorkspaceDatabase

_PAGE: Final = 500


class MatchedCodeStore:
    """The codes of all tasks of a workspace; only those that differ are kept."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def add(
        self, task_id: int, entity_type: str, codes: Iterable[tuple[str, str, str]]
    ) -> None:
        """Store site, code of the record and code in the target of matched items."""
        rows = [(task_id, entity_type, *code) for code in codes]
        if rows:
            with self._database.transaction() as connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO matched_code VALUES (?, ?, ?, ?, ?)", rows
                )

    def find(
        self, task_ids: Sequence[int], entity_type: str, site: str, codes: Iterable[str]
    ) -> dict[str, str]:
        """Return the target's codes by those of records, where they differ.

        Args:
            task_ids: The tasks that matched the items; the last one counts most.
            entity_type: The key of the entity type.
            site: The key of the site of the items; those without a site count as well.
            codes: The codes that records have.
        """
        found: dict[str, str] = {}
        for task_id in task_ids:
            where = "code", [task_id, entity_type, site]
            found.update(self._select("code, stored", *where, codes))
        return found

    def find_records(
        self, task_id: int, entity_type: str, site: str, stored: Iterable[str]
    ) -> dict[str, str]:
        """Return the codes of records by those that the target has, where they differ.

        Of several records that were matched with one item, any is returned.
        """
        where = "stored", [task_id, entity_type, site]
        return dict(self._select("stored, code", *where, stored))

    def _select(
        self, columns: str, name: str, values: list[Any], wanted: Iterable[str]
    ) -> Iterator[tuple[str, str]]:
        remaining = iter(wanted)
        while page := list(islice(remaining, _PAGE)):
            marks = ", ".join("?" * len(page))
            rows = self._database.rows(
                f"SELECT {columns} FROM matched_code WHERE task_id = ? "  # noqa: S608
                f"AND entity_type = ? AND site IN (?, '') AND {name} IN ({marks})",
                [*values, *page],
            )
            for row in rows:
                first, second = row
                yield first, second
