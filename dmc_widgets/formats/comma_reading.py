"""CSV as people have it: any delimiter, any encoding, any line end.

A cell without text is null, as in Liferay. A text that was quoted once more before
the cell was, as Liferay's export does, is taken out of both; so is the ``'`` that
keeps a spreadsheet from running a text as a formula. White space stays.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

from ..errors import FileUnreadable, InvalidPlan
from ..model.outcome import Problem
from ..model.reading import ReadingOptions, ReadingReport
from ..model.record import Record, Unreadable
from .detection import SAMPLE_BYTES, codec_of, settled, stated_delimiter
from .encodings import UNDECODABLE
from .json_values import RECORD_LIMIT_BYTES
from .table_columns import column_names, record_maker

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula."""

_STAND_IN = "\ue01f"  # for a delimiter of several characters
_TEXT_LIMIT = 2000
_CODE = "unreadable-record"

Row = list[str]


def read_rows(
    stream: BinaryIO,
    *,
    source: str,
    options: ReadingOptions,
    report: ReadingReport | None = None,
) -> Iterator[Record | Unreadable]:
    """Yield the records of a CSV file; what *options* leave open is detected.

    Raises:
        FileUnreadable: It is empty, or its first line does not name the columns.
    """
    sample = stream.read(SAMPLE_BYTES)
    if not sample.strip():
        raise FileUnreadable(source, "The file is empty.")
    chosen = settled(sample, options)
    text = io.TextIOWrapper(
        io.BufferedReader(_Rejoined(sample, stream)),
        encoding=codec_of(chosen.encoding, sample),
        errors="dmc-mark",
        newline="",
    )
    try:
        yield from _Lines(text, chosen, report or ReadingReport()).records(source)
    finally:
        text.detach()


class _Lines:
    """The records of a text, with the number of the line on which each begins."""

    def __init__(
        self, text: Iterable[str], options: ReadingOptions, report: ReadingReport
    ) -> None:
        self._options = options
        self._report = report
        self._delimiter = options.delimiter
        self._quote = options.enclosing_character
        self._lines = _without_statement(iter(text))
        if len(self._delimiter) > 1:
            self._lines = _with_stand_in(self._lines, self._delimiter)
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

    def records(self, source: str) -> Iterator[Record | Unreadable]:
        """Yield a record a row. Lines without a value are counted, but are none."""
        csv.field_size_limit(RECORD_LIMIT_BYTES)
        rows = self._numbered_rows()
        first = next(rows, None)
        if first is None:
            raise FileUnreadable(source, "The file holds no line with a value.")
        self._report.skipped_rows = 0  # above the first line nothing is missing
        number, row = first
        if isinstance(row, Unreadable):
            raise FileUnreadable(source, row.problem.message)
        if self._options.headers:
            names = column_names([each.lstrip("\ufeff") for each in row], source=source)
        else:
            names = [str(place) for place in range(len(row))]
        make = self._maker(names)
        if not self._options.headers:
            yield make(number, row)
        for number, row in rows:
            yield row if isinstance(row, Unreadable) else make(number, row)

    def _maker(self, names: list[str]) -> Callable[[int, Row], Record | Unreadable]:
        width = len(names)
        put_together = record_maker(names)
        value, quote = self._value, self._quote

        def make(number: int, row: Row) -> Record | Unreadable:
            if len(row) != width and any(row[width:]) | (len(row) < width):
                return _unlike(number, row, width)
            joined = "".join(row)
            if quote in joined or "'" in joined:
                cells = [value(cell) if cell else None for cell in row[:width]]
            else:
                cells = [cell or None for cell in row[:width]]
            return put_together(cells)

        return make

    def _value(self, cell: str) -> str | None:
        first = cell[0]
        if first == self._quote and len(cell) > 1 and cell[-1] == first:
            cell = _unquoted(cell, first)
        elif first != "'":
            return cell
        if cell[:1] == "'" and cell.lstrip("'").startswith(FORMULA):
            return cell[1:]
        return cell

    def _numbered_rows(self) -> Iterator[tuple[int, Row | Unreadable]]:
        rows = self._rows
        while True:
            number = rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as exc:
                yield number, _malformed(number, exc, self._quote)
                continue
            if not row:
                continue
            if self._delimiter == _STAND_IN:
                row = [each.replace(_STAND_IN, self._options.delimiter) for each in row]
            joined = "".join(row)
            if not joined:
                self._report.skipped_rows += 1
            elif not joined.isascii() and UNDECODABLE in joined:
                yield number, self._undecodable(number, row)
            else:
                yield number, row

    def _undecodable(self, number: int, row: Row) -> Unreadable:
        reason = (
            f"Line {number}: There are bytes that are not {self._options.encoding} "
            "text. Choose the encoding that the file was saved in."
        )
        shown = self._options.delimiter.join(row).replace(UNDECODABLE, "\ufffd")[
            :_TEXT_LIMIT
        ]
        return Unreadable(Problem(_CODE, reason), shown)


def _unquoted(cell: str, quote: str) -> str:
    """Undo quotes around quotes, but not where a list of quoted texts stands."""
    inner = cell[1:-1]
    if quote in inner.replace(quote * 2, ""):
        return cell
    return inner.replace(quote * 2, quote)


def _unlike(number: int, row: Row, width: int) -> Unreadable:
    counted = "1 value" if len(row) == 1 else f"{len(row)} values"
    columns = "1 column" if width == 1 else f"{width} columns"
    reason = f"Line {number}: {counted} for {columns}."
    return Unreadable(Problem(_CODE, reason), ",".join(row)[:_TEXT_LIMIT])


def _malformed(number: int, exc: csv.Error, quote: str) -> Unreadable:
    told = str(exc)
    if "end of data" in told:
        reason = f"The {quote} that opens here is never closed."
    elif "expected after" in told:
        reason = f"Something stands behind a closing {quote}. Double it inside a value."
    else:
        reason = f"The line cannot be taken apart: {told}."
    return Unreadable(Problem(_CODE, f"Line {number}: {reason}"))


def _without_statement(lines: Iterator[str]) -> Iterator[str]:
    """Leave the text of ``sep=;`` out, but not its line: the count goes on."""
    first = next(lines, "")
    if stated_delimiter(first.lstrip("\ufeff")):
        first = "\r\n"
    return chain([first], lines)


def _with_stand_in(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    return (line.replace(delimiter, _STAND_IN) for line in lines)


class _Rejoined(io.RawIOBase):
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
