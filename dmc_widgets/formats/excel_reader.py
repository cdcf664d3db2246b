"""The rows of a workbook, as values of Python."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from ..errors import FileUnreadable
from ..model.outcome import Problem
from ..model.record import DateCell, Unreadable
from .excel_package import OLD_EXCEL, PROTECTED, require_harmless, survey
from .json_values import CODE
from .zip_entry import MAGIC

if TYPE_CHECKING:
    from types import TracebackType

    from python_calamine import CalamineSheet, CalamineWorkbook

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_INTEGERS = 2**53  # beyond, a float skips some
_NO_WORKBOOK = "This is no Excel workbook that can be read. Save the file as XLSX."


def read_excel(
    stream: BinaryIO, *, source: str, sheet: str = "", headers: bool = True
) -> Iterator[tuple[int, list[Any] | Unreadable]]:
    """Yield the rows of a sheet and their numbers, from the first that is not empty.

    Every row begins at column A and is as long as the widest. The sheet is held in
    memory as a whole; see :data:`.excel_package.CELL_LIMIT`.

    Args:
        stream: XLSX or XLS; read from where it stands, and not closed.
        source: The name to show in messages.
        sheet: Its name; the first one if empty.
        headers: The first row names the columns: its cells are made texts.

    Yields:
        The row's number in the sheet, from 1, and its cells: None for an empty one,
        texts, booleans, integers (below 2**53), floats, and ISO texts for dates
        (``2024-01-31``), dates with a time (``2024-01-31T23:59:59``), times and
        durations (``36:00:00``). In place of a row with an error (``#N/A``), an
        :class:`Unreadable` that names the cell; of XLS, the library shows such a cell
        as an empty one.

    Raises:
        FileUnreadable: It is no workbook, is damaged, protected or too large, or
            has no such sheet, or nothing in it.
    """
    with _opened(stream, source) as (file, is_zip, book):
        known = _names(book)
        if not known:
            reason = "The workbook has no sheet with cells."
            raise FileUnreadable(source, reason)
        name = sheet or known[0]
        if name not in known:
            reason = f"There is no sheet {name!r}. Known: {', '.join(known)}."
            raise FileUnreadable(source, reason)
        errors: dict[int, str] = {}
        if is_zip:
            number = book.sheet_names.index(name)
            errors = survey(file, number, source=source).errors
        with _Contained(source):
            table = book.get_sheet_by_name(name)
        yield from _rows(table, errors, source, headers=headers)


def sheet_names(stream: BinaryIO, *, source: str) -> list[str]:
    """Return the names of the sheets with cells, in the workbook's order.

    Raises:
        FileUnreadable: It is no workbook, is damaged, protected or too large.
    """
    with _opened(stream, source) as (_, _, book):
        return _names(book)


class _Contained:
    """A context in which whatever the library raises becomes our error.

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
            raise FileUnreadable(self._source, _NO_WORKBOOK) from exc


@contextmanager
def _opened(
    stream: BinaryIO, source: str
) -> Iterator[tuple[IO[bytes], bool, CalamineWorkbook]]:
    """Open a copy, since the library has to go to and fro in it."""
    from python_calamine import CalamineWorkbook

    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        begin = file.read(8)
        is_zip = begin.startswith(MAGIC)
        if is_zip:
            require_harmless(file, source=source)
        elif begin != OLD_EXCEL:
            reason = "The file is empty." if not begin else _NO_WORKBOOK
            raise FileUnreadable(source, reason)
        elif _is_encrypted(file):
            raise FileUnreadable(source, PROTECTED)
        file.seek(0)
        with _Contained(source):
            book = CalamineWorkbook.from_filelike(file)
        yield file, is_zip, book


def _is_encrypted(file: IO[bytes]) -> bool:
    rest = b""
    while data := file.read(1024**2):
        if _ENCRYPTED in rest + data:
            return True
        rest = data[-len(_ENCRYPTED) :]
    return False


def _names(book: CalamineWorkbook) -> list[str]:
    from python_calamine import SheetTypeEnum

    return [
        each.name
        for each in book.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet
    ]


def _rows(
    table: CalamineSheet, errors: dict[int, str], source: str, *, headers: bool
) -> Iterator[tuple[int, list[Any] | Unreadable]]:
    is_begun = False
    before = [None] * (table.start or (0, 0))[1]  # columns that the library drops
    for number, row in enumerate(_raw_rows(table, source), 1):
        if number in errors:
            is_begun = True
            yield number, _error(errors[number], row)
            continue
        cells = [(cell or None) if type(cell) is str else _value(cell) for cell in row]
        cells = [*before, *cells] if before else cells
        if not is_begun:
            if cells.count(None) == len(cells):
                continue
            is_begun = True
            if headers:
                cells = [_text(cell) for cell in cells]
        yield number, cells
    if not is_begun:
        reason = f"The sheet {table.name!r} is empty."
        raise FileUnreadable(source, reason)


def _raw_rows(table: CalamineSheet, source: str) -> Iterator[list[Any]]:
    with _Contained(source):
        yield from table.iter_rows()


def _error(place: str, row: list[Any]) -> Unreadable:
    message = f"Cell {place} holds an error. Mend its formula, or empty the cell."
    text = ", ".join(_text(_value(cell)) for cell in row)
    return Unreadable(Problem(CODE, message), text[:2000])


def _value(cell: Any) -> Any:
    kind = type(cell)
    if kind is str:
        return cell or None
    if kind is float:
        is_whole = -_INTEGERS < cell < _INTEGERS and cell.is_integer()
        return int(cell) if is_whole else cell
    if kind is datetime or kind is time:
        places = "milliseconds" if cell.microsecond else "seconds"
        return DateCell(cell.isoformat(timespec=places))
    if kind is date:
        return DateCell(cell.isoformat())
    if kind is timedelta:
        return _duration(cell)
    return cell


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
