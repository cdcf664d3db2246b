"""Changes of definitions, picklists and folders that an update leaves out.

No installation tells them, so they are found before a batch is written, from what is
stored under the external reference codes of its items.

What definitions name before it comes, once everything has come that will.

An installation makes an empty document for it. While a task runs, that says little:
the next record may fill it. At the end it is told by name, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import PLACEHOLDER, Outcome, OutcomeKind, Problem
from ...model.strategies import ImportStrategy, Policy
from ...objects.comparison.ignored_changes import (
    IgnoredChange,
    find_ignored_changes,
    predict_state,
)
from ...objects.documents.change_set import DEFINITION, FOLDER, StoredDocument
from ...objects.documents.evaluation import normalize_item
from ...objects.documents.folders import (
    folder_contents,
    included_codes,
    written_definitions,
)
from ...objects.documents.id_references import describe_id_references
from ...objects.documents.kinds import parse_stored_document
from ...objects.documents.references import ReferenceTracker, find_missing_references
from ...objects.names import ERC
from ...ports import Installation, Item
from ..installation_access import find_entity_type
from ..installation_comparison import read_documents
from ..task_run import TaskRun

_EXISTING: Final = frozenset({OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
STORED_OUTCOMES: Final = _EXISTING | {OutcomeKind.CREATED}
"""Outcomes of records whose items the target holds now."""

KeptChanges = tuple[IgnoredChange, ...]


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
            and policy.import_strategy is not ImportStrategy.INSERT
        )

    def find(self, items: Sequence[Item]) -> list[KeptChanges]:
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

    def _find_brought(self, items: Sequence[Item]) -> list[KeptChanges]:
        """Return what stays of the definitions that folders bring along."""
        listed = [
            written_definitions(dict(item)) if included_codes(item) else []
            for item in items
        ]
        if not any(listed):
            return [()] * len(items)
        if self._definitions is None:
            known = self._installation.entity_types()
            entity_type = find_entity_type(known, DEFINITION)
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

    def _find_in(self, item: Item) -> KeptChanges:
        body = normalize_item(item)
        if isinstance(body, Problem) or not isinstance(body.get(ERC), str):
            return ()
        kind, key = self.entity_type.name, body[ERC]
        stored = self._stored.get(key)
        kept = find_ignored_changes(kind, body, stored, self._policy)
        self._stored[key] = predict_state(kind, body, stored, self._policy)
        return kept

    def _prefetch(self, items: Sequence[Item]) -> None:
        codes = {str(key) for item in items if is_valid_code(key := item.get(ERC))}
        new = sorted(codes - self._stored.keys())
        if not new:
            return
        found = self._installation.fetch(self.entity_type, new)
        for key in new:
            item = found.get(key)
            kind = self.entity_type.name
            self._stored[key] = (
                None if item is None else parse_stored_document(kind, item)
            )


def filter_stored_changes(
    kept: Sequence[KeptChanges], outcomes: Sequence[Outcome]
) -> list[IgnoredChange]:
    """Return the kept changes of documents that were there and stay.

    Args:
        kept: The kept changes of each item.
        outcomes: The outcome of each item, or of more.
    """
    return [
        change
        for changes, outcome in zip(kept, outcomes, strict=False)
        for change in changes
        if outcome.kind in (STORED_OUTCOMES if change.in_folder else _EXISTING)
    ]


def document_notes(
    entity_type: EntityType, items: Sequence[Item], outcomes: Sequence[Outcome]
) -> list[str]:
    """Return what became of definitions in folders, and of ids that do not travel."""
    if entity_type.class_name == OBJECT_ENTRY:
        return []
    kind, notes = entity_type.name, list[str]()
    for item, outcome in zip(items, outcomes, strict=False):
        if outcome.kind not in STORED_OUTCOMES:
            continue
        contents = folder_contents(dict(item)) if kind == FOLDER else None
        if contents is not None:
            notes.append(contents.note)
        notes += describe_id_references(kind, dict(item))
    return notes


def is_valid_code(value: object) -> bool:
    """Return True if an installation can be asked for the value as a code."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return bool(value)


def create_mentions(
    installation: Installation, entity_type: EntityType
) -> ReferenceTracker | None:
    """Return the mentions for an import; None where the target tells by itself.

    Raises:
        InstallationError: The installation does not answer.
    """
    if entity_type.name != DEFINITION or entity_type.open:
        return None
    return ReferenceTracker.beside(read_documents(installation, (ERC,)))


def report_placeholders(run: TaskRun, installation: Installation) -> None:
    """Tell which documents are still missing, in place of how many named some.

    Args:
        run: Its notes say that placeholders were made, or its mentions what was named.
        installation: The target.

    Raises:
        InstallationError: It does not answer.
    """
    if PLACEHOLDER in run.note_counts:
        missing = find_missing_references(read_documents(installation))
        del run.note_counts[PLACEHOLDER]
    else:
        missing = run.references.missing if run.references else []
    if missing:
        told = ", ".join(f"{kind} {code}" for kind, code in missing)
        run.notes.append(
            f"Named by others, but not here yet: {told}. Empty ones were made, to be "
            "filled when they come."
        )
