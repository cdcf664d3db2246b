"""JSON Lines: one object a line, so neither side ever holds the whole file."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat
from typing import BinaryIO, Protocol, TypeVar

import orjson

from ...errors import FileUnreadable
from ...model.item_pages import ItemPage
from ...model.line_items import FileLines
from ...model.outcome import Problem
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import LARGE_TEXT_BYTES, Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from ..byte_ranges import (
    FileBefore,
    RecordPlace,
    RecordRun,
    line_feed_end,
)
from ..opened_file import OpenedFile
from .bulk_parser import has_exact_numbers, parse_lines
from .layout import LINES_SUFFIXES, JsonLayout, inspect_json
from .parser import CHUNK_BYTES, require_utf_8
from .scanner import JsonScanner
from .text_spool import PIECE_BYTES, TextSpooler, restore_texts
from .values import (
    DEPTH_LIMIT,
    RECORD_LIMIT_BYTES,
    STRICT,
    describe_refusal,
    find_record_fault,
    make_unreadable,
    write_lines,
)

BLANK_LINE = "blank-line"
"""The code of the problem of a blank line, where it is one."""

_SHOWN_BYTES = 10_000
_EMPTY = "The file is empty."
_BLANK_LINE = re.compile(rb"\n[ \t\r\x0b\x0c]*\n")


class JsonLinesFormat:
    """One object a line, every line ended by LF; CRLF is read as well.

    Blank lines are skipped, but fail as Liferay's import reads them. The place of a
    bad line is its number, as in an editor; a line that is not an object, not UTF-8 or
    larger than 64 MiB is one bad record, and reading continues after it.
    """

    info = FormatInfo(
        name="JSONL",
        extension="jsonl",
        suffixes=LINES_SUFFIXES,
        files="JSON Lines",
    )

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise a file by its name, or by what follows its first object."""
        if sample.once(inspect_json).layout is not JsonLayout.LINES:
            return None
        return RecognisedFile(self, sample.options)

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the lines; see :class:`~dmc_widgets.ports.Format`."""
        file = OpenedFile(stream, source, options, report or ReadingReport())
        return chain.from_iterable(self.read_runs(file))

    def read_runs(
        self, file: OpenedFile, before: FileBefore | None = None
    ) -> Iterator[Sequence[Record | UnreadableRecord]]:
        """Yield the lines in runs; see :class:`~.record_runs.RunReader`."""
        is_beginning, lines = before is None, before.range.lines if before else 0
        blocks = _read_blocks(file.stream, file.source, is_beginning=is_beginning)
        as_liferay = file.options.as_liferay
        return _read_runs(blocks, file.source, lines, as_liferay=as_liferay)

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield runs of lines; see :mod:`dmc_widgets.formats.byte_ranges`."""
        lines, is_empty = 0, True
        beginning, offset = _read_beginning(file.stream, file.source)
        for block in _cut_blocks(beginning, file.stream, _PassedLine):
            if isinstance(block, bytes):
                run = _find_records(block, RecordPlace(lines, offset), file.options)
                lines += block.count(b"\n") + 1
                offset += len(block) + 1
            else:
                place = RecordPlace(lines, offset)
                run = RecordRun(
                    0 if block.is_blank else 1, partial(_place_in, b"", place)
                )
                lines, offset = lines + 1, offset + block.size
            if run.number:
                is_empty = False
                yield run
        if is_empty:
            raise FileUnreadable(file.source, _EMPTY)

    def read_range(
        self, file: OpenedFile, before: FileBefore
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the lines of a range; see :mod:`dmc_widgets.formats.byte_ranges`."""
        return chain.from_iterable(self.read_runs(file, before))

    def find_lines(
        self, stream: BinaryIO, lines: Sequence[int], options: ReadingOptions
    ) -> None:
        """Return None: the places of records have their offsets."""
        del stream, lines, options

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item, the last one ended as well."""
        return self.write_pages([items], stream, header)

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the same from pages; see :class:`.PageWriter`."""
        del header
        return write_lines(pages, stream)


def _read_runs(
    blocks: Iterable[bytes | _LongLine],
    source: str,
    number: int = 0,
    *,
    as_liferay: bool,
) -> Iterator[Sequence[Record | UnreadableRecord]]:
    """Yield the records of lines in runs, after *number* lines.

    Raises:
        FileUnreadable: There is none.
    """
    is_empty = True
    for block in blocks:
        run: Sequence[Record | UnreadableRecord]
        if isinstance(block, _LongLine):
            long = block.record(number + 1)
            run, passed = [] if long is None else [long], 1
        elif lines := _split_objects(block):
            read = partial(_parse_lines, as_liferay=as_liferay)
            run, passed = FileLines(lines, number, read), len(lines)
        else:
            run = _parse_block(block, number, as_liferay=as_liferay)
            passed = block.count(b"\n") + 1
        number += passed
        if run:
            is_empty = False
            yield run
    if is_empty:
        raise FileUnreadable(source, _EMPTY)


def _parse_block(
    block: bytes, number: int, *, as_liferay: bool
) -> Sequence[Record | UnreadableRecord]:
    """Return the records of lines, some of which may be blank, after *number* lines."""
    if len(block) <= RECORD_LIMIT_BYTES and (records := parse_lines(block)):
        return records
    if not block.strip() and not as_liferay:
        return []
    return list(_parse_each(block.split(b"\n"), number, as_liferay=as_liferay))


def _split_objects(block: bytes) -> list[bytes]:
    """Return lines that all begin as objects, so that none is blank; else none."""
    if len(block) > RECORD_LIMIT_BYTES:
        return []
    lines = block.split(b"\n")
    return lines if all(map(bytes.startswith, lines, repeat(b"{"))) else []


def _parse_lines(
    lines: Sequence[bytes], number: int, *, as_liferay: bool
) -> list[Record | UnreadableRecord]:
    """Return the records of lines that begin as objects, after *number* lines."""
    records = parse_lines(b"\n".join(lines))
    if records:
        return [*records]
    return list(_parse_each(lines, number, as_liferay=as_liferay))


def _parse_each(
    lines: Sequence[bytes], number: int, *, as_liferay: bool
) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of lines, after *number* lines; blank ones may have none."""
    for place, line in enumerate(lines, start=number + 1):
        record = _parse_fast(line) or _parse_exact(line, place, as_liferay=as_liferay)
        if record is not None:
            yield record


class _Line(Protocol):
    """A line that may hold a large text."""

    def read(self, beginning: bytes, stream: BinaryIO) -> bytes:
        """Read the line to its end; return the beginning of the next one."""
        ...


_LineKind = TypeVar("_LineKind", bound=_Line)


def _read_blocks(
    stream: BinaryIO, source: str, *, is_beginning: bool
) -> Iterator[bytes | _LongLine]:
    """Yield whole lines of a file, or of a range of it; see :func:`_cut_blocks`."""
    if is_beginning:
        rest, _ = _read_beginning(stream, source)
    else:
        rest = stream.read(CHUNK_BYTES)
    yield from _cut_blocks(rest, stream, _LongLine)


def _read_beginning(stream: BinaryIO, source: str) -> tuple[bytes, int]:
    """Return the first bytes without a byte order mark, and the size of the mark.

    Raises:
        FileUnreadable: The text is UTF-16 or UTF-32.
    """
    data = stream.read(CHUNK_BYTES)
    require_utf_8(data, source)
    bare = data.removeprefix(codecs.BOM_UTF8)
    return bare, len(data) - len(bare)


def _cut_blocks(
    rest: bytes, stream: BinaryIO, new_line: Callable[[], _LineKind]
) -> Iterator[bytes | _LineKind]:
    """Yield whole lines, many at a time, without the last line's end.

    A line that may hold a large text comes as what *new_line* makes.

    Args:
        rest: What is read already.
        stream: The bytes after that.
        new_line: Makes what reads a line.
    """
    while True:
        lines, line_end, rest = rest.rpartition(b"\n")
        if line_end:
            yield lines
        elif len(rest) > LARGE_TEXT_BYTES:
            line = new_line()
            rest = line.read(rest, stream)
            yield line
        # As much again as there is: a long line is copied few times over.
        data = stream.read(max(CHUNK_BYTES, len(rest)))
        if not data:
            break
        rest += data
    if rest:
        yield rest


class _LongLine:
    """A line of which only the small texts are held."""

    def __init__(self) -> None:
        self._json = TextSpooler()
        self._scan = JsonScanner()
        self._is_too_large = False

    def read(self, beginning: bytes, stream: BinaryIO) -> bytes:
        """Read the line to its end; return the beginning of the next one."""
        for at in range(0, len(beginning), PIECE_BYTES):
            self._take(beginning[at : at + PIECE_BYTES])
        while data := stream.read(PIECE_BYTES):
            piece, line_end, rest = data.partition(b"\n")
            self._take(piece)
            if line_end:
                return rest
        return b""

    def record(self, number: int) -> Record | UnreadableRecord | None:
        """Return the record of the line, or why there is none; None if it is blank."""
        short = self._json.short()
        fault = self._json.refused
        if self._is_too_large:
            fault, short = _too_large_message(), short[:_SHOWN_BYTES]
        elif self._scan.fault:
            fault, short = f"The line {self._scan.fault}.", short[:_SHOWN_BYTES]
        elif self._json.broken:
            fault = f"A large text is not valid JSON ({self._json.broken})."
        if fault:
            return make_unreadable(
                number, fault, short.decode(errors="replace").strip()
            )
        record = _parse_exact(short, number)
        if isinstance(record, dict):
            restore_texts(record, self._json.texts)
        return record

    def _take(self, data: bytes) -> None:
        self._is_too_large = self._is_too_large or self._json.size > RECORD_LIMIT_BYTES
        if not (self._is_too_large or self._scan.fault):
            self._json.feed(data)
            self._scan.feed(data)


class _PassedLine:
    """A long line of which nothing is held.

    Attributes:
        is_blank: It holds nothing but blanks.
        size: How many bytes it has, with its end.
    """

    def __init__(self) -> None:
        self.is_blank = True
        self.size = 0

    def read(self, beginning: bytes, stream: BinaryIO) -> bytes:
        """Read the line to its end; return the beginning of the next one."""
        self.is_blank = not beginning.strip()
        self.size = len(beginning)
        while data := stream.read(PIECE_BYTES):
            piece, line_end, rest = data.partition(b"\n")
            self.size += len(piece) + len(line_end)
            self.is_blank = self.is_blank and not piece.strip()
            if line_end:
                return rest
        return b""


def _find_records(
    block: bytes, start: RecordPlace, options: ReadingOptions
) -> RecordRun:
    """Return the records of whole lines that begin at a place."""
    if options.as_liferay or not _BLANK_LINE.search(b"\n" + block + b"\n"):
        return RecordRun(block.count(b"\n") + 1, partial(_place_in, block, start))
    filled = [n for n, line in enumerate(block.split(b"\n")) if line.strip()]
    return RecordRun(len(filled), lambda n: _place_in(block, start, filled[n]))


def _place_in(block: bytes, start: RecordPlace, number: int) -> RecordPlace:
    """Return the place of a line of a block, which counts from 0."""
    return RecordPlace(
        start.lines + number, (start.offset or 0) + line_feed_end(block, number)
    )


def _blank_line(number: int) -> Problem:
    problem = Problem(BLANK_LINE, "No content to map due to end-of-input")
    return problem.with_cause(f"Line {number}: The line is blank.")


def _too_large_message() -> str:
    return f"The line is larger than {RECORD_LIMIT_BYTES // 1024**2} MiB."


def _parse_fast(line: bytes) -> Record | None:
    if (
        line.count(b"{") + line.count(b"[") > DEPTH_LIMIT
        or len(line) > RECORD_LIMIT_BYTES
        or not has_exact_numbers(line)
    ):
        return None
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if type(value) is dict else None


def _parse_exact(
    line: bytes, number: int, *, as_liferay: bool = False
) -> Record | UnreadableRecord | None:
    """Parse a line with every digit kept, or say why not; None if it is blank.

    Liferay's import fails blank lines, and ignores what follows an object.
    """
    if not line.strip():
        return UnreadableRecord(_blank_line(number)) if as_liferay else None
    raw = line.decode(errors="replace").strip()
    if len(line) > RECORD_LIMIT_BYTES:
        return make_unreadable(number, _too_large_message(), raw)
    try:
        text = line.decode()
        value = STRICT.raw_decode(raw)[0] if as_liferay else STRICT.decode(text)
        fault = find_record_fault(value, raw)
    except UnicodeDecodeError as exc:
        fault = f"Byte {exc.start + 1:,} of the line is not UTF-8."
    except json.JSONDecodeError as exc:
        fault = f"This is not valid JSON at column {exc.pos + 1:,} ({exc.msg})."
    except RecursionError:
        fault = "The record is nested too deeply to be read."
    except ValueError as exc:
        fault = describe_refusal(exc)
    return make_unreadable(number, fault, raw) if fault else value
