"""The records that the target holds as they were sent, found batch by batch.

Mostly that is all of them. Nothing is listed here: a record that is not proved equal,
whatever the reason, is left to :class:`~.entry_verification.EntryVerification`, which
tells what is different about it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise, repeat
from typing import Any, Final, Protocol, runtime_checkable

from ...model.entity_type import EntityType
from ...model.verification import sum_digests
from ...objects.entries.canonical_columns import CanonicalColumns
from ...objects.entries.canonical_values import digest_entry
from ...objects.entries.validation import EntryRules
from ...workspace.digests import BatchDigests
from .entry_index import IndexedEntry
from .verified_part import VerifiedPart

_PAGE_SIZE: Final = 1000
_PARTITION_SIZE: Final = 250_000
_MAX_REPEATED: Final = 100_000


@runtime_checkable
class StoredValueReader(Protocol):
    """An installation that tells single values of entries as it stores them."""

    def stored_values(
        self,
        entity_type: EntityType,
        keys: Sequence[str],
        scope: str,
        names: Sequence[str],
    ) -> dict[str, list[Any]]:
        """Return the values stored under these ERCs; those without an entry are absent.

        A verification compares them with what was sent, so they are read anew.

        Args:
            entity_type: An entity type of entries.
            keys: The external reference codes.
            scope: The key of the site; empty for none.
            names: The names of fields whose values depend on nothing but themselves.

        Returns:
            The values of each entry in the order of the names, None for no value.

        Raises:
            InstallationError: The installation does not answer now.
        """
        ...


class EqualRecords:
    """Finds the records of a part that the target holds as they were sent.

    Args:
        part: The entity type and its target.
        rules: The rules of its definition in the target.
        repeated: Returns True for a code that several records may have: only the last
            of them counts, so none of them is taken here.

    Attributes:
        count: The number of records found.
        names: The names of their values.
        total: The sum of the digests of their entries.
    """

    def __init__(
        self, part: VerifiedPart, rules: EntryRules, repeated: RepeatedCodes
    ) -> None:
        self._part = part
        self._columns = CanonicalColumns(rules)
        self._repeated = repeated
        self.count = 0
        self.names: set[str] = set()
        self.total = 0

    def take_batch(self, keys: Sequence[str], sent: BatchDigests) -> bool:
        """Count the records of a batch if all are stored as they were sent.

        Args:
            keys: The external reference codes, one a record.
            sent: The digests of the records.

        Raises:
            InstallationError: The target does not answer.
        """
        target, (site, names, digests) = self._part.target, sent
        if not isinstance(target, StoredValueReader) or not self._can_compare(names):
            return False
        if self._repeated.include_any(keys):
            return False
        stored = target.stored_values(self._part.entity_type, keys, site, names)
        if len(stored) != len(keys):
            return False
        rows = [*map(stored.__getitem__, keys)]
        actual = [*self._columns.digests(names, rows)]
        if b"".join(actual) != digests:
            return False
        self._count(site, names, keys, actual)
        return True

    def take(self, entries: Iterable[IndexedEntry]) -> Iterator[IndexedEntry]:
        """Count the entries that are stored as they were sent; yield all others.

        Raises:
            InstallationError: The target does not answer.
        """
        target = self._part.target
        if not isinstance(target, StoredValueReader):
            yield from entries
            return
        for (site, names), group in groupby(entries, key=_kind):
            if not self._can_compare(names):
                yield from group
                continue
            listed = [*group]
            for start in range(0, len(listed), _PAGE_SIZE):
                page = listed[start : start + _PAGE_SIZE]
                yield from self._compare(target, site, names, page)

    def _compare(
        self,
        target: StoredValueReader,
        site: str,
        names: tuple[str, ...],
        entries: Sequence[IndexedEntry],
    ) -> Iterator[IndexedEntry]:
        keys = [entry.key for entry in entries]
        stored = target.stored_values(self._part.entity_type, keys, site, names)
        digests = self._columns.digests(names, [*stored.values()])
        actual = dict(zip(stored, digests, strict=True))
        equal: list[str] = []
        for entry in entries:
            digest = actual.get(entry.key)
            if digest is None or digest != entry.digest or entry.key in self._repeated:
                yield entry
            else:
                equal.append(entry.key)
        self._count(site, names, equal, map(actual.__getitem__, equal))

    def _can_compare(self, names: tuple[str, ...]) -> bool:
        return bool(names) and self._columns.names(names) == names

    def _count(
        self,
        site: str,
        names: tuple[str, ...],
        keys: Sequence[str],
        digests: Iterable[bytes],
    ) -> None:
        entries = map(digest_entry, repeat(site), keys, digests)
        self.total = sum_digests(entries, self.total)
        self.names.update(names)
        self.count += len(keys)
        self._part.advance(len(keys))


def _kind(entry: IndexedEntry) -> tuple[str, tuple[str, ...]]:
    return entry.site, entry.names


class RepeatedCodes:
    """The codes that several records have, found with eight bytes of memory a record.

    Others may be taken for one of them.

    Args:
        codes: The codes of all records, some at a time.
    """

    def __init__(self, codes: Iterable[Iterable[str]] = ()) -> None:
        hashes = array("q")
        for some in codes:
            hashes.extend(map(hash, some))
        self._repeated = _find_repeated(hashes)

    def __contains__(self, code: str) -> bool:
        return self._repeated is None or hash(code) in self._repeated

    def include_any(self, codes: Iterable[str]) -> bool:
        """Return True if one of *codes* is among them."""
        repeated = self._repeated
        return repeated is None or not repeated.isdisjoint(map(hash, codes))


def _find_repeated(hashes: array[int]) -> set[int] | None:
    """Return the values that occur more than once; None if they are very many."""
    repeated: set[int] = set()
    parts = len(hashes) // _PARTITION_SIZE + 1
    for part in range(parts):
        some = [value for value in hashes if value % parts == part]
        if len({*some}) < len(some):
            some.sort()
            repeated.update(one for one, other in pairwise(some) if one == other)
        if len(repeated) > _MAX_REPEATED:
            return None
    return repeated
