"""The beginning of a file: enough to choose a mapping, and never more.

Which fields the records of a file have, read as far as an answer takes.

The columns of a table are known from its header. In JSON a field may first appear in
a late record, so a name that the head does not have is looked for in the records after
it, up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from ...errors import FileError
from ...formats.json.batch_engine_format import Configuration
from ...formats.json.values import estimate_json_size
from ...formats.source import Source, open_source
from ...formats.tables.record_maker import build_record_maker, read_column_names
from ...model.reading_options import DETECT_ALL, ReadingOptions, Sheet
from ...model.record import Record, UnreadableRecord, part_names

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
    found: tuple[Record | UnreadableRecord, ...]
    complete: bool
    bytes_read: int
    configuration: Configuration | None = None
    options: ReadingOptions = DETECT_ALL
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
        return tuple(
            each for each in self.found if not isinstance(each, UnreadableRecord)
        )

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
        written = sum(_estimate_bytes(record, self.format) for record in self.records)
        return max(len(self.found), round(self.size * len(self.records) / written))


def read_head(
    path: Path,
    name: str | None = None,
    options: ReadingOptions = DETECT_ALL,
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
        found, is_whole = _read_first(source, limit)
        return FileHead(
            name=source.name,
            format=source.format.name,
            size=source.size,
            fields=field_names(found),
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


def _read_first(
    source: Source, limit: int
) -> tuple[list[Record | UnreadableRecord], bool]:
    """Return what stands at the first places, and whether there are no more.

    The bytes before the first record do not count: a workbook is read as a whole.
    """
    found: list[Record | UnreadableRecord] = []
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


def field_names(found: Iterable[Record | UnreadableRecord]) -> tuple[str, ...]:
    """Return every field of some records, in the order of first sight."""
    records = (each for each in found if not isinstance(each, UnreadableRecord))
    return tuple(dict.fromkeys(key for record in records for key in record))


def _estimate_bytes(record: Record, format_name: str) -> int:
    """Tell about how many bytes *record* takes in its file, its end included."""
    if format_name == "CSV":
        cells = ("" if each is None else str(each) for each in record.values())
        return len(record) + 1 + sum(len(cell) for cell in cells)
    return estimate_json_size(record) + 1


TABLE_FORMATS: Final = frozenset({"CSV", "XLSX"})

_MAX_SEARCH_BYTES: Final = 128 * 1024 * 1024
"""No more of a file is searched for a name, which takes two or three seconds."""


class FileFields:
    """The fields of a file: those of its head, and of later records where asked.

    Attributes:
        name: The file's name.
        is_table: The fields are columns.
    """

    def __init__(self, head: FileHead) -> None:
        self.name = head.name
        self.is_table = head.format in TABLE_FORMATS
        self._head = head
        self._records: list[Record] = list(head.records)
        self._found = dict.fromkeys(head.fields)
        self._complete = head.complete
        self._number = len(head.found)
        self._columns: tuple[str, ...] = ()
        if self.is_table:
            self._complete = True
            if not self._records:
                self._add_columns()

    @property
    def is_empty(self) -> bool:
        """There is nothing in the file that could be a record."""
        return self._head.is_empty

    @property
    def is_readable(self) -> bool:
        """There is a record, or a header, that says which fields there are."""
        return bool(self._found)

    @property
    def is_complete(self) -> bool:
        """Nothing of the file that could have another field is left unread."""
        return self._complete

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that were met so far, in the order of first sight."""
        return tuple(self._found)

    @property
    def sources(self) -> tuple[str, ...]:
        """What people know as the fields: the columns, or fields and their parts."""
        if self._columns:
            return self._columns
        parts = part_names(self._records)
        return (*self._found, *(part for part in parts if part not in self._found))

    @property
    def extent(self) -> str:
        """What was searched, for a sentence: ``people.csv``."""
        if self._complete:
            return self.name
        return f"{self.name}, of which {self._number:,} records were searched,"

    def missing(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return those of *sources* that no record has, or none that was searched."""
        sought = _SoughtNames(sources)
        sought.look_at(self._records)
        if sought.parts and self.is_table:
            self._add_columns()
            sought.look_at(self._records)
        if sought and not self._complete:
            self._search(lambda record: sought.look_at([record]))
        return sought.missing(is_table=self.is_table)

    def read_until(self, is_enough: Callable[[], bool]) -> None:
        """Read on while the fields are not enough, within the limit."""
        if not self._complete and not is_enough():
            self._search(lambda _record: is_enough())

    def _search(self, is_done: Callable[[Record], bool]) -> None:
        """Read the file from its beginning; a broken place ends it."""
        head, self._number = self._head, 0
        with open_source(
            head.path, name=head.file_name, options=head.options
        ) as source:
            try:
                for record in source.records():
                    if source.position > _MAX_SEARCH_BYTES:
                        return
                    self._number += 1
                    if isinstance(record, UnreadableRecord):
                        continue
                    self._found.update(dict.fromkeys(record))
                    if is_done(record):
                        return
            except FileError:
                return
        self._complete = True

    def _add_columns(self) -> None:
        """Take the fields from the header alone: below it everything may be empty."""
        names = _read_header(self._head)
        if names:
            sample = build_record_maker(names)(["x"] * len(names))
            self._records.append(sample)
            self._found.update(dict.fromkeys(sample))
            self._columns = tuple(names)


class _SoughtNames:
    """Names of sources that are looked for, and no longer held once they are found."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)
        self._null: set[str] = set()
        self._object: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._names)

    @property
    def parts(self) -> list[str]:
        """The names that may be those of parts of a nested field."""
        return [name for name in self._names if "." in name]

    def look_at(self, records: Iterable[Record]) -> bool:
        """Take away what *records* have; return True if nothing is left."""
        for record in records:
            for name in [x for x in self._names if x in record]:
                del self._names[name]
            for name in self.parts:
                self._look_at_part(name, record)
        return not self._names

    def missing(self, *, is_table: bool) -> tuple[str, ...]:
        """Return what was not found.

        Of an object that is null in every record nobody can tell the parts, which are
        null with it. The header of a table does tell.
        """
        unknown = set() if is_table else self._null - self._object
        return tuple(name for name in self._names if name not in unknown)

    def _look_at_part(self, name: str, record: Record) -> None:
        inner: Any = record
        for step in name.split("."):
            if inner is None:
                self._null.add(name)
                return
            if not isinstance(inner, dict) or step not in inner:
                if inner is not record:
                    self._object.add(name)
                return
            inner = inner[step]
        del self._names[name]


def _read_header(head: FileHead) -> list[str]:
    """Return the names in the header of a table; none where it cannot be read."""
    options = replace(head.options, headers=False)
    with open_source(head.path, name=head.file_name, options=options) as source:
        first = next(source.records(), None)
    if first is None or isinstance(first, UnreadableRecord):
        return []
    cells = list(first.values())
    return read_column_names(cells, source=head.name) if head.options.headers else cells
