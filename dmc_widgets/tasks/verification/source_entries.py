"""The entries of a source, as a target would hold them that matches some by a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Final, NamedTuple

from ...model.entity_type import EntityType
from ...model.match_keys import find_key
from ...model.outcome import Problem
from ...model.verification_plan import VerificationPlan
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from ..matching.entry_matches import EntryMatches
from ..matching.matched_codes import ReferenceTranslation
from ..migration.selection import MigrationPart
from ..migration.source_items import fields_to_move
from .entry_index import IndexedEntry

_UNMATCHED: Final = (
    "No entry of the target has its values of {fields}, or several have, so that "
    "nothing tells which one it is."
)


class SentEntry(NamedTuple):
    """An entry of the source.

    Attributes:
        item: The entry, under the code of the target's, and naming others as the target
            does.
        own: Its code in the source, if that is another one; else empty.
        unmatched: Why the target has no entry to compare it with; empty otherwise.
        problem: Why it cannot be equal to that of the target; empty otherwise.
    """

    item: Item
    own: str = ""
    unmatched: str = ""
    problem: str = ""


class SourceEntries:
    """Reads the entries of one entity type from the source.

    Args:
        source: The installation.
        part: The entity type there, and the filter of its entries.
        target_type: The entity type in the target.
        plan: The plan, with its keys.
        codes: Which entries are the same; None if their codes tell.

    Attributes:
        names: The fields to compare; None for all.
        is_matching: Entries of this type are matched by a key.
    """

    def __init__(
        self,
        source: Installation,
        part: MigrationPart,
        target_type: EntityType,
        plan: VerificationPlan,
        codes: EntryMatches | None,
    ) -> None:
        self._source, self._part, self._codes = source, part, codes
        self._key = find_key(plan.match, part.entity_type)
        self._has_sites = has_site_scope(part.entity_type)
        # Links that a migration brings in a second pass are compared at once.
        whole = replace(part, deferred_fields=frozenset())
        self.names = fields_to_move(whole, target_type)
        self.is_matching = bool(self._key)

    def pages(self, size: int) -> Iterator[list[SentEntry]]:
        """Yield all entries, some at a time.

        Raises:
            InstallationError: One of the installations does not answer.
        """
        names = self.names
        if names is not None:
            names = (*names, *(x for x in self._key if x not in names))
        query = Query(fields=names, filter=self._part.filter)
        items = self._source.read(self._part.entity_type, query)
        while page := list(islice(items, size)):
            yield list(self._translate(page))

    def fetch(self, entries: Sequence[IndexedEntry], site: str) -> dict[str, SentEntry]:
        """Return entries of a site as they are now, by their codes in the target.

        Raises:
            InstallationError: One of the installations does not answer.
        """
        own = [entry.own or entry.key for entry in entries]
        found = self._source.fetch(self._part.entity_type, own, site)
        sent = self._translate(list(found.values()))
        return {str(entry.item[ERC]): entry for entry in sent if not entry.unmatched}

    def _translate(self, items: Sequence[Item]) -> Iterator[SentEntry]:
        """Yield the entries as the target would hold them."""
        codes = self._codes
        if codes is None:
            yield from map(SentEntry, items)
            return
        targets = self._find_codes(items, codes)
        references = ReferenceTranslation(codes, self._part.entity_type)
        translated = references.translate(items)
        for item, named, code in zip(items, translated, targets, strict=True):
            own = str(item[ERC])
            if not code:
                text = _UNMATCHED.format(fields=" and ".join(self._key))
                yield SentEntry(item, unmatched=text)
                continue
            problem = named.message if isinstance(named, Problem) else ""
            values = item if isinstance(named, Problem) else named
            other = "" if code == own else own
            yield SentEntry({**values, ERC: code}, other, problem=problem)

    def _find_codes(self, items: Sequence[Item], codes: EntryMatches) -> list[str]:
        """Return the codes of the target's entries; empty for one without."""
        if not self.is_matching:
            return [str(item[ERC]) for item in items]
        kind, targets = self._part.entity_type, dict[tuple[str, str], str]()
        ordered = sorted(items, key=self._site)
        for site, group in groupby(ordered, key=self._site):
            page = list(group)
            codes.identify(kind, site, page)
            own = [str(item[ERC]) for item in page]
            found = codes.find(kind.key, site, own)
            targets |= {(site, code): found.get(code, code) for code in own}
        return [targets[self._site(item), str(item[ERC])] for item in items]

    def _site(self, item: Item) -> str:
        return str(item.get(SCOPE_KEY) or "") if self._has_sites else ""
