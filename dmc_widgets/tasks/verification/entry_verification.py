"""Compare entries that were sent with those that the target holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import length_hint
from typing import Any, Final, Protocol, runtime_checkable

from ...errors import DmcError
from ...model.entity_type import EntityType
from ...model.verification import (
    Mismatch,
    MismatchKind,
    PartVerification,
    ValueDifference,
    format_digest,
    sum_digests,
)
from ...objects.entries.canonical_values import (
    CanonicalEntries,
    CanonicalValues,
    digest_entry,
    digest_values,
    find_value_differences,
)
from ...objects.entries.validation import EntryRules
from ...objects.fields.attachment import CONTENT
from ...objects.names import ERC
from ...ports import Item, Query
from .entry_index import EntryIndex, EntryState, IndexedEntry
from .equal_records import EqualRecords
from .record_digests import SentEntries
from .sent_items import SentItems
from .verified_part import VerifiedPart

_PAGE_SIZE: Final = 500
_PAGE_WITH_FILES: Final = 50
_PAGE_CHARS: Final = 4_000_000
"""Entries with attachments bring the contents of their files: a page of them begins
small, and grows while the contents of the one before it were this long at most."""

_CHANGED_SOURCE: Final = (
    "What was sent cannot be shown: the file or the source holds other values now."
)
_UNKNOWN_VALUES: Final = "What was sent cannot be shown: it cannot be read again."


@runtime_checkable
class AheadFetcher(Protocol):
    """An installation that fetches entries before they are asked for."""

    def fetch_ahead(
        self, entity_type: EntityType, groups: Iterator[tuple[str, Sequence[str]]]
    ) -> Iterator[dict[str, Item]]:
        """Yield the items stored under the ERCs of each group, in order.

        Args:
            entity_type: The entity type that the items belong to.
            groups: The key of a site, empty for none, and ERCs in it. The next group
                is taken before the items of one are yielded.

        Raises:
            InstallationError: The installation does not answer.
        """
        ...


class EntryVerification:
    """Compares the entries of one part of a task with the target.

    Args:
        part: The entity type and its target.
        rules: The rules of its definition in the target.
        index: The entries that the task has written.
        items: Derives again what was sent.
        equal: The records that are found as they were sent already.
    """

    def __init__(
        self,
        part: VerifiedPart,
        rules: EntryRules,
        index: EntryIndex,
        items: SentItems,
        equal: EqualRecords,
    ) -> None:
        self._part = part
        self._title = part.result.title
        self._log = part.log
        self._rules = rules
        self._sent = SentEntries(rules, part.plan)
        self._index = index
        self._items = items
        self._stored = CanonicalEntries(rules)
        self._files = [rule.name for rule in rules.attachments]
        self._page = _PAGE_WITH_FILES if rules.attachments else _PAGE_SIZE
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
        for site, entries, stored in self._stored_pages():
            self._compare(site, entries, stored)
            self._part.advance(len(entries))
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

    def _stored_pages(
        self,
    ) -> Iterator[tuple[str, list[IndexedEntry], dict[str, Item]]]:
        """Yield each site with some of its entries, and what is stored of them."""
        target, kind = self._part.target, self._part.entity_type
        pages = self._index.pages(EntryState.OPEN, lambda: self._page)
        if not isinstance(target, AheadFetcher):
            for site, entries in pages:
                keys = [entry.key for entry in entries]
                yield site, entries, self._fetch_items(site, keys)
            return
        taken: deque[tuple[str, list[IndexedEntry]]] = deque()

        def groups() -> Iterator[tuple[str, list[str]]]:
            for site, entries in pages:
                taken.append((site, entries))
                yield site, [entry.key for entry in entries]

        for items in target.fetch_ahead(kind, groups()):
            self._adapt_page(items.values())
            yield *taken.popleft(), items

    def _compare(
        self,
        site: str,
        entries: Sequence[IndexedEntry],
        stored: Mapping[str, Item],
    ) -> None:
        """Compare some entries of a site by their digests."""
        states: dict[EntryState, list[tuple[str, str]]] = {}
        sent: list[bytes] = []
        held: list[bytes] = []
        for entry in entries:
            item = stored.get(entry.key)
            expected = entry.digest or b""
            stated = digest_entry(entry.site, entry.key, expected)
            sent.append(stated)
            if item is None:
                state = EntryState.MISSING
                self._log.add(_mismatch(MismatchKind.MISSING, self._title, entry))
            else:
                actual = self._stored.digest_actual(item, entry.names)
                if actual == expected:
                    state, found = EntryState.EQUAL, stated
                else:
                    state = EntryState.DIFFERENT
                    found = digest_entry(entry.site, entry.key, actual)
                held.append(found)
            states.setdefault(state, []).append((site, entry.key))
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
            size = self._page
            for start in range(0, len(keys), size):
                page = keys[start : start + size]
                stored, wanted = self._fetch(site, page), set(page)
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

    def _fetch(self, site: str, keys: Sequence[str]) -> dict[str, CanonicalValues]:
        items = self._fetch_items(site, keys)
        return {key: self._stored.actual(item) for key, item in items.items()}

    def _fetch_items(self, site: str, keys: Sequence[str]) -> dict[str, Item]:
        items = self._part.target.fetch(self._part.entity_type, keys, site)
        self._adapt_page(items.values())
        return items

    def _adapt_page(self, items: Iterable[Item]) -> None:
        """Choose how many entries a page may have, from those of one before it."""
        if not self._files:
            return
        files = (item.get(name) for item in items for name in self._files)
        is_large = sum(map(_content_chars, files)) > _PAGE_CHARS
        self._page = _PAGE_WITH_FILES if is_large else min(2 * self._page, _PAGE_SIZE)

    def _count_found(self) -> int | None:
        """Return how many entries the target holds, where it can tell."""
        part = self._part
        items = part.target.read(part.entity_type, Query(fields=(ERC,)))
        return length_hint(items) or None


def _content_chars(file: Any) -> int:
    """Return how long the content of a file is that is held in memory."""
    content = file.get(CONTENT) if isinstance(file, Mapping) else None
    return len(content) if isinstance(content, str) else 0


def _mismatch(kind: MismatchKind, title: str, entry: IndexedEntry) -> Mismatch:
    return Mismatch(kind, title, entry.key, entry.site, entry.record)
