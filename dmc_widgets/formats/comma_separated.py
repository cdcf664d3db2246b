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

from ..model.reading import AS_FOUND, ReadingOptions, ReadingReport
from ..model.record import Record, Unreadable
from ..ports import ExportHeader, Item
from .columns import Column, columns, require_entries
from .comma_reading import FORMULA, read_rows
from .json_values import to_json

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
        options: ReadingOptions = AS_FOUND,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | Unreadable]:
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
            stream.write(_line([_quoted(each.name) for each in found]))
        escaped = _guarded if header.guard_formulas else _kept_apostrophes
        cells = [
            _cell_of(each, escaped, encodes=header.as_liferay and each.field.custom)
            for each in found
        ]
        written = 0
        for item in items:
            stream.write(_line([cell(item) for cell in cells]))
            written += 1
        return written


def _line(cells: list[str]) -> bytes:
    if cells and not cells[0]:
        cells[0] = '""'  # a line that begins with nothing could be a blank line
    return (",".join(cells) + "\r\n").encode("utf-8", "backslashreplace")


def _cell_of(column: Column, escaped: Escape, *, encodes: bool) -> Cell:
    """Build what writes the column's cell of an item."""
    value = column.value
    field = column.field
    if field.parts or field.type == "array" or column.name != field.name:
        return lambda item: _cell(value(item), escaped)
    return partial(_plain, column.name, escaped, _encoded if encodes else _kept)


def _plain(name: str, escaped: Escape, kept: Escape, item: Item) -> str:
    value = item.get(name)
    if type(value) is str:
        return _quoted(kept(escaped(value)))
    return _cell(value, escaped)


def _cell(value: Any, escaped: Escape) -> str:
    if value is None or type(value) in {bool, int, float, Decimal}:
        return _simple(value)
    if isinstance(value, str):
        return _quoted(_kept(escaped(value)))
    if isinstance(value, list) and not any(isinstance(x, dict | list) for x in value):
        joined = ",".join(_encoded(_simple(each)) for each in value)
        return _quoted(escaped(joined))
    return _quoted(to_json(value).decode())


def _simple(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _guarded(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    # A text that begins with guards of its own gets one more, so that reading, which
    # takes one away, gives back what was there.
    if not text.lstrip("'").startswith(FORMULA) or _SIGNED_NUMBER.fullmatch(text):
        return text
    return "'" + text


def _kept_apostrophes(text: str) -> str:
    """Keep what reading would take for a guard, and guard nothing."""
    if text[:1] == "'" and text.lstrip("'").startswith(FORMULA):
        return "'" + text
    return text


def _encoded(text: str) -> str:
    return _in_quotes(text) if _has_separator(text) else text


def _kept(text: str) -> str:
    """Quote what readers, Liferay's too, would take for quoted once more."""
    if len(text) > 1 and text[0] == '"' == text[-1]:
        return _in_quotes(text)
    return text


def _quoted(text: str) -> str:
    """Quote where Apache Commons CSV 1.9 does under "minimal"."""
    if text and (text[0] <= "#" or text[-1] <= " " or _has_separator(text)):
        return _in_quotes(text)
    return text


def _has_separator(text: str) -> bool:
    # Four searches for a character take a fraction of one for a class of them.
    return "," in text or '"' in text or "\n" in text or "\r" in text


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
