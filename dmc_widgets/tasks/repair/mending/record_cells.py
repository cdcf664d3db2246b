"""Records as rows of a table, for mending in a spreadsheet, and back.

A nested value is spread over columns, as readers of tables join them again:
``state.key``, ``title_i18n_de_DE``, ``tags.key_1``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from ....formats.csv.table_writer import cell_text
from ....formats.json.values import STRICT, to_json
from ....model.mend import Mend, Path
from ....model.record import LargeText, Record
from .spellings import is_cut_off, spells_same

_LONG_TEXT: Final = 10_000
"""A text with more characters is referred to: a cell of a spreadsheet holds 32,767."""

_ATTACHMENT_PARTS: Final = frozenset({"fileBase64", "fileContent"})
_ATTACHMENT_CHARS: Final = 100
_REFERENCE = re.compile(r"\(unchanged: [\d,]+ (?:bytes|characters)\)")
_LIST_PARTS: Final = frozenset({"key", "name"})


class Cell(NamedTuple):
    """One value of a record, and its place there."""

    path: Path
    value: Any


def record_cells(record: Record) -> dict[str, Cell]:
    """Return the values of a record by the names of their columns."""
    cells: dict[str, Cell] = {}
    for name, value in record.items():
        if isinstance(value, (dict, list)):
            cells.update(_cells((name,), name, value))
        else:
            cells[name] = Cell((name,), value)
    return cells


class ColumnFinder:
    """Finds the columns that records need, in the order of their first occurrence.

    A field without a value has no column of its own where others spread it over
    several.
    """

    def __init__(self) -> None:
        self._filled: dict[str, bool] = {}

    def add(self, cells: Mapping[str, Cell]) -> None:
        """Take the values of a record into account."""
        filled = self._filled
        for name, cell in cells.items():
            if not filled.get(name):
                filled[name] = cell.value is not None

    def names(self) -> list[str]:
        """Return the columns of the records so far."""
        spread = {
            name[: position.start()]
            for name in self._filled
            for position in re.finditer(r"\.|(?<=_i18n)_", name)
        }
        return [
            name
            for name, has_value in self._filled.items()
            if has_value or name not in spread
        ]


def list_columns(records: Iterable[Record]) -> list[str]:
    """Return the columns that records need; see :class:`ColumnFinder`."""
    finder = ColumnFinder()
    for record in records:
        finder.add(record_cells(record))
    return finder.names()


def cell_value(value: Any, path: Path = ()) -> Any:
    """Return a value as a cell holds it: a scalar, JSON, or a reference to a text.

    Attachments and other long texts are referred to, not copied.
    """
    if isinstance(value, LargeText):
        return f"(unchanged: {value.size:,} bytes)"
    if isinstance(value, str):
        is_file = bool(path) and path[-1] in _ATTACHMENT_PARTS
        if len(value) > (_ATTACHMENT_CHARS if is_file else _LONG_TEXT):
            return f"(unchanged: {len(value):,} characters)"
        return value
    if isinstance(value, (dict, list)):
        return cell_value(to_json(shorten(value)).decode())
    return value


def shorten(value: Any, path: Path = ()) -> Any:
    """Return a value with references in place of the long texts in it."""
    if isinstance(value, dict):
        return {name: shorten(inner, (*path, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [shorten(inner, (*path, n)) for n, inner in enumerate(value)]
    return cell_value(value, path) if isinstance(value, (str, LargeText)) else value


def is_reference(value: Any) -> bool:
    """Return True for a cell that stands for a text which stays as it is."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def is_shortened(text: Any) -> bool:
    """Return True for a text in reports that is a part of, or refers to, a longer one.

    Reports hold the beginnings of attachments and of long texts, with an ellipsis.
    """
    if not isinstance(text, str):
        return False
    return text.endswith("…") or '…"' in text or _REFERENCE.search(text) is not None


class RowComparison(NamedTuple):
    """What came back in a row of a table, compared with the record.

    Attributes:
        mend: The changes.
        rewritten: The values that are the same and spelled in another way, by their
            columns: as they were written, and as they came back.
        cut_off: The columns of numbers that lost digits, and were not taken.
    """

    mend: Mend
    rewritten: Mapping[str, tuple[Any, Any]]
    cut_off: Sequence[str] = ()


def compare_cells(
    original: Record, given: Record, *, at_fault: str = ""
) -> RowComparison:
    """Return what was changed in a row of a table, compared with the record.

    Where a spreadsheet has only spelled a value in another way, see
    :func:`.spells_same`, the original stays, but in the field at fault, which people
    change on purpose.

    Args:
        original: The record.
        given: The row, as the reader of its format read it. Columns that are missing
            leave their values as they are.
        at_fault: The field of the record for which it failed, if one is known.
    """
    cells = record_cells(original)
    values: dict[Path, Any] = {}
    rewritten: dict[str, tuple[Any, Any]] = {}
    cut_off: list[str] = []
    for name, cell in record_cells(given).items():
        known = cells.get(name)
        if known is None:
            if cell.value is not None and not _is_empty_of(name, cells):
                values[cell.path] = cell.value
            continue
        shown = cell_value(known.value, known.path)
        if cell.value in (shown, cell_text(shown)) or (
            cell.value is None and shown == ""
        ):
            continue
        is_same = spells_same(shown, cell.value)
        if is_same and known.path[0] != at_fault:
            rewritten[name] = (shown, cell.value)
        elif is_cut_off(cell.value, shown):
            cut_off.append(name)
        elif not is_reference(cell.value):
            values[known.path] = mended_value(cell.value, known.value)
    return RowComparison(Mend(values), rewritten, cut_off)


def compare_values(original: Record, given: Mapping[str, Any]) -> Mend:
    """Return what was changed in an object of a JSON file, compared with the record.

    A field that is missing was removed.
    """
    values: dict[Path, Any] = {}
    for name, value in given.items():
        if name not in original:
            values[name,] = value
        elif value != shorten(original[name], (name,)):
            values[name,] = restore_references(value, original[name])
    removed = tuple(name for name in original if name not in given)
    return Mend(values, removed)


def restore_references(given: Any, original: Any) -> Any:
    """Return a changed value with the texts that it only refers to."""
    if is_reference(given):
        if isinstance(original, LargeText):
            return original.whole()
        return original if isinstance(original, str) else given
    if isinstance(given, dict):
        inner = original if isinstance(original, dict) else {}
        return {
            name: restore_references(value, inner.get(name))
            for name, value in given.items()
        }
    if isinstance(given, list):
        known = original if isinstance(original, list) else []
        padded = [*known, *[None] * len(given)]
        return [restore_references(*pair) for pair in zip(given, padded, strict=False)]
    return given.whole() if isinstance(given, LargeText) else given


def mended_value(given: Any, original: Any) -> Any:
    """Return a typed value in the type of the one before, if it can be read so."""
    if isinstance(original, (dict, list, bool, int, float, Decimal)) and isinstance(
        given, str
    ):
        try:
            read = STRICT.decode(
                given if not isinstance(original, bool) else given.lower()
            )
        except ValueError:
            return given
        is_container = isinstance(original, (dict, list))
        if is_container == isinstance(read, (dict, list)):
            return restore_references(read, original) if is_container else read
    return given


def _cells(path: Path, prefix: str, value: Any) -> Iterator[tuple[str, Cell]]:
    if isinstance(value, dict) and value:
        joint = "_" if prefix.endswith("_i18n") else "."
        for name, inner in value.items():
            yield from _cells((*path, name), f"{prefix}{joint}{name}", inner)
    elif _is_spread(value):
        for number, part in enumerate(value):
            for name, inner in part.items():
                cell = Cell((*path, number, name), inner)
                yield f"{prefix}.{name}_{number + 1}", cell
    else:
        yield prefix, Cell(path, value)


def _is_spread(value: Any) -> bool:
    """Return True for a list that readers of tables make from ``tags.key_1`` …."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(x, dict) and x and x.keys() <= _LIST_PARTS for x in value)
    )


def _is_empty_of(name: str, cells: Mapping[str, Cell]) -> bool:
    """Return True for a field that was not in the record, and is empty still."""
    return name in cells and cells[name].value is None
