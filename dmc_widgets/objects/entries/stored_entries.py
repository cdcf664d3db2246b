"""What stands where a batch begins, and what is to change when it ends.

When an entry that comes in is the one that is stored.

Equal entries are equal bytes, but for Booleans: one without a value is given out as
false, so an entry that comes back as it was exported has false where nothing was ever
given.

Fields that a definition calls read-only: they keep the value that they have.

Liferay refuses a new value (docs/liferay/objects.md, Values), and takes the one that is
there, so that what was exported can be imported again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from orjson import loads

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from ..fields.encrypted import Sealer, Secret
from ..fields.many_to_many import LinkChanges, LinkContext
from .attachment_files import BatchFiles
from .validation import EntryRules


class StoredEntry(NamedTuple):
    """An entry as it stands: its id, its status, its kept values as bytes."""

    id: int
    status: int
    body: bytes


@dataclass(slots=True)
class BatchContext:
    """What the look-ups of a batch brought; a decider changes it as it goes.

    Attributes:
        entries: Stored entries by ERC.
        owners: The entry that holds a unique value, by field and text.
        parents: ERCs that exist, by the id of the definition.
        by_id: Definition and ERC of entries that were named by id.
        counters: The last number of each AutoIncrement field.
        files: Those of Attachment fields.
        many: Of the many-to-many relationships.
    """

    entries: dict[str, StoredEntry] = field(default_factory=dict)
    owners: dict[tuple[str, str], int] = field(default_factory=dict)
    parents: dict[int, set[str]] = field(default_factory=dict)
    by_id: dict[int, tuple[int, str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    files: BatchFiles = field(default_factory=BatchFiles)
    many: LinkContext = field(default_factory=LinkContext)


@dataclass(slots=True)
class WriteSet:
    """What to write, each entry and key once, in its last state.

    Attributes:
        created: ERC, status and body of new entries, by id.
        updated: Status and body of changed entries, by id.
        freed: Fields and texts that their entries gave up, even if they were
            taken again: to be deleted first.
        taken: The entry that now holds a field's text.
        unlinked: Entries and fields whose parent changed: to be deleted first.
        linked: Definition and ERC of the parent, by entry and field.
        counters: The last number of the AutoIncrement fields that moved on.
        many: Links of the many-to-many relationships.
    """

    created: dict[int, tuple[str, int, bytes]] = field(default_factory=dict)
    updated: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    freed: set[tuple[str, str]] = field(default_factory=set)
    taken: dict[tuple[str, str], int] = field(default_factory=dict)
    unlinked: set[tuple[int, str]] = field(default_factory=set)
    linked: dict[tuple[int, str], tuple[int, str]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    many: LinkChanges = field(default_factory=LinkChanges)


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
    """Report a read-only field that would change; None if there is none.

    Args:
        rules: Of the definition.
        sealer: Tells whether a secret is the one that is kept.
        values: Those that the entry is to have.
        old: The entry until now; None for a new one.
    """
    own_id = 0 if old is None else old.id
    before = _generated_values(rules, values) if old is None else loads(old.body)
    for key, name in rules.read_only:
        value = values.get(key)
        if not sealer.is_same(value, own_id, name, before.get(key)):
            return EntryProblemType.READ_ONLY.problem(
                name, None if isinstance(value, Secret) else value
            )
    return None


def _generated_values(rules: EntryRules, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new entry has by itself: defaults, and numbers of any kind."""
    made = dict(rules.defaults)
    for localized in rules.localized:
        localized.settle(made)
    return made | {
        numbering.name: values.get(numbering.name) for numbering in rules.numberings
    }
