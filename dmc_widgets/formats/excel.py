"""Excel workbooks: entries written as XLSX, the rows of XLSX and XLS read.

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
  that is all that the library tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ..errors import FileUnreadable
from ..model.record import Record, Unreadable
from ..ports import ExportHeader, Item
from .columns import OTHERS, require_entries
from .excel_reader import read_excel, sheet_names
from .excel_writer import write_workbook

__all__ = ["ExcelFormat", "read_excel", "sheet_names"]


class ExcelFormat:
    """One sheet, a bold and frozen line of column names, one row an entry.

    The columns are those of CSV. The workbook grows in a temporary file, whose
    bytes depend on nothing but the items.
    """

    name = "XLSX"
    extension = "xlsx"
    can_read = False
    can_write = True

    def read(self, stream: BinaryIO, *, source: str) -> Iterator[Record | Unreadable]:
        """Refuse; rows are read by :func:`read_excel`.

        Raises:
            FileUnreadable: Always.
        """
        del stream
        reason = f"A workbook holds rows, not records. Export to {OTHERS} instead."
        raise FileUnreadable(source, reason)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a row an item, below the row of column names.

        Args:
            items: Of the header's entity type.
            stream: Gets the workbook in the end; it need not be seekable.
            header: ``include_headers`` says whether the names are written.

        Raises:
            NotSupported: The items are no entries, or more or larger than a
                sheet can hold. Nothing has been written to *stream*.
        """
        require_entries(header, format=self.name)
        return write_workbook(items, stream, header, format=self.name)
