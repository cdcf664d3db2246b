"""The failed records of a task as a table of cells, to be mended one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from ..errors import InvalidPlan
from ..formats import FORMATS
from ..model.entity_type import EntityType
from ..model.failure_group import ALL_FAILURES, FailureFilter
from ..model.mend import NO_MEND, Mend
from ..model.plan import ImportPlan, MigrationPlan, is_dry_run
from ..model.task import Task
from ..tasks.repair.mending.failure_file import default_format, write_failure_file
from ..tasks.repair.mending.record_rows import (
    CellEdit,
    RecordRow,
    RowCell,
    RowColumns,
    build_row,
    find_columns,
    mend_cell,
    part_filters,
)
from ..tasks.repair.mending.sealed_mends import MendSealer
from ..tasks.repair.mending.value_mending import format_rejected_value
from ..workspace import Workspace
from ..workspace.repair_drafts import RepairDraft
from .base import CenterPart, task_id_of

__all__ = [
    "CellEdit",
    "RecordRow",
    "RepairDraft",
    "RepairTable",
    "RowCell",
    "RowColumns",
    "can_repair",
    "format_rejected_value",
]

_CHUNK_BYTES = 1 << 20
_NO_MENDS: Mapping[int, Mend] = {}


def can_repair(task: Task) -> bool:
    """Return True for a task of which failed records can be tried again at its end."""
    is_run = isinstance(task.plan, (ImportPlan, MigrationPlan))
    return is_run and not is_dry_run(task.plan) and not task.pruned


class RepairTable(CenterPart):
    """Shows failed records in pages, and mends single values; for forms."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._sealers: dict[int, MendSealer] = {}

    def columns(
        self, task: Task | int, only: FailureFilter = ALL_FAILURES
    ) -> RowColumns:
        """Return the columns that failed records need.

        Fields for which a record failed come first, then those of the file.
        """
        return find_columns(self._workspace, self._stored(task), only)

    def parts(self, task: Task | int) -> Mapping[str, FailureFilter]:
        """Return filters of the parts that have failed records; none without parts."""
        return part_filters(self._stored(task))

    def count(self, task: Task | int, only: FailureFilter = ALL_FAILURES) -> int:
        """Return how many records failed."""
        return self._workspace.outcomes.count_failures(task_id_of(task), only=only)

    def rows(
        self,
        task: Task | int,
        columns: RowColumns,
        offset: int = 0,
        limit: int = 20,
        *,
        only: FailureFilter = ALL_FAILURES,
        mends: Mapping[int, Mend] = _NO_MENDS,
    ) -> list[RecordRow]:
        """Return failed records in the order of the file, as they are mended so far.

        Args:
            task: The task.
            columns: See :meth:`columns`.
            offset: How many records are passed over.
            limit: How many records are returned at most.
            only: Which failed records are meant.
            mends: What was changed in each since it failed, by its number in the task.
        """
        stored = self._stored(task)
        page = self._workspace.outcomes.failures(stored.id, offset, limit, only=only)
        return [
            build_row(stored, failure, columns, mends.get(failure.index, NO_MEND))
            for failure in page
        ]

    def mend(
        self,
        task: Task | int,
        index: int,
        columns: RowColumns,
        edit: CellEdit,
        mend: Mend = NO_MEND,
    ) -> Mend:
        """Return the changes of a record with what was typed into one of its cells.

        >>> columns = center.repair.columns(12)
        >>> mend = center.repair.mend(12, 7, columns, CellEdit("colour", "blue"))
        >>> center.repair.start(12, MendedRecords({7: mend}))

        Args:
            task: The task.
            index: The number of the record in the task.
            columns: See :meth:`columns`.
            edit: The column, and what was typed: an empty text removes the value, and
                the original one takes an earlier change back.
            mend: What was changed before.

        Raises:
            InvalidPlan: The record did not fail, or only a part of the value is known
                in the table.
        """
        stored = self._stored(task)
        failure = self._workspace.outcomes.failure(stored.id, index)
        if failure is None:
            reason = f"{stored.place(index)} of task {stored.id} did not fail."
            raise InvalidPlan(reason)
        return mend_cell(stored, failure, columns, edit, mend)

    def draft(self, task: Task | int) -> RepairDraft:
        """Return what was mended in a form, and was not tried again yet.

        Values of Encrypted fields stay sealed; a retry takes them as they are.
        """
        return self._workspace.repair_drafts.read(task_id_of(task))

    def save_draft(
        self, task: Task | int, changed: RepairDraft, removed: Iterable[int] = ()
    ) -> None:
        """Keep what was mended in a form with the task, until it is tried again.

        Args:
            task: The task.
            changed: The records that were mended since the last time, and all new keys
                and replacements.
            removed: The records that are mended no longer.

        Raises:
            InvalidPlan: A value goes into an Encrypted field, and there is no key to
                seal it with. All others are kept.
            InstallationError: The target does not say which fields are Encrypted.
            WorkspaceError: It could not be stored.
        """
        stored = self._stored(task)
        sealer = self._sealers.pop(stored.id, None) or MendSealer(stored)
        find_types = partial(self._entity_types, stored.installation)
        sealed: dict[int, Mend] = {}
        fault: InvalidPlan | None = None
        for index, mend in changed.mends.items():
            try:
                sealed |= sealer.seal({index: mend}, find_types)
            except InvalidPlan as exc:
                fault = exc
        draft = replace(changed, mends=sealed)
        self._workspace.repair_drafts.save(stored.id, draft, removed)
        if fault is not None:
            raise fault
        self._sealers[stored.id] = sealer  # it knows the fields by now

    def discard_draft(self, task: Task | int) -> None:
        """Remove what was mended in a form, and was not tried again yet."""
        self._workspace.repair_drafts.discard(task_id_of(task))

    def file_name(self, task: Task | int, format: str = "") -> str:
        """Return the name of the file of failed records: ``failed-records-12.csv``."""
        stored = self._stored(task)
        name = format or default_format(self._workspace, stored)
        return f"failed-records-{stored.id}.{FORMATS.find(name).info.extension}"

    def file_chunks(self, task: Task | int, format: str = "") -> Iterator[bytes]:
        """Yield the file that *save_failures* writes, in pieces.

        Raises:
            FileError: The file of the import cannot be read.
            NotSupported: The format cannot hold a record.
        """
        stored = self._stored(task)
        with tempfile.TemporaryFile(dir=self._workspace.path) as file:
            write_failure_file(self._workspace, stored, file, format_name=format)
            file.seek(0)
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def _entity_types(self, installation: str) -> Sequence[EntityType]:
        with closing(self._open(installation)) as target:
            return target.entity_types()

    def _stored(self, task: Task | int) -> Task:
        return self._workspace.tasks.get(task_id_of(task))
