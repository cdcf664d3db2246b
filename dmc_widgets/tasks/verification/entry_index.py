"""An index on disk of the entries that a target should hold, and of what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import groupby
from typing import Any, Final, NamedTuple

from ...storage.sqlite import open_temporary

_PAGE_SIZE: Final = 1000
_OTHER: Final = b""
"""A digest that no entry has."""
_WITHOUT_DIGEST: Final = "SELECT count(*) FROM entry WHERE digest IS NULL"


class EntryState(IntEnum):
    """What is known of an expected entry."""

    OPEN = 0
    EQUAL = 1
    DIFFERENT = 2
    MISSING = 3
    UNVERIFIED = 4


class IndexedEntry(NamedTuple):
    """An entry that the target should hold.

    Attributes:
        site: The key of its site; empty for none.
        key: Its external reference code.
        record: The number of its record in the task; 0 for none.
        names: The names of its values.
        digest: The digest of its values; None while it is not known.
        own: Its code in the source, if that is another one; else empty.
        of_entry: The digest is of the whole entry as it was stored. In an index, where
            it has none: it had another one when it was written.
    """

    site: str
    key: str
    record: int
    names: tuple[str, ...] = ()
    digest: bytes | None = None
    own: str = ""
    of_entry: bool = False


class EntryIndex:
    """The expected entries of one entity type, in a temporary file.

    Of several records of one entry the last one counts, which is what was written last.

    Attributes:
        superseded: The number of records that a later one of the same entry replaced.
    """

    def __init__(self) -> None:
        self._connection = open_temporary()
        self._connection.execute(
            "CREATE TABLE entry (site TEXT, erc TEXT, record INTEGER, names INTEGER, "
            "digest BLOB, own TEXT, of_entry INTEGER, "
            "state INTEGER NOT NULL DEFAULT 0, "
            "PRIMARY KEY (site, erc)) WITHOUT ROWID"
        )
        self._connection.execute("CREATE INDEX by_record ON entry (record)")
        self._names: dict[tuple[str, ...], int] = {}
        self._listed_names: list[tuple[str, ...]] = []
        self._added = 0

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

    def add(self, entries: Iterable[IndexedEntry]) -> None:
        """Add entries in the order of their records."""
        rows = [
            (
                entry.site,
                entry.key,
                entry.record,
                self._number(entry.names),
                entry.digest,
                entry.own,
                entry.of_entry,
            )
            for entry in entries
        ]
        self._added += len(rows)
        self._connection.executemany(
            "INSERT OR REPLACE INTO entry "
            "(site, erc, record, names, digest, own, of_entry) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def put_digests(self, entries: Iterable[IndexedEntry]) -> None:
        """Set the names and digests of entries that were added without."""
        self._connection.executemany(
            "UPDATE entry SET names = ?, digest = ? WHERE site = ? AND erc = ?",
            [
                (self._number(entry.names), entry.digest, entry.site, entry.key)
                for entry in entries
            ],
        )

    def mark(self, state: EntryState, keys: Iterable[tuple[str, str]]) -> None:
        """Set the state of entries, entry a site and a code."""
        self._connection.executemany(
            "UPDATE entry SET state = ? WHERE site = ? AND erc = ?",
            ((state, site, key) for site, key in keys),
        )

    def mark_unknown(self) -> None:
        """Set the state of the entries of which it is not known what was sent.

        Those that were others when they were written are different all the same.
        """
        self._connection.execute(
            "UPDATE entry SET digest = ? WHERE digest IS NULL AND of_entry", [_OTHER]
        )
        self._connection.execute(
            "UPDATE entry SET state = ? WHERE digest IS NULL", [EntryState.UNVERIFIED]
        )

    @property
    def superseded(self) -> int:
        """The number of records that a later one of the same entry replaced."""
        return self._added - self._number_of("SELECT count(*) FROM entry")

    @property
    def lacks_digests(self) -> bool:
        """True if there are entries without a digest."""
        return bool(self._number_of(_WITHOUT_DIGEST))

    @property
    def compares_entries(self) -> bool:
        """True if entries are there that had another digest when they were written."""
        return bool(self._number_of(f"{_WITHOUT_DIGEST} AND of_entry"))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all values."""
        return tuple(sorted({name for names in self._listed_names for name in names}))

    def count(self, state: EntryState) -> int:
        """Return the number of entries in a state."""
        return self._number_of("SELECT count(*) FROM entry WHERE state = ?", [state])

    def pages(
        self, state: EntryState, size: Callable[[], int] = lambda: _PAGE_SIZE
    ) -> Iterator[tuple[str, list[IndexedEntry]]]:
        """Yield each site with some of its entries in a state, by site and code.

        Args:
            state: The state of the entries.
            size: Returns how many the next page may have.
        """
        site, key = "", ""
        while True:
            rows = self._connection.execute(
                "SELECT site, erc, record, names, digest, own, of_entry FROM entry "
                "WHERE (site, erc) > (?, ?) AND state = ? ORDER BY site, erc LIMIT ?",
                [site, key, state, size()],
            ).fetchall()
            if not rows:
                return
            for site_key, group in groupby(rows, key=lambda row: str(row[0])):
                yield site_key, [self._entry(row) for row in group]
            site, key = rows[-1][:2]

    def find(
        self, site: str, keys: Sequence[str], state: EntryState | None = None
    ) -> dict[str, IndexedEntry]:
        """Return those of the entries of a site that are there, by code."""
        query = (
            "SELECT site, erc, record, names, digest, own, of_entry FROM entry "
            "WHERE site = ? AND erc = ? AND (? IS NULL OR state = ?)"
        )
        execute = self._connection.execute
        found = (execute(query, [site, key, state, state]).fetchone() for key in keys)
        return {row[1]: self._entry(row) for row in found if row is not None}

    def find_records(
        self, state: EntryState, first: int, last: int
    ) -> dict[int, IndexedEntry]:
        """Return the entries in a state of the records from *first* to *last*."""
        rows = self._connection.execute(
            "SELECT site, erc, record, names, digest, own, of_entry FROM entry "
            "WHERE state = ? AND record BETWEEN ? AND ?",
            [state, first, last],
        )
        return {row[2]: self._entry(row) for row in rows}

    def _entry(self, row: tuple[Any, ...]) -> IndexedEntry:
        site, key, record, names, digest, own, of_entry = row
        listed = self._listed_names[names]
        return IndexedEntry(site, key, record, listed, digest, own, bool(of_entry))

    def _number(self, names: tuple[str, ...]) -> int:
        number = self._names.get(names)
        if number is None:
            number = self._names[names] = len(self._listed_names)
            self._listed_names.append(names)
        return number

    def _number_of(self, query: str, values: Sequence[int] = ()) -> int:
        number: int = self._connection.execute(query, values).fetchone()[0]
        return number
