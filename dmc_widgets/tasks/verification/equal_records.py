"""The records that the target holds as they were sent, found batch by batch.

Mostly that is all of them. Nothing is listed here: a record that is not proved equal,
whatever the reason, is left to :class:`~.entry_verification.EntryVerification`, which
tells what is different about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Final

from ...model.verification import sum_digests, sum_joined_digests
from ...objects.entries.canonical_values import digest_entry
from ...storage.repeated_hashes import RepeatedHashes
from .entry_index import IndexedEntry
from .stored_entries import SentGroup, StoredReader, split_digests
from .verified_part import VerifiedPart

_MAX_REPEATED: Final = 100_000


class EqualRecords:
    """Finds the records of a part that the target holds as they were sent.

    Args:
        part: The entity type and its target.
        reader: Reads what the target holds.

    Attributes:
        reader: Reads what the target holds.
        count: The number of records found.
        names: The names of their values.
        total: The sum of the digests of their entries.
    """

    def __init__(self, part: VerifiedPart, reader: StoredReader) -> None:
        self._part = part
        self.reader = reader
        self.count = 0
        self.names: set[str] = set()
        self.total = 0

    def take(self, groups: Iterable[SentGroup]) -> Iterator[list[IndexedEntry]]:
        """Count the records that are stored as they were sent; yield all others.

        Raises:
            InstallationError: The target does not answer.
        """
        for group, places in self.reader.find_unequal(groups):
            equal = group
            if places:
                equal, left = _separate(group, {*places})
                yield left
            self._count(equal)

    def _count(self, group: SentGroup) -> None:
        site, names, digests, of_entries = group.sent
        if of_entries:
            self.total = sum_joined_digests(digests, self.total)
        else:
            of_values = split_digests(digests)
            of_keys = map(digest_entry, repeat(site), group.keys, of_values)
            self.total = sum_digests(of_keys, self.total)
        self.names.update(names)
        self.count += len(group.keys)
        self._part.advance(len(group.keys))


def _separate(
    group: SentGroup, places: set[int]
) -> tuple[SentGroup, list[IndexedEntry]]:
    """Return a group without the records at some places, and these records.

    They have no digests of whole entries, which do not tell what of them differs.
    """
    site, names, joined, of_entries = group.sent
    digests = split_digests(joined)
    others = [
        IndexedEntry(
            site,
            group.keys[place],
            group.records[place],
            names,
            None if of_entries else digests[place],
            of_entry=of_entries,
        )
        for place in sorted(places)
    ]
    kept = [place for place in range(len(digests)) if place not in places]
    rest = b"".join(digests[place] for place in kept)
    equal = SentGroup(
        [group.records[place] for place in kept],
        [group.keys[place] for place in kept],
        group.sent._replace(digests=rest),
    )
    return equal, others


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
