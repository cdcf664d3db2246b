"""XLSX: entries written as a workbook; the rows of XLSX and XLS files read.

Decisions:

* A cell is typed. Texts are written as texts, without the apostrophe that CSV
  needs: a text cell runs no formula and opens no link.
* No digit is lost. Excel holds 15 significant digits; a number with more, or
  beyond Excel's exponents, is a text.
* A ``Date`` from 1900-03-01 on is a date cell (before, Excel counts a day that
  never was); a ``DateTime`` is a text, since a date cell knows no time zone.
* An empty text and null are both an empty cell, and are read as null. Rows of
  nothing at the end of a sheet are not there.
* Two characters, U+FFFE and U+FFFF, are refused: XML has no place for them.
* Reading gives a date cell at midnight as a date, whatever its number format:
  the library reports nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from ...errors import FileUnreadable
from ...model.item_pages import ItemPage
from ...model.outcome import Problem
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport, Sheet
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from ..byte_ranges import RecordRun, place_after_lines
from ..json.values import UNREADABLE_RECORD
from ..opened_file import OpenedFile
from ..recognition import (
    WORKBOOK_SUFFIXES,
    is_text_sample,
    require_supported_text,
)
from ..tables.export_columns import require_entries
from ..tables.liferay_rows import UNNAMED_COLUMNS, build_liferay_maker, trim_cell
from ..tables.record_maker import build_record_maker, read_column_names
from ..zip_reader import ZIP_MAGIC
from .xlsx_zip import OLE_MAGIC

if TYPE_CHECKING:  # few tasks have a workbook, so it is loaded when there is one
    from .reader import RowPass

__all__ = ["ExcelFormat"]

_TEXT_WARNING: Final = (
    "The file is called an Excel workbook, but it is text, and is read as such."
)


class ExcelFormat:
    """One sheet, a bold and frozen line of column names, one row an entry.

    The columns are those of CSV. The workbook grows in a temporary file, whose
    bytes depend on nothing but the items.
    """

    info = FormatInfo(
        name="XLSX",
        extension="xlsx",
        suffixes=(".xlsx", ".xlsm", ".xls"),
        files="XLSX",
        is_table=True,
        is_streamed=False,
        row_name="row",
        reading_options=frozenset({"sheet", "headers", "skip_lines", "as_liferay"}),
        writing_options=frozenset({"include_headers"}),
    )

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise a workbook by its first bytes; a damaged one by its name.

        Raises:
            FileUnreadable: The file is named as a workbook, and is HTML or XML.
        """
        is_workbook = sample.head.startswith((*ZIP_MAGIC, OLE_MAGIC))
        if not is_workbook and not sample.has_suffix(*WORKBOOK_SUFFIXES):
            return None
        if sample.head and not is_workbook:
            require_supported_text(sample)
            if is_text_sample(sample.head):
                sample.report.warn(_TEXT_WARNING)
                return None
        return RecognisedFile(self, sample.options)

    def sheets(self, stream: BinaryIO, *, source: str) -> tuple[Sheet, ...]:
        """Return the sheets with cells; see :func:`~.reader.list_sheets`."""
        from .reader import list_sheets

        return list_sheets(stream, source=source)

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the rows below the names; a row of nothing is none.

        Raises:
            FileUnreadable: See :func:`~.reader.read_excel`; or a column has no name of
                its own.
        """
        file = OpenedFile(stream, source, options, report or ReadingReport())
        return self.read_rows(file, first=0)

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield a run a record; see :class:`.RowReader`.

        A large sheet is not loaded where its rows are known to hold values.
        """
        from .reader import RowPass

        wanted = RowPass(counts=True)
        rows = _read_rows(file, wanted)
        header, options = next(rows), file.options
        for number, row in rows if options.headers else chain([header], rows):
            if isinstance(row, list) and not any(map(_has_value, row)):
                file.report.skipped_rows += not options.as_liferay
            elif wanted.can_begin_anywhere:
                yield RecordRun(1, partial(place_after_lines, number - 1))
            else:
                yield RecordRun(1)

    def read_rows(
        self, file: OpenedFile, first: int
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the records from a row on; see :class:`.RowReader`."""
        from .reader import RowPass

        rows, options = _read_rows(file, RowPass(first)), file.options
        _, names_row = next(rows)
        rows = (row for row in rows if row[0] >= first) if first else rows
        if options.as_liferay:
            yield from _build_liferay_records(rows, names_row, headers=options.headers)
            return
        if options.headers:
            source, report = file.source, file.report
            names = read_column_names(names_row, source=source, report=report)
        else:
            names = [str(place) for place in range(len(names_row))]
            rows = chain([(0, names_row)], rows)
        yield from _build_records(rows, names, file.report)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a row an item, below the row of column names.

        Args:
            items: The items to write, of the entity type of the header.
            stream: Gets the workbook in the end; it need not be seekable.
            header: ``include_headers`` says whether the names are written.

        Raises:
            NotSupported: The items are not entries, or more or larger than a
                sheet can hold. Nothing has been written to *stream*.
        """
        return self.write_pages([items], stream, header)

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the same from pages; see :class:`.PageWriter`.

        Raises:
            NotSupported: The items are not entries, or more or larger than a
                sheet can hold. Nothing has been written to *stream*.
        """
        from .writer import write_workbook

        require_entries(header, self.info)
        return write_workbook(pages, stream, header, format=self.info.name)


def _read_rows(file: OpenedFile, wanted: RowPass) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a sheet and their numbers, the first as the list that it is.

    Raises:
        FileUnreadable: See :func:`~.reader.read_excel`; or the first row cannot be
            read.
    """
    from .reader import read_excel

    rows = read_excel(file, wanted)
    number, first = next(rows, (0, None))
    if first is None:
        raise FileUnreadable(file.source, "The sheet is empty.")
    if isinstance(first, UnreadableRecord):
        raise FileUnreadable(file.source, first.problem.message)
    yield number, first
    yield from rows


def _has_value(cell: object) -> bool:
    """Return False for an empty cell, and for a text of nothing but blanks."""
    return cell is not None and not (isinstance(cell, str) and cell.isspace())


def _build_records(
    rows: Iterable[tuple[int, list[Any] | UnreadableRecord]],
    names: list[str],
    report: ReadingReport,
) -> Iterator[Record | UnreadableRecord]:
    width = len(names)
    make = build_record_maker(names)
    for number, row in rows:
        if isinstance(row, UnreadableRecord):
            yield row
        elif not any(map(_has_value, row)):
            report.skipped_rows += 1
        elif row[width:].count(None) < len(row) - width:
            columns = "1 column" if width == 1 else f"{width} columns"
            reason = f"Row {number}: There is a value beyond the {columns} with a name."
            yield UnreadableRecord(Problem(UNREADABLE_RECORD, reason))
        else:
            yield make([*row[:width], *[None] * (width - len(row))])


def _build_liferay_records(
    rows: Iterable[tuple[int, list[Any] | UnreadableRecord]],
    first: list[Any],
    *,
    headers: bool,
) -> Iterator[Record | UnreadableRecord]:
    """Yield the rows as Liferay's batch engine does."""
    names = ["" if cell is None else str(cell) for cell in _drop_missing_cells(first)]
    if not headers:
        names, rows = list(UNNAMED_COLUMNS), chain([(0, first)], rows)
    make = build_liferay_maker(names)
    for _, row in rows:
        if isinstance(row, UnreadableRecord):
            yield row
        elif any(map(_has_value, row)):
            yield _make_liferay_record(make, row)


def _make_liferay_record(
    make: Callable[[Sequence[Any]], Record | Problem], row: list[Any]
) -> Record | UnreadableRecord:
    cells = _drop_missing_cells(row)
    record = make([trim_cell(x) if isinstance(x, str) else x for x in cells])
    return UnreadableRecord(record) if isinstance(record, Problem) else record


def _drop_missing_cells(row: list[Any]) -> list[Any]:
    """Return a row without the cells at its end that do not exist."""
    width = len(row)
    while width and row[width - 1] in {None, ""}:
        width -= 1
    return row[:width]
