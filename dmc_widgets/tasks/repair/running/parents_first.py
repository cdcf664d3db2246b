"""Bring records into an order in which parents come before their children.

The records of a round are collected in a temporary file, however deep the hierarchy is
and however the file is sorted, so that one pass writes them. Where records are each
other's parents, in a circle, one of them is written without that parent; it is linked
once all of them are there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from ....model.entity_type import EntityType
from ....model.mapping import Values
from ....model.outcome import Problem
from ....model.record import Record, UnreadableRecord
from ....storage.sqlite import open_temporary
from ...imports.later_parents import OwnReferences
from .record_spool import RecordSpool

_NONE: Final = frozenset[str]()


class OrderedRecord(NamedTuple):
    """A record in the order in which it is written.

    Attributes:
        number: The number of the record in the task.
        record: The record.
        size: About how many bytes of the file it takes.
        left_out: The fields of the target that wait until all records are written.
        is_done: It has an outcome in this round.
    """

    number: int
    record: Record | UnreadableRecord
    size: int
    left_out: frozenset[str] = _NONE
    is_done: bool = False


class ParentsFirst:
    """Sorts the records of a round, so that parents come before their children.

    Args:
        references: Tells whom a record names as its parents.
        entity_type: The entity type of the records.
        to_item: Maps a record, without look-ups.
    """

    def __init__(
        self,
        references: OwnReferences,
        entity_type: EntityType,
        to_item: Callable[[Values], Values | Problem],
    ) -> None:
        self._references = references
        self._required = frozenset(x.name for x in entity_type.fields if x.required)
        self._to_item = to_item
        self._records = RecordSpool[OrderedRecord]()
        self._connection = open_temporary()
        self._connection.executescript(
            "CREATE TABLE own (site, code, number, PRIMARY KEY (site, code, number))"
            " WITHOUT ROWID;"
            "CREATE TABLE named (number, field, site, code)"
        )

    def close(self) -> None:
        """Remove the temporary files."""
        self._connection.close()
        self._records.close()

    def sort(self, records: Iterable[OrderedRecord]) -> Iterator[OrderedRecord]:
        """Yield records, each once; the order depends on them alone.

        They pass through unless the object can be the parent of itself.

        Args:
            records: The records in the order of the file.
        """
        if not self._references.names:
            yield from records
            return
        numbers = []
        for record in records:
            numbers.append(record.number)
            self.keep(record)
            self._collect_references(record)
        order = _Order(numbers, self._required)
        for number, field, parent in self._edges():
            order.add(number, parent, field)
        for number, left_out in order.sort():
            yield self.find(number)._replace(left_out=left_out)

    def keep(self, record: OrderedRecord) -> None:
        """Keep a record, which is to be found later."""
        self._records.put(record.number, record)

    def find(self, index: int) -> OrderedRecord:
        """Return a record that is kept."""
        return self._records.get(index)

    def _collect_references(self, record: OrderedRecord) -> None:
        values, index = record.record, record.number
        item = None if isinstance(values, UnreadableRecord) else self._to_item(values)
        if item is None or isinstance(item, Problem):
            return
        self._connection.executemany(
            "INSERT INTO own VALUES (?, ?, ?)",
            ((*key, index) for key in self._references.keys(item)),
        )
        self._connection.executemany(
            "INSERT INTO named VALUES (?, ?, ?, ?)",
            ((index, name, *key) for name, key in self._references.named(item)),
        )

    def _edges(self) -> Iterator[tuple[int, str, int]]:
        """Yield each record with the field that names a parent, and the parent.

        Of records with the same key, the later ones come after the earlier ones.
        """
        yield from self._connection.execute(
            "SELECT named.number, field, min(own.number) FROM named JOIN own "
            "USING (site, code) GROUP BY named.rowid"
        )
        yield from self._connection.execute(
            "SELECT number, '', earlier FROM (SELECT number, lag(number) OVER "
            "(PARTITION BY site, code ORDER BY number) AS earlier FROM own) "
            "WHERE earlier IS NOT NULL"
        )


class _Order:
    """Sorts numbers so that each comes after those that it waits for.

    Args:
        numbers: The numbers, in the order of the file.
        required: The fields that cannot be left out.
    """

    def __init__(self, numbers: list[int], required: frozenset[str]) -> None:
        self._numbers = numbers
        self._required = required
        self._waits: dict[int, dict[int, frozenset[str]]] = {}
        self._followers: dict[int, list[int]] = {}

    def add(self, number: int, earlier: int, field: str) -> None:
        """Let a number come after an earlier one, which a field names."""
        waits = self._waits.setdefault(number, {})
        waits[earlier] = waits.get(earlier, _NONE) | {field}
        self._followers.setdefault(earlier, []).append(number)

    def sort(self) -> Iterator[tuple[int, frozenset[str]]]:
        """Yield each number, with the fields that close a circle."""
        ready = [x for x in self._numbers if x not in self._waits]
        done: set[int] = set()
        for first in self._numbers:
            while ready:
                yield from self._finish(heapq.heappop(ready), _NONE, ready, done)
            while first not in done:
                number = self._find_in_circle(first)
                fields = _NONE.union(*self._waits.pop(number).values())
                left_out = fields - self._required - {""}
                yield from self._finish(number, left_out, ready, done)
                while ready:
                    yield from self._finish(heapq.heappop(ready), _NONE, ready, done)

    def _finish(
        self, number: int, left_out: frozenset[str], ready: list[int], done: set[int]
    ) -> Iterator[tuple[int, frozenset[str]]]:
        done.add(number)
        yield number, left_out
        for follower in self._followers.pop(number, ()):
            waits = self._waits.get(follower, {})
            if waits.pop(number, _NONE) and not waits:
                del self._waits[follower]
                heapq.heappush(ready, follower)

    def _find_in_circle(self, start: int) -> int:
        """Return the first number of a circle that can do without its parents."""
        path: dict[int, None] = {}
        number = start
        while number not in path:
            path[number] = None
            number = min(self._waits[number])
        walked = list(path)
        circle = sorted(walked[walked.index(number) :])
        for candidate in circle:
            fields = _NONE.union(*self._waits[candidate].values())
            if fields.isdisjoint({*self._required, ""}):
                return candidate
        return circle[0]
