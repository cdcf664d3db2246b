"""Compare entries that were sent with those that the target holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import starmap
from operator import length_hint
from typing import Final

from ...errors import DmcError
from ...model.verification import (
    Mismatch,
    MismatchKind,
    PartVerification,
    ValueDifference,
    format_digest,
    sum_digests,
)
from ...objects.entries.canonical_values import (
    CanonicalValues,
    digest_entry,
    digest_values,
    find_value_differences,
)
from ...objects.names import ERC
from ...ports import Query
from .entry_index import EntryIndex, EntryState, IndexedEntry
from .equal_records import EqualRecords
from .record_digests import SentEntries
from .sent_items import SentItems
from .stored_entries import EntryPage, StoredEntries
from .verified_part import VerifiedPart

_CHANGED_SOURCE: Final = (
    "What was sent cannot be shown: the file or the source holds other values now."
)
_UNKNOWN_VALUES: Final = "What was sent cannot be shown: it cannot be read again."


class EntryVerification:
    """Compares the entries of one part of a task with the target.

    Args:
        part: The entity type and its target.
        stored: The entries of the target.
        index: The entries that the task has written.
        items: Derives again what was sent.
        equal: The records that are found as they were sent already; its reader reads
            the others, too.
    """

    def __init__(
        self,
        part: VerifiedPart,
        stored: StoredEntries,
        index: EntryIndex,
        items: SentItems,
        equal: EqualRecords,
    ) -> None:
        self._part = part
        self._title = part.result.title
        self._log = part.log
        self._rules = stored.rules
        self._sent = SentEntries(stored.rules, part.plan)
        self._index = index
        self._items = items
        self._stored = stored
        self._reader = equal.reader
        self._proved = equal
        self._totals = [equal.total, equal.total]

    def carry_out(self) -> PartVerification:
        """Return the result of the part.

        Raises:
            InstallationError: The target does not answer.
        """
        if self._index.lacks_digests:
            self._derive_digests()
            self._index.mark_unknown()
        pages = self._index.pages(EntryState.OPEN, lambda: self._reader.page)
        for page, digests in self._reader.digest_pages(starmap(EntryPage, pages)):
            self._compare(page, digests)
            self._part.advance(len(page.entries))
        self._list_differences()
        self._log.save()
        count = self._index.count
        different = count(EntryState.DIFFERENT)
        equal = self._proved.count + count(EntryState.EQUAL)
        missing = count(EntryState.MISSING)
        return replace(
            self._part.result,
            expected=equal + different + missing + count(EntryState.UNVERIFIED),
            equal=equal,
            different=different,
            missing=missing,
            unverified=self._part.result.unverified + count(EntryState.UNVERIFIED),
            superseded=self._index.superseded,
            found=self._count_found(),
            fields=tuple(sorted({*self._index.names, *self._proved.names})),
            not_compared=tuple(sorted(self._rules.encrypted)),
            expected_digest=format_digest(self._totals[0]),
            actual_digest=format_digest(self._totals[1]),
        )

    def _derive_digests(self) -> None:
        """Make the digests of the records that have none.

        An entry that is another one than when it was written may still hold what was
        sent, but only the very file that was imported can prove that.
        """
        try:
            proves = self._index.compares_entries and self._items.are_original()
            for items in self._items.read(self._index, EntryState.OPEN):
                self._index.put_digests(
                    entry._replace(names=digest.names, digest=digest.digest)
                    for entry, digest in (
                        (entry, self._sent.digest(item)) for entry, item in items
                    )
                    if entry.digest is None and (proves or not entry.of_entry)
                )
        except DmcError:
            return  # they stay without, and are counted as not verified

    def _compare(self, page: EntryPage, stored: Sequence[bytes | None]) -> None:
        """Compare some entries of a site by their digests."""
        states: dict[EntryState, list[tuple[str, str]]] = {}
        sent: list[bytes] = []
        held: list[bytes] = []
        for entry, actual in zip(page.entries, stored, strict=True):
            expected = entry.digest or b""
            stated = digest_entry(entry.site, entry.key, expected)
            sent.append(stated)
            if actual is None:
                state = EntryState.MISSING
                self._log.add(_mismatch(MismatchKind.MISSING, self._title, entry))
            else:
                if actual == expected:
                    state, found = EntryState.EQUAL, stated
                else:
                    state = EntryState.DIFFERENT
                    found = digest_entry(entry.site, entry.key, actual)
                held.append(found)
            states.setdefault(state, []).append((page.site, entry.key))
        self._totals[0] = sum_digests(sent, self._totals[0])
        self._totals[1] = sum_digests(held, self._totals[1])
        for state, keys in states.items():
            self._index.mark(state, keys)

    def _list_differences(self) -> None:
        """List the entries that differ, field by field."""
        if not self._index.count(EntryState.DIFFERENT):
            return
        listed: set[tuple[str, str]] = set()
        note = _UNKNOWN_VALUES
        try:
            for items in self._items.read(self._index, EntryState.DIFFERENT):
                for entry, item, stored in self._with_stored(items):
                    listed.add((entry.site, entry.key))
                    self._list_difference(entry, self._sent.values(item), stored)
        except DmcError as exc:
            note = f"{_UNKNOWN_VALUES} {exc}"
        for _site, entries in self._index.pages(EntryState.DIFFERENT):
            for entry in entries:
                if (entry.site, entry.key) not in listed:
                    self._list(entry, note=note)

    def _with_stored(
        self, items: Sequence[tuple[IndexedEntry, dict[str, object]]]
    ) -> Iterator[tuple[IndexedEntry, dict[str, object], CanonicalValues]]:
        """Yield each entry with what was sent and what is stored now."""
        by_site: dict[str, list[str]] = {}
        for entry, _item in items:
            by_site.setdefault(entry.site, []).append(entry.key)
        for site, keys in by_site.items():
            size = self._stored.page
            for start in range(0, len(keys), size):
                page = keys[start : start + size]
                stored, wanted = self._stored.fetch(site, page), set(page)
                for entry, item in items:
                    if entry.site == site and entry.key in wanted:
                        yield entry, item, stored.get(entry.key, {})

    def _list_difference(
        self,
        entry: IndexedEntry,
        expected: CanonicalValues,
        stored: CanonicalValues,
    ) -> None:
        fields = find_value_differences(expected, stored, entry.names)
        is_known = digest_values(entry.names, expected) == entry.digest
        note = "" if is_known else _CHANGED_SOURCE
        self._list(entry, fields=fields, note=note)

    def _list(
        self,
        entry: IndexedEntry,
        *,
        fields: tuple[ValueDifference, ...] = (),
        note: str = "",
    ) -> None:
        mismatch = _mismatch(MismatchKind.DIFFERENT, self._title, entry)
        self._log.add(mismatch._replace(fields=fields, note=note))

    def _count_found(self) -> int | None:
        """Return how many entries the target holds, where it can tell."""
        part = self._part
        items = part.target.read(part.entity_type, Query(fields=(ERC,)))
        return length_hint(items) or None


def _mismatch(kind: MismatchKind, title: str, entry: IndexedEntry) -> Mismatch:
    return Mismatch(kind, title, entry.key, entry.site, entry.record)
