"""Repair: the failed records of tasks, mended and tried again within their tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..model.failure_group import FailureGroup
from ..model.reading_options import DETECT_ALL, ReadingOptions
from ..model.repair_check import RepairCheck
from ..model.task import Task
from ..tasks.repair.mending.error_columns import choose_error_columns
from ..tasks.repair.mending.failed_records import read_failed_records
from ..tasks.repair.mending.failure_file import format_of_suffix
from ..tasks.repair.mending.mended_file import (
    MendedRecords,
    compare_rows,
    merge_mends,
    read_mended_file,
)
from ..tasks.repair.mending.record_cells import cell_value, list_columns, record_cells
from ..tasks.repair.mending.value_mending import (
    replace_values,
    retry_with_key,
)
from ..tasks.repair.mending.waiting_records import with_waiting_records
from ..tasks.repair.running.repair_check import check_repair
from ..tasks.repair.running.repair_start import is_interrupted, start_repair
from .base import require_records, task_id_of
from .frames import plain_value
from .repair_table import RepairTable
from .source_files import open_source_file
from .target_files import find_target, write_file

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

__all__ = ["MendedRecords", "Repair"]

NOTHING: Final[Mapping[str, Any]] = {}


class Repair(RepairTable):
    """Mends and retries the failed records of tasks: ``center.repair``.

    Every method takes a task or its id.
    """

    def save_failures(
        self, task: Task | int, path: Path | str, *, format: str = ""
    ) -> int:
        """Write the failed records of a task into a file, to be mended and given back.

        The file has the columns of the original and, behind them, *errorRecord*,
        *errorCode*, *errorField*, *errorValue* and *errorMessage*; in a task of several
        entity types *errorEntityType*, too. Attachments and texts of more than 10,000
        characters are referred to, and stay as they are where the reference does.

        Args:
            task: The task.
            path: The file to write, or its address, such as ``s3://bucket/failed.csv``.
            format: CSV, XLSX, JSON, JSONL or JSONT; empty takes it from the name of the
                file, else from the original.

        Returns:
            The number of failed records.

        Raises:
            FileError: The file of the import cannot be read.
            NotSupported: The format cannot hold a record.
            UnknownName: The task or the format is unknown.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        ending = find_target(path).suffix
        chunks = self.file_chunks(stored, format or format_of_suffix(ending))
        write_file(self._workspace, path, chunks)
        return stored.counts.failed

    def failures(self, task: Task | int) -> pd.DataFrame:
        """Return the failed records of a task as a dataframe, to be mended.

        Returns:
            One line a record, with the columns of :meth:`save_failures`. All columns
            hold objects, so that no value changes its type.
        """
        import pandas as pd

        stored = self._workspace.tasks.get(task_id_of(task))
        records = [*read_failed_records(self._workspace, stored)]
        names = list_columns(failed.record for failed in records)
        columns = choose_error_columns(names)
        names += columns.names(
            parts=bool(stored.parts), texts=any(failed.raw for failed in records)
        )
        rows = [
            {name: cell_value(x.value, x.path) for name, x in cells.items()}
            | columns.values(failed)
            for failed in records
            for cells in [record_cells(failed.record)]
        ]
        return pd.DataFrame(rows, columns=names, dtype=object)

    def retry(
        self,
        task: Task | int,
        mended: Path | str | pd.DataFrame | None = None,
        *,
        replace: Mapping[str, Mapping[str, Any]] = NOTHING,
        add_keys: Mapping[str, Iterable[str]] = NOTHING,
        reading: ReadingOptions = DETECT_ALL,
    ) -> Task:
        """Try failed records of a task again, and return the task at once.

        They are imported within the task, whose counts follow, and exactly once: a
        record that is in is not written again. Failed records that wait for others,
        such as for a parent that is mended, come along, and where an import stopped at
        the first failure, the records after it.

        Args:
            task: The task.
            mended: The mended records: a file, its address, or a dataframe, with the
                columns of
                :meth:`save_failures`. None tries all failed records again, as they are,
                after something else was put right, unless one of the others is given.
            replace: See :meth:`replace`.
            add_keys: Keys to add to the picklists of fields; see :meth:`add_key`.
            reading: How a CSV or Excel file is read, where that is not detected.

        Raises:
            NotSupported: The task has no records to try again.
            InvalidPlan: The task has not ended, no record failed, or what is given
                does not belong to it.
            FileError: A file cannot be read.
            WorkspaceError: The repair could not be recorded or started.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        records = None if mended is None else self.read(stored, mended, reading)
        return self.start(stored, self.combine(stored, records, replace, add_keys))

    def combine(
        self,
        task: Task | int,
        records: MendedRecords | None,
        replace: Mapping[str, Mapping[str, Any]] = NOTHING,
        add_keys: Mapping[str, Iterable[str]] = NOTHING,
    ) -> MendedRecords | None:
        """Return mended records, with what is mended once for many of them.

        Args:
            task: The task.
            records: The records of a file or a dataframe, whose values count more;
                None for none.
            replace: See :meth:`replace`.
            add_keys: See :meth:`add_key`.
        """
        once = [self.replace(task, replace)] if replace else []
        once += [
            self.add_key(task, field, key)
            for field, keys in add_keys.items()
            for key in keys
        ]
        given = [*once, *([] if records is None else [records])]
        return reduce(merge_mends, given) if given else None

    def groups(self, task: Task | int, limit: int = 100) -> list[FailureGroup]:
        """Return the failed records by code, field and value, large groups first."""
        stored = self._workspace.tasks.get(task_id_of(task))
        return self._workspace.outcomes.failure_groups(stored.id, limit)

    def replace(
        self, task: Task | int, replacements: Mapping[str, Mapping[str, Any]]
    ) -> MendedRecords:
        """Return failed records with other values in place of the rejected ones.

        >>> records = center.repair.replace(12, {"colour": {"Blau": "blue"}})
        >>> center.repair.start(12, records)

        Args:
            task: The task.
            replacements: By the field at fault: the new values by the rejected ones.
                None empties the field.

        Raises:
            InvalidPlan: No record failed for such a value, or no single field of the
                file fills the field.
            FileError: The file of the import cannot be read.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        return replace_values(self._workspace, stored, replacements)

    def add_key(self, task: Task | int, field: str, key: str) -> MendedRecords:
        """Return the records that need a new key in the picklist of a field.

        The key is added when they are tried again, see :meth:`start`.

        Args:
            task: The task; an import.
            field: The field at fault, which takes the keys of a picklist.
            key: The rejected value. It becomes the name of the new entry, too.

        Raises:
            NotSupported: The task has several entity types.
            InvalidPlan: No record failed for the key.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        return retry_with_key(self._workspace, stored, field, key)

    def check(self, task: Task | int, records: MendedRecords | None) -> RepairCheck:
        """Return what would become of records if they were tried again now.

        Everything is done as in a repair, and nothing is written: neither records nor
        new picklist keys. Records do not stop each other, and all problems of each
        record are reported, not only the first.

        >>> records = center.repair.read(12, "mended.csv")
        >>> center.repair.check(12, records).failed
        0

        Args:
            task: The task.
            records: What was changed in which records; None for all failed ones.

        Raises:
            NotSupported: The task has no records to try again.
            InvalidPlan: The task cannot be carried out any more, or a new key is
                refused.
            FileError: The file of the import cannot be read.
            InstallationError: An installation does not answer.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        require_records(stored)
        records = with_waiting_records(self._workspace, stored, records)
        return check_repair(self._workspace, stored, records, self._open)

    def is_interrupted(self, task: Task | int) -> bool:
        """Return True if a repair of the task has begun and has not come to its end.

        It goes on with :meth:`retry`, before other records are mended.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        return is_interrupted(self._workspace, stored)

    def start(self, task: Task | int, records: MendedRecords | None) -> Task:
        """Try records of a task again; see :meth:`retry`.

        Args:
            task: The task.
            records: What was changed in which records; None for all failed ones.

        Raises:
            NotSupported: The task has no records to try again.
            InvalidPlan: The task has not ended, no record failed, or a field takes no
                picklist keys.
            InstallationError: The installation does not take a new picklist key.
            WorkspaceError: The repair could not be recorded or started.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        self._workspace.tasks.require_change(stored.id)
        require_records(stored)
        records = with_waiting_records(self._workspace, stored, records)
        started = start_repair(self._workspace, stored, records, self._open)
        self._workspace.history.add(stored, "Retry")
        return started

    def read(
        self,
        task: Task | int,
        mended: Path | str | pd.DataFrame,
        reading: ReadingOptions = DETECT_ALL,
        *,
        name: str = "",
    ) -> MendedRecords:
        """Return what was changed in the failed records of a task.

        Args:
            task: The task.
            mended: A file, its address, or a dataframe; see :meth:`retry`.
            reading: How a CSV or Excel file is read, where that is not detected.
            name: The name of the file for people, if it is not that of the path.

        Raises:
            InvalidPlan: What is given does not belong to the task.
            FileError: A file cannot be read.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        if isinstance(mended, (str, Path)):
            return self._read_file(stored, mended, reading, name)
        rows = _frame_rows(mended)
        return compare_rows(self._workspace, stored, rows, is_table=True)

    def _read_file(
        self, task: Task, mended: Path | str, reading: ReadingOptions, name: str
    ) -> MendedRecords:
        with open_source_file(self._workspace, mended) as file:
            return read_mended_file(
                self._workspace,
                task,
                file.path,
                name=name or file.name or "",
                options=reading,
            )


def _frame_rows(frame: Any) -> Iterator[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = [[plain_value(value) for value in frame[name]] for name in frame.columns]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))
