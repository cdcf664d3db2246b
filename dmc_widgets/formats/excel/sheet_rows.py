"""The rows of a sheet as XML, as XlsxWriter writes them, without a call a cell.

The library makes an object of each cell and looks its format up, which takes five times
as long as the text of the row. It still writes everything else of the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

CellValue = str | bool | int | float | date | None
"""What a cell holds; None, and an empty text, for nothing."""

# What Excel and XML keep for themselves: an underscore that begins an escape (of
# two that overlap, each), control characters, and a return, which XML reads as LF.
_ESCAPED: Final = re.compile(
    r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]|\A<(?=r>)", re.ASCII
)
_BLANK_END: Final = re.compile(r"\A\s|\s\Z")
_UNUSUAL: Final = re.compile(r"[_&<>\x00-\x08\x0b-\x1f]|\A\s|\s\Z")
_REMEMBERED_DAYS: Final = 10_000


class SheetRows:
    """Writes the rows of a sheet that keeps no row in memory.

    Args:
        sheet: The sheet of XlsxWriter, whose rows so far are written.
        day: The format of dates.
        columns: How many columns it has.
    """

    def __init__(self, sheet: Any, day: Any, columns: int) -> None:
        from xlsxwriter.utility import (  # type: ignore[import-untyped]
            xl_col_to_name,
        )

        self._sheet = sheet
        self._day = day
        self._names = [xl_col_to_name(place) for place in range(columns)]
        self._days: dict[date, str] = {}

    def write(self, row: int, values: Iterable[CellValue]) -> None:
        """Write a row with a number from 0; one without any value is left out."""
        cells, used = [], []
        number = row + 1
        for place, (name, value) in enumerate(zip(self._names, values, strict=True)):
            if value is None or value == "":
                continue
            cells.append(f'<c r="{name}{number}"{self._content(value)}</c>')
            used.append(place)
        if not cells:
            return
        for place in (used[0], used[-1]):
            self._sheet._check_dimensions(row, place)
        joined = "".join(cells)
        self._sheet.row_data_fh.write(f'<row r="{number}">{joined}</row>')

    def _content(self, value: CellValue) -> str:
        if isinstance(value, str):
            return _text_content(value)
        if isinstance(value, bool):
            return f' t="b"><v>{value:d}</v>'
        if isinstance(value, date):
            return self._day_content(value)
        return f"><v>{value:.16G}</v>"

    def _day_content(self, day: date) -> str:
        known = self._days.get(day)
        if known is None:
            number = self._sheet._convert_date_time(day)
            known = f' s="{self._day._get_xf_index()}"><v>{number:.16G}</v>'
            if len(self._days) < _REMEMBERED_DAYS:
                self._days[day] = known
        return known


def _text_content(text: str) -> str:
    if not _UNUSUAL.search(text):
        return f' t="inlineStr"><is><t>{text}</t></is>'
    text = escape_text(text)
    preserve = ' xml:space="preserve"' if _BLANK_END.search(text) else ""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f' t="inlineStr"><is><t{preserve}>{text}</t></is>'


def escape_text(text: Any) -> Any:
    """Return a text as a cell has it in XML, before the escapes of XML itself."""
    if not isinstance(text, str):  # the library passes booleans, as 0 and 1, too
        return text
    return _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
