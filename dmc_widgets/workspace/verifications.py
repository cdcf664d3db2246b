"""The results of verifications, and the items that were not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import orjson

from ..model.verification import (
    Mismatch,
    MismatchKind,
    Verification,
    mismatch_from_dict,
    verification_from_dict,
)
from ..storage.database import NO_LIMIT
from .database import WorkspaceDatabase

_PAGE_SIZE: Final = 500
_REMOVALS: Final = (
    "DELETE FROM verification WHERE task_id = ?",
    "DELETE FROM mismatch WHERE task_id = ?",
)


class VerificationStore:
    """The verifications of all tasks of a workspace.

    Each belongs to the task that made it: the import or migration that verified itself,
    or a task that did nothing else.
    """

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def begin(self, task_id: int) -> None:
        """Remove what an earlier verification of the same task has left."""
        with self._database.transaction() as connection:
            for query in _REMOVALS:
                connection.execute(query, [task_id])

    def add_mismatches(
        self, task_id: int, first: int, mismatches: Sequence[Mismatch]
    ) -> None:
        """Store items that are not as expected, numbered from *first*."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO mismatch VALUES (?, ?, ?, ?)",
                [
                    (task_id, number, mismatch.kind.value, _to_json(mismatch))
                    for number, mismatch in enumerate(mismatches, start=first)
                ],
            )

    def put(self, task_id: int, verification: Verification) -> None:
        """Store the result of a verification by a task."""
        content = orjson.dumps(verification.as_dict()).decode()
        self._database.run(
            "INSERT OR REPLACE INTO verification VALUES (?, ?, ?)",
            [task_id, verification.task or None, content],
        )

    def find_maker(self, task_id: int) -> int | None:
        """Return the task that made the latest verification of a task, or by it.

        None if there is none.
        """
        row = self._database.row(
            "SELECT task_id FROM verification WHERE task_id = ? OR subject = ? "
            "ORDER BY task_id DESC LIMIT 1",
            [task_id, task_id],
        )
        return None if row is None else int(row["task_id"])

    def get(self, maker: int) -> Verification | None:
        """Return the verification that a task has made; None if it has made none."""
        row = self._database.row(
            "SELECT content FROM verification WHERE task_id = ?", [maker]
        )
        return None if row is None else verification_from_dict(_load(row["content"]))

    def mismatches(
        self,
        maker: int,
        *,
        kind: MismatchKind | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Mismatch]:
        """Return items that were not as expected, in the order of their numbers.

        Args:
            maker: The task that made the verification.
            kind: Only those that differ in this way; None for all.
            offset: How many to pass over.
            limit: How many to return at most; None for all.
        """
        rows = self._database.rows(
            "SELECT content FROM mismatch WHERE task_id = ? "
            "AND (CAST(? AS TEXT) IS NULL OR kind = ?) "
            "ORDER BY number LIMIT ? OFFSET ?",
            [maker, kind, kind, NO_LIMIT if limit is None else limit, offset],
        )
        return [mismatch_from_dict(_load(row["content"])) for row in rows]

    def count_mismatches(self, maker: int, kind: MismatchKind | None = None) -> int:
        """Return how many items that were not as expected are stored."""
        row = self._database.row(
            "SELECT count(*) AS number FROM mismatch "
            "WHERE task_id = ? AND (CAST(? AS TEXT) IS NULL OR kind = ?)",
            [maker, kind, kind],
        )
        return int(row["number"]) if row else 0

    def iter_mismatches(self, maker: int) -> Iterator[Mismatch]:
        """Yield all items that were not as expected, without holding them."""
        offset = 0
        while page := self.mismatches(maker, offset=offset, limit=_PAGE_SIZE):
            yield from page
            offset += len(page)


def _to_json(mismatch: Mismatch) -> str:
    return orjson.dumps(mismatch.as_dict(), default=str).decode()


def _load(content: str) -> dict[str, object]:
    data: dict[str, object] = orjson.loads(content)
    return data
