"""Where the records of a file begin, so that it can be read from any of them.

Several workers read one file at once, each its own range of bytes. A range begins at a
record, or at its line, and ends where a later record begins. The records are found by
the code that reads them, so quoted line breaks, blank lines and damaged records count
as they do in an import.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final, NamedTuple, Protocol, runtime_checkable

from ..model.reading_options import ReadingOptions
from ..model.record import Record, UnreadableRecord
from .opened_file import OpenedFile

_BLOCK_BYTES: Final = 1024 * 1024


class RecordPlace(NamedTuple):
    """Where a record begins in a file, after unpacking.

    Attributes:
        lines: How many lines are before it.
        offset: How many bytes are before it; None if it begins with its line.
        column: How many characters of its line are before it.
        records: How many records are before it; 0 where lines tell which one it is.
    """

    lines: int
    offset: int | None = None
    column: int = 0
    records: int = 0


def place_after_lines(passed: int, number: int) -> RecordPlace:
    """Return the place of the line with a number from 0, after lines passed before."""
    return RecordPlace(passed + number)


class RecordRun(NamedTuple):
    """Consecutive records that are found without reading on between them.

    Attributes:
        number: How many records they are.
        place_of: Returns the place of a record of the run, which counts from 0, before
            the next run is read; None if the file can be read from its beginning only.
    """

    number: int
    place_of: Callable[[int], RecordPlace] | None = None


class ByteRange(NamedTuple):
    """Some records of a file, after unpacking.

    Of a file that is opened as a whole only its lines, or rows, say where it begins.

    Attributes:
        start: The offset of the first byte.
        end: The offset after the last byte; None for the end of the file.
        head: The offset after the first record of the file. A table has the names of
            its columns before that.
        lines: The number of lines before it.
        column: The number of characters before it in its first line.
        records: The number of records before it; 0 where lines tell which they are.
    """

    start: int
    end: int | None
    head: int
    lines: int = 0
    column: int = 0
    records: int = 0


class FileBefore(NamedTuple):
    """What is before a range of a file.

    Attributes:
        head: The file up to the end of its first record.
        range: The range, with what is counted before it.
    """

    head: bytes
    range: ByteRange


@runtime_checkable
class RangeReader(Protocol):
    """A format whose files can be read from any record, or from its line."""

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield the records of a file as runs, without making records of them.

        The stream is read exactly as :meth:`~dmc_widgets.ports.Format.read` does it,
        and what is counted in the report is the same.

        Raises:
            FileUnreadable: The beginning is not of this format.
            FileBroken: From some place on the records cannot be separated.
        """
        ...

    def read_range(
        self, file: OpenedFile, before: FileBefore
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the records of a range of a file, as they are in the whole file.

        Args:
            file: The range.
            before: What is before it.
        """
        ...

    def find_lines(
        self, stream: BinaryIO, lines: Sequence[int], options: ReadingOptions
    ) -> list[int] | None:
        """Return the offsets of lines, as :func:`find_lines` does.

        For records whose places have no offsets.

        Returns:
            None if line ends of such a file are not found without decoding it, or all
            places have offsets.
        """
        ...


@runtime_checkable
class RowReader(Protocol):
    """A format whose files are opened as a whole, and read from any row."""

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield the records as runs; the lines of their places are rows.

        As :meth:`.RangeReader.count_records` does it.
        """
        ...

    def read_rows(
        self, file: OpenedFile, first: int
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the records from the row with a number from 1, as of the whole file.

        Args:
            file: The whole file.
            first: The number of the row; rows before it are passed over.
        """
        ...


def find_lines(stream: BinaryIO, lines: Sequence[int]) -> list[int]:
    """Return the offsets at which lines begin, with Python's universal newlines.

    Args:
        stream: The bytes of the file, from its beginning.
        lines: How many lines are before each of the lines, ascending.
    """
    found: list[int] = []
    wanted = iter(lines)
    target = next(wanted, None)
    passed = offset = 0
    rest = b""
    while target is not None:
        data = stream.read(_BLOCK_BYTES)
        block = rest + data
        is_split = bool(data) and block.endswith(b"\r")
        rest = b"\r" if is_split else b""
        block = block[:-1] if is_split else block
        ends = count_line_ends(block)
        while target is not None and target <= passed + ends:
            found.append(offset + _universal_end(block, target - passed))
            target = next(wanted, None)
        passed, offset = passed + ends, offset + len(block)
        if not data:
            break
    return found


def line_feed_end(block: bytes, number: int) -> int:
    """Return the offset after the line feed with a number from 1; 0 for number 0."""
    return len(block) - len(block.split(b"\n", number)[-1]) if number else 0


def count_line_ends(block: bytes) -> int:
    """Return how many lines end, as Python's universal newlines count them."""
    line_feeds = block.count(b"\n")
    if b"\r" not in block:
        return line_feeds
    return line_feeds + block.count(b"\r") - block.count(b"\r\n")


def _universal_end(block: bytes, number: int) -> int:
    if b"\r" not in block or number == 0:
        return line_feed_end(block, number)
    ends = islice(_LINE_END.finditer(block), number - 1, None)
    return next(ends).end()


_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class LimitedStream(io.RawIOBase):
    """The next bytes of a stream, up to a number of them."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into *buffer*, at most up to the limit."""
        view = memoryview(buffer)
        data = self._stream.read(min(len(view), self._left))
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)
