"""A look through the XML of a sheet before a library loads it into memory.

The library makes room for every cell between A1 and the last one, copies a shared
text into each of its cells, and shows what has no value as an empty cell: an error
(``#N/A``), and a formula whose result was never stored. One streaming pass finds out
what it would hide, and what would not fit.
"""

from __future__ import annotations

import re
import string
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from ...errors import FileUnreadable
from ..json.values import RECORD_LIMIT_BYTES
from ..zip_reader import DAMAGED_MESSAGE, open_zip
from .xlsx_zip import (
    CELL_LIMIT,
    TEXTS_PART,
    WorkbookInfo,
    find_open_tag,
    find_sheet_path,
    parse_attributes,
    read_chunks,
)

TEXT_LIMIT_BYTES = 1024**3
"""Bytes of all texts of a sheet, shared ones counted in each of their cells."""

SPARSE_CELLS = 2_000_000
"""A sheet that spans no more cells than this may be as empty as it likes."""

SPARSE_RATIO = 10
"""How many cells a larger sheet may span for each one that holds something."""

ERROR, FORMULA, LEAP_DAY = "#", "=", "?"
"""How the places in :attr:`SheetScan.faults` begin: a cell with an error, a formula
without a stored result, and a number that would be 29 February 1900 as a date."""

_CELL = re.compile(
    # The usual way to write it comes first, which makes the search twice as fast.
    rb"""<(?:c|\w+:c)\s(?:r=|[^>]*?\br=)["']([^"'<>]*)"""
)
_CELL_START = re.compile(rb"<(?:\w+:)?c[\s>/]")
_FILLED = re.compile(rb"<(?:\w+:)?(?:v|is)[\s>]")
_ROW_START = re.compile(rb"<(?:\w+:)?row[\s>]")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s([^>]*?\bt=(?:"e"|'e')[^>]*)>""")
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s>/]")
_OPEN_CELL = rb"<(?:\w+:)?c\b([^>]*[^/>]|)>\s*"
_WHOLE_FORMULA = rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f\s*>)\s*"
_EMPTY_VALUE = rb"<(?:\w+:)?v\b(?:[^>]*/>|[^>]*>\s*</(?:\w+:)?v\s*>)"
_UNCALCULATED = re.compile(
    rb"%b(?:%b\s*)?%b(%b|)\s*</(?:\w+:)?c\s*>"
    % (_OPEN_CELL, _EMPTY_VALUE, _WHOLE_FORMULA, _EMPTY_VALUE)
)
_FILLED_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([^"'<>]*)["'][^>/]*>\s*"""
    rb"(?:%b)?<(?:\w+:)?(?:v|is)[\s>]" % _WHOLE_FORMULA
)
_LEAP_DAY = re.compile(
    rb"%b(?:%b)?<(?:\w+:)?v\b[^>]*>60(?:\.[0-9]*)?<" % (_OPEN_CELL, _WHOLE_FORMULA)
)
_SHARED = re.compile(
    rb"""<(?:\w+:)?c\s[^>]*?\bt=["']s["'][^>]*>\s*<(?:\w+:)?v\b[^>]*>\s*([0-9]+)"""
)
_SHARED_MARKS = (b't="s"', b"t='s'")
_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_TEXT_END = b"/si>"
_TAIL_BYTES = 64 * 1024


@dataclass(slots=True)
class SheetScan:
    """What is known of a sheet before it is loaded.

    Attributes:
        faults: The places (``#B7``, ``=C7``) in a row that hold no value which could
            be read, separated by blanks, by the row's number from 1.
        formulas: The sheet has formulas.
        has_large_rows: A row may be larger than a record may be.
    """

    faults: dict[int, str] = field(default_factory=dict)
    formulas: bool = False
    has_large_rows: bool = False

    def add(self, kind: str, place: str, source: str) -> None:
        """Note that the cell at *place* holds no value that could be read."""
        digits = place.lstrip(string.ascii_uppercase)
        if not digits.isdecimal():
            reason = (
                "A cell holds an error or a formula without a result, and no name. "
                "Save the file again."
            )
            raise FileUnreadable(source, reason)
        row = int(digits)
        before = self.faults.get(row, "")
        self.faults[row] = f"{before} {kind}{place}" if before else f"{kind}{place}"


def scan_sheet(
    file: IO[bytes], number: int, book: WorkbookInfo, *, source: str
) -> SheetScan:
    """Look through the sheet with that *number*, from 0, for what would go wrong.

    Raises:
        FileUnreadable: The sheet is missing, damaged or too large.
    """
    with open_zip(file, name=source) as archive:
        path = find_sheet_path(archive, number, source=source)
        scan = SheetScan()
        extent = _SheetExtent(source)
        for cells in _read_cells(archive, path, source):
            _scan_cells(cells, book, scan, extent, source)
        if extent.excess():
            extent = _measure_filled_extent(archive, path, source)
        if extent.excess():
            raise FileUnreadable(source, extent.excess())
        scan.has_large_rows = _has_large_rows(archive, path, extent, source)
    return scan


def scan_rows(
    rows: bytes, first: int, book: WorkbookInfo, *, source: str
) -> SheetScan | None:
    """Look through some whole rows; None if the library may have no room for them.

    Args:
        rows: The rows as they are in the file.
        first: The number of the first of them, from 1.
        book: What the workbook says about itself.
        source: The name of the file, for messages.

    Raises:
        FileUnreadable: They are damaged, or a row is larger than a record may be.
    """
    scan, extent = SheetScan(), _SheetExtent(source)
    extent.above = first - 1
    _scan_cells(rows, book, scan, extent, source)
    scan.has_large_rows = bool(extent.shared)
    return None if extent.excess() else scan


def _scan_cells(
    cells: bytes, book: WorkbookInfo, scan: SheetScan, extent: _SheetExtent, source: str
) -> None:
    extent.add(cells)
    has_formulas = b"<f" in cells or b":f" in cells
    for kind, tag in _find_faults(cells, book, has_formulas=has_formulas):
        scan.add(kind, parse_attributes(tag).get("r", "").upper(), source)
    if has_formulas and not scan.formulas:
        scan.formulas = bool(_FORMULA_TAG.search(cells))


def has_cells(archive: zipfile.ZipFile, number: int, *, source: str) -> bool:
    """Return True if the sheet with that *number*, from 0, has a filled cell.

    Raises:
        FileUnreadable: The sheet is missing or damaged.
    """
    path = find_sheet_path(archive, number, source=source)
    return any(_FILLED.search(cells) for cells in _read_cells(archive, path, source))


class _SheetExtent:
    """How far the cells of a sheet reach, and how many hold something."""

    def __init__(self, source: str, cell: re.Pattern[bytes] = _CELL) -> None:
        self.shared = 0
        self.above = 0
        self._cell = cell
        self._source = source
        self._columns: set[bytes] = set()
        self._last = 0
        self._filled = 0
        self._row_bytes = 0

    def add(self, cells: bytes) -> None:
        """Take in a part of the sheet that cuts no cell in two."""
        places = b" ".join(self._cell.findall(cells))
        columns = set(places.translate(None, _DIGITS).split())
        rows = set(places.translate(None, _LETTERS).split())
        _require_places(columns, rows, self._source)
        self._columns |= columns
        self._last = max(self._last, max(map(int, rows), default=0))
        self._filled += cells.count(b"<v>") or len(_FILLED.findall(cells))
        self._filled += cells.count(b"<is>")
        self.shared += sum(map(cells.count, _SHARED_MARKS))
        self._add_row_bytes(cells)

    @property
    def width(self) -> int:
        """How many columns there are from A to the last one."""
        return max(
            (column_number(column.decode()) for column in self._columns), default=0
        )

    def excess(self) -> str:
        """Return why there would be no room for the sheet; empty if there is."""
        span = self.width * (self._last - self.above)
        reason = ""
        if span > CELL_LIMIT:
            reason = f"The sheet spans {span:,} cells, and {CELL_LIMIT:,} can be read."
        elif span > max(SPARSE_CELLS, SPARSE_RATIO * self._filled):
            reason = (
                f"The sheet spans {span:,} cells, of which {self._filled:,} hold "
                "a value."
            )
        remedy = " Delete the empty rows and columns, or save it as CSV."
        return reason + remedy if reason else ""

    def _add_row_bytes(self, cells: bytes) -> None:
        starts = _find_last_start(_ROW_START, cells)
        before = self._row_bytes
        self._row_bytes = before + len(cells) if starts < 0 else len(cells) - starts
        if max(before, self._row_bytes) > RECORD_LIMIT_BYTES:
            raise FileUnreadable(self._source, too_large_row_message())


def _measure_filled_extent(
    archive: zipfile.ZipFile, path: str, source: str
) -> _SheetExtent:
    """Measure a sheet without cells that have a colour or a border, but no value."""
    extent = _SheetExtent(source, _FILLED_CELL)
    for cells in _read_cells(archive, path, source):
        extent.add(cells)
    return extent


def too_large_row_message() -> str:
    """Return the sentence that a row is larger than a record may be."""
    limit = RECORD_LIMIT_BYTES // 1024**2
    return f"A row of the sheet is larger than {limit} MiB. Split its texts."


def column_number(letters: str) -> int:
    """Return the number of a column from its letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _require_places(names: set[bytes], rows: set[bytes], source: str) -> None:
    """Refuse a cell ``FTRUE1``: the library would make room for 4 million columns."""
    if not (
        all(name.isalpha() and len(name) <= 3 for name in names)
        and all(row.isdigit() and len(row) <= 7 for row in rows)
    ):
        raise FileUnreadable(source, DAMAGED_MESSAGE)


def _find_faults(
    cells: bytes, book: WorkbookInfo, *, has_formulas: bool
) -> Iterator[tuple[str, bytes]]:
    """Yield the kind and the tag of each cell without a value that can be read.

    Nearly every sheet is without, and looking for that alone is quick.
    """
    if b't="e"' in cells or b"t='e'" in cells:
        yield from ((ERROR, match[1]) for match in _ERROR.finditer(cells))
    if has_formulas:
        for match in _UNCALCULATED.finditer(cells):
            if not (match[2] and book.is_calculated and _is_text(match[1])):
                yield FORMULA, match[1]
    if not book.has_1904_dates and (b">60<" in cells or b">60." in cells):
        yield from ((LEAP_DAY, match[1]) for match in _LEAP_DAY.finditer(cells))


def _is_text(tag: bytes) -> bool:
    return parse_attributes(tag).get("t") == "str"


def _read_cells(archive: zipfile.ZipFile, path: str, source: str) -> Iterator[bytes]:
    """Yield the bytes of a sheet, many at a time, never cutting a cell in two.

    Raises:
        FileUnreadable: The sheet is damaged, or a cell is larger than a record may be.
    """
    rest = b""
    for data in read_chunks(archive, path, source=source):
        joined = rest + data
        cut = _find_last_start(_CELL_START, joined)
        if cut < 0 or b"sheetData>" in joined[cut:]:
            cut = len(joined) - len(find_open_tag(joined, source))
        rest = joined[cut:]
        if len(rest) > RECORD_LIMIT_BYTES:
            raise FileUnreadable(source, too_large_row_message())
        yield joined[:cut]
    yield rest


def _find_last_start(pattern: re.Pattern[bytes], data: bytes) -> int:
    """Return where the last match in *data* begins; -1 without one."""
    for begin in (max(0, len(data) - _TAIL_BYTES), 0):
        last = -1
        for match in pattern.finditer(data, begin):
            last = match.start()
        if last >= 0:
            return last
    return -1


def _has_large_rows(
    archive: zipfile.ZipFile, path: str, extent: _SheetExtent, source: str
) -> bool:
    """Return True if the shared texts of a row may be larger than a record may be.

    The longest text mostly shows that they are not; else each cell is checked.

    Raises:
        FileUnreadable: The texts, copied into every cell, would fill the memory.
    """
    if not extent.shared or TEXTS_PART not in archive.namelist():
        return False
    sizes = _read_text_sizes(archive, source)
    longest = max(sizes, default=0)
    if longest * extent.shared > TEXT_LIMIT_BYTES and (
        _count_copied_bytes(archive, path, sizes, source) > TEXT_LIMIT_BYTES
    ):
        limit = TEXT_LIMIT_BYTES // 1024**3
        reason = (
            f"The texts of the sheet take more than {limit} GiB. Split the sheet, or "
            "save it as CSV."
        )
        raise FileUnreadable(source, reason)
    return longest * extent.width > RECORD_LIMIT_BYTES


def _read_text_sizes(archive: zipfile.ZipFile, source: str) -> array[int]:
    sizes = array("L")
    open_bytes = 0
    rest = b""
    for data in read_chunks(archive, TEXTS_PART, source=source):
        *texts, rest = (rest + data).split(_TEXT_END)
        sizes.extend(map(len, texts))
        if texts:
            sizes[-len(texts)] += open_bytes
            open_bytes = 0
        cut = max(0, len(rest) - len(_TEXT_END))
        open_bytes += cut
        rest = rest[cut:]
    return sizes


def _count_copied_bytes(
    archive: zipfile.ZipFile, path: str, sizes: array[int], source: str
) -> int:
    return sum(
        sizes[number]
        for cells in _read_cells(archive, path, source)
        for number in _shared_text_numbers(cells)
        if number < len(sizes)
    )


def _shared_text_numbers(cells: bytes) -> Iterable[int]:
    return map(int, _SHARED.findall(cells))
