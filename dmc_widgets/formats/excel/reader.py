"""Read the rows of a workbook as values of Python."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from string import digits
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple

from ...errors import FileUnreadable
from ...model.outcome import Problem
from ...model.reading_options import (
    ROUNDED_NUMBERS_NOTE,
    ReadingOptions,
    ReadingReport,
    Sheet,
    Visibility,
)
from ...model.record import DateCell, UnreadableRecord
from ..json.values import RECORD_LIMIT_BYTES, UNREADABLE_RECORD
from ..opened_file import OpenedFile
from ..zip_reader import ZIP_MAGIC, open_zip
from .merged_cells import MergedCells, Range
from .sheet_slices import (
    SheetOutline,
    SlicedWorkbook,
    UnusualSheet,
    slice_large_workbook,
)
from .sheet_xml_check import (
    ERROR,
    FORMULA,
    SheetScan,
    column_number,
    has_cells,
    scan_rows,
    scan_sheet,
    too_large_row_message,
)
from .xls import XlsBook
from .xlsx_zip import (
    NOT_A_WORKBOOK,
    OLE_MAGIC,
    PROTECTED,
    WorkbookInfo,
    find_sheet_path,
    read_workbook_info,
    require_safe_package,
    require_stated_sizes,
)

if TYPE_CHECKING:
    from types import TracebackType

    from python_calamine import CalamineWorkbook, SheetVisibleEnum

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
        book: The library's; without the cells where the sheets are read in slices.
        facts: What it says about itself.
        sliced: Reads the sheets in slices, if it is large; None otherwise.
    """

    file: IO[bytes]
    old: XlsBook | None
    book: CalamineWorkbook
    facts: WorkbookInfo
    sliced: SlicedWorkbook | None = None


class _Part(NamedTuple):
    """Rows of a sheet that follow each other.

    Attributes:
        first: The number of the first of them, from 1.
        rows: Their cells, from the first column on that has any.
        before: How many columns are before that one.
        scan: What is known of them.
        passed: The number of the last row before them that was passed over.
    """

    first: int
    rows: Iterable[list[Any]]
    before: int
    scan: SheetScan
    passed: int = 0


@dataclass(slots=True)
class RowPass:
    """One pass over the rows of a sheet.

    Attributes:
        first: The number of the first row that is wanted besides the one that names the
            columns. Of a large sheet the rows between are passed over.
        counts: Only whether a row holds a value is asked for. Where that is known, its
            cells are not loaded, and stand for one value.
        is_begun: The first row that is not empty has come.
        can_begin_anywhere: A row does not depend on those before it, which need not be
            loaded.
    """

    first: int = 0
    counts: bool = False
    is_begun: bool = False
    can_begin_anywhere: bool = False


class _Table(NamedTuple):
    """The rows of a sheet, and its merged cells."""

    parts: Iterable[_Part]
    merged: Sequence[Range]


def read_excel(
    file: OpenedFile, wanted: RowPass | None = None
) -> Iterator[tuple[int, list[Any] | UnreadableRecord]]:
    """Yield the rows of a sheet and their numbers, from the first that is not empty.

    Every row begins at column A. A sheet is held in memory as a whole, and each row is
    as long as the widest, unless the workbook is large and has headers; then some
    thousand rows are held at a time. See :mod:`.sheet_slices`.

    Args:
        file: XLSX or XLS; read from where it stands, and not closed. Of its options,
            ``sheet`` is the name of the sheet; if empty, the one that was shown when
            the book was saved. With ``headers`` the first row names the columns: its
            cells are made texts. ``skip_lines`` rows from the top are passed over.
        wanted: Which rows are wanted, if not all of them.

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
    source, options, report = file.source, file.options, file.report
    wanted = wanted or RowPass()
    with _open_workbook(file.stream, source) as opened:
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
            reason = f"The sheet {sheet!r} does not exist. Known: {names}."
            raise FileUnreadable(source, reason)
        if not sheet:
            _warn_of_other_sheets(opened, chosen, known, source, report)
        loader = _SheetLoader(opened, chosen.name, source, report)
        table = loader.load(wanted, has_headers=options.headers)
        yield from _SheetRows(table, chosen.name, source, report).read(options, wanted)


def list_sheets(stream: BinaryIO, *, source: str) -> tuple[Sheet, ...]:
    """Return the sheets with cells, in the workbook's order.

    Raises:
        FileUnreadable: The file is not a workbook, is damaged, protected or too large.
    """
    with _open_workbook(stream, source) as opened:
        return _list_sheets(opened)


class _SheetLoader:
    """Loads one sheet of a workbook, in slices where that can be."""

    def __init__(
        self, opened: _OpenWorkbook, name: str, source: str, report: ReadingReport
    ) -> None:
        self._opened = opened
        self._name = name
        self._number = opened.book.sheet_names.index(name)
        self._source = source
        self._report = report

    def load(self, wanted: RowPass, *, has_headers: bool) -> _Table:
        """Return the rows and the merged cells.

        A sheet without headers has as many columns as its widest row, which only the
        whole of it tells.
        """
        sliced = self._opened.sliced
        if sliced is None or not has_headers:
            return self._load_whole()
        try:
            with open_zip(self._opened.file, name=self._source) as archive:
                path = find_sheet_path(archive, self._number, source=self._source)
            outline = sliced.outline(path)
        except UnusualSheet:
            return self._load_whole()
        self._warn_of_formulas(are_there=outline.formulas)
        wanted.can_begin_anywhere = not outline.merged
        return _Table(self._slices(sliced, path, outline, wanted), outline.merged)

    def _load_whole(self) -> _Table:
        opened, source, book = self._opened, self._source, self._opened.book
        if opened.sliced is not None:
            with open_zip(opened.file, name=source) as archive:
                require_stated_sizes(archive, source=source)
            book = _load(opened.file, source)
        if opened.old is not None:
            scan = opened.old.survey(self._number)
        else:
            scan = scan_sheet(opened.file, self._number, opened.facts, source=source)
        with _LibraryErrors(source):
            table = book.get_sheet_by_name(self._name)
        self._warn_of_formulas(are_there=scan.formulas)
        part = _Part(1, table.iter_rows(), (table.start or (0, 0))[1], scan)
        return _Table([part], table.merged_cell_ranges or ())

    def _slices(
        self,
        sliced: SlicedWorkbook,
        path: str,
        outline: SheetOutline,
        wanted: RowPass,
    ) -> Iterator[_Part]:
        """Yield slices, and the whole where the sheet cannot be cut any further."""
        facts, source = self._opened.facts, self._source
        passed = 0
        try:
            for numbers, rows in sliced.slices(path):
                if wanted.is_begun and numbers[-1] < wanted.first:
                    passed = numbers[-1]
                    continue
                scan = scan_rows(rows, numbers[0], facts, source=source)
                if scan is None:
                    break
                if wanted.is_begun and wanted.counts and sliced.are_filled(rows):
                    yield _filled_part(numbers)
                    continue
                book = _load(sliced.pack(path, outline, rows), source)
                with _LibraryErrors(source):
                    table = book.get_sheet_by_name(self._name)
                    cells = table.to_python(skip_empty_area=True)
                if table.start is not None:
                    above, before = table.start
                    yield _Part(above + 1, cells, before, scan, passed)
            else:
                return
        except UnusualSheet:
            pass
        yield from self._load_whole().parts

    def _warn_of_formulas(self, *, are_there: bool) -> None:
        if are_there and self._opened.facts.wants_calculation:
            self._report.warn(_STALE_WARNING)


def _filled_part(numbers: Sequence[int]) -> _Part:
    """Return rows of which only that they hold a value is known."""
    first = numbers[0]
    rows: list[list[Any]] = [[]] * (numbers[-1] + 1 - first)
    for number in numbers:
        rows[number - first] = [True]
    return _Part(first, rows, 0, SheetScan())


def _load(file: IO[bytes], source: str) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    file.seek(0)
    with _LibraryErrors(source):
        return CalamineWorkbook.from_filelike(file)


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
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        shutil.copyfileobj(stream, file)
        file.seek(0)
        begin = file.read(8)
        is_zip = begin.startswith(ZIP_MAGIC)
        facts, sliced = WorkbookInfo(), None
        if is_zip:
            require_safe_package(file, source=source)
            archive = stack.enter_context(open_zip(file, name=source))
            facts = read_workbook_info(archive, source=source)
            sliced = slice_large_workbook(archive, source=source)
            if sliced is not None:
                stack.callback(sliced.close)
            else:
                require_stated_sizes(archive, source=source)
        elif begin != OLE_MAGIC:
            reason = "The file is empty." if not begin else NOT_A_WORKBOOK
            raise FileUnreadable(source, reason)
        elif _is_encrypted(file):
            raise FileUnreadable(source, PROTECTED)
        old = None if is_zip else XlsBook(file, source=source)
        book = _load(sliced.skeleton() if sliced else file, source)
        yield _OpenWorkbook(file, old, book, old.facts if old else facts, sliced)


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
        table: _Table,
        name: str,
        source: str,
        report: ReadingReport,
    ) -> None:
        self._table = table
        self._name = name
        self._source = source
        self._report = report
        self._scan = SheetScan()
        # Columns that the library drops.
        self._before: list[None] = []
        columns = (last for _, (_, last) in table.merged)
        self._least_width = 1 + max(columns, default=-1)

    def read(
        self, options: ReadingOptions, wanted: RowPass
    ) -> Iterator[tuple[int, list[Any] | UnreadableRecord]]:
        """Yield the rows from the first that is not empty; see :func:`read_excel`."""
        merged = MergedCells(())
        for number, row in self._raw_rows():
            if number <= options.skip_lines:
                continue
            faults = self._scan.faults
            fault = self._fault(number, row) if number in faults else ""
            if self._scan.has_large_rows and _is_too_large(row):
                fault, row = f"Row {number}: {too_large_row_message()}", []  # noqa: PLW2901 - it is let go
            cells = self._cells(row)
            if not wanted.is_begun:
                if cells.count(None) == len(cells) and not fault:
                    continue
                wanted.is_begun = True
                merged = self._merged_cells(number - (not options.headers))
                if options.headers and not fault:
                    cells = [_text(cell) for cell in cells]
            if merged:
                cells += [None] * (self._least_width - len(cells))
                fault = merged.fill(number, cells, faults.get(number, ""), fault)
            yield number, (self._unreadable(fault, cells) if fault else cells)
        if not wanted.is_begun:
            skipped = options.skip_lines
            below = f" below row {skipped:,}" if skipped else ""
            reason = f"The sheet {self._name!r} is empty{below}."
            raise FileUnreadable(self._source, reason)

    def _cells(self, row: list[Any]) -> list[Any]:
        value = self._value
        cells = [(cell or None) if type(cell) is str else value(cell) for cell in row]
        return [*self._before, *cells] if self._before else cells

    def _raw_rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield each row and its number, once; rows between two parts are empty."""
        last = 0
        for part in self._table.parts:
            for number in range(max(last, part.passed) + 1, part.first):
                yield number, []
            self._scan, self._before = part.scan, [None] * part.before
            with _LibraryErrors(self._source):
                for number, row in enumerate(part.rows, part.first):
                    if number > last:
                        yield number, row
                        last = number

    def _merged_cells(self, header: int) -> MergedCells:
        merged = MergedCells(self._table.merged, header=header)
        for sentence in merged.warnings():
            self._report.warn(sentence)
        return merged

    def _fault(self, number: int, row: list[Any]) -> str:
        """Return why a row holds a cell whose value cannot be read, if it does."""
        for mark in self._scan.faults[number].split():
            kind, place = mark[0], mark[1:]
            if kind == ERROR:
                return (
                    f"Cell {place} holds an error. Correct its formula, or empty the "
                    "cell."
                )
            if kind == FORMULA:
                return (
                    f"Cell {place} of the sheet {self._name!r} holds a formula "
                    f"without a stored result. {_RECALCULATE}"
                )
            column = column_number(place.rstrip(digits)) - 1 - len(self._before)
            if isinstance(row[column], date):
                return (
                    f"Cell {place} of the sheet {self._name!r} holds the date "
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
