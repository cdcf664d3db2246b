"""Digests of the values that are sent, made while the records of a task pass."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import compress, groupby
from typing import Final

from ...errors import DmcError
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.entry_digests import EntryDigests
from ...model.line_items import LineItems
from ...model.mapping import Values
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.plan import ImportPlan
from ...model.strategies import UpdateStrategy
from ...objects.entries.canonical_columns import CanonicalColumns
from ...objects.entries.canonical_values import (
    STATUS,
    CanonicalEntries,
    CanonicalValues,
    digest_values,
)
from ...objects.entries.merged_items import drop_empty_values
from ...objects.entries.system_properties import KEYWORDS, resolve_site
from ...objects.entries.validation import EntryRules
from ...ports import Installation, Item
from ...workspace.digests import BatchDigests, RecordDigest

STORED_KINDS: Final = frozenset(
    {OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
)
"""The outcomes of records that are in the target afterwards."""

_log = logging.getLogger(__name__)


class SentEntries:
    """What the target should hold once some items of an import were written.

    Args:
        rules: The rules of the definition in the target.
        plan: The strategies and the site.
    """

    def __init__(self, rules: EntryRules, plan: ImportPlan) -> None:
        self._rules = rules
        self._scope = plan.scope
        self._entries = CanonicalEntries(rules)
        self._columns = CanonicalColumns(rules)
        plain = self._columns.all_names | {KEYWORDS, STATUS}
        self._names = {name: name for name in plain} | _names_of_parts(rules)
        self._replaces = plan.policy.update_strategy is UpdateStrategy.UPDATE
        self._merges = plan.policy.merges

    def values(self, item: Item) -> CanonicalValues:
        """Return the values that the target should hold of an item."""
        if self._merges:
            item = drop_empty_values(item)
        return self._entries.expected(item, replaces=self._replaces)

    def site(self, item: Item) -> str:
        """Return the key of the site that an item goes to; empty for none."""
        if self._rules.company_scoped:
            return ""
        site = resolve_site(item, self._scope, self._rules.short_name)
        return "" if isinstance(site, Problem) else site

    def stored_digests(
        self, mapped: Sequence[Values | Problem], digests: Sequence[bytes]
    ) -> BatchDigests:
        """Return the digests of the entries that an installation has made of items."""
        if isinstance(mapped, LineItems):
            stated, site = {*mapped.names}, ""
        else:
            items = _read_items(mapped)
            stated = set[str]().union(*items)
            site = self.site(items[0]) if items else ""
        names = {self._names[name] for name in stated & self._names.keys()}
        whole = b"".join(digests)
        return BatchDigests(site, tuple(sorted(names)), whole, of_entries=True)

    def digests(self, items: Sequence[Item]) -> list[RecordDigest]:
        """Return the digests of items, in their order."""
        digests: list[RecordDigest] = []
        for layout, group in groupby(items, key=tuple):
            names = None if self._merges else self._columns.names(layout)
            if names is None:
                digests += map(self.digest, group)
                continue
            some = [*group]
            site = self.site(some[0])  # the layout names none
            digests += [
                RecordDigest(site, names, digest)
                for digest in self._columns.digest_items(names, some)
            ]
        return digests

    def digest(self, item: Item) -> RecordDigest:
        """Return the digest of an item."""
        values = self.values(item)
        names = tuple(values)
        return RecordDigest(self.site(item), names, digest_values(names, values))


class RecordDigester:
    """Makes the digests of what an import sends.

    Documents have none: a server completes them, so they are compared as a whole.

    Args:
        installation: The target, which is asked for the definition once.
        entity_type: The entity type in the target.
        plan: The plan of the import.
    """

    def __init__(
        self, installation: Installation, entity_type: EntityType, plan: ImportPlan
    ) -> None:
        self._installation = installation
        self._entity_type = entity_type
        self._plan = plan
        is_entry = entity_type.class_name == OBJECT_ENTRY
        self._is_enabled = is_entry and plan.options.verify and not plan.dry_run
        self._sent: SentEntries | None = None

    def collect(self) -> EntryDigests | None:
        """Return what takes the digests of entries from an installation that has them.

        What was sent must be readable again, for entries that have another digest by
        the time of the verification.
        """
        is_whole = self._is_enabled and not self._plan.policy.merges
        return EntryDigests() if is_whole else None

    def digest(
        self,
        mapped: Sequence[Values | Problem],
        outcomes: Sequence[Outcome],
        stored: EntryDigests | None = None,
    ) -> Sequence[RecordDigest | None] | BatchDigests:
        """Return the digests of a chunk, one a record, None where nothing is stored.

        Args:
            mapped: What was sent.
            outcomes: The outcomes.
            stored: The digests of the entries, as far as the installation has made any.
        """
        sent = self._compiled() if self._is_enabled else None
        if sent is None:
            return []
        if stored is not None and len(stored.listed) == len(mapped):
            return sent.stored_digests(mapped, stored.listed)
        is_in = [
            outcome.kind in STORED_KINDS and not isinstance(item, Problem)
            for item, outcome in zip(mapped, outcomes, strict=False)
        ]
        items = _read_items(compress(mapped, is_in))
        digests = sent.digests(items)
        if len(digests) == len(is_in):  # mostly
            return digests
        remaining = iter(digests)
        return [next(remaining) if is_one else None for is_one in is_in]

    def _compiled(self) -> SentEntries | None:
        """Return what knows the rules; None if the target does not tell them.

        An import does not fail because it cannot be verified later.
        """
        if self._sent is None:
            from ..checkers.compiled_rules import compile_rules

            try:
                types = self._installation.entity_types()
                rules = compile_rules(
                    self._installation,
                    types,
                    self._entity_type,
                    lazy_references=self._plan.policy.lazy_references,
                ).rules
            except DmcError:
                _log.exception("The rules for digests could not be read")
                self._is_enabled = False
                return None
            self._sent = SentEntries(rules, self._plan)
        return self._sent


def _names_of_parts(rules: EntryRules) -> dict[str, str]:
    """Return the name of the value that an item may state in several ways, by each."""
    names: dict[str, str] = {}
    for field in rules.localized:
        names |= dict.fromkeys((field.name, field.map_name), field.map_name)
    for link in rules.links:
        stated = link.erc_name, link.id_name, link.nested_name
        names |= dict.fromkeys(stated, link.erc_name)
    return names


def _read_items(mapped: Iterable[Values | Problem]) -> list[Item]:
    return [item for item in mapped if not isinstance(item, Problem)]
