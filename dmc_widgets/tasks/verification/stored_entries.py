"""What a target holds of the records of a task, read anew and reduced to digests.

This is most of the work of a verification. It needs nothing of the workspace, so the
workers of a divided import do it, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from struct import iter_unpack
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from ...model.entity_type import EntityType
from ...model.plan import ImportPlan
from ...objects.entries.canonical_columns import CanonicalColumns
from ...objects.entries.canonical_values import CanonicalEntries, CanonicalValues
from ...objects.entries.validation import EntryRules
from ...objects.fields.attachment import CONTENT
from ...ports import Installation, Item
from ...workspace.digests import BatchDigests
from .entry_index import IndexedEntry

PAGE_SIZE: Final = 500
_PAGE_WITH_FILES: Final = 50
_PAGE_CHARS: Final = 4_000_000
"""Entries with attachments bring the contents of their files: a page of them begins
small, and grows while the contents of the one before it were this long at most."""


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


class SentGroup(NamedTuple):
    """Records that went to one site with the same values, and their digests.

    Attributes:
        records: The numbers of the records.
        keys: Their external reference codes.
        sent: Their digests.
    """

    records: Sequence[int]
    keys: Sequence[str]
    sent: BatchDigests


class EntryPage(NamedTuple):
    """Some entries of one site that the target should hold."""

    site: str
    entries: list[IndexedEntry]


class StoredReader(Protocol):
    """Reads what a target holds: this process itself, or several workers.

    Attributes:
        page: How many entries the next page may have.
    """

    @property
    def page(self) -> int:
        """How many entries the next page may have."""
        ...

    def find_unequal(
        self, groups: Iterable[SentGroup]
    ) -> Iterator[tuple[SentGroup, Sequence[int]]]:
        """Yield each group with the places of its records that differ, in order.

        Raises:
            InstallationError: The target does not answer.
        """
        ...

    def digest_pages(
        self, pages: Iterator[EntryPage]
    ) -> Iterator[tuple[EntryPage, list[bytes | None]]]:
        """Yield each page with the digests of what is stored, None for no entry.

        Args:
            pages: Taken one after another, a few of them ahead.

        Raises:
            InstallationError: The target does not answer.
        """
        ...


OpenReader = Callable[[EntityType, ImportPlan], StoredReader]
"""Returns what reads the entries of an entity type that a plan has written."""


class StoredEntries:
    """The entries of one entity type in a target, which is only read.

    Args:
        target: The installation.
        entity_type: The entity type in the target.
        rules: The rules of its definition there.

    Attributes:
        rules: The same.
        page: How many entries the next page may have.
    """

    def __init__(
        self, target: Installation, entity_type: EntityType, rules: EntryRules
    ) -> None:
        self._target = target
        self._entity_type = entity_type
        self.rules = rules
        self._columns = CanonicalColumns(rules)
        self._entries = CanonicalEntries(rules)
        self._files = [rule.name for rule in rules.attachments]
        self.page = _PAGE_WITH_FILES if rules.attachments else PAGE_SIZE

    def can_compare(self, sent: BatchDigests) -> bool:
        """Return True if the target tells digests of that kind without whole items."""
        if sent.of_entries:
            return isinstance(self._target, StoredDigestReader)
        is_plain = bool(sent.names) and self._columns.names(sent.names) == sent.names
        return is_plain and isinstance(self._target, StoredValueReader)

    def find_unequal(
        self, groups: Iterable[SentGroup]
    ) -> Iterator[tuple[SentGroup, Sequence[int]]]:
        """Yield each group with the places of its records that differ, in order.

        Raises:
            InstallationError: The target does not answer.
        """
        for group in groups:
            yield group, self._find_unequal(group)

    def _find_unequal(self, group: SentGroup) -> Sequence[int]:
        digests = group.sent.digests
        stored = self._read_digests(group)
        actual = [*map(stored.get, group.keys, repeat(b""))]
        if b"".join(actual) == digests:  # mostly
            return ()
        pairs = zip(split_digests(digests), actual, strict=True)
        return [place for place, (sent, found) in enumerate(pairs) if sent != found]

    def _read_digests(self, group: SentGroup) -> dict[str, bytes]:
        """Return the digests of what is stored, as far as the target tells them."""
        target, kind, sent = self._target, self._entity_type, group.sent
        if not self.can_compare(sent):
            return {}
        if sent.of_entries:
            assert isinstance(target, StoredDigestReader)
            return target.stored_digests(kind, group.keys, sent.site)
        assert isinstance(target, StoredValueReader)
        stored = target.stored_values(kind, group.keys, sent.site, sent.names)
        digests = self._columns.digests(sent.names, [*stored.values()])
        return dict(zip(stored, digests, strict=True))

    def digest_pages(
        self, pages: Iterator[EntryPage]
    ) -> Iterator[tuple[EntryPage, list[bytes | None]]]:
        """Yield each page with the digests of what is stored, None for no entry.

        Raises:
            InstallationError: The target does not answer.
        """
        target = self._target
        if not isinstance(target, AheadFetcher):
            for page in pages:
                yield page, self.digest_page(page)
            return
        taken: deque[EntryPage] = deque()

        def groups() -> Iterator[tuple[str, list[str]]]:
            for page in pages:
                taken.append(page)
                yield page.site, [entry.key for entry in page.entries]

        for items in target.fetch_ahead(self._entity_type, groups()):
            self._adapt_page(items.values())
            page = taken.popleft()
            yield page, self._digest(page.entries, items)

    def digest_page(self, page: EntryPage) -> list[bytes | None]:
        """Return the digests of what is stored of some entries, None for no entry.

        Raises:
            InstallationError: The target does not answer.
        """
        digests: list[bytes | None] = []
        while len(digests) < len(page.entries):
            entries = page.entries[len(digests) : len(digests) + self.page]
            items = self._fetch_items(page.site, [entry.key for entry in entries])
            digests += self._digest(entries, items)
        return digests

    def fetch(self, site: str, keys: Sequence[str]) -> dict[str, CanonicalValues]:
        """Return the values that are stored under ERCs of a site.

        Raises:
            InstallationError: The target does not answer.
        """
        items = self._fetch_items(site, keys)
        return {key: self._entries.actual(item) for key, item in items.items()}

    def _digest(
        self, entries: Iterable[IndexedEntry], items: Mapping[str, Item]
    ) -> list[bytes | None]:
        found = ((entry, items.get(entry.key)) for entry in entries)
        return [
            None if item is None else self._entries.digest_actual(item, entry.names)
            for entry, item in found
        ]

    def _fetch_items(self, site: str, keys: Sequence[str]) -> dict[str, Item]:
        items = self._target.fetch(self._entity_type, keys, site)
        self._adapt_page(items.values())
        return items

    def _adapt_page(self, items: Iterable[Item]) -> None:
        """Choose how many entries a page may have, from those of one before it."""
        if not self._files:
            return
        files = (item.get(name) for item in items for name in self._files)
        is_large = sum(map(_content_chars, files)) > _PAGE_CHARS
        self.page = _PAGE_WITH_FILES if is_large else min(2 * self.page, PAGE_SIZE)


def split_digests(digests: bytes) -> list[bytes]:
    """Return the digests that were joined to one text of bytes."""
    return [digest for (digest,) in iter_unpack("16s", digests)]


def _content_chars(file: Any) -> int:
    """Return how long the content of a file is that is held in memory."""
    content = file.get(CONTENT) if isinstance(file, Mapping) else None
    return len(content) if isinstance(content, str) else 0
