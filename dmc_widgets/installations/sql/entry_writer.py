"""Writing entries: look up what a batch meets, decide, store.

A batch costs one look-up a kind (codes, each unique field, each parent's
definition) and a few statements for many rows each, however many items it has.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from orjson import loads
from sqlalchemy import Connection, Delete, Table, bindparam, delete, select

from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy
from ...objects.entries.attachment_files import BatchFiles
from ...objects.entries.decisions import EntryDecider
from ...objects.entries.stored_entries import BatchContext, StoredEntry, WriteSet
from ...objects.entries.system_properties import resolve_site
from ...objects.entries.validation import (
    EntryRules,
    ValidatedEntry,
    collect_parents,
    format_unique_value,
)
from ...objects.errors.entry_problems import ERC, no_such_site
from ...objects.text import format_erc
from ...ports import Batch, Item
from .attachments import find_files, write_files
from .database.engine import Dialect
from .database.sequences import last_numbers, store_numbers
from .database.tables import entry, relationship, unique_value
from .entry_query import entry_scope
from .entry_reader import find_entry_ids
from .lookup import add_sites, known_sites
from .many_to_many import apply_links, find_links


def _by_key(table: Table) -> Delete:
    keys = [column == bindparam(column.name) for column in table.primary_key]
    return delete(table).where(*keys)


_FREE: Final = _by_key(unique_value)
_UNLINK: Final = _by_key(relationship)

# Every batch asks this, so it is put together once.
_STORED: Final = (
    select(entry.c.erc, entry.c.id, entry.c.status, entry.c.body)
    .where(entry.c.definition_id == bindparam("own_definition"))
    .where(entry.c.scope == bindparam("own_scope"))
)

_ENDS: Final = frozenset({OutcomeKind.FAILED, OutcomeKind.SKIPPED})


class EntryWriter:
    """Write one batch of entries in the connection's transaction.

    Args:
        connection: It alone may write.
        dialect: Of the database.
        rules: Of the definition, read in the same transaction.
        now_ms: The time of the batch.
        new_key: Gives an external reference code to an item without one.
    """

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        rules: EntryRules,
        now_ms: int,
        new_key: Callable[[], str],
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._rules = rules
        self._now_ms = now_ms
        self._new_key = new_key
        self._sites: list[str] | None = None

    def write(self, batch: Batch) -> list[Outcome]:
        """Store the batch's items; return one outcome an item."""
        if self._rules.company_scoped:
            return self._write_site(batch)
        stops = batch.policy.error_strategy is ErrorStrategy.STOP
        outcomes: list[Outcome] = []
        for site, some in itertools.groupby(batch.items, key=self._site(batch.scope)):
            items = list(some)
            if isinstance(site, Problem):
                failing = items[:1] if stops else items
                outcomes += [_failed(each, site) for each in failing]
            elif (problem := self._unknown(site, batch)) is not None:
                failing = items[:1] if stops else items
                outcomes += [_failed(each, problem) for each in failing]
            else:
                outcomes += self._write_site(replace(batch, items=items, scope=site))
            if stops and outcomes[-1].kind in _ENDS:
                break
        return outcomes + skipped_outcomes(batch.items[len(outcomes) :])

    def _site(self, scope: str) -> Callable[[Item], str | Problem]:
        name = self._rules.short_name
        return lambda item: resolve_site(item, scope, name)

    def _unknown(self, site: str, batch: Batch) -> Problem | None:
        """Return why a site cannot have entries; add it where the batch asks for it."""
        if self._sites is None:
            self._sites = known_sites(self._connection)
        if site in self._sites:
            return None
        if not batch.new_sites:
            return no_such_site(site, self._sites)
        add_sites(self._connection, [site])
        self._sites = [*self._sites, site]
        return None

    def _write_site(self, batch: Batch) -> list[Outcome]:
        """Store items of one site, or of none; later ones meet what is stored."""
        scope = entry_scope(self._rules, batch.scope)
        stops = batch.policy.error_strategy is ErrorStrategy.STOP
        checked = self._checked(batch, stops=stops)
        first_id = self._dialect.reserve_ids(self._connection, len(checked))
        found = self._found(checked, scope, batch.scope)
        decider = EntryDecider(
            self._rules,
            batch.policy,
            found,
            itertools.count(first_id).__next__,
            self._new_key,
        )
        outcomes = []
        for each in checked:
            outcomes.append(decider.decide(each))
            if stops and outcomes[-1].kind is OutcomeKind.FAILED:
                break
        outcomes += skipped_outcomes(batch.items[len(outcomes) :])
        self._apply(decider.changes, scope)
        write_files(self._connection, found.files, scope, self._now_ms)
        return outcomes

    def _checked(self, batch: Batch, *, stops: bool) -> list[ValidatedEntry]:
        """Take the first look; under STOP nothing follows the first bad item."""
        check = self._rules.check
        if not stops:
            return [check(item) for item in batch.items]
        checked = []
        for item in batch.items:
            checked.append(check(item))
            if checked[-1].problem is not None:
                break
        return checked

    def _found(
        self, items: list[ValidatedEntry], scope: str, site: str
    ) -> BatchContext:
        found = BatchContext(entries=self._stored(items, scope))
        if self._rules.numberings:
            found.counters = last_numbers(self._connection, self._rules)
        if self._rules.links:
            by_erc, by_id = collect_parents(self._rules, items)
            for parent, codes in by_erc.items():
                ids = find_entry_ids(
                    self._connection, self._dialect, (parent, site), codes
                )
                found.parents.setdefault(parent.id, set()).update(ids)
            beside = {x for item in items for x in item.beside.values()}
            found.by_id = self._named_by_id(by_id | beside)
        if self._rules.many:
            stored = {erc: each.id for erc, each in found.entries.items()}
            found.many = find_links(
                self._connection, self._dialect, self._rules, (site, stored), items
            )
        if self._rules.uniques:
            found.owners = self._owners(items, scope, found.by_id)
        if self._rules.attachments:
            found.files = self._files(items, scope, found.entries.values())
        return found

    def _files(
        self, items: list[ValidatedEntry], scope: str, stored: Iterable[StoredEntry]
    ) -> BatchFiles:
        values = [item.values for item in items] + [loads(e.body) for e in stored]
        return find_files(self._connection, self._dialect, self._rules, scope, values)

    def _stored(
        self, items: list[ValidatedEntry], scope: str
    ) -> dict[str, StoredEntry]:
        codes = [item.erc for item in items if item.erc]
        query = _STORED.where(self._dialect.any_of(entry.c.erc))
        where = {"own_definition": self._rules.definition_id, "own_scope": scope}
        keys = {"keys": self._dialect.keys(codes)}
        # All rows at once: one by one, SQLAlchemy takes longer than the database.
        rows = self._connection.execute(query, where | keys).all()
        return {
            erc: StoredEntry(entry_id, status, body)
            for erc, entry_id, status, body in rows
        }

    def _owners(
        self,
        items: list[ValidatedEntry],
        scope: str,
        parents: dict[int, tuple[int, str]],
    ) -> dict[tuple[str, str], int]:
        owners: dict[tuple[str, str], int] = {}
        defaults = dict(self._rules.defaults)
        lone = {link.erc_name for link in self._rules.links}
        for name in self._rules.uniques:
            values = {format_unique_value(item.values.get(name)) for item in items}
            values.add(format_unique_value(defaults.get(name)))
            if name in lone:  # a parent may have been named by its id
                values |= {erc for _, erc in parents.values()}
            query = (
                select(unique_value.c.value, unique_value.c.entry_id)
                .where(unique_value.c.definition_id == self._rules.definition_id)
                .where(unique_value.c.scope == scope)
                .where(unique_value.c.field == name)
                .where(self._dialect.any_of(unique_value.c.value))
            )
            keys = self._dialect.keys(values)
            for value, owner in self._connection.execute(query, {"keys": keys}):
                owners[name, value] = owner
        return owners

    def _named_by_id(self, ids: set[int]) -> dict[int, tuple[int, str]]:
        if not ids:
            return {}
        query = select(entry.c.id, entry.c.definition_id, entry.c.erc).where(
            self._dialect.any_of(entry.c.id)
        )
        result = self._connection.execute(query, {"keys": self._dialect.keys(ids)})
        return {each.id: (each.definition_id, each.erc) for each in result}

    def _apply(self, changes: WriteSet, scope: str) -> None:
        now = self._now_ms
        definition_id = self._rules.definition_id
        if changes.created:
            self._dialect.insert_entries(
                self._connection,
                [
                    (new_id, definition_id, scope, erc, status, body, now, now)
                    for new_id, (erc, status, body) in changes.created.items()
                ],
            )
        if changes.updated:
            self._dialect.update_entries(
                self._connection,
                [
                    (status, body, now, entry_id)
                    for entry_id, (status, body) in changes.updated.items()
                ],
            )
        store_numbers(self._connection, definition_id, changes.counters)
        self._apply_unique_values(changes, scope)
        self._apply_links(changes)
        apply_links(self._connection, self._rules, changes.many)

    def _apply_unique_values(self, changes: WriteSet, scope: str) -> None:
        table = unique_value
        where = {"definition_id": self._rules.definition_id, "scope": scope}
        if changes.freed:
            keys = [{**where, "field": f, "value": v} for f, v in changes.freed]
            self._connection.execute(_FREE, keys)
        taken = [
            {**where, "field": field, "value": value, "entry_id": owner}
            for (field, value), owner in changes.taken.items()
        ]
        if taken:
            self._connection.execute(table.insert(), taken)

    def _apply_links(self, changes: WriteSet) -> None:
        table = relationship
        if changes.unlinked:
            keys = [{"entry_id": e, "field": f} for e, f in changes.unlinked]
            self._connection.execute(_UNLINK, keys)
        linked: list[dict[str, Any]] = [
            {
                "entry_id": entry_id,
                "field": field,
                "parent_definition_id": parent_id,
                "parent_erc": erc,
            }
            for (entry_id, field), (parent_id, erc) in changes.linked.items()
        ]
        if linked:
            self._connection.execute(table.insert(), linked)


def skipped_outcomes(items: Sequence[Item]) -> list[Outcome]:
    """Say of items that nobody touched them."""
    return [Outcome(OutcomeKind.SKIPPED, _key(item)) for item in items]


def _failed(item: Item, problem: Problem) -> Outcome:
    return Outcome(OutcomeKind.FAILED, _key(item), problem)


def _key(item: Item) -> str:
    return format_erc(item.get(ERC))
