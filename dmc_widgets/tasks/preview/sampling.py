"""Take a sample of a file's records: the first ones, or some from the whole file.

No file is read whole for this. Records of plain JSONL and CSV files are found *by
position*: from random positions, one in each of as many equal parts, the reader finds
the next record. So a record after a long one is found more often. In CSV a position
counts only if the rows after it have as many values as there are columns, because a
line may begin within a quoted value; rows of another width, and the rows just before
them, are never in the sample.

Other files (JSON arrays, workbooks, UTF-16 and compressed files) are read from the
beginning, up to a limit, and records are drawn evenly *by number* from those that were
read. So are small files, as a whole.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import FileBroken, InvalidPlan
from ...formats import FORMATS
from ...formats.source import open_source
from ...model.preview import SampleExtent, SamplingMethod
from ...model.reading_options import DETECT_ALL, ReadingOptions
from ...model.record import Record, UnreadableRecord
from ..imports.file_head import HEAD_RECORDS, FileHead, field_names, read_head
from .random_access import read_random_records, supports_random_access

MAX_ROWS: Final = 10_000
_SMALL_FILE_BYTES: Final = 1024 * 1024
_MAX_BYTES: Final = 32 * 1024 * 1024
_MAX_RECORDS: Final = 100_000
_SEED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Some records of a file.

    Attributes:
        name: The name of the file, or of the only file in a zip.
        numbers: The numbers of the records or of their first bytes (see *extent*),
            from 1.
        raw_records: The records and unreadable places, in the order of the file.
        fields: The fields of the records that were read, in the order of first
            appearance.
        extent: Which records of the file these are.
        notes: What is known only of a file that was read whole, such as the number of
            lines that were skipped.
    """

    name: str
    numbers: tuple[int, ...]
    raw_records: tuple[Record | UnreadableRecord, ...]
    fields: tuple[str, ...]
    extent: SampleExtent
    notes: tuple[str, ...] = ()


def take_sample(
    source: Path | FileHead,
    rows: int = HEAD_RECORDS,
    reading: ReadingOptions = DETECT_ALL,
    *,
    spread: bool = False,
    seed: int = _SEED,
) -> Sample:
    """Take some records of a file.

    Args:
        source: The file, or its head. With enough records in the head, no more are
            read.
        rows: The number of records, if the file has as many.
        reading: How to read the file, if *source* is not a head.
        spread: Take records from the whole file in place of the first ones.
        seed: The seed; equal seeds give equal samples.

    Raises:
        InvalidPlan: A preview does not show so many records.
        FileError: The file cannot be read.
    """
    require_rows(rows)
    if isinstance(source, FileHead):
        head = source
    else:
        head = read_head(source, None, reading, rows)
    if not head.complete and len(head.raw_records) < rows and not spread:
        head = read_head(head.path, head.file_name, head.options, rows)
    if not spread or (head.complete and len(head.raw_records) <= rows):
        return _sample_first(head, rows)
    generator = random.Random(seed)
    if supports_random_access(head) and head.size > _SMALL_FILE_BYTES:
        return _sample_by_position(head, rows, generator)
    return _sample_by_number(head, rows, generator)


def require_rows(rows: int) -> None:
    """Refuse a number of records that a preview does not show.

    Raises:
        InvalidPlan: They are too few or too many.
    """
    if not 1 <= rows <= MAX_ROWS:
        reason = f"A preview shows 1 to {MAX_ROWS:,} records, not {rows:,}."
        raise InvalidPlan(reason)


def _sample_first(head: FileHead, rows: int) -> Sample:
    raw_records = head.raw_records[:rows]
    return Sample(
        name=head.name,
        numbers=tuple(range(1, len(raw_records) + 1)),
        raw_records=raw_records,
        fields=head.fields,
        extent=SampleExtent(
            sampling=SamplingMethod.FIRST,
            shown=len(raw_records),
            records_read=len(head.raw_records),
            bytes_read=head.bytes_read,
            records_about=head.records_about,
            complete=head.complete,
        ),
        notes=head.notes,
    )


def _sample_by_position(head: FileHead, rows: int, generator: random.Random) -> Sample:
    by_offset, bytes_read = read_random_records(head, rows, generator)
    starts = sorted(by_offset)
    raw_records = tuple(by_offset[start] for start in starts)
    return Sample(
        name=head.name,
        numbers=tuple(start + 1 for start in starts),
        raw_records=raw_records,
        fields=field_names((*head.raw_records, *raw_records)),
        extent=SampleExtent(
            sampling=SamplingMethod.BY_POSITION,
            shown=len(raw_records),
            records_read=len(raw_records),
            bytes_read=head.bytes_read + bytes_read,
            records_about=head.records_about,
            complete=False,
        ),
    )


def _sample_by_number(head: FileHead, rows: int, generator: random.Random) -> Sample:
    reservoir = _Reservoir(rows, generator)
    read, complete, notes = _fill_reservoir(reservoir, head)
    total = reservoir.number
    is_estimable = bool(read) and FORMATS[head.format].info.is_streamed
    about = round(total * head.size / read) if is_estimable else None
    records = sorted(reservoir.records, key=lambda pair: pair[0])
    return Sample(
        name=head.name,
        numbers=tuple(number for number, _ in records),
        raw_records=tuple(record for _, record in records),
        fields=tuple(reservoir.fields),
        extent=SampleExtent(
            sampling=SamplingMethod.BY_NUMBER,
            shown=len(records),
            records_read=total,
            bytes_read=head.bytes_read + read,
            records_about=total if complete else about,
            complete=complete,
        ),
        notes=notes,
    )


class _Reservoir:
    """Draw records evenly without knowing their number (Vitter's algorithm R).

    Attributes:
        records: The records drawn so far, with their numbers, in no order.
        number: The number of records that were offered.
        fields: The fields of all offered records.
    """

    def __init__(self, rows: int, generator: random.Random) -> None:
        self.records: list[tuple[int, Record | UnreadableRecord]] = []
        self.number = 0
        self.fields: dict[str, None] = {}
        self._rows = rows
        self._generator = generator

    def offer(self, record: Record | UnreadableRecord) -> None:
        """Offer the next record, which may be drawn."""
        self.number += 1
        self.fields.update(dict.fromkeys(field_names([record])))
        is_full = self.number > self._rows
        place = self._generator.randrange(self.number) if is_full else self.number - 1
        if place < self._rows:
            self.records[place : place + 1] = [(self.number, record)]


def _fill_reservoir(
    reservoir: _Reservoir, head: FileHead
) -> tuple[int, bool, tuple[str, ...]]:
    """Read a file up to the limits; return the bytes read, if these are all, and notes.

    Records after a damaged place are not sampled.
    """
    with open_source(head.path, name=head.file_name, options=head.options) as source:
        try:
            for record in source.records():
                if reservoir.number >= _MAX_RECORDS or source.position > _MAX_BYTES:
                    return source.position, False, ()
                reservoir.offer(record)
        except FileBroken:
            return source.position, False, ()
        return source.position, True, source.notes
