"""Items that are read from the lines of a file without a stop at their records.

A file of JSON Lines and a database both hold JSON. Where the mapping between them does
nothing but rename, the database's own reader takes the lines, which spares the record
and the item in between. A caller that needs these gets them all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from .record import Record, UnreadableRecord

ReadLines = Callable[[Sequence[bytes], int], Sequence[Record | UnreadableRecord]]
"""Returns the records of lines, after a number of lines."""


class FileLines(Sequence[Record | UnreadableRecord]):
    """Consecutive records as the lines of the file that they are.

    The records are read when they are asked for, and kept.

    Args:
        lines: The lines, none of them blank, without their ends.
        number: The number of lines before them in the file.
        read: Returns the records of lines.
    """

    __slots__ = ("_number", "_read", "_records", "lines")

    def __init__(self, lines: Sequence[bytes], number: int, read: ReadLines) -> None:
        self.lines = lines
        self._number = number
        self._read = read
        self._records: Sequence[Record | UnreadableRecord] | None = None

    def followed_by(self, other: FileLines) -> FileLines | None:
        """Return both as one; None if there are other lines between them."""
        if self._number + len(self.lines) != other._number:
            return None
        return FileLines([*self.lines, *other.lines], self._number, self._read)

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Record | UnreadableRecord]:
        if self._records is None:
            self._records = self._read(self.lines, self._number)
        return iter(self._records)

    @overload
    def __getitem__(self, place: int) -> Record | UnreadableRecord: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Record | UnreadableRecord]: ...
    def __getitem__(
        self, place: int | slice
    ) -> Record | UnreadableRecord | Sequence[Record | UnreadableRecord]:
        if isinstance(place, slice) and self._records is None:
            start, _, step = place.indices(len(self.lines))
            if step == 1:
                return FileLines(self.lines[place], self._number + start, self._read)
        return [*self][place]


@dataclass(slots=True)
class LineFields:
    """The fields of the lines of one file.

    Attributes:
        targets: The target field by the field of the file that fills it.
        others: Fields of the file that fill none, as far as they are known.
        seen: The fields that lines had so far; a reader of lines adds to them.
    """

    targets: Mapping[str, str]
    others: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)


class LineItems(Sequence[dict[str, Any]]):
    """Items of an import that an installation has read from lines.

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
        make: Makes the items from the same lines.
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
