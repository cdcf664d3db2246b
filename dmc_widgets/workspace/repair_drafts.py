"""Drafts of repairs: what was mended in a form, and not tried again yet.

A draft belongs to its task, so that it outlives the page on which it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from ..model.mend import Mend
from ..model.representation import ValueDisplay
from .database import WorkspaceDatabase

_REMOVALS: Final = (
    "DELETE FROM repair_draft WHERE task_id = ?",
    "DELETE FROM repair_draft_choice WHERE task_id = ?",
)

NewKey = tuple[str, str]
"""A field, and a key that is added to its picklist before the retry."""


@dataclass(frozen=True, slots=True, repr=False)
class RepairDraft(ValueDisplay):
    """What was mended in the failed records of a task, and not tried again yet.

    Attributes:
        mends: What was changed in each record, by its number in the task; an empty mend
            for a record that is tried again as it is.
        new_keys: Fields, and keys that are added to their picklists first.
        replaced: The new values that were typed for groups of records, by the group.
    """

    mends: Mapping[int, Mend] = field(default_factory=dict)
    new_keys: tuple[NewKey, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)


class RepairDraftStore:
    """The drafts of all tasks of a workspace."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def read(self, task_id: int) -> RepairDraft:
        """Return the draft of a task, of the records that are still failed ones."""
        rows = self._database.rows(
            "SELECT item_index, mend FROM repair_draft JOIN failure "
            "USING (task_id, item_index) WHERE task_id = ? ORDER BY item_index",
            [task_id],
        )
        if not rows:
            return RepairDraft()
        mends = {row["item_index"]: Mend.from_json(row["mend"]) for row in rows}
        choice = self._database.row(
            "SELECT new_keys, replaced FROM repair_draft_choice WHERE task_id = ?",
            [task_id],
        )
        if choice is None:
            return RepairDraft(mends)
        keys = orjson.loads(choice["new_keys"])
        new_keys = tuple((name, key) for name, key in keys)
        return RepairDraft(mends, new_keys, orjson.loads(choice["replaced"]))

    def save(
        self, task_id: int, changed: RepairDraft, removed: Iterable[int] = ()
    ) -> None:
        """Store what has changed in the draft of a task.

        Args:
            task_id: The task.
            changed: Its mends take the place of those of the same records, and its keys
                and groups the place of all of them.
            removed: The records that are mended no longer.
        """
        keys = orjson.dumps(changed.new_keys).decode()
        replaced = orjson.dumps(dict(changed.replaced)).decode()
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM repair_draft WHERE task_id = ? AND item_index = ?",
                ((task_id, index) for index in removed),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO repair_draft VALUES (?, ?, ?)",
                (
                    (task_id, index, mend.to_json())
                    for index, mend in changed.mends.items()
                ),
            )
            connection.execute(
                "INSERT OR REPLACE INTO repair_draft_choice VALUES (?, ?, ?)",
                [task_id, keys, replaced],
            )

    def discard(self, task_id: int) -> None:
        """Remove the draft of a task."""
        with self._database.transaction() as connection:
            for query in _REMOVALS:
                connection.execute(query, [task_id])
