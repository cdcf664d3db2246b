"""Read records at random positions of a file of lines, without reading the rest."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from ...errors import FileUnreadable
from ...formats import FORMATS
from ...formats.csv.dialect import declared_delimiter
from ...model.encoding_names import codec_name, is_ascii_compatible
from ...model.record import Record, UnreadableRecord
from ..imports.file_head import FileHead

if TYPE_CHECKING:
    from _csv import Reader

_WINDOW_BYTES: Final = 64 * 1024
_MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
"""Longer records are passed over, because a sample does not need them."""

_HEADER_BYTES: Final = 256 * 1024
_MAX_LINES_TRIED: Final = 50
_MAX_FOLLOWING_ROWS: Final = 5
_LINE_PREFIX: Final = re.compile(r"\ALine [0-9,]+: ")

RecordsByOffset = dict[int, Record | UnreadableRecord]
"""Records and unreadable places by the offset of their first byte."""


def supports_random_access(head: FileHead) -> bool:
    """Return True if records of the file can be found from any position."""
    if head.packed or head.format not in {"JSONL", "CSV"}:
        return False
    if head.format == "CSV" and not is_ascii_compatible(head.options.encoding):
        return False
    return len(head.options.delimiter) <= 1


def read_random_records(
    head: FileHead, rows: int, generator: random.Random
) -> tuple[RecordsByOffset, int]:
    """Find a record in each of *rows* equal parts of the file.

    Returns:
        The records, as many or fewer, and the number of bytes read.

    Raises:
        FileUnreadable: The file can no longer be read.
    """
    by_offset: RecordsByOffset = {}
    bytes_read = 0
    try:
        with head.path.open("rb") as file:
            finder = (
                _JsonLinesFinder(head)
                if head.format == "JSONL"
                else _CsvRowFinder(head, file)
            )
            for part in range(rows):
                offset = int((part + generator.random()) * head.size / rows)
                read, result = _find_after(file, offset, finder)
                bytes_read += read
                if result is not None:
                    by_offset[result[0]] = result[1]
    except OSError as exc:
        reason = f"The file cannot be read: {exc.strerror or exc}."
        raise FileUnreadable(head.name, reason) from exc
    return by_offset, bytes_read


class _RecordFinder(Protocol):
    def find(
        self, data: bytes, *, at_end: bool
    ) -> tuple[int, Record | UnreadableRecord] | None:
        """Find the first record that begins after a line end in *data*.

        Args:
            data: Bytes of the file from some position on.
            at_end: True if these are the last bytes of the file.

        Returns:
            The offset in *data* at which it begins, and the record; None if it is not
            complete.
        """
        ...


def _find_after(
    file: BinaryIO, offset: int, finder: _RecordFinder
) -> tuple[int, tuple[int, Record | UnreadableRecord] | None]:
    """Find the first record after *offset*, reading more if it is long."""
    read, length = 0, _WINDOW_BYTES
    while length <= _MAX_RECORD_BYTES:
        file.seek(offset)
        data = file.read(length)
        read += len(data)
        at_end = len(data) < length
        result = finder.find(data, at_end=at_end)
        if result is not None:
            return read, (offset + result[0], result[1])
        if at_end:
            break
        length *= 4
    return read, None


class _JsonLinesFinder:
    """Finds records of JSONL."""

    def __init__(self, head: FileHead) -> None:
        self._head = head

    def find(
        self, data: bytes, *, at_end: bool
    ) -> tuple[int, Record | UnreadableRecord] | None:
        """Find the first complete non-blank line; see :class:`_RecordFinder`."""
        start = data.find(b"\n") + 1
        while start:
            end = data.find(b"\n", start)
            if end < 0 and not at_end:
                return None
            line = data[start:] if end < 0 else data[start:end]
            if line.strip():
                result = _parse_record(self._head, line)
                return None if result is None else (start, result)
            start = end + 1
        return None


class _CsvRowFinder:
    """Finds records of CSV."""

    def __init__(self, head: FileHead, file: BinaryIO) -> None:
        self._head = head
        self._codec = codec_name(head.options.encoding)
        lines = file.read(_HEADER_BYTES).splitlines(keepends=True)
        declared = lines and declared_delimiter(lines[0].decode("utf-8-sig", "replace"))
        skip_lines = head.options.skip_lines
        skipped = max(skip_lines, 1 if declared else 0)
        first, used = self._read_first_row(lines[skipped:])
        self._width = len(first)
        above = skipped + used if head.options.headers else skip_lines
        self._names = b"".join(lines[:above])

    def find(
        self, data: bytes, *, at_end: bool
    ) -> tuple[int, Record | UnreadableRecord] | None:
        """Find the first row of the right width; see :class:`_RecordFinder`.

        A row has an even number of quotes; otherwise the line begins within a value.
        """
        lines = data.splitlines(keepends=True)
        start = 0
        for at in range(1, min(len(lines), _MAX_LINES_TRIED)):
            start += len(lines[at - 1])
            used = self._count_row_lines(lines[at:], at_end=at_end)
            if used:
                raw = b"".join(lines[at : at + used])
                result = _parse_record(self._head, self._names + raw)
                return None if result is None else (start, result)
        return None

    def _count_row_lines(self, lines: Sequence[bytes], *, at_end: bool) -> int:
        """Return the number of lines of the first row; 0 if none begins here."""
        reader = self._reader(lines)
        ends: list[int] = []
        try:
            for row in reader:
                if len(row) != self._width and (row or not ends):
                    at_cut = reader.line_num == len(lines) and not at_end
                    return ends[0] if at_cut and ends else 0
                ends.append(reader.line_num)
                if len(ends) > _MAX_FOLLOWING_ROWS:
                    break
        except csv.Error:
            if at_end or reader.line_num < len(lines):
                return 0
        if not at_end and ends and ends[-1] == len(lines):
            ends.pop()  # it may be cut
        if not ends:
            return 0
        quote = self._head.options.enclosing_character
        first = (line.decode(self._codec, "replace") for line in lines[: ends[0]])
        quotes = sum(line.count(quote) for line in first)
        return 0 if quotes % 2 else ends[0]

    def _read_first_row(self, lines: Sequence[bytes]) -> tuple[Sequence[str], int]:
        reader = self._reader(lines)
        for row in reader:
            if row:
                return row, reader.line_num
        return [], 0

    def _reader(self, lines: Sequence[bytes]) -> Reader:
        options = self._head.options
        return csv.reader(
            (line.decode(self._codec, "replace") for line in lines),
            delimiter=options.delimiter,
            quotechar=options.enclosing_character,
            strict=True,
        )


def _parse_record(head: FileHead, data: bytes) -> Record | UnreadableRecord | None:
    """Read the record in *data* like one of the file, without its line in messages."""
    format_ = FORMATS[head.format]
    records: Iterator[Record | UnreadableRecord]
    try:
        records = format_.read(io.BytesIO(data), source=head.name, options=head.options)
        result = next(records, None)
    except FileUnreadable:
        return None
    if not isinstance(result, UnreadableRecord):
        return result
    message = _LINE_PREFIX.sub("", result.problem.message)
    return UnreadableRecord(replace(result.problem, message=message), result.text)
