"""Cut the file of an import into partitions: runs of whole batches.

The batches are those of an import by one worker: their numbers, the numbers of their
records, and so their marks. One pass over the file finds them with the code that reads
it, without making records where the format allows it. Files of lines are cut at the
lines on which records begin, arrays in JSON between their elements, and each worker
reads its own bytes. Of a large workbook it loads the rows of its partition alone. Of
any other file a worker reads what is before its partition, too, and passes over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, Final

from ...errors import FileBroken, FileError
from ...formats.byte_ranges import ByteRange, RecordPlace, RecordRun
from ...formats.source import Source
from ...model.run_options import RunOptions
from ..error_budget import batch_records
from ..imports.file_chunks import MAX_BATCH_BYTES, join_records
from ..imports.numbered_chunk import Chunk, NumberedChunk

_PARTITIONS_A_WORKER: Final = 8
"""So many that a slow or a lost worker does not leave the others idle for long."""

_PARTITIONS_OF_A_WHOLE: Final = 2
"""The same where each reads its file from the beginning, or opens it as a whole."""

_MAX_PARTITION_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Some consecutive batches of an import.

    Attributes:
        number: The number of the partition, from 1.
        batch: The number of its first batch.
        first: The number of its first record.
        sizes: How many records its batches have, as runs: the records of a batch, and
            the number of batches that have as many.
        place: Where its records are; None if the file is read from its beginning.
        is_last: The file ends with it, or cannot be read any further.
    """

    number: int
    batch: int
    first: int
    sizes: tuple[tuple[int, int], ...]
    place: ByteRange | None = None
    is_last: bool = False

    @property
    def records(self) -> int:
        """The number of its records."""
        return sum(size * number for size, number in self.sizes)

    @property
    def batches(self) -> Iterator[tuple[int, int, int]]:
        """Yield the number, the first record and the records of each batch."""
        batch, first = self.batch, self.first
        for size, number in self.sizes:
            for _ in range(number):
                yield batch, first, size
                batch, first = batch + 1, first + size

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`partition_from_dict` reads back."""
        return asdict(self)


def partition_from_dict(data: dict[str, Any]) -> Partition:
    """Build the partition that *as_dict* wrote."""
    place = data["place"]
    sizes = tuple((size, number) for size, number in data["sizes"])
    return Partition(
        **{**data, "sizes": sizes, "place": ByteRange(*place) if place else None}
    )


def plan_partitions(
    source: Source, options: RunOptions, workers: int
) -> list[Partition]:
    """Return the partitions of a file, in their order.

    A file that cannot be read to its end has the partitions up to that place; the
    reader of the last one meets the error.

    Args:
        source: The file. Its notes are complete afterwards.
        options: The options of the plan, which decide how many records a batch has.
        workers: How many workers will read the partitions.

    Raises:
        FileUnreadable: The file holds no records.
    """
    count = _BatchCount(source, batch_records(options))
    batches = list(count.batches())
    is_cut = all(batch.place is not None for batch in batches[1:])
    each = _PARTITIONS_A_WORKER
    if not is_cut or source.is_read_by_row:
        each = _PARTITIONS_OF_A_WHOLE
    groups = _group_batches(batches, workers * each)
    partitions = [_partition(n, group) for n, group in enumerate(groups, start=1)]
    partitions[-1] = replace(partitions[-1], is_last=True)
    places = [count.second, *(group[0].place for group in groups[1:])]
    known = [place for place in places if place is not None]
    if len(groups) == 1 or len(known) < len(places):
        return partitions
    if source.is_read_by_row:
        return _add_rows(partitions, known[1:])
    offsets = _find_offsets(source, known)
    return partitions if offsets is None else _add_places(partitions, known, offsets)


def read_partition(source: Source, partition: Partition) -> Iterator[NumberedChunk]:
    """Yield the chunks of a partition, as an import by one worker has them.

    Raises:
        FileError: The file cannot be read to the end of the partition.
    """
    records = _PartitionRecords(source, partition)
    for batch, first, size in partition.batches:
        parts: list[Chunk] = []
        try:
            records.take(size, parts)
        except FileError:
            if parts:
                chunk = join_records(parts)
                yield NumberedChunk(batch, first, chunk, first + len(chunk) - 1)
            raise
        if sum(map(len, parts)) < size:
            raise FileBroken(source.name, _CHANGED)
        yield NumberedChunk(batch, first, join_records(parts), first + size - 1)
    if partition.is_last:
        records.take(1, [])  # it meets the damage that ends a file early


_CHANGED: Final = "The file has changed since the import has begun."


class _PartitionRecords:
    """The records of a partition, in their order.

    Args:
        source: The file.
        partition: The partition.
    """

    def __init__(self, source: Source, partition: Partition) -> None:
        place = partition.place
        runs = source.runs(place)
        if runs is None:
            records = source.records() if place is None else source.records_in(place)
            runs = ([record] for record in records)
        self._runs = runs
        self._rest: Chunk = []
        if place is None:
            self.take(partition.first - 1, [])

    def take(self, number: int, parts: list[Chunk]) -> None:
        """Add the next records to *parts*, also those before a damaged place.

        Fewer are added at the end of the file.

        Raises:
            FileError: The file cannot be read any further.
        """
        while number:
            if not self._rest:
                run = next(self._runs, None)
                if run is None:
                    return
                self._rest = run
            part, self._rest = self._rest[:number], self._rest[number:]
            parts.append(part)
            number -= len(part)


@dataclass(slots=True)
class _Batch:
    """A batch of the file while it is counted.

    Attributes:
        number: The number of the batch, from 1.
        first: The number of its first record.
        start: The position of the reader before it.
        place: Where it begins; None if that is not known.
        records: The number of its records so far.
    """

    number: int
    first: int
    start: int
    place: RecordPlace | None
    records: int = 0

    def add(self, number: int, position: int, limit: int) -> tuple[int, bool]:
        """Add records; return how many were added, and whether the batch is full.

        This is the rule of :func:`~.file_chunks.read_chunks`.
        """
        is_large = position - self.start >= MAX_BATCH_BYTES
        added = 1 if is_large else min(number, limit - self.records)
        self.records += added
        return added, is_large or self.records >= limit


class _BatchCount:
    """The batches of a file, as they are counted.

    Attributes:
        second: Where the second record begins; None if that is not known.
    """

    def __init__(self, source: Source, limit: int) -> None:
        self._source = source
        self._limit = limit
        self.second: RecordPlace | None = None

    def batches(self) -> Iterator[_Batch]:
        """Yield the batches; those before a damaged place are yielded, too."""
        source = self._source
        batch: _Batch | None = None
        number, first, start = 1, 1, source.position
        try:
            for run in source.count_records():
                self._note_second(run, first + (batch.records if batch else 0))
                at = 0
                while at < run.number:
                    if batch is None:
                        place = run.place_of(at) if run.place_of else None
                        batch = _Batch(number, first, start, place)
                    left = run.number - at
                    added, is_full = batch.add(left, source.position, self._limit)
                    at += added
                    if is_full:
                        yield batch
                        number, first = number + 1, first + batch.records
                        batch, start = None, source.position
        except FileError:
            if batch is None and number == 1:
                raise
        if batch is not None:
            yield batch

    def _note_second(self, run: RecordRun, first: int) -> None:
        """Note where the second record begins, if the run that begins has it."""
        if self.second is None and run.place_of and run.number > 2 - first >= 0:
            self.second = run.place_of(2 - first)


def _group_batches(batches: list[_Batch], number: int) -> list[list[_Batch]]:
    """Return the batches of each partition, of about *number* partitions."""
    groups: list[list[_Batch]] = []
    most = -(-len(batches) // number)
    for batch in batches:
        group = groups[-1] if groups else []
        is_full = len(group) >= most or not groups
        if is_full or batch.start - group[0].start >= _MAX_PARTITION_BYTES:
            groups.append([])
        groups[-1].append(batch)
    return groups


def _partition(number: int, batches: list[_Batch]) -> Partition:
    sizes = groupby(batch.records for batch in batches)
    return Partition(
        number=number,
        batch=batches[0].number,
        first=batches[0].first,
        sizes=tuple((size, sum(1 for _ in run)) for size, run in sizes),
    )


def _find_offsets(source: Source, places: list[RecordPlace]) -> list[int] | None:
    """Return the offsets of places, those of their lines where they have no others."""
    offsets = [place.offset for place in places if place.offset is not None]
    if len(offsets) == len(places):
        return offsets
    return source.find_lines([place.lines for place in places])


def _add_rows(
    partitions: list[Partition], starts: list[RecordPlace]
) -> list[Partition]:
    """Return the partitions with the rows at which they begin, but for the first."""
    rows = [0, *(place.lines for place in starts)]
    return [
        replace(partition, place=ByteRange(0, None, 0, row))
        for partition, row in zip(partitions, rows, strict=True)
    ]


def _add_places(
    partitions: list[Partition], places: list[RecordPlace], offsets: list[int]
) -> list[Partition]:
    """Return the partitions with the places of their records.

    Args:
        partitions: The partitions of a file.
        places: Where its second record begins, and each partition but the first.
        offsets: The offsets of these places.
    """
    head, *starts = offsets
    ends = [*starts[1:], None]
    ranges = [
        ByteRange(start, end, head, place.lines, place.column, place.records)
        for start, end, place in zip(starts, ends, places[1:], strict=True)
    ]
    beginning = ByteRange(0, starts[0], 0)
    return [
        replace(partition, place=part)
        for partition, part in zip(partitions, [beginning, *ranges], strict=True)
    ]
