"""Scan an old Excel file (XLS) for what the library does not report.

The library gives an error and a formula without a result as an empty cell, and does
not say which sheet was active. The file is a small file system (OLE) in which the
stream ``Workbook`` holds the book as a sequence of records (BIFF): first those of the
book, then those of each sheet.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Final, NamedTuple

from ...errors import FileUnreadable
from .merged_cells import column_letters
from .sheet_xml_check import ERROR, FORMULA, LEAP_DAY, SheetScan
from .xlsx_zip import NOT_A_WORKBOOK, WorkbookInfo

_STREAMS: Final = ("Workbook", "Book")
_NO_SECTOR: Final = 0xFFFFFFFA  # from here on, sector numbers are marks
_ENTRY_BYTES: Final = 128
_MINI_SHIFT: Final = 6
_MINI_BYTES: Final = 1 << _MINI_SHIFT

_BOF, _EOF = 0x0809, 0x000A
_BOUND_SHEET, _WINDOW, _DATE_MODE, _RECALC_ID = 0x0085, 0x003D, 0x0022, 0x01C1
_FORMULA, _STRING, _BOOL_OR_ERROR = 0x0006, 0x0207, 0x0205
_NUMBER, _RK, _MANY_RK = 0x0203, 0x027E, 0x00BD
_BESIDE_FORMULA: Final = frozenset({0x04BC, 0x0221, 0x0236, 0x003C})
"""What may stand between a formula and its text: what it shares, and continuations."""

_DIMENSIONS: Final = 0x0200
_CELLS: Final = frozenset(
    {_FORMULA, _BOOL_OR_ERROR, _NUMBER, _RK, _MANY_RK, 0x0204, 0x00FD, 0x00D6, 0x0201}
)
_MAX_ROWS, _MAX_COLUMNS = 65_536, 256

_TEXT, _ERROR, _EMPTY_TEXT = 0, 2, 3
_LEAP_DAY: Final = 60

_DAMAGE_ERRORS = (struct.error, IndexError, ValueError)


class _Record(NamedTuple):
    kind: int
    data: bytes


class XlsBook:
    """The records of a workbook, opened.

    Args:
        file: The XLS file.
        source: The name to show in messages.

    Attributes:
        facts: What the book says about itself.

    Raises:
        FileUnreadable: It is damaged.
    """

    def __init__(self, file: IO[bytes], *, source: str) -> None:
        self._source = source
        self._sheets: list[int] = []
        try:
            self._stream = _read_workbook_stream(file)
            self.facts = self._read_globals()
            for at in self._sheets:
                self._require_room(at)
        except _DAMAGE_ERRORS as exc:
            raise FileUnreadable(source, NOT_A_WORKBOOK) from exc

    def survey(self, number: int) -> SheetScan:
        """Look through the sheet with that *number*, from 0.

        Raises:
            FileUnreadable: It is damaged.
        """
        scan = SheetScan()
        try:
            for kind, row, column in self._faults(self._sheets[number]):
                scan.add(kind, f"{column_letters(column)}{row + 1}", self._source)
        except _DAMAGE_ERRORS as exc:
            raise FileUnreadable(self._source, NOT_A_WORKBOOK) from exc
        return scan

    def _read_globals(self) -> WorkbookInfo:
        active = 0
        is_calculated = has_1904_dates = False
        for kind, data in self._records(0):
            if kind == _BOUND_SHEET:
                self._sheets.append(struct.unpack_from("<I", data)[0])
            elif kind == _WINDOW:
                active = struct.unpack_from("<H", data, 10)[0]
            elif kind == _DATE_MODE:
                has_1904_dates = data[:1] == b"\x01"
            elif kind == _RECALC_ID:
                is_calculated = any(data[4:8])
        return WorkbookInfo(
            active=active, is_calculated=is_calculated, has_1904_dates=has_1904_dates
        )

    def _require_room(self, at: int) -> None:
        """Refuse cells where no sheet has any: the library makes room up to there."""
        for kind, data in self._records(at):
            if kind == _DIMENSIONS and len(data) >= 12:
                first, rows, left, columns = struct.unpack_from("<IIHH", data)
            elif kind == _DIMENSIONS:  # of Excel 5
                first, rows, left, columns = struct.unpack_from("<4H", data)
            elif kind in _CELLS:
                rows, columns = struct.unpack_from("<HH", data)
                first, left = rows, columns
            else:
                continue
            if not (first <= rows <= _MAX_ROWS and left <= columns <= _MAX_COLUMNS):
                msg = "a cell is at no place of a sheet"
                raise ValueError(msg)

    def _records(self, at: int) -> Iterator[_Record]:
        """Yield records from the beginning of a part of the book to its end.

        Charts within a sheet are parts of their own, and are passed over.
        """
        depth = 0
        stream = self._stream
        while True:
            kind, size = struct.unpack_from("<HH", stream, at)
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
            if depth <= 0:
                return
            if depth == 1:
                yield _Record(kind, stream[at + 4 : at + 4 + size])
            at += 4 + size

    def _faults(self, at: int) -> Iterator[tuple[str, int, int]]:
        waiting: tuple[int, int] | None = None  # a formula whose text is to come
        for kind, data in self._records(at):
            if waiting and kind not in _BESIDE_FORMULA:
                if kind != _STRING:
                    yield FORMULA, *waiting
                waiting = None
            if kind == _FORMULA:
                row, column = struct.unpack_from("<HH", data)
                result = _result_kind(data)
                if result == _ERROR:
                    yield ERROR, row, column
                elif result == _EMPTY_TEXT and not self.facts.is_calculated:
                    yield FORMULA, row, column
                elif result == _TEXT:
                    waiting = row, column
            elif kind == _BOOL_OR_ERROR and data[7]:
                yield ERROR, *struct.unpack_from("<HH", data)
            if not self.facts.has_1904_dates:
                yield from ((LEAP_DAY, *place) for place in _find_leap_days(kind, data))


def _result_kind(data: bytes) -> int:
    """Return the kind of a formula's result; -1 for a number or a boolean."""
    is_number = data[12:14] != b"\xff\xff"
    return -1 if is_number or data[6] not in {_TEXT, _ERROR, _EMPTY_TEXT} else data[6]


def _find_leap_days(kind: int, data: bytes) -> Iterator[tuple[int, int]]:
    if kind in {_NUMBER, _FORMULA} and len(data) >= 14:
        row, column = struct.unpack_from("<HH", data)
        if _whole_days(struct.unpack_from("<d", data, 6)[0]) == _LEAP_DAY:
            yield row, column
    elif kind == _RK:
        row, column = struct.unpack_from("<HH", data)
        if _decode_rk(data, 6) == _LEAP_DAY:
            yield row, column
    elif kind == _MANY_RK:
        row, first = struct.unpack_from("<HH", data)
        for number in range((len(data) - 6) // 6):
            if _decode_rk(data, 6 + 6 * number) == _LEAP_DAY:
                yield row, first + number


def _whole_days(number: float) -> int:
    """Return the whole part of a number of a day; 0 for what is none."""
    return int(number) if 0 <= number < 2**31 else 0


def _decode_rk(data: bytes, at: int) -> int:
    """Read the whole part of a number in four bytes; see MS-XLS, RkNumber."""
    (packed,) = struct.unpack_from("<I", data, at)
    number: float
    if packed & 2:
        number = struct.unpack("<i", struct.pack("<I", packed))[0] >> 2
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))
    return _whole_days(number / 100 if packed & 1 else number)


def _read_workbook_stream(file: IO[bytes]) -> bytes:
    """Return the stream of an OLE file that holds the workbook.

    Raises:
        ValueError: There is none, or a chain of sectors does not end.
    """
    file.seek(0)
    data = file.read()
    _require_plausible_header(data)
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    (first_folder,) = struct.unpack_from("<I", data, 48)
    cutoff, first_mini = struct.unpack_from("<II", data, 56)
    table = _read_allocation(data, size)
    folder = _read_chain(data, table, first_folder, size, size)
    root = _find_entry(folder, len(data), lambda kind, _: kind == 5)
    book = _find_entry(
        folder, len(data), lambda kind, name: kind == 2 and name in _STREAMS
    )
    if book.size >= cutoff:
        return _read_chain(data, table, book.first, size, size)[: book.size]
    mini_table = _read_chain(data, table, first_mini, size, size)
    links = struct.unpack(f"<{len(mini_table) // 4}I", mini_table)
    small = _read_chain(data, table, root.first, size, size)
    return _read_chain(small, links, book.first, _MINI_BYTES, 0)[: book.size]


def _require_plausible_header(data: bytes) -> None:
    """Refuse counts that no file of this size has: the library makes room for them."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    folders, tables = struct.unpack_from("<II", data, 40)
    _, minis, _, others = struct.unpack_from("<4I", data, 60)
    sectors = (len(data) >> shift) + 1
    if (
        shift not in {9, 12}
        or mini_shift != _MINI_SHIFT
        or max(folders, tables, minis, others) > sectors
    ):
        msg = "the header does not suit the file"
        raise ValueError(msg)


class _Entry(NamedTuple):
    first: int
    size: int


def _find_entry(
    folder: bytes, limit: int, is_wanted: Callable[[int, str], bool]
) -> _Entry:
    for at in range(0, len(folder) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        (length,) = struct.unpack_from("<H", folder, at + 64)
        name = folder[at : at + max(0, min(length, 64) - 2)].decode(
            "utf-16-le", "replace"
        )
        if struct.unpack_from("<I", folder, at + 120)[0] > limit:
            msg = "a stream is larger than the file"
            raise ValueError(msg)
        if is_wanted(folder[at + 66], name):
            return _Entry(*struct.unpack_from("<II", folder, at + 116))
    msg = "no such stream"
    raise ValueError(msg)


def _read_allocation(data: bytes, size: int) -> tuple[int, ...]:
    """Return which sector follows each sector."""
    sectors = list(struct.unpack_from("<109I", data, 76))
    following, count = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, len(data) // size)):
        numbers = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        sectors += numbers[:-1]
        following = numbers[-1]
    followers: list[int] = []
    for sector in sectors:
        if sector < _NO_SECTOR:
            followers += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    return tuple(followers)


def _read_chain(
    data: bytes, table: Sequence[int], sector: int, size: int, start: int
) -> bytes:
    """Return the sectors from *sector* on, as *table* links them."""
    parts: list[bytes] = []
    while sector < _NO_SECTOR:
        if len(parts) > len(table):
            msg = "a chain of sectors does not end"
            raise ValueError(msg)
        parts.append(data[start + sector * size : start + (sector + 1) * size])
        sector = table[sector]
    return b"".join(parts)
