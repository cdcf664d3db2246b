"""The head of a file: enough records to choose a mapping, and the fields of the file.

The columns of a table are known from its header. In JSON a field may first appear in a
late record, so a name that the head does not have is searched for in the records after
it, up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from ...errors import FileError
from ...formats import FORMATS, BatchConfiguration
from ...formats.json.values import estimate_json_size
from ...formats.source import Source, open_source
from ...formats.tables.record_maker import build_record_maker, read_column_names
from ...model.reading_options import DETECT_ALL, ReadingOptions, Sheet
from ...model.record import Record, UnreadableRecord, part_names
from ...model.representation import ValueDisplay, html_fields
from ...storage.ranged_files import RecordFile

HEAD_RECORDS = 100
HEAD_BYTES = 16 * 1024 * 1024
"""No more of a file is read than this and two records; they may be large."""

TABLE_FORMATS: Final = frozenset({"CSV", "XLSX"})

_MAX_SEARCH_BYTES: Final = 128 * 1024 * 1024
"""No more of a file is searched for a name, which takes two or three seconds."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileHead(ValueDisplay):
    """The first records of a file, and what is known of the file from them.

    Attributes:
        name: The file's own name, or that of the only file in a zip.
        format: The format of the records, such as ``JSONL``.
        size: The size in bytes, unpacked.
        fields: Every field of the records, in the order of first appearance. (Liferay
            offers the fields of the first record only.)
        raw_records: The first records and unreadable places, at most ``HEAD_RECORDS``;
            fewer if they are large.
        complete: True if the file holds nothing more.
        bytes_read: The number of bytes that were read.
        configuration: The configuration in a ``*.batch-engine-data.json`` file.
        options: How the file was read: the chosen and the detected options.
        path: The path of the file, for reading more of it; of a file at an address
            what fetches that.
        file_name: The name under which people know the file at *path*.
        packed: True for a zip archive and for gzip.
        workbook_sheets: The sheets of a workbook.
        warnings: What a person should know of the file before an import starts.
        notes: What is known only of a file that was read whole, such as the number
            of lines that were skipped; empty unless *complete*.
        stated_records: The number of records that the file states; None if it does not.
    """

    name: str
    format: str
    size: int
    fields: tuple[str, ...]
    raw_records: tuple[Record | UnreadableRecord, ...]
    complete: bool
    bytes_read: int
    configuration: BatchConfiguration | None = None
    options: ReadingOptions = DETECT_ALL
    path: RecordFile
    file_name: str
    packed: bool = False
    workbook_sheets: tuple[Sheet, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stated_records: int | None = None

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets of a workbook."""
        return tuple(sheet.name for sheet in self.workbook_sheets)

    @property
    def records(self) -> tuple[Record, ...]:
        """The first records, without unreadable places."""
        return tuple(
            record
            for record in self.raw_records
            if not isinstance(record, UnreadableRecord)
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """What a mapping may take: the fields, then the parts of nested fields."""
        parts = part_names(self.records)
        return (*self.fields, *(part for part in parts if part not in self.fields))

    @property
    def is_empty(self) -> bool:
        """True if the file holds nothing that could be a record."""
        return self.complete and not self.raw_records

    @property
    def unreadable(self) -> int:
        """The number of unreadable places among the first."""
        return len(self.raw_records) - len(self.records)

    @property
    def records_about(self) -> int | None:
        """The number of records, estimated unless file or head tell exactly."""
        if self.complete:
            return len(self.raw_records)
        if self.stated_records is not None:
            return self.stated_records
        if not FORMATS[self.format].info.is_streamed or not self.records:
            return None  # the size is that of compressed sheets
        written = sum(_estimate_bytes(record, self.format) for record in self.records)
        return max(
            len(self.raw_records), round(self.size * len(self.records) / written)
        )


def read_head(
    path: RecordFile,
    name: str | None = None,
    options: ReadingOptions = DETECT_ALL,
    limit: int = HEAD_RECORDS,
) -> FileHead:
    """Read the first records of a file.

    Args:
        path: The file, or a zip that holds one file.
        name: The file's own name, if the last part of *path* is another one.
        options: How to read the file, where detection should not decide.
        limit: The number of records to read.

    Raises:
        FileError: The file cannot be read, or has no format that can be imported.
    """
    with open_source(path, name=name, options=options) as source:
        raw_records, is_complete = _read_first(source, limit)
        return FileHead(
            name=source.name,
            format=source.format.info.name,
            size=source.size,
            fields=field_names(raw_records),
            raw_records=tuple(raw_records),
            complete=is_complete,
            bytes_read=source.position,
            configuration=source.configuration,
            options=source.options,
            path=path,
            file_name=name or path.name,
            packed=source.packed,
            warnings=source.warnings,
            notes=source.notes if is_complete else (),
            workbook_sheets=source.sheets(),
            stated_records=source.stated_records,
        )


class FileKind(NamedTuple):
    """The format of a file, whether its records can be read or not.

    Attributes:
        format: The name of the format, such as ``CSV``.
        sheets: The sheets of a workbook, in its order.
    """

    format: str
    sheets: tuple[Sheet, ...]

    def _repr_html_(self) -> str:
        return html_fields(self)


def recognise_file(path: RecordFile, name: str | None = None) -> FileKind:
    """Return the format of a file without reading a record of it.

    Raises:
        FileError: The file has no format that can be imported.
    """
    with open_source(path, name=name) as source:
        return FileKind(source.format.info.name, source.sheets())


def _read_first(
    source: Source, limit: int
) -> tuple[list[Record | UnreadableRecord], bool]:
    """Return the first records, and True if there are no more.

    The bytes before the first record do not count: a workbook is read as a whole.
    """
    raw_records: list[Record | UnreadableRecord] = []
    records = source.records()
    start = source.size
    for record in records:
        if len(raw_records) == limit:
            return raw_records, False
        raw_records.append(record)
        start = min(start, source.position)
        if source.position - start > HEAD_BYTES:
            was_read = source.position >= source.size
            return raw_records, was_read and next(records, None) is None
    return raw_records, True


def field_names(raw_records: Iterable[Record | UnreadableRecord]) -> tuple[str, ...]:
    """Return every field of some records, in the order of first appearance."""
    records = (x for x in raw_records if not isinstance(x, UnreadableRecord))
    return tuple(dict.fromkeys(key for record in records for key in record))


def _estimate_bytes(record: Record, format_name: str) -> int:
    """Return about how many bytes *record* takes in its file, with its line end."""
    if FORMATS[format_name].info.is_table:
        cells = ("" if value is None else str(value) for value in record.values())
        return len(record) + 1 + sum(len(cell) for cell in cells)
    return estimate_json_size(record) + 1


class FileFields:
    """The fields of a file: those of its head, and those of later records if needed.

    Attributes:
        name: The file's name.
        is_table: True if the fields are columns.
    """

    def __init__(self, head: FileHead) -> None:
        self.name = head.name
        self.is_table = FORMATS[head.format].info.is_table
        self._head = head
        self._records: list[Record] = list(head.records)
        self._fields = dict.fromkeys(head.fields)
        self._is_complete = head.complete
        self._records_searched = len(head.raw_records)
        self._columns: tuple[str, ...] = ()
        if self.is_table:
            self._is_complete = True
            if not self._records:
                self._add_columns()

    @property
    def is_empty(self) -> bool:
        """True if the file holds nothing that could be a record."""
        return self._head.is_empty

    @property
    def is_readable(self) -> bool:
        """True if a record or a header tells the fields."""
        return bool(self._fields)

    @property
    def is_complete(self) -> bool:
        """True if no unread part of the file could have another field."""
        return self._is_complete

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields known so far, in the order of first appearance."""
        return tuple(self._fields)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns, or the fields and their parts."""
        if self._columns:
            return self._columns
        parts = part_names(self._records)
        return (*self._fields, *(part for part in parts if part not in self._fields))

    @property
    def extent(self) -> str:
        """The part of the file that was searched, for a sentence: ``people.csv``."""
        if self._is_complete:
            return self.name
        return (
            f"{self.name}, of which {self._records_searched:,} records were searched,"
        )

    def missing(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return those of *sources* that no record has, as far as was searched."""
        missing_names = _MissingNames(sources)
        missing_names.remove_found(self._records)
        if missing_names.parts and self.is_table:
            self._add_columns()
            missing_names.remove_found(self._records)
        if missing_names and not self._is_complete:
            self._search(lambda record: missing_names.remove_found([record]))
        return missing_names.missing(is_table=self.is_table)

    def read_until(self, is_enough: Callable[[], bool]) -> None:
        """Read records until the fields are enough, within the limit."""
        if not self._is_complete and not is_enough():
            self._search(lambda _record: is_enough())

    def _search(self, is_done: Callable[[Record], bool]) -> None:
        """Read the file from its beginning, up to a damaged place."""
        head, self._records_searched = self._head, 0
        with open_source(
            head.path, name=head.file_name, options=head.options
        ) as source:
            try:
                for record in source.records():
                    if source.position > _MAX_SEARCH_BYTES:
                        return
                    self._records_searched += 1
                    if isinstance(record, UnreadableRecord):
                        continue
                    self._fields.update(dict.fromkeys(record))
                    if is_done(record):
                        return
            except FileError:
                return
        self._is_complete = True

    def _add_columns(self) -> None:
        """Take the fields from the header, because all below it may be empty."""
        names = _read_header(self._head)
        if names:
            sample = build_record_maker(names)(["x"] * len(names))
            self._records.append(sample)
            self._fields.update(dict.fromkeys(sample))
            self._columns = tuple(names)


class _MissingNames:
    """Names of sources that have not been found yet."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)
        self._null: set[str] = set()
        self._object: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._names)

    @property
    def parts(self) -> list[str]:
        """The names that may belong to parts of a nested field."""
        return [name for name in self._names if "." in name]

    def remove_found(self, records: Iterable[Record]) -> bool:
        """Remove the names that *records* have; return True if none is left."""
        for record in records:
            for name in [x for x in self._names if x in record]:
                del self._names[name]
            for name in self.parts:
                self._remove_found_part(name, record)
        return not self._names

    def missing(self, *, is_table: bool) -> tuple[str, ...]:
        """Return the names that were not found.

        The parts of an object that is null in every record are unknown and null with
        it, so they are not missing. The header of a table shows all columns.
        """
        unknown = set() if is_table else self._null - self._object
        return tuple(name for name in self._names if name not in unknown)

    def _remove_found_part(self, name: str, record: Record) -> None:
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
    """Return the names in the header of a table; none if it cannot be read."""
    options = replace(head.options, headers=False)
    with open_source(head.path, name=head.file_name, options=options) as source:
        columns = source.columns()
        if columns is not None:
            return list(columns)
        first = next(source.records(), None)
    if first is None or isinstance(first, UnreadableRecord):
        return []
    cells = list(first.values())
    return read_column_names(cells, source=head.name) if head.options.headers else cells
