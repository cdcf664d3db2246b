"""Read lines or columns of a file into what a database stores, where that suffices.

An import whose mapping only renames fields, and which looks nothing up, has no use for
the records of its file: what they become is decided by the target alone. Only parents
among the entries of the same object have to come before their children.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol, runtime_checkable

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.line_items import (
    Columns,
    FileColumns,
    FileLines,
    FileRun,
    LineFields,
    LineItems,
)
from ...model.mapping import Values
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.record import Record, UnreadableRecord
from ...ports import Installation, Item

_PAUSE: Final = 10
"""So many batches are read record by record once one has a line that has to be."""


@runtime_checkable
class LineTarget(Protocol):
    """An installation that reads the lines and the columns of a file itself."""

    def read_lines(
        self,
        entity_type: EntityType,
        lines: Sequence[bytes],
        fields: LineFields,
        make: Callable[[], list[Item]],
    ) -> LineItems | None:
        """Return the items of lines of JSON, for a batch that is written next.

        Args:
            entity_type: The entity type of the items.
            lines: The lines.
            fields: How the fields of the lines fill those of items; the fields that
                lines have are noted there.
            make: Makes the items, if somebody wants to see them.

        Returns:
            None if they have to be read record by record: the installation has not
            written such items yet, or a line is out of the ordinary.
        """
        ...

    def read_columns(
        self,
        entity_type: EntityType,
        columns: Columns,
        fields: LineFields,
        make: Callable[[], list[Item]],
    ) -> LineItems | None:
        """Return the items of columns of a table, as :meth:`read_lines` does."""
        ...


class LineReading:
    """Has the lines or the columns of a file read by the target.

    Args:
        installation: The target.
        entity_type: The entity type in the target.
        plan: The plan of the import.
        map_record: Maps a record.
        are_resolved: Returns True for items that can be sent as they are.
    """

    def __init__(
        self,
        installation: Installation,
        entity_type: EntityType,
        plan: ImportPlan,
        map_record: Callable[[Record], Values | Problem],
        are_resolved: Callable[[LineItems], bool],
    ) -> None:
        is_entry = entity_type.class_name == OBJECT_ENTRY
        is_plain = is_entry and not plan.scope and not plan.policy.merges
        targets = plan.mapping.renamings(entity_type) if is_plain else None
        can_read = isinstance(installation, LineTarget) and targets is not None
        self._target = installation if isinstance(installation, LineTarget) else None
        self._is_possible = can_read
        self._entity_type = entity_type
        self._fields = LineFields(targets or {})
        self._map = map_record
        self._are_resolved = are_resolved
        self._paused = 0
        self._known = 0

    def read(
        self, records: Sequence[Record | UnreadableRecord], seen: set[str]
    ) -> LineItems | None:
        """Return the items of records, if the target can read their lines or columns.

        Args:
            records: The records of a batch.
            seen: The fields that records had so far; those of the lines are added.

        Raises:
            InstallationError: The installation does not answer.
        """
        if self._target is None or not self._is_possible:
            return None
        if not isinstance(records, FileRun):
            return None
        if self._paused and len(seen) == self._known:
            self._paused -= 1
            return None
        fields = self._fields
        fields.others.update(seen - fields.targets.keys())
        fields.seen.update(seen)

        items = self._read_run(self._target, records)
        self._known = len(seen)
        if items is not None:
            seen.update(fields.seen)
            items.names = self._names
        is_taken = items is not None and self._are_resolved(items)
        self._paused = 0 if is_taken else _PAUSE
        return items if is_taken else None

    def _read_run(self, target: LineTarget, records: FileRun) -> LineItems | None:
        make = partial(self._make_items, records)
        if isinstance(records, FileLines):
            return target.read_lines(
                self._entity_type, records.lines, self._fields, make
            )
        if isinstance(records, FileColumns):
            return target.read_columns(
                self._entity_type, records.columns, self._fields, make
            )
        return None

    def _make_items(self, records: FileRun) -> list[Item]:
        read = (x for x in records if not isinstance(x, UnreadableRecord))
        mapped = (x for x in map(self._map, read) if not isinstance(x, Problem))
        return list(map(dict, mapped))

    @property
    def _names(self) -> list[str]:
        """The fields of the target that records have filled so far."""
        targets = self._fields.targets
        return sorted(targets[name] for name in self._fields.seen & targets.keys())
