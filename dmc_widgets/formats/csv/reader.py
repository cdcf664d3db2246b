"""Read CSV with any delimiter, any encoding and any line break.

A cell without text is null, as in Liferay. White space stays. Exports, ours and
Liferay's, quote a text once more before the cell is quoted, and put a ``'`` before one
that a spreadsheet would run as a formula. That is undone where the file is known to be
such an export; where it only looks like one, a warning says so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import Any, BinaryIO, TextIO

from ...errors import FileUnreadable, InvalidPlan
from ...model.outcome import Problem
from ...model.reading_options import Escapes, ReadingOptions, ReadingReport, ShortRows
from ...model.record import LARGE_TEXT_BYTES, Record, UnreadableRecord
from ..byte_ranges import (
    FileBefore,
    RecordRun,
    count_line_ends,
    place_after_lines,
)
from ..decoding import UNDECODABLE, find_codec
from ..json.values import RECORD_LIMIT_BYTES, UNREADABLE_RECORD, VALUE_LIMIT
from ..opened_file import OpenedFile
from ..recognition import SAMPLE_BYTES
from ..tables.liferay_rows import (
    MALFORMED_ROW,
    UNNAMED_COLUMNS,
    build_liferay_maker,
    trim_cell,
)
from ..tables.record_maker import build_record_maker, read_column_names
from .dialect import declared_delimiter, detect_dialect

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula."""

_TOO_LARGE = "\udcfe"  # in place of a record that is not read
_STAND_IN = "\ue01f"  # for a delimiter of several characters
_TEXT_LIMIT = 2000
_MAX_LINES = 20
_MAX_NAMED = 5
_ESCAPES_WARNING = (
    "Some values begin with an apostrophe before a formula character, or stand in a "
    "second pair of quotes, as exports write them; they are imported as they are. If "
    "the file is such an export, choose to undo its escapes."
)

_JAVA_FAILURE = "IOException reading next record: java.io.IOException: "
_JAVA_END = _JAVA_FAILURE + (
    "(startline {}) EOF reached before encapsulated token finished"
)
_JAVA_QUOTE = _JAVA_FAILURE + (
    "(line {}) invalid char between encapsulated token and delimiter"
)

_BETWEEN = "\x1f"  # where values are searched at once

Row = list[str]
_NumberedRow = tuple[int, Row | UnreadableRecord, str]
"""The number of the line on which a row begins, the row, and its values joined."""

RecordMaker = Callable[[int, Row, str], Record | UnreadableRecord]
"""From a row, its number and its values joined to a record."""


def read_rows(file: OpenedFile) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of a CSV file; what its options leave open is detected.

    Raises:
        FileUnreadable: The file is empty, or its first line does not name the columns.
    """
    with _open_rows(file) as reader:
        yield from reader.records(file.source)


def count_rows(file: OpenedFile) -> Iterator[RecordRun]:
    """Yield each record of a CSV file as a run of its own.

    Raises:
        FileUnreadable: The file is empty, or its first line does not name the columns.
    """
    with _open_rows(file) as reader:
        for number in reader.record_lines(file.source):
            yield RecordRun(1, partial(place_after_lines, number - 1))


def read_row_range(
    file: OpenedFile, before: FileBefore
) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of a range of a CSV file.

    Args:
        file: The lines of the range.
        before: What is before it; the names of the columns are in its head.
    """
    whole = io.BufferedReader(_RejoinedStream(before.head, file.stream))
    with _open_rows(file._replace(stream=whole)) as reader:
        records = reader.records(file.source)
        next(records)
        reader.pass_over(before.range.lines - count_line_ends(before.head))
        yield from records


@contextmanager
def _open_rows(file: OpenedFile) -> Iterator[_RowReader]:
    """Yield what reads the rows of a file.

    Raises:
        FileUnreadable: The file is empty.
    """
    sample = file.stream.read(SAMPLE_BYTES)
    if not sample.strip():
        raise FileUnreadable(file.source, "The file is empty.")
    chosen = detect_dialect(sample, file.options)
    text = io.TextIOWrapper(
        io.BufferedReader(_RejoinedStream(sample, file.stream)),
        encoding=find_codec(chosen.encoding, sample),
        errors="dmc-mark",
        newline="",
    )
    try:
        yield _RowReader(text, chosen, file.report)
    finally:
        text.detach()


class _RowReader:
    """The records of a text, with the number of the line on which each begins."""

    def __init__(
        self, text: TextIO, options: ReadingOptions, report: ReadingReport
    ) -> None:
        self._options = options
        self._report = report
        self._delimiter = options.delimiter
        self._quote = options.enclosing_character
        self._looks_for_escapes = options.escapes is None
        quote = re.escape(self._quote)
        self._suspicious = re.compile(
            rf"(?:\A|{_BETWEEN})(?:'+[{re.escape(''.join(FORMULA_STARTS))}]|{quote})"
        )
        self._record_size = 0
        self._lines_passed_over = 0
        self._row_lines: list[str] = []
        self._lines = self._bounded(text)
        if not options.as_liferay:
            self._lines = _skip_titles(self._lines, options.skip_lines)
        if len(self._delimiter) > 1:
            self._lines = _replace_delimiter(self._lines, self._delimiter)
            self._delimiter = _STAND_IN
        if self._delimiter == self._quote:
            reason = f"{self._quote!r} cannot both separate and enclose values."
            raise InvalidPlan(reason)
        self._rows = csv.reader(
            self._lines,
            delimiter=self._delimiter,
            quotechar=self._quote,
            strict=True,
        )

    def records(self, source: str) -> Iterator[Record | UnreadableRecord]:
        """Yield a record a row. Lines without a value are counted, but are none."""
        names, rows = self._begin(source)
        make = self._maker(names)
        for number, row, joined in rows:
            if isinstance(row, UnreadableRecord):
                yield row
            elif joined.isspace() and not self._options.as_liferay:
                self._report.skipped_rows += 1
            else:
                yield make(number, row, joined)

    def record_lines(self, source: str) -> Iterator[int]:
        """Yield the number of the line on which each record begins, from 1."""
        _, rows = self._begin(source)
        for number, row, joined in rows:
            is_record = isinstance(row, UnreadableRecord) or self._options.as_liferay
            if is_record or not joined.isspace():
                yield number
            else:
                self._report.skipped_rows += 1

    def pass_over(self, lines: int) -> None:
        """Number the following lines as if *lines* more of them had been read."""
        self._lines_passed_over += lines

    def _begin(self, source: str) -> tuple[list[str], Iterator[_NumberedRow]]:
        """Return the names of the columns, and the rows of the records."""
        csv.field_size_limit(RECORD_LIMIT_BYTES)
        rows = self._numbered_rows()
        first = next(rows, None)
        if first is None:
            raise FileUnreadable(source, self._no_line())
        self._report.skipped_rows = 0  # lines above the names are not records
        row = first[1]
        if isinstance(row, UnreadableRecord):
            raise FileUnreadable(source, row.problem.message)
        names = self._column_names(row, source)
        return names, rows if self._options.headers else chain([first], rows)

    def _column_names(self, row: Row, source: str) -> list[str]:
        if self._options.as_liferay:
            return row if self._options.headers else list(UNNAMED_COLUMNS)
        if self._options.headers:
            return read_column_names(row, source=source, report=self._report)
        return [str(place) for place in range(len(row))]

    def _no_line(self) -> str:
        skipped = self._options.skip_lines
        below = f" below the {skipped:,} lines that are skipped" if skipped else ""
        return f"The file holds no line with a value{below}."

    def _maker(self, names: list[str]) -> RecordMaker:
        if self._options.as_liferay:
            return self._liferay_maker(names)
        width = len(names)
        put_together = build_record_maker(names)
        fills = self._options.short_rows is ShortRows.EMPTY
        values, quote = self._values, self._quote

        def make(number: int, row: Row, joined: str) -> Record | UnreadableRecord:
            if len(row) != width:
                if any(row[width:]) or (len(row) < width and not fills):
                    return self._unlike(number, row, names)
                row = row[:width] + [""] * (width - len(row))
            if "'" in joined or quote in joined:
                return put_together(values(row))
            return put_together([cell or None for cell in row])

        return make

    def _liferay_maker(self, names: list[str]) -> RecordMaker:
        """Make records as Liferay's batch engine does."""
        make_record = build_liferay_maker(names)

        def make(_number: int, row: Row, _joined: str) -> Record | UnreadableRecord:
            cells = (self._liferay_value(cell) if cell else "" for cell in row)
            record = make_record([trim_cell(cell) for cell in cells])
            if isinstance(record, Problem):
                return UnreadableRecord(record, self._text(row))
            return record

        return make

    def _values(self, row: Row) -> list[str | None]:
        """Return the values of a row that holds quotes or apostrophes."""
        if self._options.escapes is Escapes.UNDO:
            return [self._value(cell) if cell else None for cell in row]
        if (
            self._looks_for_escapes
            and self._suspicious.search(_BETWEEN.join(row))
            and any(map(self._seems_escaped, row))
        ):
            self._report.warn(_ESCAPES_WARNING)
            self._looks_for_escapes = False
        return [cell or None for cell in row]

    def _value(self, cell: str) -> str:
        """Undo what an export adds to a value."""
        first = cell[0]
        if first == self._quote and len(cell) > 1 and cell[-1] == first:
            cell = _remove_quotes(cell, first)
        elif first != "'":
            return cell
        return _remove_guard(cell)

    def _liferay_value(self, cell: str) -> str:
        """Undo it as Liferay does, which reads no list of quoted texts."""
        quote = self._quote
        if len(cell) > 1 and cell[0] == quote == cell[-1]:
            cell = cell[1:-1].replace(quote * 2, quote)
        return _remove_guard(cell)

    def _seems_escaped(self, cell: str) -> bool:
        """Return whether Liferay's export or ours would write a value like this."""
        if cell[:1] == "'":
            return cell.lstrip("'").startswith(FORMULA_STARTS)
        if len(cell) < 2 or not cell[0] == self._quote == cell[-1]:
            return False
        inner = cell[1:-1].replace(self._quote * 2, "\n")
        ends = (self._delimiter, "\n", "\r")
        return self._quote not in inner and any(end in inner for end in ends)

    def _numbered_rows(self) -> Iterator[_NumberedRow]:
        """Yield the number of a row, the row, and its values joined."""
        rows = self._rows
        while True:
            number = rows.line_num + self._lines_passed_over + 1
            self._record_size = 0
            self._row_lines.clear()
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as exc:
                yield number, self._malformed(number, exc), ""
                continue
            if not row:
                continue
            if self._delimiter == _STAND_IN:
                row = [cell.replace(_STAND_IN, self._options.delimiter) for cell in row]
            joined = "".join(row)
            if not joined and not self._options.as_liferay:
                self._report.skipped_rows += 1
            elif not joined.isascii() and _TOO_LARGE in joined:
                yield number, _too_large_record(number, joined), ""
            elif not joined.isascii() and UNDECODABLE in joined:
                yield number, self._undecodable(number, row), ""
            else:
                yield number, row, joined

    def _unlike(self, number: int, row: Row, names: list[str]) -> UnreadableRecord:
        width = len(names)
        counted = "1 value" if len(row) == 1 else f"{len(row)} values"
        columns = "1 column" if width == 1 else f"{width} columns"
        reason = f"Line {number}: {counted} for {columns}."
        missing = names[len(row) :]
        if missing:
            column_list = ", ".join(map(repr, missing[:_MAX_NAMED]))
            column_list += ", …" if len(missing) > _MAX_NAMED else ""
            reason += (
                f" There is none for {column_list}. Complete the row, or choose that "
                "short rows are filled with empty values."
            )
        return UnreadableRecord(Problem(UNREADABLE_RECORD, reason), self._text(row))

    def _malformed(self, number: int, exc: csv.Error) -> UnreadableRecord:
        message, quote, liferay_text = str(exc), self._quote, ""
        if "end of data" in message:
            reason = f"The {quote} that opens here is never closed."
            liferay_text = _JAVA_END.format(number)
        elif "expected after" in message:
            reason = f"Something follows a closing {quote}. Double it inside a value."
            liferay_text = _JAVA_QUOTE.format(number)
        else:
            reason = f"The line cannot be parsed: {message}."
        text = "".join(self._row_lines).rstrip("\r\n")[:_TEXT_LIMIT]
        excerpt = text.replace(UNDECODABLE, "\ufffd")
        problem = Problem(UNREADABLE_RECORD, f"Line {number}: {reason}")
        if self._options.as_liferay and liferay_text:
            problem = Problem(MALFORMED_ROW, liferay_text).with_cause(problem.message)
        return UnreadableRecord(problem, excerpt)

    def _text(self, row: Row) -> str:
        return self._options.delimiter.join(row)[:_TEXT_LIMIT]

    def _bounded(self, text: TextIO) -> Iterator[str]:
        """Yield lines, and a mark in place of what passes the limits of a record.

        A record of several lines is in quotes where the limit is met. The rest of it,
        up to the line that closes them, is passed over: one record fails, and not one
        for each of its lines.
        """
        readline = partial(text.readline, RECORD_LIMIT_BYTES)
        noted = self._row_lines  # for the report of a row that is malformed
        for line in iter(readline, ""):
            self._record_size += len(line)
            if len(noted) < _MAX_LINES:
                noted.append(line[:_TEXT_LIMIT])
            if self._record_size < LARGE_TEXT_BYTES or self._is_moderate(line):
                yield line
                continue
            is_quoted = self._record_size > len(line)
            self._pass_over(line, readline, is_quoted=is_quoted)
            yield _TOO_LARGE + (self._quote if is_quoted else "") + "\n"

    def _pass_over(
        self, line: str, readline: Callable[[], str], *, is_quoted: bool
    ) -> None:
        """Read the rest of a record that the beginning of a *line* belongs to.

        Quotes within a value are doubled, so an odd number of them closes it.
        """
        quotes = 0
        while line:
            quotes += line.count(self._quote)
            if line[-1] in "\r\n":
                if not is_quoted or quotes % 2:
                    return
                self._lines_passed_over += 1
            line = readline()

    def _is_moderate(self, line: str) -> bool:
        return (
            self._record_size < RECORD_LIMIT_BYTES
            and line.count(self._options.delimiter) < VALUE_LIMIT
        )

    def _undecodable(self, number: int, row: Row) -> UnreadableRecord:
        reason = (
            f"Line {number}: There are bytes that are not {self._options.encoding} "
            "text. Choose the encoding that the file was saved in."
        )
        excerpt = self._options.delimiter.join(row).replace(UNDECODABLE, "\ufffd")[
            :_TEXT_LIMIT
        ]
        return UnreadableRecord(Problem(UNREADABLE_RECORD, reason), excerpt)


def _too_large_record(number: int, joined: str) -> UnreadableRecord:
    reason = (
        f"Line {number}: The record is larger than {RECORD_LIMIT_BYTES // 1024**2} MiB "
        f"or has more than {VALUE_LIMIT:,} values."
    )
    excerpt = joined[:_TEXT_LIMIT].replace(_TOO_LARGE, "\ufffd")
    return UnreadableRecord(Problem(UNREADABLE_RECORD, reason), excerpt)


def _remove_guard(cell: str) -> str:
    is_guarded = cell[:1] == "'" and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if is_guarded else cell


def _remove_quotes(cell: str, quote: str) -> str:
    """Undo quotes around quotes, but not where a list of quoted texts stands."""
    inner = cell[1:-1]
    if quote in inner.replace(quote * 2, ""):
        return cell
    return inner.replace(quote * 2, quote)


def _skip_titles(lines: Iterator[str], number: int) -> Iterator[str]:
    """Blank the lines above a table and ``sep=;``, so that lines are counted on."""
    first = next(lines, "")
    if number or declared_delimiter(first.lstrip("\ufeff")):
        first = "\r\n"
    return chain([first], ("\r\n" for _ in islice(lines, max(number - 1, 0))), lines)


def _replace_delimiter(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    return (line.replace(delimiter, _STAND_IN) for line in lines)


class _RejoinedStream(io.RawIOBase):
    """A stream whose beginning was read already, from its beginning."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data = self._head[: len(view)] or self._rest.read(len(view))
        self._head = self._head[len(view) :]
        view[: len(data)] = data
        return len(data)
