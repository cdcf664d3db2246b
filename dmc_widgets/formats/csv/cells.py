"""The cells of a CSV export, of one item or of a column; see :mod:`.format`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any, Final

from ...model.item_pages import ItemColumns
from ...ports import Item
from ..json.values import to_json
from ..tables.export_columns import Column, is_plain, map_shared
from .reader import FORMULA_STARTS

Cell = Callable[[Item], str]
Escape = Callable[[str], str]

_SIGNED_NUMBER = re.compile(r"[+-][0-9 ().,/-]*", re.ASCII)
"""A number with a sign, a telephone number: no spreadsheet finds a formula in it that
does anything."""

_SEPARATORS: Final = (",", '"', "\n", "\r")
_FIRST: Final = itemgetter(slice(1))
_LAST: Final = itemgetter(slice(-1, None))
_ESCAPED_STARTS: Final = frozenset((*FORMULA_STARTS, "'"))
_BOOLEANS: Final = {True: "true", False: "false", None: ""}


def encode_line(cells: list[str]) -> bytes:
    """Return a line of cells."""
    if cells and not cells[0]:
        cells[0] = '""'  # a line that begins with nothing could be a blank line
    return (",".join(cells) + "\r\n").encode("utf-8", "backslashreplace")


def encode_columns(
    page: ItemColumns, table: Sequence[Column], cells: Sequence[Cell]
) -> bytes:
    """Return the lines of a page, the same as :func:`encode_line` makes of its items.

    Args:
        page: The values of the items by field.
        table: The columns of the file.
        cells: What writes the cell of an item, for each column.
    """
    if not table:
        return b"\r\n" * page.number
    columns = [
        _list_cells(column, cell, page.columns[column.field.name])
        for column, cell in zip(table, cells, strict=True)
    ]
    columns[0] = [cell or '""' for cell in columns[0]]
    lines = "\r\n".join(map(",".join, zip(*columns, strict=True)))
    return (lines + "\r\n").encode("utf-8", "backslashreplace")


def _list_cells(column: Column, cell: Cell, values: Sequence[Any]) -> Sequence[str]:
    """Return the cells of a column."""
    types = set(map(type, values))
    name = column.field.name
    each = partial(map_shared, convert=lambda value: cell({name: value}))
    if not is_plain(column) or not types <= _PLAIN_TYPES:
        return each(values)
    if types == {str}:
        return values if _are_ordinary(values) else each(values)
    if types <= {bool, type(None)}:
        return list(map(_BOOLEANS.__getitem__, values))
    if len(types) == 1:
        return list(map(str, values))
    texts = list(map(format_scalar, values))
    return texts if _are_ordinary(texts) else each(values)


_PLAIN_TYPES: Final = frozenset({str, int, float, bool, Decimal, type(None)})


def _are_ordinary(texts: Sequence[str]) -> bool:
    """Return True if all texts stand in their cells as they are, without quotes."""
    joined = "".join(texts)
    if any(separator in joined for separator in _SEPARATORS):
        return False
    firsts = set(map(_FIRST, texts)) - {""}
    lasts = set(map(_LAST, texts)) - {""}
    return (
        firsts.isdisjoint(_ESCAPED_STARTS)
        and min(firsts, default="a") > "#"
        and min(lasts, default="a") > " "
    )


def build_cells(
    table: Iterable[Column], *, guard_formulas: bool, as_liferay: bool
) -> list[Cell]:
    """Build what writes the cell of an item, for each column of a table."""
    escape = guard_formula if guard_formulas else _protect_apostrophe
    return [
        _cell_writer(column, escape, encodes=as_liferay and column.field.custom)
        for column in table
    ]


def _cell_writer(column: Column, escaped: Escape, *, encodes: bool) -> Cell:
    """Build what writes the column's cell of an item."""
    value = column.value
    if not is_plain(column):
        return lambda item: _format_cell(value(item), escaped)
    return partial(
        _format_plain_cell,
        column.name,
        escaped,
        _quote_in_list if encodes else protect_quotes,
    )


def _format_plain_cell(name: str, escape: Escape, protect: Escape, item: Item) -> str:
    value = item.get(name)
    if type(value) is str:
        return quote_minimally(protect(escape(value)))
    return _format_cell(value, escape)


def _format_cell(value: Any, escaped: Escape) -> str:
    if value is None or type(value) in {bool, int, float, Decimal}:
        return format_scalar(value)
    if isinstance(value, str):
        return quote_minimally(protect_quotes(escaped(value)))
    if isinstance(value, list) and not any(
        isinstance(element, dict | list) for element in value
    ):
        joined = ",".join(_quote_in_list(format_scalar(element)) for element in value)
        return quote_minimally(escaped(joined))
    return quote_minimally(to_json(value).decode())


def format_scalar(value: Any) -> str:
    """Return a number, a Boolean or a text as it stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def guard_formula(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    # A text that begins with guards of its own gets one more, so that reading, which
    # takes one away, gives back what was there.
    if not text.lstrip("'").startswith(FORMULA_STARTS) or _SIGNED_NUMBER.fullmatch(
        text
    ):
        return text
    return "'" + text


def _protect_apostrophe(text: str) -> str:
    """Protect an apostrophe that a reader would take for a guard; guard nothing."""
    if text[:1] == "'" and text.lstrip("'").startswith(FORMULA_STARTS):
        return "'" + text
    return text


def _quote_in_list(text: str) -> str:
    return _quote(text) if _has_separator(text) else text


def protect_quotes(text: str) -> str:
    """Quote a text in quotes, which readers, Liferay's too, would unquote."""
    if len(text) > 1 and text[0] == '"' == text[-1]:
        return _quote(text)
    return text


def quote_minimally(text: str) -> str:
    """Quote a cell where Apache Commons CSV 1.9 does in its mode "minimal"."""
    if text and (text[0] <= "#" or text[-1] <= " " or _has_separator(text)):
        return _quote(text)
    return text


def _has_separator(text: str) -> bool:
    # Four searches for a character take a fraction of one for a class of them.
    return "," in text or '"' in text or "\n" in text or "\r" in text


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
