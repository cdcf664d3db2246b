"""The beginning of a file: enough to choose a mapping, and never more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..formats.archive import open_source
from ..formats.configuration import Configuration
from ..formats.json_writing import json_size
from ..formats.source import Source
from ..model.reading import AS_FOUND, ReadingOptions, Sheet
from ..model.record import Record, Unreadable, part_names

HEAD_RECORDS = 100
HEAD_BYTES = 16 * 1024 * 1024
"""No more of a file is read than this and two records; they may be large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHead:
    """What the first records of a file tell.

    Attributes:
        name: The file's own name, or that of the one file in a zip.
        format: Of the records, such as ``JSONL``.
        size: Bytes, unpacked.
        fields: Every field of the records below, in the order of first sight.
            (Liferay offers the fields of the first record only.)
        found: What stands at the first places, at most ``HEAD_RECORDS``, and fewer
            where they are large.
        complete: The file holds nothing more.
        bytes_read: To find that out.
        configuration: Of a ``*.batch-engine-data.json`` file, else None.
        options: How the file was read. Of CSV: what was chosen and what was found.
        path: Where the file lies, so that more of it can be read.
        file_name: What people call the file at *path*.
        packed: The file is a zip or in gzip.
        workbook_sheets: Of a workbook, the one that was read and the others.
        warnings: What a person should know of the file before an import starts.
        notes: What is known only of a file that was read whole, such as the number
            of lines that were skipped; empty unless *complete*.
    """

    name: str
    format: str
    size: int
    fields: tuple[str, ...]
    found: tuple[Record | Unreadable, ...]
    complete: bool
    bytes_read: int
    configuration: Configuration | None = None
    options: ReadingOptions = AS_FOUND
    path: Path
    file_name: str
    packed: bool = False
    workbook_sheets: tuple[Sheet, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets of a workbook."""
        return tuple(sheet.name for sheet in self.workbook_sheets)

    @property
    def records(self) -> tuple[Record, ...]:
        """Those of the first places that could be read."""
        return tuple(each for each in self.found if not isinstance(each, Unreadable))

    @property
    def sources(self) -> tuple[str, ...]:
        """What a mapping may take: the fields, and behind them parts of nested ones."""
        parts = part_names(self.records)
        return (*self.fields, *(part for part in parts if part not in self.fields))

    @property
    def is_empty(self) -> bool:
        """There is nothing in the file that could be a record."""
        return self.complete and not self.found

    @property
    def unreadable(self) -> int:
        """How many of the places looked at held no record."""
        return len(self.found) - len(self.records)

    @property
    def records_about(self) -> int | None:
        """How many records the file holds, estimated unless it is complete."""
        if self.complete:
            return len(self.found)
        if self.format == "XLSX" or not self.records:
            return None  # its size is that of packed sheets
        written = sum(_written_bytes(record, self.format) for record in self.records)
        return max(len(self.found), round(self.size * len(self.records) / written))


def read_head(
    path: Path,
    name: str | None = None,
    options: ReadingOptions = AS_FOUND,
    limit: int = HEAD_RECORDS,
) -> FileHead:
    """Read the first records of a file.

    Args:
        path: The file, or a zip that holds one.
        name: The file's own name where *path* is only where it is kept.
        options: How to read a CSV file, where detection is not to decide.
        limit: How many places to look at.

    Raises:
        FileError: It is no file of a format that can be imported.
    """
    with open_source(path, name=name, options=options) as source:
        found, is_whole = _first(source, limit)
        return FileHead(
            name=source.name,
            format=source.format.name,
            size=source.size,
            fields=fields_of(found),
            found=tuple(found),
            complete=is_whole,
            bytes_read=source.position,
            configuration=source.configuration,
            options=source.options,
            path=path,
            file_name=name or path.name,
            packed=source.packed,
            warnings=source.warnings,
            notes=source.notes if is_whole else (),
            workbook_sheets=source.sheets(),
        )


class FileKind(NamedTuple):
    """What a file is, whether its records can be read or not.

    Attributes:
        format: Such as ``CSV``.
        sheets: Of a workbook, in its order.
    """

    format: str
    sheets: tuple[Sheet, ...]


def recognise_file(path: Path, name: str | None = None) -> FileKind:
    """Say what a file is without reading a record of it.

    Raises:
        FileError: It is no file of a format that can be imported.
    """
    with open_source(path, name=name) as source:
        return FileKind(source.format.name, source.sheets())


def _first(source: Source, limit: int) -> tuple[list[Record | Unreadable], bool]:
    """Return what stands at the first places, and whether there are no more.

    The bytes before the first record do not count: a workbook is read as a whole.
    """
    found: list[Record | Unreadable] = []
    records = source.records()
    start = source.size
    for record in records:
        if len(found) == limit:
            return found, False
        found.append(record)
        start = min(start, source.position)
        if source.position - start > HEAD_BYTES:
            was_read = source.position >= source.size
            return found, was_read and next(records, None) is None
    return found, True


def fields_of(found: Iterable[Record | Unreadable]) -> tuple[str, ...]:
    """Return every field of some records, in the order of first sight."""
    records = (each for each in found if not isinstance(each, Unreadable))
    return tuple(dict.fromkeys(key for record in records for key in record))


def _written_bytes(record: Record, format_name: str) -> int:
    """Tell about how many bytes *record* takes in its file, its end included."""
    if format_name == "CSV":
        cells = ("" if each is None else str(each) for each in record.values())
        return len(record) + 1 + sum(len(cell) for cell in cells)
    return json_size(record) + 1
