"""From the cells of a line to a record: named columns, nested ones put together.

``status.key`` and ``status.name`` become one object, ``tags.key_1`` … a list of
objects, and ``name_i18n_en_US`` a part of the map ``name_i18n``: what one line
spreads over columns is one field again, as it was before it was written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import FileUnreadable
from ..model.record import Record

_NUMBERED = re.compile(r"(.+)_([1-9][0-9]{0,2})")
_LOCALIZED = re.compile(r"(.+_i18n)_([A-Za-z]{2,3}(?:[_-][A-Za-z0-9]+)*)")

_LISTED = frozenset({"key", "name"})

Cells = Sequence[Any]
Place = Callable[[Record, Any], None]


def column_names(cells: Cells, *, source: str) -> list[str]:
    """Return the names that a first line gives to the columns.

    A column without a name gets its number, from 0; unnamed columns at the end
    are no columns.

    Raises:
        FileUnreadable: Two columns have one name, no column has any, or one is no text.
    """
    names = ["" if cell is None else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        reason = "The first line names no column. Say that the file has no headers."
        raise FileUnreadable(source, reason)
    if any("\0" in name for name in names):
        reason = "The first line holds zero bytes, as no text does. Get the file again."
        raise FileUnreadable(source, reason)
    names = [name or str(place) for place, name in enumerate(names)]
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        places = [str(at) for at, each in enumerate(names, start=1) if each == name]
        reason = (
            f"The columns {', '.join(places)} are all named {name!r}. "
            "Give each a name of its own."
        )
        raise FileUnreadable(source, reason)
    return names


def record_maker(names: Sequence[str]) -> Callable[[Cells], Record]:
    """Build the function from a line's cells to a record. Empty cells are None."""
    plain = set(names)
    places = [_place(name, plain) for name in names]
    lists = [name for name in _list_names(names) if name not in plain]
    if not any(places):
        return lambda cells: dict(zip(names, cells, strict=True))

    def make(cells: Cells) -> Record:
        record: Record = {}
        for name, place, cell in zip(names, places, cells, strict=True):
            if place is None:
                record[name] = cell
            else:
                place(record, cell)
        for name in lists:
            objects = record[name]
            record[name] = [objects[number] for number in sorted(objects)] or None
        return record

    return make


def _list_names(names: Sequence[str]) -> list[str]:
    """Return the fields that are spread over ``key_1``, ``name_1`` and so on."""
    paths = [name.split(".") for name in names]
    found = (path[0] for path in paths if _is_listed(path))
    return list(dict.fromkeys(found))


def _is_listed(path: list[str]) -> bool:
    numbered = _NUMBERED.fullmatch(path[-1])
    return len(path) == 2 and numbered is not None and numbered[1] in _LISTED


def _place(name: str, plain: set[str]) -> Place | None:
    """Return how a cell of the column *name* enters a record; None: as it is."""
    localized = _LOCALIZED.fullmatch(name)
    if localized and localized[1] not in plain:
        return _nested([localized[1], localized[2]])
    path = name.split(".")
    if len(path) < 2 or not all(path) or path[0] in plain:
        return None
    numbered = _NUMBERED.fullmatch(path[-1])
    if numbered and _is_listed(path):
        return _listed(path[0], numbered[1], int(numbered[2]))
    return _nested(path)


def _nested(path: list[str]) -> Place:
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


def _listed(name: str, part: str, number: int) -> Place:
    """Put a cell into the object *number* of what becomes a list."""

    def place(record: Record, cell: Any) -> None:
        objects = record.setdefault(name, {})
        if cell is not None:
            objects.setdefault(number, {})[part] = cell

    return place
