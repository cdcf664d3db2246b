"""What a batch of entries is decided against: asked for a kind at a time.

A batch costs one look-up a kind (stored entries, parents, unique values …), however
many items it has. An embedded database answers from its tables, a preview asks an
installation; which questions there are is decided here for both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any, Protocol

from ..fields.many_to_many import LinkContext
from ..fields.relationship import ParentDefinition
from .attachment_files import BatchFiles
from .stored_entries import BatchContext, StoredEntry
from .validation import (
    EntryRules,
    ValidatedEntry,
    collect_parents,
    format_unique_value,
)


class EntryLookup(Protocol):
    """Answers what is stored, as far as the items of one batch and one site meet it."""

    def find_entries(self, ercs: Collection[str]) -> dict[str, StoredEntry]:
        """Return the stored entries with these codes, by code."""
        ...

    def last_numbers(self) -> dict[str, int]:
        """Return the last number of each AutoIncrement field."""
        ...

    def find_parents(self, parent: ParentDefinition, ercs: Set[str]) -> Collection[str]:
        """Return those of *ercs* that entries of a definition have."""
        ...

    def find_by_id(self, ids: Set[int], beside: Set[int]) -> dict[int, tuple[int, str]]:
        """Return the definition's id and the ERC of entries, by the entries' id.

        Args:
            ids: The ids by which items name their parents.
            beside: Ids that stand beside a code. The code counts; what the id names is
                only worth a note, so these may be left out.
        """
        ...

    def find_links(
        self, items: Sequence[ValidatedEntry], stored: Mapping[str, StoredEntry]
    ) -> LinkContext:
        """Return what many-to-many relationships of the items lead to."""
        ...

    def find_owners(self, field: str, values: Mapping[str, Any]) -> dict[str, int]:
        """Return the ids of the entries that hold unique values.

        Args:
            field: The key under which entries keep the value.
            values: The values to look for, by their text in the index.

        Returns:
            The ids by the value's text.
        """
        ...

    def find_files(
        self, items: Sequence[ValidatedEntry], stored: Collection[StoredEntry]
    ) -> BatchFiles:
        """Return the files that the items name and that the stored entries have."""
        ...


class TypedItems(Protocol):
    """Typed entries of a batch, as far as other rows concern them."""

    def parents(self) -> tuple[dict[ParentDefinition, set[str]], set[int], set[int]]:
        """Return the parents that they name by code, by id, and by id beside a code."""
        ...

    def unique_values(self, name: str) -> dict[str, Any]:
        """Return the values of a unique field, by their text in the index."""
        ...


def look_up_batch(
    rules: EntryRules,
    items: Sequence[ValidatedEntry],
    lookup: EntryLookup,
    groups: Sequence[TypedItems] = (),
    entries: dict[str, StoredEntry] | None = None,
) -> BatchContext:
    """Look up what the items of one site meet; ask only for what the rules need.

    Args:
        rules: The rules of the definition.
        items: The items after the checks of their values.
        lookup: Answers what is stored.
        groups: Items of the batch that are typed entries.
        entries: The stored entries with the codes of the batch, if they are known.
    """
    if entries is None:
        ercs = list(dict.fromkeys(item.erc for item in items if item.erc))
        entries = lookup.find_entries(ercs) if ercs else {}
    context = BatchContext(entries=entries)
    if rules.numberings:
        context.counters = lookup.last_numbers()
    if rules.links:
        _look_up_parents(collect_parents(rules, items), items, groups, lookup, context)
    if rules.many:
        context.many = lookup.find_links(items, context.entries)
    for name in rules.uniques:
        values = _unique_values(rules, name, items, context)
        for group in groups:
            values |= group.unique_values(name)
        values.pop("", None)
        owners = lookup.find_owners(name, values) if values else {}
        context.owners |= {(name, text): owner for text, owner in owners.items()}
    if rules.attachments:
        context.files = lookup.find_files(items, context.entries.values())
    return context


def _look_up_parents(
    named: tuple[dict[ParentDefinition, set[str]], set[int]],
    items: Sequence[ValidatedEntry],
    groups: Sequence[TypedItems],
    lookup: EntryLookup,
    context: BatchContext,
) -> None:
    by_erc, by_id = named
    beside = {number for item in items for number in item.beside.values()}
    for group in groups:
        codes, ids, others = group.parents()
        for parent, ercs in codes.items():
            by_erc.setdefault(parent, set()).update(ercs)
        by_id |= ids
        beside |= others
    for parent, ercs in by_erc.items():
        found = lookup.find_parents(parent, ercs)
        context.parents.setdefault(parent.id, set()).update(found)
    if by_id or beside:
        context.by_id = lookup.find_by_id(by_id, beside)


def _unique_values(
    rules: EntryRules,
    name: str,
    items: Sequence[ValidatedEntry],
    context: BatchContext,
) -> dict[str, Any]:
    """Return the values of a unique field that items bring or get, by their text."""
    values = [item.values.get(name) for item in items]
    values.append(dict(rules.defaults).get(name))
    if any(link.erc_name == name for link in rules.links):
        # A parent that has one child only may have been named by its id.
        values += [erc for _, erc in context.by_id.values()]
    return {format_unique_value(value): value for value in values}
