"""Some records of a file: the first ones, or ones from all over it.

No file is read whole for this. Records of plain JSONL and CSV files are found *by
place*: at random places, one in each of as many equal parts, the reader finds the
next record that begins there. So a record behind a long one is found more often. In
CSV a place counts only where everything that follows it closely has as many values as
there are columns, since a line may begin within a quoted value; rows of another
width, and what stands close before them, are never among the sample.

What has no places (JSON arrays, workbooks, UTF-16, and whatever is packed) is read
from the beginning, up to a limit, and records are chosen evenly *by number* among
those that were read. So are small files, whole.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import FileBroken, InvalidPlan
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
        name: Of the file, or of the one in a zip.
        numbers: Of the places, from 1: of records, or of bytes (see *extent*).
        found: What stands there, in the order of the file.
        fields: Of the records that were looked at, in the order of first sight.
        extent: Which records these are.
        notes: What is known because the file was read whole, such as lines that are
            skipped.
    """

    name: str
    numbers: tuple[int, ...]
    found: tuple[Record | UnreadableRecord, ...]
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
        source: The file, or its head; of a head with enough records nothing more
            is read.
        rows: How many, if there are as many.
        reading: How a CSV file is read, where *source* is none that was read.
        spread: From all over the file in place of the first ones.
        seed: Equal seeds give equal samples.

    Raises:
        InvalidPlan: So many rows are not shown.
        FileError: The file cannot be read.
    """
    require_rows(rows)
    if isinstance(source, FileHead):
        head = source
    else:
        head = read_head(source, None, reading, rows)
    if not head.complete and len(head.found) < rows and not spread:
        head = read_head(head.path, head.file_name, head.options, rows)
    if not spread or (head.complete and len(head.found) <= rows):
        return _sample_first(head, rows)
    chance = random.Random(seed)
    if supports_random_access(head) and head.size > _SMALL_FILE_BYTES:
        return _sample_by_place(head, rows, chance)
    return _sample_by_number(head, rows, chance)


def require_rows(rows: int) -> None:
    """Refuse a number of records that a preview does not show.

    Raises:
        InvalidPlan: There are too few or too many.
    """
    if not 1 <= rows <= MAX_ROWS:
        reason = f"A preview shows 1 to {MAX_ROWS:,} records, not {rows:,}."
        raise InvalidPlan(reason)


def _sample_first(head: FileHead, rows: int) -> Sample:
    found = head.found[:rows]
    return Sample(
        name=head.name,
        numbers=tuple(range(1, len(found) + 1)),
        found=found,
        fields=head.fields,
        extent=SampleExtent(
            sampling=SamplingMethod.FIRST,
            shown=len(found),
            records_read=len(head.found),
            bytes_read=head.bytes_read,
            records_about=head.records_about,
            complete=head.complete,
        ),
        notes=head.notes,
    )


def _sample_by_place(head: FileHead, rows: int, chance: random.Random) -> Sample:
    places, bytes_read = read_random_records(head, rows, chance)
    starts = sorted(places)
    found = tuple(places[start] for start in starts)
    return Sample(
        name=head.name,
        numbers=tuple(start + 1 for start in starts),
        found=found,
        fields=field_names((*head.found, *found)),
        extent=SampleExtent(
            sampling=SamplingMethod.BY_POSITION,
            shown=len(found),
            records_read=len(found),
            bytes_read=head.bytes_read + bytes_read,
            records_about=head.records_about,
            complete=False,
        ),
    )


def _sample_by_number(head: FileHead, rows: int, chance: random.Random) -> Sample:
    drawn = _Reservoir(rows, chance)
    read, complete, notes = _fill_reservoir(drawn, head)
    number = drawn.number
    about = round(number * head.size / read) if read and head.format != "XLSX" else None
    kept = sorted(drawn.kept, key=lambda each: each[0])
    return Sample(
        name=head.name,
        numbers=tuple(each for each, _ in kept),
        found=tuple(each for _, each in kept),
        fields=tuple(drawn.fields),
        extent=SampleExtent(
            sampling=SamplingMethod.BY_NUMBER,
            shown=len(kept),
            records_read=number,
            bytes_read=head.bytes_read + read,
            records_about=number if complete else about,
            complete=complete,
        ),
        notes=notes,
    )


class _Reservoir:
    """Records drawn evenly, without knowing before how many there are (Vitter's R).

    Attributes:
        kept: Those that were drawn so far, with their numbers, in no order.
        number: How many there were to draw from.
        fields: Of all of them.
    """

    def __init__(self, rows: int, chance: random.Random) -> None:
        self.kept: list[tuple[int, Record | UnreadableRecord]] = []
        self.number = 0
        self.fields: dict[str, None] = {}
        self._rows = rows
        self._chance = chance

    def offer(self, found: Record | UnreadableRecord) -> None:
        """Draw the next record, or not."""
        self.number += 1
        self.fields.update(dict.fromkeys(field_names([found])))
        full = self.number > self._rows
        place = self._chance.randrange(self.number) if full else self.number - 1
        if place < self._rows:
            self.kept[place : place + 1] = [(self.number, found)]


def _fill_reservoir(
    drawn: _Reservoir, head: FileHead
) -> tuple[int, bool, tuple[str, ...]]:
    """Read a file up to the limits; return how many bytes, if all, and its notes.

    What stands behind a broken place is nothing that a sample needs.
    """
    with open_source(head.path, name=head.file_name, options=head.options) as source:
        try:
            for found in source.records():
                if drawn.number >= _MAX_RECORDS or source.position > _MAX_BYTES:
                    return source.position, False, ()
                drawn.offer(found)
        except FileBroken:
            return source.position, False, ()
        return source.position, True, source.notes
