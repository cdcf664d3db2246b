"""Read the rows of a workbook as values of Python."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from string import digits
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple

from ...errors import FileUnreadable
from ...model.outcome import Problem
from ...model.reading_options import (
    DETECT_ALL,
    ROUNDED_NUMBERS_NOTE,
    ReadingOptions,
    ReadingReport,
    Sheet,
    Visibility,
)
from ...model.record import DateCell, UnreadableRecord
from ..json.values import RECORD_LIMIT_BYTES, UNREADABLE_RECORD
from ..zip_reader import ZIP_MAGIC, open_zip
from .merged_cells import MergedCells
from .sheet_xml_check import (
    ERROR,
    FORMULA,
    SheetScan,
    column_number,
    has_cells,
    scan_sheet,
    too_large_row_message,
)
from .xls import XlsBook
from .xlsx_zip import (
    NOT_A_WORKBOOK,
    OLE_MAGIC,
    PROTECTED,
    WorkbookInfo,
    read_workbook_info,
    require_safe_package,
)

if TYPE_CHECKING:
    from types import TracebackType

    from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ROUNDED = 10.0**15  # from here on a whole number has digits that Excel rounds
_SPELLED = 10.0**21  # from here on Excel itself shows an exponent
_RECALCULATE = (
    "Open the file in Excel or LibreOffice, recalculate and save it, or paste the "
    "values over the formulas."
)
_STALE_WARNING = (
    "The workbook asks to be calculated when it is opened, so the results that it "
    "stores for its formulas may be wrong. Open it in Excel or LibreOffice and save it."
)
_MAX_NAMED = 5


class _OpenWorkbook(NamedTuple):
    """A workbook that may be read.

    Attributes:
        file: Its bytes.
        old: Its records, if it is XLS; None for XLSX and XLSM.
        book: The library's.
        facts: What it says about itself.
    """

    file: IO[bytes]
    old: XlsBook | None
    book: CalamineWorkbook
    facts: WorkbookInfo


def read_excel(
    stream: BinaryIO,
    *,
    source: str,
    options: ReadingOptions = DETECT_ALL,
    report: ReadingReport | None = None,
) -> Iterator[tuple[int, list[Any] | UnreadableRecord]]:
    """Yield the rows of a sheet and their numbers, from the first that is not empty.

    Every row begins at column A and is as long as the widest. The sheet is held in
    memory as a whole; see :mod:`.excel_survey` for how large it may be.

    Args:
        stream: XLSX or XLS; read from where it stands, and not closed.
        source: The name to show in messages.
        options: ``sheet`` is its name; if empty, the one that was shown when the book
            was saved. With ``headers`` the first row names the columns: its cells are
            made texts. ``skip_lines`` rows from the top of the sheet are passed over.
        report: Receives what a person should know of the sheet.

    Yields:
        The row's number in the sheet, from 1, and its cells: None for an empty one,
        texts, booleans, integers (below 10**21), floats, and ISO texts for dates
        (``2024-01-31``), dates with a time (``2024-01-31T23:59:59``), times and
        durations (``36:00:00``). In place of a row with an error (``#N/A``) or a
        formula without a stored result, an :class:`UnreadableRecord` that names the
        cell.

    Raises:
        FileUnreadable: The file is not a workbook, damaged, protected or too large, or
            has no such sheet, or nothing in it.
    """
    report = report or ReadingReport()
    with _open_workbook(stream, source) as opened:
        known = _list_sheets(opened)
        if not known:
            reason = "The workbook has no sheet with cells."
            raise FileUnreadable(source, reason)
        sheet = options.sheet
        chosen = next(
            (candidate for candidate in known if candidate.name == sheet), None
        )
        if not sheet:
            chosen = next(candidate for candidate in known if candidate.is_default)
        if chosen is None:
            names = ", ".join(candidate.label for candidate in known)
            reason = f"There is no sheet {sheet!r}. Known: {names}."
            raise FileUnreadable(source, reason)
        if not sheet:
            _warn_of_other_sheets(opened, chosen, known, source, report)
        number = opened.book.sheet_names.index(chosen.name)
        if opened.old is not None:
            scan = opened.old.survey(number)
        else:
            scan = scan_sheet(opened.file, number, opened.facts, source=source)
        with _LibraryErrors(source):
            table = opened.book.get_sheet_by_name(chosen.name)
        if scan.formulas and opened.facts.wants_calculation:
            report.warn(_STALE_WARNING)
        yield from _SheetRows(table, scan, source, report).read(options)


def list_sheets(stream: BinaryIO, *, source: str) -> tuple[Sheet, ...]:
    """Return the sheets with cells, in the workbook's order.

    Raises:
        FileUnreadable: The file is not a workbook, is damaged, protected or too large.
    """
    with _open_workbook(stream, source) as opened:
        return _list_sheets(opened)


class _LibraryErrors:
    """A context that translates the errors of the library into ours.

    Its code in Rust panics over some damaged files, with a class that is no
    Exception and that no module offers for import.
    """

    def __init__(self, source: str) -> None:
        self._source = source

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            return
        if kind.__name__ == "PasswordError":
            raise FileUnreadable(self._source, PROTECTED) from exc
        if issubclass(kind, Exception) or kind.__name__ == "PanicException":
            raise FileUnreadable(self._source, NOT_A_WORKBOOK) from exc


@contextmanager
def _open_workbook(stream: BinaryIO, source: str) -> Iterator[_OpenWorkbook]:
    """Open a copy, since the library has to go to and fro in it."""
    from python_calamine import CalamineWorkbook

    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        begin = file.read(8)
        is_zip = begin.startswith(ZIP_MAGIC)
        facts = WorkbookInfo()
        if is_zip:
            require_safe_package(file, source=source)
            with open_zip(file, name=source) as archive:
                facts = read_workbook_info(archive, source=source)
        elif begin != OLE_MAGIC:
            reason = "The file is empty." if not begin else NOT_A_WORKBOOK
            raise FileUnreadable(source, reason)
        elif _is_encrypted(file):
            raise FileUnreadable(source, PROTECTED)
        old = None if is_zip else XlsBook(file, source=source)
        file.seek(0)
        with _LibraryErrors(source):
            book = CalamineWorkbook.from_filelike(file)
        yield _OpenWorkbook(file, old, book, old.facts if old else facts)


def _is_encrypted(file: IO[bytes]) -> bool:
    rest = b""
    while data := file.read(1024**2):
        if _ENCRYPTED in rest + data:
            return True
        rest = data[-len(_ENCRYPTED) :]
    return False


def _list_sheets(opened: _OpenWorkbook) -> tuple[Sheet, ...]:
    from python_calamine import SheetTypeEnum

    sheets_by_number = {
        number: Sheet(metadata.name, _visibility(metadata.visible))
        for number, metadata in enumerate(opened.book.sheets_metadata)
        if metadata.typ == SheetTypeEnum.WorkSheet
    }
    visible = [
        number
        for number in sheets_by_number
        if sheets_by_number[number].visibility is Visibility.VISIBLE
    ]
    default = opened.facts.active
    if default not in visible:
        default = next(iter(visible or sheets_by_number), -1)
    return tuple(
        replace(sheet, is_default=number == default)
        for number, sheet in sheets_by_number.items()
    )


def _warn_of_other_sheets(
    opened: _OpenWorkbook,
    chosen: Sheet,
    known: tuple[Sheet, ...],
    source: str,
    report: ReadingReport,
) -> None:
    """Warn of other sheets with data, since the caller did not choose one."""
    others = [
        other
        for other in known
        if other != chosen and _has_cells(opened, other.name, source)
    ]
    if others:
        names = ", ".join(other.quoted_label for other in others[:_MAX_NAMED])
        more = ", …" if len(others) > _MAX_NAMED else ""
        report.warn(
            f"Only the sheet {chosen.name!r} is read. The workbook has others with "
            f"data: {names}{more}."
        )


def _has_cells(opened: _OpenWorkbook, name: str, source: str) -> bool:
    if opened.old is not None:
        return True
    with open_zip(opened.file, name=source) as archive:
        return has_cells(archive, opened.book.sheet_names.index(name), source=source)


def _visibility(visible: SheetVisibleEnum) -> Visibility:
    from python_calamine import SheetVisibleEnum

    if visible == SheetVisibleEnum.Hidden:
        return Visibility.HIDDEN
    if visible == SheetVisibleEnum.VeryHidden:
        return Visibility.VERY_HIDDEN
    return Visibility.VISIBLE


class _SheetRows:
    """The rows of a sheet, as values of Python."""

    def __init__(
        self,
        table: CalamineSheet,
        survey: SheetScan,
        source: str,
        report: ReadingReport,
    ) -> None:
        self._table = table
        self._faults = survey.faults
        self._has_large_rows = survey.has_large_rows
        self._source = source
        self._report = report
        # Columns that the library drops.
        self._before = [None] * (table.start or (0, 0))[1]

    def read(
        self, options: ReadingOptions
    ) -> Iterator[tuple[int, list[Any] | UnreadableRecord]]:
        """Yield the rows from the first that is not empty; see :func:`read_excel`."""
        merged = MergedCells(())
        is_begun = False
        for number, row in enumerate(self._raw_rows(), 1):
            if number <= options.skip_lines:
                continue
            fault = self._fault(number, row) if number in self._faults else ""
            if self._has_large_rows and _is_too_large(row):
                fault, row = f"Row {number}: {too_large_row_message()}", []  # noqa: PLW2901 - it is let go
            cells = self._cells(row)
            if not is_begun:
                if cells.count(None) == len(cells) and not fault:
                    continue
                is_begun = True
                merged = self._merged_cells(number - (not options.headers))
                if options.headers and not fault:
                    cells = [_text(cell) for cell in cells]
            if merged:
                fault = merged.fill(number, cells, self._faults.get(number, ""), fault)
            yield number, (self._unreadable(fault, cells) if fault else cells)
        if not is_begun:
            skipped = options.skip_lines
            below = f" below row {skipped:,}" if skipped else ""
            reason = f"The sheet {self._table.name!r} is empty{below}."
            raise FileUnreadable(self._source, reason)

    def _cells(self, row: list[Any]) -> list[Any]:
        value = self._value
        cells = [(cell or None) if type(cell) is str else value(cell) for cell in row]
        return [*self._before, *cells] if self._before else cells

    def _raw_rows(self) -> Iterator[list[Any]]:
        with _LibraryErrors(self._source):
            yield from self._table.iter_rows()

    def _merged_cells(self, header: int) -> MergedCells:
        merged = MergedCells(self._table.merged_cell_ranges or (), header=header)
        for sentence in merged.warnings():
            self._report.warn(sentence)
        return merged

    def _fault(self, number: int, row: list[Any]) -> str:
        """Return why a row holds a cell whose value cannot be read, if it does."""
        for mark in self._faults[number].split():
            kind, place = mark[0], mark[1:]
            if kind == ERROR:
                return (
                    f"Cell {place} holds an error. Correct its formula, or empty the "
                    "cell."
                )
            if kind == FORMULA:
                return (
                    f"Cell {place} of the sheet {self._table.name!r} holds a formula "
                    f"without a stored result. {_RECALCULATE}"
                )
            column = column_number(place.rstrip(digits)) - 1 - len(self._before)
            if isinstance(row[column], date):
                return (
                    f"Cell {place} of the sheet {self._table.name!r} holds the date "
                    "29 February 1900, a day that never was. Correct the date."
                )
        return ""

    def _unreadable(self, fault: str, cells: list[Any]) -> UnreadableRecord:
        text = ", ".join(map(_text, cells[len(self._before) :]))
        return UnreadableRecord(Problem(UNREADABLE_RECORD, fault), text[:2000])

    def _value(self, cell: Any) -> Any:
        kind = type(cell)
        if kind is float:
            if -_ROUNDED < cell < _ROUNDED:
                return int(cell) if cell.is_integer() else cell
            return self._large_number(cell)
        if kind is datetime or kind is time:
            places = "milliseconds" if cell.microsecond else "seconds"
            return DateCell(cell.isoformat(timespec=places))
        if kind is date:
            return DateCell(cell.isoformat())
        if kind is timedelta:
            return _duration(cell)
        return cell

    def _large_number(self, number: float) -> int | float:
        """Return a number of more than 15 digits with the digits that Excel shows."""
        self._report.rounded_numbers += 1
        self._report.warn(ROUNDED_NUMBERS_NOTE)
        return int(Decimal(repr(number))) if abs(number) < _SPELLED else number


def _is_too_large(row: list[Any]) -> bool:
    sizes = (len(cell) for cell in row if type(cell) is str)
    return sum(sizes) > RECORD_LIMIT_BYTES


def _duration(span: timedelta) -> str:
    milliseconds = abs(round(span / timedelta(milliseconds=1)))
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    sign = "-" if span < timedelta() else ""
    fraction = f".{rest:03}" if rest else ""
    return f"{sign}{hour:02}:{minute:02}:{second:02}{fraction}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
