"""Items that are read from the lines of a file without a stop at their records.

A file of JSON Lines and a database both hold JSON. Where the mapping between them does
nothing but rename, the database's own reader takes the lines, which spares the record
and the item in between. A caller that needs these gets them all the same. Of a table it
takes the columns, each of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, overload

from .record import DateCell, Record, UnreadableRecord

ReadLines = Callable[[Sequence[bytes], int], Sequence[Record | UnreadableRecord]]
"""Returns the records of lines, after a number of lines."""

Columns = Mapping[str, Sequence[Any]]
"""The values of consecutive records by the name of their field."""


class FileRun(Sequence[Record | UnreadableRecord]):
    """Consecutive records of a file, which are read when they are asked for, and kept.

    Args:
        number: The number of records, or of lines, before them in the file.
    """

    __slots__ = ("_number", "_records")

    def __init__(self, number: int) -> None:
        self._number = number
        self._records: Sequence[Record | UnreadableRecord] | None = None

    def followed_by(self, other: FileRun) -> FileRun | None:
        """Return both as one; None if they do not follow each other as one kind."""
        if type(self) is not type(other) or self._number + len(self) != other._number:
            return None
        return self._join(other)

    def _join(self, other: Any) -> FileRun | None:
        raise NotImplementedError

    def _cut(self, start: int, stop: int) -> FileRun:
        raise NotImplementedError

    def _read(self) -> Sequence[Record | UnreadableRecord]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Record | UnreadableRecord]:
        if self._records is None:
            self._records = self._read()
        return iter(self._records)

    @overload
    def __getitem__(self, place: int) -> Record | UnreadableRecord: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Record | UnreadableRecord]: ...
    def __getitem__(
        self, place: int | slice
    ) -> Record | UnreadableRecord | Sequence[Record | UnreadableRecord]:
        if isinstance(place, slice) and self._records is None:
            start, stop, step = place.indices(len(self))
            if step == 1:
                return self._cut(start, max(start, stop))
        return [*self][place]


class FileLines(FileRun):
    """Consecutive records as the lines of the file that they are.

    Args:
        lines: The lines, none of them blank, without their ends.
        number: The number of lines before them in the file.
        read: Returns the records of lines.
    """

    __slots__ = ("_read_lines", "lines")

    def __init__(self, lines: Sequence[bytes], number: int, read: ReadLines) -> None:
        super().__init__(number)
        self.lines = lines
        self._read_lines = read

    def __len__(self) -> int:
        return len(self.lines)

    def _join(self, other: FileLines) -> FileLines:
        return FileLines([*self.lines, *other.lines], self._number, self._read_lines)

    def _cut(self, start: int, stop: int) -> FileLines:
        return FileLines(self.lines[start:stop], self._number + start, self._read_lines)

    def _read(self) -> Sequence[Record | UnreadableRecord]:
        return self._read_lines(self.lines, self._number)


class FileColumns(FileRun):
    """Consecutive records as the columns of the table that they are.

    Args:
        columns: The values by field, at least of one; dates are plain texts.
        number: The number of records before them in the file.
        dates: The fields whose texts are :class:`.DateCell` in records.
    """

    __slots__ = ("_dates", "columns")

    def __init__(
        self, columns: Columns, number: int, dates: Set[str] = frozenset()
    ) -> None:
        super().__init__(number)
        self.columns = columns
        self._dates = dates

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def _join(self, other: FileColumns) -> FileColumns | None:
        if [*self.columns] != [*other.columns]:
            return None
        columns = {
            name: [*values, *other.columns[name]]
            for name, values in self.columns.items()
        }
        return FileColumns(columns, self._number, self._dates | other._dates)

    def _cut(self, start: int, stop: int) -> FileColumns:
        columns = {name: column[start:stop] for name, column in self.columns.items()}
        return FileColumns(columns, self._number + start, self._dates)

    def _read(self) -> Sequence[Record | UnreadableRecord]:
        columns = [
            make_dates(column) if name in self._dates else column
            for name, column in self.columns.items()
        ]
        names = tuple(self.columns)
        return [
            dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)
        ]


def make_dates(column: Sequence[Any]) -> list[Any]:
    """Return a column with its texts as dates."""
    return [DateCell(value) if type(value) is str else value for value in column]


@dataclass(slots=True)
class LineFields:
    """The fields of the lines, or the columns, of one file.

    Attributes:
        targets: The target field by the field of the file that fills it.
        others: Fields of the file that fill none, as far as they are known.
        seen: The fields that lines had so far; a reader of lines adds to them.
    """

    targets: Mapping[str, str]
    others: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)


class LineItems(Sequence[dict[str, Any]]):
    """Items of an import that an installation has read from lines or columns.

    Attributes:
        reader: What has read them; nothing else can use the entries.
        codes: Their external reference codes.
        own_parents: The codes of the parents among the entries of the same object, by
            the field that names them; None where an item names no parent. A field is
            missing if an item names its parent in another way than by a code.
        names: The fields that items of the file have so far.

    Args:
        reader: The reader.
        codes: The codes.
        entries: The values.
        make: Makes the items from the same records.
        own_parents: The codes of the parents.
    """

    __slots__ = (
        "_entries",
        "_items",
        "_make",
        "codes",
        "names",
        "own_parents",
        "reader",
    )

    def __init__(
        self,
        reader: object,
        codes: list[str],
        entries: list[Any],
        make: Callable[[], list[dict[str, Any]]],
        own_parents: Mapping[str, Sequence[str | None]],
    ) -> None:
        self.reader = reader
        self.codes = codes
        self.own_parents = own_parents
        self._entries: list[Any] | None = entries
        self.names: Sequence[str] = ()
        self._make = make
        self._items: list[dict[str, Any]] | None = None

    def take_entries(self) -> list[Any] | None:
        """Return the values in the form of the reader, which changes them.

        None if they were taken before: a batch that is decided once more is decided by
        its items.
        """
        entries, self._entries = self._entries, None
        return entries

    @property
    def _made(self) -> list[dict[str, Any]]:
        if self._items is None:
            self._items = self._make()
        return self._items

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._made)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(place, slice) and not range(*place.indices(len(self.codes))):
            return []  # what is left of a batch, mostly
        return self._made[place]
