"""Which fields the records of a file have, read as far as an answer takes.

The columns of a table are known from its header. In JSON a field may first appear in
a late record, so a name that the head does not have is looked for in the records after
it, up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from ..errors import FileError
from ..formats.archive import open_source
from ..formats.table_columns import column_names, record_maker
from ..model.record import Record, Unreadable, part_names
from .head import FileHead

TABLES: Final = frozenset({"CSV", "XLSX"})

_MOST_BYTES: Final = 128 * 1024 * 1024
"""No more of a file is searched for a name, which takes two or three seconds."""


class FileFields:
    """The fields of a file: those of its head, and of later records where asked.

    Attributes:
        name: The file's name.
        is_table: The fields are columns.
    """

    def __init__(self, head: FileHead) -> None:
        self.name = head.name
        self.is_table = head.format in TABLES
        self._head = head
        self._records: list[Record] = list(head.records)
        self._found = dict.fromkeys(head.fields)
        self._complete = head.complete
        self._number = len(head.found)
        self._columns: tuple[str, ...] = ()
        if self.is_table:
            self._complete = True
            if not self._records:
                self._add_columns()

    @property
    def is_empty(self) -> bool:
        """There is nothing in the file that could be a record."""
        return self._head.is_empty

    @property
    def is_readable(self) -> bool:
        """There is a record, or a header, that says which fields there are."""
        return bool(self._found)

    @property
    def is_complete(self) -> bool:
        """Nothing of the file that could have another field is left unread."""
        return self._complete

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that were met so far, in the order of first sight."""
        return tuple(self._found)

    @property
    def sources(self) -> tuple[str, ...]:
        """What people know as the fields: the columns, or fields and their parts."""
        if self._columns:
            return self._columns
        parts = part_names(self._records)
        return (*self._found, *(part for part in parts if part not in self._found))

    @property
    def extent(self) -> str:
        """What was searched, for a sentence: ``people.csv``."""
        if self._complete:
            return self.name
        return f"{self.name}, of which {self._number:,} records were searched,"

    def missing(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return those of *sources* that no record has, or none that was searched."""
        sought = _Sought(sources)
        sought.look_at(self._records)
        if sought.parts and self.is_table:
            self._add_columns()
            sought.look_at(self._records)
        if sought and not self._complete:
            self._search(lambda record: sought.look_at([record]))
        return sought.missing(is_table=self.is_table)

    def read_until(self, is_enough: Callable[[], bool]) -> None:
        """Read on while the fields are not enough, within the limit."""
        if not self._complete and not is_enough():
            self._search(lambda _record: is_enough())

    def _search(self, is_done: Callable[[Record], bool]) -> None:
        """Read the file from its beginning; a broken place ends it."""
        head, self._number = self._head, 0
        with open_source(
            head.path, name=head.file_name, options=head.options
        ) as source:
            try:
                for record in source.records():
                    if source.position > _MOST_BYTES:
                        return
                    self._number += 1
                    if isinstance(record, Unreadable):
                        continue
                    self._found.update(dict.fromkeys(record))
                    if is_done(record):
                        return
            except FileError:
                return
        self._complete = True

    def _add_columns(self) -> None:
        """Take the fields from the header alone: below it everything may be empty."""
        names = _header(self._head)
        if names:
            sample = record_maker(names)(["x"] * len(names))
            self._records.append(sample)
            self._found.update(dict.fromkeys(sample))
            self._columns = tuple(names)


class _Sought:
    """Names of sources that are looked for, and no longer held once they are found."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)
        self._null: set[str] = set()
        self._object: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._names)

    @property
    def parts(self) -> list[str]:
        """The names that may be those of parts of a nested field."""
        return [name for name in self._names if "." in name]

    def look_at(self, records: Iterable[Record]) -> bool:
        """Take away what *records* have; return True if nothing is left."""
        for record in records:
            for name in [x for x in self._names if x in record]:
                del self._names[name]
            for name in self.parts:
                self._look_at_part(name, record)
        return not self._names

    def missing(self, *, is_table: bool) -> tuple[str, ...]:
        """Return what was not found.

        Of an object that is null in every record nobody can tell the parts, which are
        null with it. The header of a table does tell.
        """
        unknown = set() if is_table else self._null - self._object
        return tuple(name for name in self._names if name not in unknown)

    def _look_at_part(self, name: str, record: Record) -> None:
        inner: Any = record
        for step in name.split("."):
            if inner is None:
                self._null.add(name)
                return
            if not isinstance(inner, dict) or step not in inner:
                if inner is not record:
                    self._object.add(name)
                return
            inner = inner[step]
        del self._names[name]


def _header(head: FileHead) -> list[str]:
    """Return the names in the header of a table; none where it cannot be read."""
    options = replace(head.options, headers=False)
    with open_source(head.path, name=head.file_name, options=options) as source:
        first = next(source.records(), None)
    if first is None or isinstance(first, Unreadable):
        return []
    cells = list(first.values())
    return column_names(cells, source=head.name) if head.options.headers else cells
