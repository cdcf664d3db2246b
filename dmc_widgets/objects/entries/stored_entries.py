"""What is stored before a batch, what the batch writes, and how the two are compared.

Equal entries are equal bytes, except for Booleans: a Boolean without a value is given
out as false, so an entry that comes back as it was exported has false where no value
was ever set.

A field that a definition calls read-only keeps its value. Liferay refuses a new value
and accepts the stored one, so that what was exported can be imported again; see
docs/liferay/objects.md, Values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any, Final, NamedTuple

from orjson import loads

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from ..fields.encrypted import Sealer, Secret
from ..fields.many_to_many import LinkChanges, LinkContext
from ..fields.relationship import ParentDefinition
from .attachment_files import BatchFiles
from .system_properties import APPROVED
from .validation import EntryRules


class StoredEntry(NamedTuple):
    """A stored entry: its id, its status, and its values as bytes.

    *modified* is the date of change in milliseconds since the epoch; 0 where it is not
    known, as for an entry that the same batch has written.
    """

    id: int
    status: int
    body: bytes
    modified: int = 0


new_stored_entry: Final = partial(tuple.__new__, StoredEntry)
"""Makes a stored entry from its four parts, in half the time."""


@dataclass(slots=True)
class BatchContext:
    """What is stored, as far as a batch concerns it; a decider keeps it up to date.

    Attributes:
        entries: The stored entries by ERC.
        owners: The id of the entry that holds a unique value, by field and text.
        parents: The existing ERCs by the id of their definition.
        by_id: The definition and ERC of entries that items refer to by id.
        counters: The last number of each AutoIncrement field.
        files: The files of Attachment fields.
        many: The links of many-to-many relationships.
    """

    entries: dict[str, StoredEntry] = field(default_factory=dict)
    owners: dict[tuple[str, str], int] = field(default_factory=dict)
    parents: dict[int, set[str]] = field(default_factory=dict)
    by_id: dict[int, tuple[int, str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    files: BatchFiles = field(default_factory=BatchFiles)
    many: LinkContext = field(default_factory=LinkContext)


class NewEntries(NamedTuple):
    """New, published entries that nothing else of their batch concerns, by column."""

    ids: Sequence[int]
    codes: Sequence[str]
    bodies: Sequence[bytes]


@dataclass(slots=True)
class WriteSet:
    """What to write: the last state of each entry and key.

    Attributes:
        created: The ERC, status and body of new entries, by id.
        added: Further new entries, which are all published.
        filled: The same of stored placeholders that become entries.
        placeholders: The definition and ERC of new placeholders, by id.
        new_choices: The keys to add to picklists, by the picklist's ERC.
        updated: The status and body of changed entries, by id.
        freed: The fields and unique texts that entries gave up, even if others took
            them afterwards; to be deleted first.
        taken: The id of the entry that now holds a field's unique text.
        unlinked: The entries and fields whose parent changed; to be deleted first.
        linked: The definition and ERC of the parent, by entry and field.
        counters: The last number of the AutoIncrement fields that advanced.
        many: The links of many-to-many relationships.
    """

    created: dict[int, tuple[str, int, bytes]] = field(default_factory=dict)
    added: list[NewEntries] = field(default_factory=list)
    filled: dict[int, tuple[str, int, bytes]] = field(default_factory=dict)
    placeholders: dict[int, tuple[ParentDefinition, str]] = field(default_factory=dict)
    new_choices: dict[str, set[str]] = field(default_factory=dict)
    updated: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    freed: set[tuple[str, str]] = field(default_factory=set)
    taken: dict[tuple[str, str], int] = field(default_factory=dict)
    unlinked: set[tuple[int, str]] = field(default_factory=set)
    linked: dict[tuple[int, str], tuple[int, str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    many: LinkChanges = field(default_factory=LinkChanges)

    def all_created(self) -> dict[int, tuple[str, int, bytes]]:
        """Return the ERC, status and body of all new entries, by id."""
        states = dict(self.created)
        for ids, codes, bodies in self.added:
            columns = zip(codes, repeat(APPROVED), bodies, strict=False)
            states.update(zip(ids, columns, strict=True))
        return dict(sorted(states.items()))

    def put_filled(self, entry_id: int, state: tuple[str, int, bytes]) -> None:
        """Record an entry that replaces a placeholder, which may be of this batch."""
        is_new = self.placeholders.pop(entry_id, None) is not None
        (self.created if is_new else self.filled)[entry_id] = state

    def put_changed(self, entry_id: int, state: tuple[str, int, bytes]) -> None:
        """Record the next state of an entry that is stored or will be."""
        for new in (self.created, self.filled):
            if entry_id in new:
                new[entry_id] = state
                return
        self.updated[entry_id] = state[1:]

    def put_all_changed(
        self, ids: Sequence[int], codes: Sequence[str], status: int, bodies: list[bytes]
    ) -> None:
        """Record the next states of entries that have one status."""
        if not self.created and not self.filled:
            states = zip(repeat(status), bodies, strict=False)
            self.updated.update(zip(ids, states, strict=True))
            return
        for entry_id, code, body in zip(ids, codes, bodies, strict=True):
            self.put_changed(entry_id, (code, status, body))


def move_key(
    key: tuple[str, str, str], entry_id: int, changes: WriteSet, context: BatchContext
) -> None:
    """Record that an entry gives up a unique value and takes another one.

    Args:
        key: The field, the text of the value before, and the one after.
        entry_id: The id of the entry.
        changes: What to write.
        context: What is stored.
    """
    name, old, new = key
    if old:
        context.owners.pop((name, old), None)
        changes.freed.add((name, old))
        changes.taken.pop((name, old), None)
    if new:
        context.owners[name, new] = entry_id
        changes.taken[name, new] = entry_id


_FALSE: Final = b"false"


def is_same_entry(
    values: Mapping[str, Any], body: bytes, before: bytes, booleans: Collection[str]
) -> bool:
    """Return True if what comes in says the same as what is stored.

    Args:
        values: The values that come in.
        body: The same as bytes.
        before: The stored ones as bytes.
        booleans: The names of the Boolean fields.
    """
    if body == before:
        return True
    if not booleans or (_FALSE not in body and _FALSE not in before):
        return False
    return _without_false(loads(before), booleans) == _without_false(values, booleans)


def _without_false(
    values: Mapping[str, Any], booleans: Collection[str]
) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if value is not False or name not in booleans
    }


def check_read_only_fields(
    rules: EntryRules,
    sealer: Sealer,
    values: Mapping[str, Any],
    old: StoredEntry | None,
) -> Problem | None:
    """Report a read-only field that would change, or None.

    Args:
        rules: The rules of the definition.
        sealer: Compares secrets with stored ones.
        values: The new values of the entry.
        old: The stored entry; None for a new one.
    """
    own_id = 0 if old is None else old.id
    before = generated_values(rules, values) if old is None else loads(old.body)
    for key, name in rules.read_only:
        value = values.get(key)
        if not sealer.is_same(value, own_id, name, before.get(key)):
            return EntryProblemType.READ_ONLY.problem(
                name, None if isinstance(value, Secret) else value
            )
    return None


def generated_values(rules: EntryRules, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the generated values of a new entry: defaults and its own numbers."""
    defaults = dict(rules.defaults)
    for localized in rules.localized:
        localized.settle(defaults)
    return defaults | {
        numbering.name: values.get(numbering.name) for numbering in rules.numberings
    }
