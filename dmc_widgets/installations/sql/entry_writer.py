"""Write entries: look up the stored state of a batch, decide, store.

A batch costs one look-up for each kind of value (codes, each unique field, each
parent's definition) and a few statements for many rows each, whatever its size.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Final

from sqlalchemy import Connection

from ...model.line_items import LineItems
from ...model.outcome import STOPPING_KINDS, Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, Policy
from ...objects.entries.batch_lookup import look_up_batch
from ...objects.entries.decisions import EntryDecider
from ...objects.entries.entry_journal import EntryJournal
from ...objects.entries.merged_items import drop_empty_values
from ...objects.entries.stored_entries import BatchContext, WriteSet
from ...objects.entries.system_properties import APPROVED, resolve_site
from ...objects.entries.typed_decisions import (
    TypedDecider,
    decide_groups,
    look_up_groups,
    read_batch,
)
from ...objects.entries.typed_entries import TypedEntries
from ...objects.entries.validation import EntryRules, ValidatedEntry
from ...objects.errors.entry_problems import no_such_site
from ...objects.fields.relationship import is_valid_erc
from ...objects.names import ERC
from ...objects.text import format_erc
from ...ports import Batch, Item
from .attachments import write_files
from .database.dialect import Dialect, SharedColumns
from .database.sequences import store_numbers
from .database.tables import entry, relationship, unique_value
from .entry_lookup import TableEntryLookup
from .entry_query import entry_scope
from .lookup import add_sites, known_sites
from .many_to_many import apply_links
from .placeholders import (
    add_choices,
    find_named_placeholders,
    remove_unnamed_placeholders,
    write_placeholders,
)
from .served.history import read_bodies, record_events

_FEW: Final = 20
_PAUSE: Final = 10
"""How long ordinary items are not looked for once most items of a batch, of more than a
few, were not. To look for them in vain takes a third of the time of such a batch."""


class EntryWriter:
    """Writes one batch of entries in the connection's transaction.

    Args:
        connection: A connection that holds the write lock.
        dialect: The dialect of the database.
        rules: The rules of the definition, read in the same transaction.
        now_ms: The time that entries get as their date of change.
        new_key: Returns an external reference code for an item without one.
    """

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        rules: EntryRules,
        now_ms: int,
        new_key: Callable[[], str],
    ) -> None:
        self._typed: TypedEntries | None = None
        self._connection = connection
        self._dialect = dialect
        self._rules = rules
        self._now_ms = now_ms
        self._new_key = new_key
        self._sites: list[str] | None = None

    def write(
        self, batch: Batch, typed: TypedEntries | None = None
    ) -> Sequence[Outcome]:
        """Store the items of a batch; return one outcome for item.

        Args:
            batch: The batch.
            typed: The typed entries of the definition, which make it faster.
        """
        self._typed = typed
        if batch.digests is not None:
            batch.digests.clear()  # another transaction was in the way of a first try
        if batch.policy.merges:
            batch = replace(batch, items=list(map(drop_empty_values, batch.items)))
        if self._rules.company_scoped:
            return self._write_site(batch)
        stops = batch.policy.error_strategy is ErrorStrategy.STOP
        outcomes: list[Outcome] = []
        for site, site_items in itertools.groupby(
            batch.items, key=self._site(batch.scope)
        ):
            items = list(site_items)
            if isinstance(site, Problem):
                failing = items[:1] if stops else items
                outcomes += [_failed(item, site) for item in failing]
            elif (problem := self._unknown(site, batch)) is not None:
                failing = items[:1] if stops else items
                outcomes += [_failed(item, problem) for item in failing]
            else:
                outcomes += self._write_site(replace(batch, items=items, scope=site))
            if stops and outcomes[-1].kind in STOPPING_KINDS:
                break
        return outcomes + skipped_outcomes(batch.items[len(outcomes) :])

    def _site(self, scope: str) -> Callable[[Item], str | Problem]:
        name = self._rules.short_name
        return lambda item: resolve_site(item, scope, name)

    def _unknown(self, site: str, batch: Batch) -> Problem | None:
        """Return why a site is refused; add it if the batch allows new sites."""
        if self._sites is None:
            self._sites = known_sites(self._connection)
        if site in self._sites:
            return None
        if not batch.new_sites:
            return no_such_site(site, self._sites)
        add_sites(self._connection, [site])
        self._sites = [*self._sites, site]
        return None

    def _write_site(self, batch: Batch) -> Sequence[Outcome]:
        """Store items of one site, or of none; later sites meet the stored state."""
        typed = None if batch.policy.lazy_references else self._typed
        if typed is not None and typed.pause <= 0:
            return self._write_typed(typed, batch)
        if typed is not None:
            typed.pause -= 1
        scope = entry_scope(self._rules, batch.scope)
        stops = batch.policy.error_strategy is ErrorStrategy.STOP
        checked = self._checked(batch, stops=stops)
        context = look_up_batch(self._rules, checked, self._lookup(batch))
        new_ids = _count_new_ids(checked, batch.policy)
        decider = self._decider(batch, context, self._reserve(new_ids))
        outcomes, _ = _decide_each(decider, checked, stops=stops)
        outcomes += skipped_outcomes(batch.items[len(outcomes) :])
        self._apply(decider.changes, scope)
        write_files(self._connection, context.files, scope, self._now_ms)
        return outcomes

    def _write_typed(self, typed: TypedEntries, batch: Batch) -> Sequence[Outcome]:
        """Store the items of one site, as many as possible together."""
        items, check = batch.items, self._rules.check
        stops = batch.policy.error_strategy is ErrorStrategy.STOP
        codes = items.codes if isinstance(items, LineItems) else list(map(_key, items))
        unique = dict.fromkeys(filter(None, codes))
        if not "".join(unique).isprintable():  # some cannot even be looked up
            unique = dict.fromkeys(filter(is_valid_erc, unique))
        lookup = self._lookup(batch)
        entries = lookup.find_entries(unique)
        groups = read_batch(items, typed, batch.policy, entries, check)
        context = look_up_groups(self._rules, groups, lookup, entries)
        new_id = self._reserve([*map(entries.get, codes)].count(None))
        decider = self._decider(batch, context, new_id)
        together = TypedDecider(
            typed=typed,
            policy=batch.policy,
            context=context,
            changes=decider.changes,
            new_id=new_id,
            journal=decider.journal,
            has_repeated=len(unique) < len(codes),
            check=check,
        )
        alone = 0

        def decide_each(group: list[ValidatedEntry]) -> tuple[Sequence[Outcome], bool]:
            nonlocal alone
            alone += len(group)
            return _decide_each(decider, group, stops=stops)

        outcomes, _ = decide_groups(groups, together, decide_each)
        if batch.digests is not None and not alone and self._rules.are_bodies_whole:
            batch.digests.take(together.left, repeat(APPROVED))
        typed.pause = _PAUSE if alone > len(items) // 2 and alone > _FEW else 0
        if len(outcomes) < len(items):
            outcomes = [*outcomes, *skipped_outcomes(items[len(outcomes) :])]
        self._apply(decider.changes, entry_scope(self._rules, batch.scope))
        return outcomes

    def _lookup(self, batch: Batch) -> TableEntryLookup:
        scope = entry_scope(self._rules, batch.scope)
        return TableEntryLookup(
            self._connection, self._dialect, self._rules, scope, batch.scope
        )

    def _reserve(self, number: int) -> Callable[[], int]:
        """Reserve ids, and return what gives them out."""
        return iter(self._dialect.reserve_ids(self._connection, number)).__next__

    def _decider(
        self, batch: Batch, context: BatchContext, new_id: Callable[[], int]
    ) -> EntryDecider:
        decider = EntryDecider(
            self._rules, batch.policy, context, new_id, self._new_key
        )
        if batch.journal:
            decider.journal = EntryJournal(
                self._rules, context, batch.scope, self._now_ms
            )
        return decider

    def _checked(self, batch: Batch, *, stops: bool) -> list[ValidatedEntry]:
        """Validate the items; under STOP none after the first invalid one."""
        check = self._rules.check
        if not stops:
            return [check(item) for item in batch.items]
        checked = []
        for item in batch.items:
            checked.append(check(item))
            if checked[-1].problem is not None:
                break
        return checked

    def _apply(self, changes: WriteSet, scope: str) -> None:
        now = self._now_ms
        definition_id = self._rules.definition_id
        before = read_bodies(self._connection, self._dialect, self._rules, changes)
        self._insert(changes, scope)
        if changes.updated:
            self._dialect.update_entries(
                self._connection,
                [
                    (status, body, now, entry_id)
                    for entry_id, (status, body) in changes.updated.items()
                ],
            )
        write_placeholders(
            self._connection, self._dialect, changes, scope, self._now_ms
        )
        add_choices(self._connection, changes.new_choices, self._now_ms)
        store_numbers(self._connection, definition_id, changes.counters)
        self._apply_unique_values(changes, scope)
        left = self._placeholders_left(changes)
        self._apply_links(changes)
        apply_links(self._connection, self._rules, changes.many)
        remove_unnamed_placeholders(self._connection, left)
        record_events(self._connection, self._rules, changes, before, now)

    def _insert(self, changes: WriteSet, scope: str) -> None:
        """Insert new entries."""
        definition_id, now = self._rules.definition_id, self._now_ms
        shared = SharedColumns(definition_id, scope, APPROVED, now, now)
        for added in changes.added:
            self._dialect.insert_alike(self._connection, shared, added)
        if changes.created:
            self._dialect.insert_entries(
                self._connection,
                [
                    (new_id, definition_id, scope, erc, status, body, now, now)
                    for new_id, (erc, status, body) in changes.created.items()
                ],
            )

    def _placeholders_left(self, changes: WriteSet) -> set[int]:
        """Return the placeholders that entries name which get another parent."""
        ids = {entry_id for entry_id, _ in changes.unlinked}
        ids |= {entry_id for _, entry_id, _ in changes.many.removed}
        if not ids:
            return set()
        naming = self._dialect.among(entry.c.id, list(ids))
        return find_named_placeholders(self._connection, naming)

    def _apply_unique_values(self, changes: WriteSet, scope: str) -> None:
        definition_id = self._rules.definition_id
        indexed = self._dialect.index_text
        if changes.freed:
            where = {"definition_id": definition_id, "scope": scope}
            keys = [
                {**where, "field": field, "value": indexed(value)}
                for field, value in changes.freed
            ]
            self._dialect.delete_rows(self._connection, unique_value, keys)
        # In the order of the index, where neighbours are on one page.
        taken = [
            (definition_id, scope, field, indexed(value), changes.taken[field, value])
            for field, value in sorted(changes.taken)
        ]
        self._dialect.insert_rows(self._connection, unique_value, taken)

    def _apply_links(self, changes: WriteSet) -> None:
        if changes.unlinked:
            keys = [{"entry_id": e, "field": f} for e, f in changes.unlinked]
            self._dialect.delete_rows(self._connection, relationship, keys)
        linked = [(*key, *parent) for key, parent in changes.linked.items()]
        self._dialect.insert_rows(self._connection, relationship, linked)


def _decide_each(
    decider: EntryDecider, checked: Iterable[ValidatedEntry], *, stops: bool
) -> tuple[list[Outcome], bool]:
    """Decide items one after the other.

    Returns:
        The outcomes, and True if the last one ends the batch.
    """
    outcomes = []
    for entry_item in checked:
        outcomes.append(decider.decide(entry_item))
        if stops and outcomes[-1].kind is OutcomeKind.FAILED:
            return outcomes, True
    return outcomes, False


def skipped_outcomes(items: Sequence[Item]) -> list[Outcome]:
    """Return the outcomes of items that were not tried."""
    return [Outcome(OutcomeKind.SKIPPED, _key(item)) for item in items]


def _count_new_ids(items: Sequence[ValidatedEntry], policy: Policy) -> int:
    """Return how many ids a batch may need: one an item, and one a reference."""
    if not policy.lazy_references:
        return len(items)
    linked = sum(len(keys) for item in items for keys in item.many.values())
    return len(items) + sum(len(item.values) for item in items) + linked


def _failed(item: Item, problem: Problem) -> Outcome:
    return Outcome(OutcomeKind.FAILED, _key(item), problem)


def _key(item: Item) -> str:
    return format_erc(item.get(ERC))
