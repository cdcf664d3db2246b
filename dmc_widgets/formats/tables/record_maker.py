"""Turn the cells of a row into a record: column names, and nested fields joined.

``status.key`` and ``status.name`` become one object, ``tags.key_1`` … a list of
objects, and ``name_i18n_en_US`` a part of the map ``name_i18n``: what one line
spreads over columns is one field again, as it was before it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from ...errors import FileUnreadable
from ...model.reading_options import ReadingReport
from ...model.record import Record

_NUMBERED = re.compile(r"(.+)_([1-9][0-9]{0,2})")
_LOCALIZED = re.compile(r"(.+_i18n)_([A-Za-z]{2,3}(?:[_-][A-Za-z0-9]+)*)")

_REPEATED = re.compile(r".+ \([0-9]+\)")

_LIST_PARTS = frozenset({"key", "name"})

Cells = Sequence[Any]
Placement = Callable[[Record, Any], None]


def read_column_names(
    cells: Cells, *, source: str, report: ReadingReport | None = None
) -> list[str]:
    """Return the names that a first line gives to the columns.

    White space around a name is removed, and so are invisible characters (Unicode's
    *format* characters, such as zero-width spaces). A column without a name gets its
    number, from 0; unnamed columns at the end are dropped. Of several columns with one
    name the second is named ``Name (2)``, the third ``Name (3)``.

    Args:
        cells: The cells of the line.
        source: The name of the file, for messages.
        report: Receives a warning about columns that have the same name.

    Raises:
        FileUnreadable: No column has a name, or a name holds zero bytes.
    """
    names = [
        _remove_invisible("" if cell is None else str(cell)).strip() for cell in cells
    ]
    while names and not names[-1]:
        names.pop()
    if not names:
        reason = "The first line names no column. Say that the file has no headers."
        raise FileUnreadable(source, reason)
    if any("\0" in name for name in names):
        reason = "The first line holds zero bytes, as no text does. Get the file again."
        raise FileUnreadable(source, reason)
    names = [name or str(place) for place, name in enumerate(names)]
    return make_distinct(names, report or ReadingReport())


def _remove_invisible(name: str) -> str:
    if name.isascii():
        return name
    return "".join(char for char in name if unicodedata.category(char) != "Cf")


def make_distinct(names: list[str], report: ReadingReport) -> list[str]:
    """Number the columns that have a name which one before them has, with a warning."""
    taken = set(names)
    called: dict[str, list[str]] = {}
    distinct_names = []
    for name in names:
        same = called.setdefault(name, [])
        number = len(same) + 1
        distinct = name
        while same and distinct in taken:
            distinct = f"{name} ({number})"
            number += 1
        taken.add(distinct)
        same.append(distinct)
        distinct_names.append(distinct)
    for name, same in called.items():
        if len(same) > 1:
            others = ", ".join(map(repr, same[:-1]))
            report.warn(
                f"{len(same)} columns are named {name!r}. In the order of the file "
                f"they are read as {others} and {same[-1]!r}."
            )
    return distinct_names


def are_flat(names: Sequence[str]) -> bool:
    """Return True if each column is a field of its own."""
    return all(len(path) == 1 for path in _column_paths(names))


def build_record_maker(names: Sequence[str]) -> Callable[[Cells], Record]:
    """Build the function from a line's cells to a record. Empty cells are None."""
    if are_flat(names):
        return lambda cells: dict(zip(names, cells, strict=True))
    paths = _column_paths(names)
    lists = _list_names(paths)
    places = [_placement(path, lists) for path in paths]
    nested = [
        path
        for name, path in zip(names, paths, strict=True)
        if len(path) > 1 and path[0] not in lists and not _LOCALIZED.fullmatch(name)
    ]

    def make(cells: Cells) -> Record:
        record: Record = {}
        for name, place, cell in zip(names, places, cells, strict=True):
            if place is None:
                record[name] = cell
            else:
                place(record, cell)
        for path in nested:
            _fill_missing(record, path)
        for name in lists:
            objects = record[name]
            record[name] = [objects[number] for number in sorted(objects)] or None
        return record

    return make


def _column_paths(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return where each column goes in a record: its field, and steps within.

    A column whose place is taken, or lies within the value of another, is a field
    of its own: ``a.b`` beside ``a``. Else one of the two cells would be lost.
    """
    wished = [_column_path(name) for name in names]
    taken: dict[tuple[str, ...], str] = {}
    for name, path in zip(names, wished, strict=True):
        taken.setdefault(path, name)
    return [
        path
        if taken[path] == name
        and not any(path[:steps] in taken for steps in range(1, len(path)))
        else (name,)
        for name, path in zip(names, wished, strict=True)
    ]


def _column_path(name: str) -> tuple[str, ...]:
    localized = _LOCALIZED.fullmatch(name)
    if localized:
        return localized[1], localized[2]
    if _REPEATED.fullmatch(name):
        return (name,)  # a second column of a part is not another part
    path = tuple(name.split("."))
    return path if all(path) else (name,)


def _list_names(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the fields that are spread over ``key_1``, ``name_1`` and nothing else."""
    fields = dict.fromkeys(path[0] for path in paths if _match_numbered(path))
    others = {path[0] for path in paths if not _match_numbered(path)}
    return [field for field in fields if field not in others]


def _match_numbered(path: tuple[str, ...]) -> re.Match[str] | None:
    match = _NUMBERED.fullmatch(path[-1]) if len(path) == 2 else None
    return match if match and match[1] in _LIST_PARTS else None


def _placement(path: tuple[str, ...], lists: Sequence[str]) -> Placement | None:
    """Return how the cell of a column enters a record; None: as it is."""
    if len(path) == 1:
        return None
    numbered = _match_numbered(path)
    if numbered and path[0] in lists:
        return _place_in_list(path[0], numbered[1], int(numbered[2]))
    return _place_nested(path)


def _fill_missing(record: Record, path: tuple[str, ...]) -> None:
    """Put null where a cell was empty and others of the same object were not.

    Translations are left out: a language that is not there keeps what it has.
    """
    inner = record.get(path[0])
    for step in path[1:]:
        if not isinstance(inner, dict):
            return
        inner = inner.setdefault(step, None)


def _place_nested(path: tuple[str, ...]) -> Placement:
    """Put a cell into objects in objects; without any value the field is None."""

    def place(record: Record, cell: Any) -> None:
        if cell is None:
            record.setdefault(path[0], None)
            return
        inner = record
        for step in path[:-1]:
            if not isinstance(inner.get(step), dict):
                inner[step] = {}
            inner = inner[step]
        inner[path[-1]] = cell

    return place


def _place_in_list(name: str, part: str, number: int) -> Placement:
    """Put a cell into the object *number* of what becomes a list."""

    def place(record: Record, cell: Any) -> None:
        objects = record.setdefault(name, {})
        if cell is not None:
            objects.setdefault(number, {})[part] = cell

    return place
