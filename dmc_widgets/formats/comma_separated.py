"""CSV of entries: one line a record, in the columns and quotes of Liferay's export.

Liferay puts the parts of a nested object on a line of their own below the record,
which its importer cannot put together again. Here they stand on the record's line.
What has no columns of its own (a map of translations, a list of objects) is one
cell of compact JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO, NamedTuple

from ..errors import NotSupported
from ..model.entity import OBJECT_ENTRY, Field
from ..model.reading import AS_FOUND, ReadingOptions
from ..model.record import Record, Unreadable
from ..ports import ExportHeader, Item
from .comma_reading import FORMULA, read_rows
from .json_values import to_json

_OTHERS = "JSON, JSONL or JSONT"
_NUMBERED = re.compile(r"(.+)_(\d+)")

Cell = Callable[[Item], str]


class _Numbered(NamedTuple):
    """The column ``name.part_number``, one of *room* such."""

    name: str
    part: str
    number: int
    room: int
    is_first: bool


class CsvFormat:
    """Written with comma, double quote, CRLF and UTF-8 without a byte order mark.

    Columns are sorted without regard to case, the parts of a field in their own
    order. A text that a spreadsheet would take for a formula gets a leading ``'``.
    """

    name = "CSV"
    extension = "csv"
    can_read = True
    can_write = True

    def read(
        self, stream: BinaryIO, *, source: str, options: ReadingOptions = AS_FOUND
    ) -> Iterator[Record | Unreadable]:
        """Yield the lines; see :mod:`.comma_reading`."""
        return read_rows(stream, source=source, options=options)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item, after the line of column names.

        Raises:
            NotSupported: The items are no entries, or hold what CSV cannot.
        """
        _require_entries(header)
        columns = list(_columns(header.fields))
        if header.include_headers:
            stream.write(_line([_quoted(name) for name, _ in columns]))
        cells = [cell for _, cell in columns]
        written = 0
        for item in items:
            stream.write(_line([cell(item) for cell in cells]))
            written += 1
        return written


def _require_entries(header: ExportHeader) -> None:
    kind = header.entity_type
    if kind.class_name != OBJECT_ENTRY:
        what = f"CSV holds entries of objects, not items of {kind.name}."
        raise NotSupported(what, f"Choose {_OTHERS}.")
    for field in header.fields:
        if CsvFormat.name in field.unsupported_formats:
            what = f"CSV cannot hold the field {field.name!r}."
            raise NotSupported(what, f"Leave it out, or choose {_OTHERS}.")


def _line(cells: list[str]) -> bytes:
    if cells and not cells[0]:
        cells[0] = '""'  # a line that begins with nothing could be a blank line
    return (",".join(cells) + "\r\n").encode("utf-8", "backslashreplace")


def _columns(fields: Iterable[Field]) -> Iterator[tuple[str, Cell]]:
    for field in sorted(fields, key=lambda each: (each.name.lower(), each.name)):
        if not field.parts:
            yield field.name, partial(_plain, field.name, custom=field.custom)
        matches = [_NUMBERED.fullmatch(part) for part in field.parts]
        room = max((int(match[2]) for match in matches if match), default=0)
        for place, (part, match) in enumerate(zip(field.parts, matches, strict=True)):
            cell: Cell = partial(_part, field.name, part, is_first=place == 0)
            if match:
                number = int(match[2])
                is_first = match[1] == (matches[0] or match)[1]
                key = _Numbered(field.name, match[1], number, room, is_first)
                cell = partial(_numbered, key)
            yield f"{field.name}.{part}", cell


def _plain(name: str, item: Item, *, custom: bool) -> str:
    value = item.get(name)
    if type(value) is str:
        text = _guarded(value)
        return _quoted(_encoded(text) if custom else _kept(text))
    return _cell(value)


def _part(name: str, part: str, item: Item, *, is_first: bool) -> str:
    """Write one part of an object; a bare value goes into the first part."""
    value = item.get(name)
    if isinstance(value, dict):
        return _cell(value.get(part))
    return _cell(value) if is_first else ""


def _numbered(column: _Numbered, item: Item) -> str:
    """Write one part of one object of a list; nothing behind the list's end."""
    values = item.get(column.name) or []
    if len(values) > column.room:
        what = (
            f"CSV has columns for {column.room} values of {column.name!r}, "
            f"and a record holds {len(values)}."
        )
        raise NotSupported(what, f"Choose {_OTHERS}.")
    if column.number > len(values):
        return ""
    value = values[column.number - 1]
    if isinstance(value, dict):
        return _cell(value.get(column.part))
    return _cell(value) if column.is_first else ""


def _cell(value: Any) -> str:
    if value is None or type(value) in {bool, int, float, Decimal}:
        return _simple(value)
    if isinstance(value, str):
        return _quoted(_kept(_guarded(value)))
    if isinstance(value, list) and not any(isinstance(x, dict | list) for x in value):
        joined = ",".join(_encoded(_simple(each)) for each in value)
        return _quoted(_guarded(joined))
    return _quoted(to_json(value).decode())


def _simple(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _guarded(text: str) -> str:
    # A text that begins with guards of its own gets one more, so that reading, which
    # takes one away, gives back what was there.
    return "'" + text if text.lstrip("'").startswith(FORMULA) else text


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
