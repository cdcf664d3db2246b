"""What stands where a batch begins, and what is to change when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .many_links import FoundLinks, LinkChanges
from .stored_files import Files


class StoredEntry(NamedTuple):
    """An entry as it stands: its id, its status, its kept values as bytes."""

    id: int
    status: int
    body: bytes


@dataclass(slots=True)
class Found:
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
    files: Files = field(default_factory=Files)
    many: FoundLinks = field(default_factory=FoundLinks)


@dataclass(slots=True)
class Changes:
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
