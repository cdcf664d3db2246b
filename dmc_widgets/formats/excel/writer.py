"""Write entries into the cells of a workbook, each of a type that Excel knows."""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from itertools import chain, repeat
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import NotSupported
from ...model.item_pages import ItemColumns, ItemPage, iter_items
from ...ports import ExportHeader, Item
from ..json.values import to_json
from ..tables.export_columns import (
    NESTED_FORMATS,
    Column,
    build_columns,
    list_values,
)
from .sheet_rows import CellValue, SheetRows, escape_text

ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 16_384
TEXT_LIMIT = 32_767
"""Excel's own limits: rows and columns of a sheet, UTF-16 units of a text."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}
_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_SMALLEST, _LARGEST = 1e-307, 9.99e307  # Excel takes no exponents beyond
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DATE = date(1900, 3, 1)
_NO_CHARACTER = re.compile("[\ufffe\uffff]")


def write_workbook(
    pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader, *, format: str
) -> int:
    """Write items into a temporary workbook, copy it to *stream*, count them.

    Raises:
        NotSupported: They are more or larger than a sheet can hold.
        OSError: There is no room for the temporary file, or for the stream.
    """
    table = list(build_columns(header.fields, format=format))
    rows = chain.from_iterable(_list_rows(table, page) for page in pages)
    return _write_rows(table, rows, stream, include_headers=header.include_headers)


def write_table(
    table: list[Column],
    items: Iterable[Item],
    stream: BinaryIO,
    *,
    include_headers: bool = True,
) -> int:
    """Write a row an item in the given columns; see :func:`write_workbook`.

    Raises:
        NotSupported: They are more or larger than a sheet can hold.
        OSError: There is no room for the temporary file, or for the stream.
    """
    rows = _list_rows(table, items)
    return _write_rows(table, rows, stream, include_headers=include_headers)


def _list_rows(table: Sequence[Column], page: ItemPage) -> Iterator[Sequence[Any]]:
    """Yield the values of each item in the columns of a table."""
    if not isinstance(page, ItemColumns):
        for item in iter_items(page):
            yield [column.value(item) for column in table]
        return
    columns = (list_values(column, page.columns[column.field.name]) for column in table)
    yield from zip(*columns, strict=True) if table else repeat((), page.number)


def _write_rows(
    table: list[Column],
    rows: Iterable[Sequence[Any]],
    stream: BinaryIO,
    *,
    include_headers: bool,
) -> int:
    xlsxwriter = import_module("xlsxwriter")  # vendor without types
    if len(table) > COLUMN_LIMIT:
        limit = f"{COLUMN_LIMIT:,} columns, and there are {len(table):,}."
        raise _limit_error(limit)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, "export.xlsx")
        options = {**_OPTIONS, "tmpdir": folder}
        try:
            with xlsxwriter.Workbook(str(path), options) as workbook:
                workbook.set_properties({"created": _CREATED})
                written = _write_sheet(workbook, table, rows, include_headers)
        except xlsxwriter.exceptions.FileCreateError as exc:
            raise exc.args[0] from exc  # an OSError, which it wraps
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)
    return written


def _write_sheet(
    workbook: Any,
    table: list[Column],
    rows: Iterable[Sequence[Any]],
    include_headers: bool,
) -> int:
    sheet = workbook.add_worksheet("Entries")
    # The library's own misses the second of two overlapping escapes, and takes a
    # text between <r> and </r> for markup, which would let data write cells.
    sheet._escape_control_characters = escape_text
    bold = workbook.add_format({"bold": True})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    first = 0
    if include_headers:
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(table):
            sheet.write_string(0, place, _cell_text(column.name, column.name), bold)
        first = 1
    sheet._write_single_row(first)  # the names
    row_xml = SheetRows(sheet, day, len(table))
    written = 0
    for written, values in enumerate(rows, 1):
        row = first + written - 1
        if row >= ROW_LIMIT:
            limit = f"{ROW_LIMIT:,} rows, and there are more entries."
            raise _limit_error(limit)
        row_xml.write(row, map(_cell_value, table, values))
    return written


def _cell_value(column: Column, value: Any) -> CellValue:
    """Return what the cell of a value holds; None for an empty one."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if column.field.type == "Date":
            day = _parse_date(value)
            if day:
                return day
        return _cell_text(value, column.name)
    if isinstance(value, int | float | Decimal):
        number = _exact_number(value)
        if number is not None:
            return number
    return _cell_text(_format_value(value), column.name)


def _exact_number(value: float | Decimal) -> float | None:
    """Return *value* if 15 digits hold it, as Excel does; else None."""
    if isinstance(value, int):
        return value if abs(value) < 10**15 else None
    if value == 0:
        return 0
    if not math.isfinite(value):
        return None
    number = float(value)
    if not _SMALLEST <= abs(number) <= _LARGEST:
        return None
    rounded = f"{number:.15G}"
    back = Decimal(rounded) if isinstance(value, Decimal) else float(rounded)
    return number if back == value else None


def _parse_date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:  # no such day
        return None
    return day if day >= _FIRST_DATE else None


def _format_value(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, list) and not any(
        isinstance(element, dict | list) for element in value
    ):
        return ",".join(_format_list_item(element) for element in value)
    return to_json(value).decode()


def _format_list_item(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if any(char in text for char in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _cell_text(text: str, column: str) -> str:
    """Return *text* as a cell can hold it, half surrogate pairs spelled out."""
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode()
        match = _NO_CHARACTER.search(text)
        if match:
            name = f"U+{ord(match[0]):04X}"
            what = f"An Excel cell cannot hold {name}, which is in {column!r}."
            raise NotSupported(what, f"Remove it, or choose {NESTED_FORMATS}.")
    if len(text) > TEXT_LIMIT // 2:
        size = len(text.encode("utf-16-le")) // 2
        if size > TEXT_LIMIT:
            what = (
                f"An Excel cell holds {TEXT_LIMIT:,} characters, and a text "
                f"in {column!r} has {size:,}."
            )
            raise NotSupported(
                what, f"Leave the field out, or choose {NESTED_FORMATS}."
            )
    return text


def _limit_error(of: str) -> NotSupported:
    return NotSupported(f"An Excel sheet holds {of}", f"Choose {NESTED_FORMATS}.")
