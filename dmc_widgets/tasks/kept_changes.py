"""Changes of definitions, picklists and folders that an update leaves out.

No installation tells them, so they are found before a batch is written, from what is
stored under the external reference codes of its items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..model.entity import OBJECT_ENTRY, EntityType
from ..model.outcome import Outcome, OutcomeKind, Problem
from ..model.strategies import ImportStrategy, Policy
from ..objects.documents import DEFINITION, FOLDER, StoredDocument
from ..objects.entry_faults import ERC
from ..objects.folder_contents import (
    brought_codes,
    folder_contents,
    written_definitions,
)
from ..objects.id_mentions import id_notes
from ..objects.judging import as_kept, stored_document
from ..objects.kept_changes import KeptChange, find_kept_changes, state_after
from ..ports import Installation, Item
from .entities import resolve

_STOOD: Final = frozenset({OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
STORED: Final = _STOOD | {OutcomeKind.CREATED}
"""Outcomes of records whose items the target holds now."""

Kept = tuple[KeptChange, ...]


class KeptChangeFinder:
    """Finds what the items of one entity type would change and do not.

    Args:
        installation: The target; it is only asked.
        entity_type: The entity type of the items; entries keep nothing back.
        policy: The import and the update strategy.

    Attributes:
        entity_type: The entity type of the items.
    """

    def __init__(
        self, installation: Installation, entity_type: EntityType, policy: Policy
    ) -> None:
        self._installation = installation
        self.entity_type = entity_type
        self._policy = policy
        self._stored: dict[str, StoredDocument | None] = {}
        self._definitions: KeptChangeFinder | None = None
        self._finds_some = (
            entity_type.class_name != OBJECT_ENTRY
            and policy.on_existing is not ImportStrategy.INSERT
        )

    def find(self, items: Sequence[Item]) -> list[Kept]:
        """Return the kept changes of each item, were they written in this order.

        Raises:
            InstallationError: The installation does not say what is stored.
        """
        if self.entity_type.name == FOLDER:
            brought = self._find_brought(items)
        else:
            brought = [()] * len(items)
        if not self._finds_some:
            return brought
        self._prefetch(items)
        return [
            self._find_in(item) + more
            for item, more in zip(items, brought, strict=True)
        ]

    def _find_brought(self, items: Sequence[Item]) -> list[Kept]:
        """Return what stays of the definitions that folders bring along."""
        listed = [
            written_definitions(dict(item)) if brought_codes(item) else []
            for item in items
        ]
        if not any(listed):
            return [()] * len(items)
        if self._definitions is None:
            known = self._installation.entity_types()
            entity_type = resolve(known, DEFINITION)
            # Liferay replaces them whatever the strategies of the folder.
            self._definitions = KeptChangeFinder(
                self._installation, entity_type, Policy()
            )
        found = iter(self._definitions.find([x for some in listed for x in some]))
        return [
            tuple(
                replace(change, in_folder=True) for _ in some for change in next(found)
            )
            for some in listed
        ]

    def _find_in(self, item: Item) -> Kept:
        body = as_kept(item)
        if isinstance(body, Problem) or not isinstance(body.get(ERC), str):
            return ()
        kind, key = self.entity_type.name, body[ERC]
        stored = self._stored.get(key)
        kept = find_kept_changes(kind, body, stored, self._policy)
        self._stored[key] = state_after(kind, body, stored, self._policy)
        return kept

    def _prefetch(self, items: Sequence[Item]) -> None:
        codes = {str(key) for item in items if is_code(key := item.get(ERC))}
        new = sorted(codes - self._stored.keys())
        if not new:
            return
        found = self._installation.fetch(self.entity_type, new)
        for key in new:
            item = found.get(key)
            kind = self.entity_type.name
            self._stored[key] = None if item is None else stored_document(kind, item)


def kept_where_stored(
    kept: Sequence[Kept], outcomes: Sequence[Outcome]
) -> list[KeptChange]:
    """Return the kept changes of documents that were there and stay.

    Args:
        kept: The kept changes of each item.
        outcomes: The outcome of each item, or of more.
    """
    return [
        change
        for changes, outcome in zip(kept, outcomes, strict=False)
        for change in changes
        if outcome.kind in (STORED if change.in_folder else _STOOD)
    ]


def document_notes(
    entity_type: EntityType, items: Sequence[Item], outcomes: Sequence[Outcome]
) -> list[str]:
    """Return what became of definitions in folders, and of ids that do not travel."""
    if entity_type.class_name == OBJECT_ENTRY:
        return []
    kind, notes = entity_type.name, list[str]()
    for item, outcome in zip(items, outcomes, strict=False):
        if outcome.kind not in STORED:
            continue
        contents = folder_contents(dict(item)) if kind == FOLDER else None
        if contents is not None:
            notes.append(contents.note)
        notes += id_notes(kind, dict(item))
    return notes


def is_code(value: object) -> bool:
    """Return True if an installation can be asked for the value as a code."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return bool(value)
