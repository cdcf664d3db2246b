"""Write the failed records of a task as a file that people mend and give back.

The file has the format and the columns of the original, and behind them the columns of
:mod:`.error_columns`. Attachments and long texts are referred to, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final, cast

from ....errors import NotSupported
from ....formats import FORMATS
from ....formats.csv.table_writer import can_encode, iter_csv_table
from ....formats.json.batch_engine_format import write_batch_file
from ....formats.source import open_source
from ....formats.tables.export_columns import Column
from ....model.entity_type import EntityType, Field
from ....model.plan import ImportPlan
from ....model.record import DateCell
from ....model.task import Task
from ....ports import ExportHeader
from ....workspace import Workspace
from ...task_files import original_file
from .error_columns import choose_error_columns
from .failed_records import FailedRecord, read_failed_records
from .record_cells import ColumnFinder, cell_value, record_cells, shorten

_UTF_8: Final = "UTF-8"

_OTHERS: Final = "JSONL"
"""The format of tasks without a file, or with one in which no person can mend."""

_MENDED_TABLES: Final = frozenset({"CSV", "XLSX"})

_NO_TYPE: Final = EntityType(name="", label="", class_name="")


@dataclass(frozen=True, slots=True)
class _Original:
    """What the file of a task was like."""

    format: str = _OTHERS
    delimiter: str = ","
    encoding: str = _UTF_8
    configuration: dict[str, Any] | None = None


def default_format(workspace: Workspace, task: Task) -> str:
    """Return the format of the task's own file; JSONL where it has none."""
    return _describe_original(workspace, task).format


def write_failure_file(
    workspace: Workspace, task: Task, stream: BinaryIO, *, format_name: str = ""
) -> int:
    """Write the failed records of a task, and return how many there were.

    Args:
        workspace: Holds the task.
        task: The task.
        stream: Receives the file.
        format_name: CSV, XLSX, JSON, JSONL or JSONT; empty for that of the original.

    Raises:
        FileError: The original cannot be read.
        NotSupported: The format cannot hold a record.
        UnknownName: The format is unknown.
    """
    original = _describe_original(workspace, task)
    name = FORMATS.find(format_name or original.format).info.name
    read = partial(read_failed_records, workspace, task)
    if FORMATS[name].info.is_table:
        return _write_table(read, stream, original, name)
    columns = choose_error_columns({name for x in read() for name in x.record})
    records = (shorten(x.record) | columns.values(x) for x in read())
    counted = _Counted(records)
    if name == "JSONT" and original.configuration is not None:
        write_batch_file(original.configuration, counted, stream)
    else:
        header = ExportHeader(entity_type=_NO_TYPE, fields=())
        FORMATS[name].write(counted, stream, header)
    return counted.number


def format_of_suffix(suffix: str) -> str:
    """Return the format that the ending of a file's name stands for; empty for none."""
    suffix = suffix.lower()
    for name, known in FORMATS.items():
        if suffix in known.info.suffixes or suffix == f".{known.info.extension}":
            return name
    return ""


class _Counted:
    """Records, and how many of them were taken."""

    def __init__(self, records: Iterable[dict[str, Any]]) -> None:
        self._records = records
        self.number = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for record in self._records:
            self.number += 1
            yield record


def _describe_original(workspace: Workspace, task: Task) -> _Original:
    plan = task.plan
    if not isinstance(plan, ImportPlan):
        return _Original()
    path = original_file(workspace, task).path
    with open_source(path, name=task.original_file, options=plan.reading) as source:
        name = source.format.info.name
        if not _is_mended_as(name):
            name = _OTHERS
        return _Original(
            name,
            source.options.delimiter or ",",
            source.options.encoding or _UTF_8,
            source.configuration.data if source.configuration else None,
        )


def _is_mended_as(name: str) -> bool:
    """Return True if failed records are written in a format."""
    if name not in FORMATS or not FORMATS[name].info.can_write:
        return False
    return not FORMATS[name].info.is_table or name in _MENDED_TABLES


def _write_table(
    read: Callable[[], Iterator[FailedRecord]],
    stream: BinaryIO,
    original: _Original,
    name: str,
) -> int:
    if name not in _MENDED_TABLES:
        raise NotSupported(
            what=f"Failed records are not written as {name}.",
            instead="Choose CSV, XLSX, JSON or JSONL.",
        )
    facts = _Facts(original.encoding)
    for failed in read():
        facts.look_at(failed)
    names = facts.columns.names()
    columns = choose_error_columns(names)
    names += columns.names(parts=facts.has_parts, texts=facts.has_texts)
    rows = _Counted(
        {name: cell_value(cell.value, cell.path) for name, cell in cells.items()}
        | columns.values(failed)
        for failed in read()
        for cells in [record_cells(failed.record)]
    )
    if name == "CSV":
        for piece in iter_csv_table(
            names, rows, delimiter=original.delimiter, encoding=facts.encoding
        ):
            stream.write(piece)
        return rows.number
    from ....formats.excel.writer import write_table  # loads a library of its own

    table = [
        Column(name, Field(name=name, type="Date" if name in facts.dates else ""), get)
        for name in names
        for get in [cast("Callable[[Any], Any]", partial(_get, name))]
    ]
    return write_table(table, rows, stream)


def _get(name: str, row: dict[str, Any]) -> Any:
    return row.get(name)


class _Facts:
    """What has to be known of all failed records before the first is written."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.has_parts = self.has_texts = False
        self.dates: set[str] = set()
        self.columns = ColumnFinder()

    def look_at(self, failed: FailedRecord) -> None:
        """Take a record into account."""
        self.has_parts = self.has_parts or bool(failed.position.title)
        self.has_texts = self.has_texts or bool(failed.raw)
        problem = failed.failure.problem
        cells = record_cells(failed.record)
        self.columns.add(cells)
        self.dates.update(
            name for name, cell in cells.items() if isinstance(cell.value, DateCell)
        )
        if self.encoding == _UTF_8:
            return
        texts = [failed.raw, problem.message, problem.field, problem.value]
        texts += [cell_value(cell.value, cell.path) for cell in cells.values()]
        if not all(can_encode(text, self.encoding) for text in texts):
            self.encoding = _UTF_8
