"""CSV of entries: one line a record, in the columns and quotes of Liferay's export.

Liferay puts the parts of a nested object on a line of their own below the record,
which its importer cannot put together again. Here they stand on the record's line.
Values by language have a column each, ``title_i18n_de_DE``. What has no columns of its
own (a list of objects) is one cell of compact JSON.

Two kinds of text are written otherwise than they are, since readers take them for
something else:

* One that begins and ends with a quote is quoted once more, which Liferay's reader
  undoes. (Liferay's export does this to every text that has to be quoted; its reader
  does not need it, and other readers would store the quotes.)
* One that a spreadsheet would run as a formula gets a leading ``'``, if the export
  says so: the *formula guard*. Liferay undoes that from 2026 on; older versions and
  other readers store the apostrophe. A number with a sign, such as that of a
  telephone, runs nothing and gets none. A text that begins with apostrophes of its
  own before such a character gets one more in any case, so that one rule undoes both.

The zip of the export is marked, and only in a marked file is this undone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO

from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, Item
from ..json.values import to_json
from ..tables.export_columns import Column, columns, require_entries
from .reader import FORMULA_STARTS, read_rows

Cell = Callable[[Item], str]
Escape = Callable[[str], str]

_SIGNED_NUMBER = re.compile(r"[+-][0-9 ().,/-]*", re.ASCII)
"""A number with a sign, a telephone number: no spreadsheet finds a formula in it that
does anything."""


class CsvFormat:
    """Written with comma, double quote, CRLF and UTF-8 without a byte order mark.

    Columns are sorted without regard to case, the parts of a field in their own
    order.
    """

    name = "CSV"
    extension = "csv"
    can_read = True
    can_write = True

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the lines; see :mod:`.comma_reading`."""
        return read_rows(stream, source=source, options=options, report=report)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item, after the line of column names.

        Raises:
            NotSupported: The items are no entries, or hold what CSV cannot.
        """
        require_entries(header, format=self.name)
        found = list(columns(header.fields, format=self.name))
        if header.include_headers:
            stream.write(_encode_line([_quote_minimally(each.name) for each in found]))
        escaped = _guard_formula if header.guard_formulas else _protect_apostrophe
        cells = [
            _cell_writer(each, escaped, encodes=header.as_liferay and each.field.custom)
            for each in found
        ]
        written = 0
        for item in items:
            stream.write(_encode_line([cell(item) for cell in cells]))
            written += 1
        return written


def _encode_line(cells: list[str]) -> bytes:
    if cells and not cells[0]:
        cells[0] = '""'  # a line that begins with nothing could be a blank line
    return (",".join(cells) + "\r\n").encode("utf-8", "backslashreplace")


def _cell_writer(column: Column, escaped: Escape, *, encodes: bool) -> Cell:
    """Build what writes the column's cell of an item."""
    value = column.value
    field = column.field
    if field.parts or field.type == "array" or column.name != field.name:
        return lambda item: _format_cell(value(item), escaped)
    return partial(
        _format_plain_cell,
        column.name,
        escaped,
        _quote_in_list if encodes else _protect_quotes,
    )


def _format_plain_cell(name: str, escaped: Escape, kept: Escape, item: Item) -> str:
    value = item.get(name)
    if type(value) is str:
        return _quote_minimally(kept(escaped(value)))
    return _format_cell(value, escaped)


def _format_cell(value: Any, escaped: Escape) -> str:
    if value is None or type(value) in {bool, int, float, Decimal}:
        return _format_scalar(value)
    if isinstance(value, str):
        return _quote_minimally(_protect_quotes(escaped(value)))
    if isinstance(value, list) and not any(isinstance(x, dict | list) for x in value):
        joined = ",".join(_quote_in_list(_format_scalar(each)) for each in value)
        return _quote_minimally(escaped(joined))
    return _quote_minimally(to_json(value).decode())


def _format_scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _guard_formula(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    # A text that begins with guards of its own gets one more, so that reading, which
    # takes one away, gives back what was there.
    if not text.lstrip("'").startswith(FORMULA_STARTS) or _SIGNED_NUMBER.fullmatch(
        text
    ):
        return text
    return "'" + text


def _protect_apostrophe(text: str) -> str:
    """Keep what reading would take for a guard, and guard nothing."""
    if text[:1] == "'" and text.lstrip("'").startswith(FORMULA_STARTS):
        return "'" + text
    return text


def _quote_in_list(text: str) -> str:
    return _quote(text) if _has_separator(text) else text


def _protect_quotes(text: str) -> str:
    """Quote what readers, Liferay's too, would take for quoted once more."""
    if len(text) > 1 and text[0] == '"' == text[-1]:
        return _quote(text)
    return text


def _quote_minimally(text: str) -> str:
    """Quote where Apache Commons CSV 1.9 does under "minimal"."""
    if text and (text[0] <= "#" or text[-1] <= " " or _has_separator(text)):
        return _quote(text)
    return text


def _has_separator(text: str) -> bool:
    # Four searches for a character take a fraction of one for a class of them.
    return "," in text or '"' in text or "\n" in text or "\r" in text


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
