"""What tasks changed: ``center.tasks.changes(task)``, and by field and by loss."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.task import Task
from ..tasks.change_reports import (
    FieldSummary,
    RecordedChange,
    changes_to_frame,
    describe_changes,
    format_change_value,
    is_unrecorded,
    iter_change_csv,
    iter_changes,
    page_of_changes,
    summarize_fields,
)
from .base import CenterPart, task_id_of

__all__ = ["FieldSummary", "TaskChanges", "format_change_value"]

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd


class TaskChanges(CenterPart):
    """The changes of tasks, dry runs included; a part of ``center.tasks``.

    Every method takes a task or its id. A field is named as the entity type has it; of
    a document, and of a value with parts, the path of a part is taken as well.
    """

    def changes(
        self, task: Task | int, *, field: str = "", lost: bool = False
    ) -> pd.DataFrame:
        """Return what the records of a task did to single fields.

        >>> center.tasks.changes(7, lost=True)

        Args:
            task: The task, running or finished; of a dry run, what it would do.
            field: Only changes of this field, or of a part of it; empty for all.
            lost: Only changes that removed a stored value.

        Returns:
            The columns itemIndex (from 1), entityType (in tasks of several), outcome,
            externalReferenceCode, scopeKey, field, old, new and lost. Created items
            have no line: all that they hold is new.
        """
        stored = self._stored(task)
        return changes_to_frame(self._workspace, stored, field=field, lost=lost)

    def iter_changes(
        self, task: Task | int, *, field: str = "", lost: bool = False
    ) -> Iterator[RecordedChange]:
        """Yield what :meth:`changes` returns, one by one, whatever their number."""
        stored = self._stored(task)
        return iter_changes(self._workspace, stored, field=field, lost=lost)

    def changes_page(
        self,
        task: Task | int,
        offset: int,
        limit: int,
        *,
        field: str = "",
        lost: bool = False,
    ) -> builtins.list[RecordedChange]:
        """Return some of the changes that :meth:`iter_changes` yields."""
        numbers = range(offset, offset + limit)
        return page_of_changes(
            self._workspace, self._stored(task), numbers, field=field, lost=lost
        )

    def count_changes(
        self, task: Task | int, *, field: str = "", lost: bool = False
    ) -> int:
        """Return the number of the changes that :meth:`iter_changes` yields.

        Raises:
            UnknownName: There is no such task.
        """
        stored = self._stored(task)
        return self._workspace.changes.count(stored.id, field=field, lost=lost)

    def change_summary(self, task: Task | int) -> builtins.list[FieldSummary]:
        """Return how many records changed each field, the most losses first."""
        return summarize_fields(self._workspace, self._stored(task))

    def describe_changes(self, task: Task | int) -> str:
        """Return the summary as a sentence; empty if no field changed.

        >>> center.tasks.describe_changes(7)
        '100 records would lose vatNumber; 3 records would change state.'
        """
        stored = self._stored(task)
        return describe_changes(stored, summarize_fields(self._workspace, stored))

    def describe_no_changes(self, task: Task | int) -> str:
        """Return why a task shows no changes: it made none, or recorded none."""
        stored = self._stored(task)
        if is_unrecorded(self._workspace, stored):
            return "It was not recorded what this task changed in stored items."
        return "No stored value changes."

    def changes_csv(
        self, task: Task | int, *, field: str = "", lost: bool = False
    ) -> Iterator[bytes]:
        """Yield the changes as CSV, in pieces."""
        return iter_change_csv(self.iter_changes(task, field=field, lost=lost))

    def _stored(self, task: Task | int) -> Task:
        return self._workspace.tasks.get(task_id_of(task))
