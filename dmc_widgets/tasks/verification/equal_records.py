"""The records that the target holds as they were sent, found batch by batch.

Mostly that is all of them. Nothing is listed here: a record that is not proved equal,
whatever the reason, is left to :class:`~.entry_verification.EntryVerification`, which
tells what is different about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, repeat
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from ...model.entity_type import EntityType
from ...model.verification import sum_digests
from ...objects.entries.canonical_columns import CanonicalColumns
from ...objects.entries.canonical_values import digest_entry
from ...objects.entries.validation import EntryRules
from ...storage.repeated_hashes import RepeatedHashes
from ...workspace.digests import BatchDigests
from .entry_index import IndexedEntry
from .verified_part import VerifiedPart

_PAGE_SIZE: Final = 1000
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


@runtime_checkable
class StoredDigestReader(Protocol):
    """An installation that makes digests of entries when it writes them."""

    def stored_digests(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, bytes]:
        """Return the digests of the entries that are stored under these ERCs now.

        They are those of :func:`.model.entry_digests.digest_entries`, of what the
        installation reads anew.

        Args:
            entity_type: An entity type of entries.
            keys: The external reference codes.
            scope: The key of the site; empty for none.

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
        site, names, digests, of_entries = sent
        if self._repeated.include_any(keys):
            return False
        read = self._read_digests if of_entries else self._digest_values
        stored = read(site, names, keys)
        actual = [*map(stored.get, keys, repeat(b""))]
        if b"".join(actual) != digests:
            return False
        kind = _Kind(site, names, of_entries)
        self._count(kind, keys, actual)
        return True

    def take(self, entries: Iterable[IndexedEntry]) -> Iterator[IndexedEntry]:
        """Count the entries that are stored as they were sent; yield all others.

        Those that come with a digest of the whole entry have none any more: it does
        not tell which of the values differ.

        Raises:
            InstallationError: The target does not answer.
        """
        for kind, group in groupby(entries, key=_kind):
            listed = [*group]
            for start in range(0, len(listed), _PAGE_SIZE):
                yield from self._compare(kind, listed[start : start + _PAGE_SIZE])

    def _compare(
        self, kind: _Kind, entries: Sequence[IndexedEntry]
    ) -> Iterator[IndexedEntry]:
        site, names, of_entries = kind
        read = self._read_digests if of_entries else self._digest_values
        actual = read(site, names, [entry.key for entry in entries])
        equal: list[str] = []
        for entry in entries:
            digest = actual.get(entry.key)
            if digest is None or digest != entry.digest or entry.key in self._repeated:
                yield entry._replace(digest=None) if of_entries else entry
            else:
                equal.append(entry.key)
        self._count(kind, equal, map(actual.__getitem__, equal))

    def _read_digests(
        self, site: str, _names: tuple[str, ...], keys: Sequence[str]
    ) -> dict[str, bytes]:
        """Return the digests of whole entries, as far as the target tells them."""
        target = self._part.target
        if not isinstance(target, StoredDigestReader):
            return {}
        return target.stored_digests(self._part.entity_type, keys, site)

    def _digest_values(
        self, site: str, names: tuple[str, ...], keys: Sequence[str]
    ) -> dict[str, bytes]:
        """Return the digests of some values of entries, as far as it can tell them."""
        target = self._part.target
        can_compare = bool(names) and self._columns.names(names) == names
        if not can_compare or not isinstance(target, StoredValueReader):
            return {}
        stored = target.stored_values(self._part.entity_type, keys, site, names)
        digests = self._columns.digests(names, [*stored.values()])
        return dict(zip(stored, digests, strict=True))

    def _count(
        self, kind: _Kind, keys: Sequence[str], digests: Iterable[bytes]
    ) -> None:
        if not kind.of_entries:
            digests = map(digest_entry, repeat(kind.site), keys, digests)
        self.total = sum_digests(digests, self.total)
        self.names.update(kind.names)
        self.count += len(keys)
        self._part.advance(len(keys))


class _Kind(NamedTuple):
    """What the digests of some records have in common."""

    site: str
    names: tuple[str, ...]
    of_entries: bool


def _kind(entry: IndexedEntry) -> _Kind:
    return _Kind(entry.site, entry.names, entry.of_entry)


class RepeatedCodes:
    """The codes that several records have; memory does not grow with their number.

    Others may be taken for one of them.

    Args:
        codes: The codes of all records, some at a time.
    """

    def __init__(self, codes: Iterable[Iterable[str]] = ()) -> None:
        hashes = RepeatedHashes()
        for some in codes:
            hashes.extend(map(hash, some))
        repeated = hashes.find(_MAX_REPEATED)
        self._repeated = None if len(repeated) > _MAX_REPEATED else repeated

    def __contains__(self, code: str) -> bool:
        return self._repeated is None or hash(code) in self._repeated

    def include_any(self, codes: Iterable[str]) -> bool:
        """Return True if one of *codes* is among them."""
        repeated = self._repeated
        return repeated is None or not repeated.isdisjoint(map(hash, codes))
