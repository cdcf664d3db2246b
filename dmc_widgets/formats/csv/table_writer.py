"""Write any table as CSV, in the delimiter and encoding of another file.

The escapes are those of exports, and are undone where the file is read with
:attr:`~dmc_widgets.model.reading_options.Escapes.UNDO`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ...model.reading_options import Escapes, ReadingOptions, ShortRows
from ...ports import Item
from ..json.values import to_json
from .cells import guard_formula, protect_quotes

READING: Final = ReadingOptions(escapes=Escapes.UNDO, short_rows=ShortRows.EMPTY)
"""How such a file is read, also after a spreadsheet has saved it."""

_UTF_8: Final = "utf-8-sig"  # spreadsheets recognise UTF-8 by its byte order mark
_LINES_AT_ONCE: Final = 500


def iter_csv_table(
    names: Sequence[str],
    rows: Iterable[Item],
    *,
    delimiter: str = ",",
    encoding: str = "UTF-8",
) -> Iterator[bytes]:
    """Yield a table as CSV, some hundred lines at a time.

    Args:
        names: The columns, in their order.
        rows: The values by the names of the columns; missing ones are empty.
        delimiter: One character; anything else becomes a comma.
        encoding: The encoding that is wished; UTF-8 with a byte order mark is written
            where it is a form of Unicode.
    """
    codec = _UTF_8 if encoding.upper().startswith("UTF") else encoding
    separator = delimiter if len(delimiter) == 1 and delimiter != '"' else ","
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(names)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell_text(row.get(name)) for name in names])
        if number % _LINES_AT_ONCE == 0:
            yield text.getvalue().encode(codec, "backslashreplace")
            codec = codec.removesuffix("-sig")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode(codec, "backslashreplace")


def can_encode(value: Any, encoding: str) -> bool:
    """Return True if a value can be written as text of *encoding*."""
    try:
        cell_text(value).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def cell_text(value: Any) -> str:
    """Return a value as it stands in a cell; an empty text for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return protect_quotes(guard_formula(value))
    return to_json(value).decode() if isinstance(value, (dict, list)) else str(value)
