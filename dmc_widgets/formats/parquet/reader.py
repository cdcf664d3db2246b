"""Read the rows of a Parquet file, row group by row group, as records.

Such a file begins with its data and ends with its description, so reading goes to and
fro in it. The rows, not the bytes, say how far it has come.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby, repeat
from typing import IO, Any, BinaryIO, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ...errors import FileBroken, FileError, FileUnreadable
from ...model.line_items import FileColumns, make_dates
from ...model.outcome import Problem
from ...model.reading_options import ReadingReport
from ...model.record import DateCell, Record, UnreadableRecord
from ..byte_ranges import RecordRun, place_after_lines
from ..json.values import (
    DEPTH_LIMIT,
    RECORD_LIMIT_BYTES,
    UNREADABLE_RECORD,
    VALUE_LIMIT,
)
from ..opened_file import OpenedFile
from ..tables.record_maker import are_flat, build_record_maker, make_distinct
from ..zip_reader import RATIO_LIMIT
from .values import ValueReader, find_fault

_Run = Sequence[Record | UnreadableRecord]

_BUFFER_BYTES: Final = 1024 * 1024
_RUN_ROWS: Final = 5_000
_RUN_BYTES: Final = 4 * 1024 * 1024
"""Rows become records so many at a time; the bytes are those before compression."""

_HARMLESS_BYTES: Final = 256 * 1024 * 1024
_DAMAGED: Final = "The Parquet file is damaged or not complete. Get it again."
_ENCRYPTED: Final = "The Parquet file is encrypted. Write it without a password."
_TOO_DEEP: Final = f"A column is nested more than {DEPTH_LIMIT} levels deep."
_GROWS: Final = (
    f"The column {{!r}} would grow to more than {RATIO_LIMIT} times its packed size, "
    "as no column of records does. Write the file without compression."
)
_TOO_LARGE: Final = (
    f"The record is larger than {RECORD_LIMIT_BYTES // 1024**2} MiB, or has more than "
    f"{VALUE_LIMIT:,} values."
)

_LIBRARY_ERRORS: Final = (
    pa.ArrowException,
    OSError,  # "Couldn't deserialize thrift"
    ValueError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,  # of a length that the file only claims
    LookupError,
)


class _Rows(NamedTuple):
    """Some consecutive rows of a file that become records at once.

    Attributes:
        group: The number of their row group, from 0.
        first: How many rows of the file are before them.
        number: How many they are.
        step: How many the runs of their row group have, but for the last.
    """

    group: int
    first: int
    number: int
    step: int

    @property
    def end(self) -> int:
        """The number of rows up to the last of them."""
        return self.first + self.number


def read_runs(opened: OpenedFile, after: int = 0) -> Iterator[_Run]:
    """Yield the records of a file, some thousand at a time.

    Args:
        opened: The file; copied first if it cannot be read to and fro. It states all
            options itself.
        after: How many records to pass over.

    Raises:
        FileUnreadable: The file is empty, damaged, encrypted or hostile.
        FileBroken: The file is damaged from some row group on.
    """
    with open_parquet(opened.stream, opened.source) as file:
        yield from file.read_runs(opened.report, after)


def count_runs(opened: OpenedFile) -> Iterator[RecordRun]:
    """Yield the number of records in each run of :func:`read_runs`, unread.

    Raises:
        FileUnreadable: The file is empty, damaged, encrypted or hostile.
    """
    report = opened.report
    with open_parquet(opened.stream, opened.source) as file:
        report.stated_records = file.number
        for rows in file.plan_runs():
            report.position = file.position_after(rows)
            yield RecordRun(rows.number, partial(place_after_lines, rows.first))


def list_columns(stream: BinaryIO, *, source: str) -> tuple[str, ...]:
    """Return the names of the columns, those of parts of objects with dots.

    Raises:
        FileUnreadable: The file is empty, damaged, encrypted or hostile.
    """
    with open_parquet(stream, source) as file:
        names = make_distinct(file.schema.names, ReadingReport())
        pairs = zip(names, file.schema.types, strict=True)
        return tuple(name for pair in pairs for name in _part_names(*pair))


def _part_names(name: str, kind: pa.DataType) -> Iterator[str]:
    if not pa.types.is_struct(kind) or not kind.num_fields:
        yield name
        return
    for part in kind:
        yield from _part_names(f"{name}.{part.name}", part.type)


@contextmanager
def open_parquet(stream: BinaryIO, source: str) -> Iterator[ParquetFile]:
    """Open a file; that of a stream without places is copied to the disk."""
    if stream.seekable():
        yield ParquetFile(stream, source)
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        yield ParquetFile(copy, source)


class ParquetFile:
    """A Parquet file whose description was read.

    Attributes:
        number: The number of its rows.
        schema: The types of its columns.
    """

    def __init__(self, file: IO[bytes], source: str) -> None:
        self._source = source
        self._stream = file
        size = file.seek(0, 2)
        if not size:
            raise FileUnreadable(source, "The file is empty.")
        file.seek(max(0, size - 4))
        if file.read(4) == b"PARE":
            raise FileUnreadable(source, _ENCRYPTED)
        self._size = size
        with _translated(FileUnreadable, source):
            self._file = self._open_file()
            self._metadata = self._file.metadata
            self._file = self._open_file(
                metadata=self._metadata, read_dictionary=self._repeated_texts()
            )
            self.schema = self._file.schema_arrow
        self.number: int = self._metadata.num_rows
        self._require_harmless()

    def _open_file(self, **options: Any) -> pq.ParquetFile:
        return pq.ParquetFile(
            self._stream,
            buffer_size=_BUFFER_BYTES,
            coerce_int96_timestamp_unit="us",  # nanoseconds end in the year 2262
            page_checksum_verification=True,
            **options,
        )

    def _repeated_texts(self) -> list[str]:
        """Return the columns of texts of which the file keeps each but once.

        So does their reading, which a long text in each of many rows would else fill
        the memory with.
        """
        if not self._metadata.num_row_groups:
            return []
        group = self._metadata.row_group(0)
        chunks = map(group.column, range(group.num_columns))
        return [
            chunk.path_in_schema
            for chunk in chunks
            if chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY"
        ]

    def _require_harmless(self) -> None:
        """Refuse what would take memory beyond all measure."""
        if any(_depth(kind) > DEPTH_LIMIT for kind in self.schema.types):
            raise FileUnreadable(self._source, _TOO_DEEP)
        for group in range(self._metadata.num_row_groups):
            rows = self._metadata.row_group(group)
            for number in range(rows.num_columns):
                chunk = rows.column(number)
                unpacked = chunk.total_uncompressed_size
                packed = min(chunk.total_compressed_size, self._size)
                if unpacked > max(_HARMLESS_BYTES, RATIO_LIMIT * packed):
                    reason = _GROWS.format(chunk.path_in_schema)
                    raise FileUnreadable(self._source, reason)

    def plan_runs(self) -> Iterator[_Rows]:
        """Yield the rows that become records at once, by the description alone."""
        first = 0
        for group in range(self._metadata.num_row_groups):
            facts = self._metadata.row_group(group)
            end = first + facts.num_rows
            fitting = _RUN_BYTES * facts.num_rows // max(facts.total_byte_size, 1)
            step = max(1, min(_RUN_ROWS, fitting))
            for start in range(first, end, step):
                yield _Rows(group, start, min(step, end - start), step)
            first = end

    def position_after(self, rows: _Rows) -> int:
        """Return the bytes of the file that some rows and those before them take."""
        return self._size * rows.end // max(self.number, 1)

    def read_runs(self, report: ReadingReport, after: int) -> Iterator[_Run]:
        """Yield records; see :func:`read_runs`."""
        report.stated_records = self.number
        names = make_distinct(self.schema.names, report)
        records = _RecordBuilder(names, self.schema.types)
        for rows, batch in self.read_rows(after):
            report.position = self.position_after(rows)
            skipped = max(0, after - rows.first)
            first = rows.first + skipped + 1
            with _translated(FileBroken, self._source):
                run = records.build(batch.slice(skipped), first)
            yield run

    def read_rows(self, after: int = 0) -> Iterator[tuple[_Rows, pa.RecordBatch]]:
        """Yield the rows of each run, from the first that is not wholly passed over."""
        for group, runs in groupby(self.plan_runs(), lambda rows: rows.group):
            planned = list(runs)
            if planned[-1].end <= after:
                continue
            batches = self._file.iter_batches(
                batch_size=planned[0].step, row_groups=[group], use_threads=False
            )
            for rows in planned:
                with _translated(FileBroken, self._source):
                    batch = next(batches, None)
                if batch is None or batch.num_rows != rows.number:
                    raise FileBroken(self._source, _DAMAGED)
                if rows.end > after:
                    yield rows, batch


class _RecordBuilder:
    """Makes records of rows.

    Args:
        names: The names of the columns, each of them once.
        types: Their types.
    """

    def __init__(self, names: Sequence[str], types: Sequence[pa.DataType]) -> None:
        self._names = names
        self._make = build_record_maker(names)
        self._is_flat = bool(names) and are_flat(names)
        self._dates = {
            name for name, kind in zip(names, types, strict=True) if _is_date(kind)
        }
        date_type = str if self._is_flat else DateCell
        self._readers = [ValueReader(date_type) for _ in names]

    def build(self, batch: pa.RecordBatch, first: int) -> _Run:
        """Return the records of some rows; *first* is the number of the first row."""
        if not batch.num_rows or not _may_be_large(batch):
            return self._build(batch, first)
        if batch.num_rows == 1:
            return [_make_unreadable(first, _TOO_LARGE)]
        half = batch.num_rows // 2
        before = self.build(batch.slice(0, half), first)
        return [*before, *self.build(batch.slice(half), first + half)]

    def _build(self, batch: pa.RecordBatch, first: int) -> _Run:
        columns = [
            reader.read(column)
            for reader, column in zip(self._readers, batch.columns, strict=True)
        ]
        has_faults = any(reader.has_faults for reader in self._readers)
        if self._is_flat:
            named = dict(zip(self._names, columns, strict=True))
            if not has_faults:
                return FileColumns(named, first - 1, self._dates)
            columns = [
                make_dates(column) if name in self._dates else column
                for name, column in named.items()
            ]
        rows = zip(*columns, strict=True) if columns else repeat((), batch.num_rows)
        if not has_faults:
            return list(map(self._make, rows))
        for reader in self._readers:
            reader.has_faults = False
        return [self._check(row, number) for number, row in enumerate(rows, first)]

    def _check(self, row: Sequence[Any], number: int) -> Record | UnreadableRecord:
        for name, value in zip(self._names, row, strict=True):
            fault = find_fault(value)
            if fault is not None:
                return _make_unreadable(number, f"The column {name!r} {fault.reason}")
        return self._make(row)


def _is_date(kind: pa.DataType) -> bool:
    """Return True for the types whose values become dates, not parts of others."""
    return bool(pa.types.is_temporal(kind))


def _make_unreadable(number: int, reason: str) -> UnreadableRecord:
    return UnreadableRecord(Problem(UNREADABLE_RECORD, f"Row {number:,}: {reason}"))


def _may_be_large(batch: pa.RecordBatch) -> bool:
    """Return True if rows together pass the limit of one record."""
    return sum(map(largest_size, batch.columns)) > RECORD_LIMIT_BYTES or sum(
        map(_count_values, batch.columns)
    ) > max(VALUE_LIMIT, batch.num_rows)


def largest_size(array: pa.Array) -> int:
    """Return the bytes of values, those of a dictionary as if only one was used."""
    if not pa.types.is_dictionary(array.type):
        return int(array.nbytes)
    longest = pc.max(pc.binary_length(array.dictionary)).as_py() or 0
    return int(array.indices.nbytes) + int(longest)


def _count_values(array: pa.Array) -> int:
    """Return how many values are in the lists of some rows; 0 outside of lists."""
    kind = array.type
    if pa.types.is_struct(kind):
        return sum(_count_values(array.field(n)) for n in range(kind.num_fields))
    if pa.types.is_map(kind):
        return len(array.items) + _count_values(array.items)
    if hasattr(kind, "value_field"):
        inner = array.flatten()
        return len(inner) + _count_values(inner)
    return 0


def _depth(kind: pa.DataType) -> int:
    """Return how many levels of objects and lists a type has."""
    inner = [kind.field(number).type for number in range(kind.num_fields)]
    return 1 + max(map(_depth, inner), default=0)


@contextmanager
def _translated(error: type[FileError], source: str) -> Iterator[None]:
    """Translate the errors of the library."""
    try:
        yield
    except FileError:
        raise
    except _LIBRARY_ERRORS as exc:
        raise error(source, _DAMAGED) from exc
