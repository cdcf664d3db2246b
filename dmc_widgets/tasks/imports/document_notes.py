"""Notes on definitions, picklists and folders that an import has written.

Installations do not report which changes an update ignores, so these are found before a
batch is written, from what is stored under the external reference codes of its items.

A definition may refer to documents that do not exist yet; the installation creates an
empty placeholder for each. While a task runs that says little, because a later record
may fill it. The placeholders that are left are reported by name at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from ...errors import InstallationError
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import PLACEHOLDER, Outcome, OutcomeKind, Problem
from ...model.plan import BackupPlan, Plan, is_dry_run
from ...model.strategies import ImportStrategy, Policy
from ...objects.comparison.erc_matching import Documents
from ...objects.comparison.ignored_changes import (
    IgnoredChange,
    find_ignored_changes,
    predict_state,
)
from ...objects.documents.change_set import DEFINITION, FOLDER, StoredDocument
from ...objects.documents.definition_notes import (
    describe_definitions,
    list_parent_codes,
)
from ...objects.documents.folders import (
    list_included_codes,
    read_folder_contents,
    select_written_definitions,
)
from ...objects.documents.id_references import describe_id_references
from ...objects.documents.kinds import normalize_item, parse_stored_document
from ...objects.documents.references import ReferenceTracker, find_missing_references
from ...objects.names import ERC, is_valid_erc_text
from ...ports import Installation, Item
from ...storage.private_files import make_private_folder, write_atomically
from ...workspace.file_transfer import translate_os_errors
from ..installation_access import find_entity_type
from ..installation_comparison import read_documents
from ..task_files import earlier_documents_path
from ..task_run import TaskRun

_EXISTING: Final = frozenset({OutcomeKind.UPDATED, OutcomeKind.UNCHANGED})
STORED_OUTCOMES: Final = _EXISTING | {OutcomeKind.CREATED}
"""The outcomes of records whose items the target holds now."""

IgnoredChanges = tuple[IgnoredChange, ...]

DefinitionFetcher = Callable[[Sequence[str]], Mapping[str, Item]]
"""Returns definitions by their external reference codes."""


class IgnoredChangeFinder:
    """Find changes that the items of one entity type ask for and an update ignores.

    Args:
        installation: The target; it is only read.
        entity_type: The entity type of the items. No change of an entry is ignored.
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
        self._definitions: IgnoredChangeFinder | None = None
        self._has_ignored_changes = (
            entity_type.class_name != OBJECT_ENTRY
            and not entity_type.part_of
            and policy.import_strategy is not ImportStrategy.INSERT
        )

    def find(self, items: Sequence[Item]) -> list[IgnoredChanges]:
        """Return the ignored changes of each item, if they are written in this order.

        Raises:
            InstallationError: The installation does not answer.
        """
        if self.entity_type.name == FOLDER:
            in_folders = self._find_in_folders(items)
        else:
            in_folders = [()] * len(items)
        if not self._has_ignored_changes:
            return in_folders
        self._prefetch(items)
        return [
            self._find_in(item) + more
            for item, more in zip(items, in_folders, strict=True)
        ]

    def _find_in_folders(self, items: Sequence[Item]) -> list[IgnoredChanges]:
        """Return the ignored changes of definitions within folders."""
        by_folder = [
            select_written_definitions(dict(item)) if list_included_codes(item) else []
            for item in items
        ]
        if not any(by_folder):
            return [()] * len(items)
        if self._definitions is None:
            known = self._installation.entity_types()
            entity_type = find_entity_type(known, DEFINITION)
            # Liferay replaces them, whatever the strategies of the folder are.
            self._definitions = IgnoredChangeFinder(
                self._installation, entity_type, Policy()
            )
        ignored = iter(
            self._definitions.find(
                [x for definitions in by_folder for x in definitions]
            )
        )
        return [
            tuple(
                replace(change, in_folder=True)
                for _ in definitions
                for change in next(ignored)
            )
            for definitions in by_folder
        ]

    def _find_in(self, item: Item) -> IgnoredChanges:
        body = normalize_item(item)
        if isinstance(body, Problem) or not isinstance(body.get(ERC), str):
            return ()
        kind, erc = self.entity_type.name, body[ERC]
        stored = self._stored.get(erc)
        ignored = find_ignored_changes(kind, body, stored, self._policy)
        self._stored[erc] = predict_state(kind, body, stored, self._policy)
        return ignored

    def _prefetch(self, items: Sequence[Item]) -> None:
        codes = {str(erc) for item in items if is_valid_erc_text(erc := item.get(ERC))}
        new = sorted(codes - self._stored.keys())
        if not new:
            return
        fetched = self._installation.fetch(self.entity_type, new)
        for erc in new:
            item = fetched.get(erc)
            kind = self.entity_type.name
            self._stored[erc] = (
                None if item is None else parse_stored_document(kind, item)
            )


def filter_stored_changes(
    ignored: Sequence[IgnoredChanges], outcomes: Sequence[Outcome]
) -> list[IgnoredChange]:
    """Return the ignored changes of documents that existed and were written.

    Args:
        ignored: The ignored changes of each item.
        outcomes: The outcome of each item; there may be more.
    """
    if not any(ignored):
        return []
    return [
        change
        for changes, outcome in zip(ignored, outcomes, strict=False)
        for change in changes
        if outcome.kind in (STORED_OUTCOMES if change.in_folder else _EXISTING)
    ]


def document_notes(
    entity_type: EntityType,
    items: Sequence[Item],
    outcomes: Sequence[Outcome],
    fetch_definitions: DefinitionFetcher,
) -> list[str]:
    """Return notes on definitions in folders, relationships, and ids.

    Args:
        entity_type: The entity type of the items.
        items: The items that were written, or would be.
        outcomes: The outcome of each item; there may be more.
        fetch_definitions: Returns the definitions that the target holds, or would hold.
    """
    if entity_type.class_name == OBJECT_ENTRY or entity_type.part_of:
        return []
    kind, notes = entity_type.name, list[str]()
    stored = [
        (dict(item), outcome.key)
        for item, outcome in zip(items, outcomes, strict=False)
        if outcome.kind in STORED_OUTCOMES
    ]
    parents = _fetch_parents(kind, stored, fetch_definitions)
    for item, key in stored:
        contents = read_folder_contents(item) if kind == FOLDER else None
        if contents is not None:
            notes.append(contents.note)
        notes += describe_id_references(kind, item)
        notes += describe_definitions(kind, item, key, parents)
    return notes


def _fetch_parents(
    kind: str, items: Sequence[tuple[dict[str, Any], str]], fetch: DefinitionFetcher
) -> Mapping[str, Item]:
    """Return the definitions that the Relationship fields of items come from.

    The items are written already: an installation that went away since then costs
    notes, not outcomes.
    """
    codes = {code for item, key in items for code in list_parent_codes(kind, item, key)}
    try:
        return fetch(sorted(codes)) if codes else {}
    except InstallationError:
        return {}


def definition_fetcher(installation: Installation) -> DefinitionFetcher:
    """Return a function that fetches definitions of an installation by their codes."""

    def fetch(codes: Sequence[str]) -> Mapping[str, Item]:
        entity_type = find_entity_type(installation.entity_types(), DEFINITION)
        return installation.fetch(entity_type, codes)

    return fetch


def create_reference_tracker(
    run: TaskRun, installation: Installation, entity_type: EntityType
) -> ReferenceTracker | None:
    """Return a tracker for an import; None if the target reports what is missing.

    Raises:
        InstallationError: The installation does not answer.
        WorkspaceError: See :func:`open_reference_tracker`.
    """
    if entity_type.name != DEFINITION or entity_type.open:
        return None
    return open_reference_tracker(run, lambda: read_documents(installation, (ERC,)))


def open_reference_tracker(
    run: TaskRun, read: Callable[[], Documents]
) -> ReferenceTracker:
    """Return a tracker for a task, beside what its target held when it began first.

    A task that is resumed finds the empty documents there that were created for it.

    Args:
        run: The running task.
        read: Returns the documents that the target holds now.

    Raises:
        InstallationError: The target does not answer.
        WorkspaceError: The codes cannot be kept for the time that it is resumed.
    """
    plan = run.task.plan
    begins_anew = is_dry_run(plan) or isinstance(plan, BackupPlan)
    if begins_anew or run.is_repair or run.is_check:
        return ReferenceTracker.beside(read())
    path = earlier_documents_path(run.workspace, run.task)
    with translate_os_errors(path):
        if not path.is_file():
            documents = read()
            codes = [(kind, x[ERC]) for kind in documents for x in documents[kind]]
            make_private_folder(path.parent)
            write_atomically(path, [orjson.dumps(codes)])
        return ReferenceTracker(map(tuple, orjson.loads(path.read_bytes())))


def report_placeholders(run: TaskRun, installation: Installation) -> None:
    """Note which documents are still missing, by name.

    Args:
        run: The running task. Its note counts show that placeholders were created, or
            its references what definitions refer to.
        installation: The target.

    Raises:
        InstallationError: The target does not answer.
    """
    if PLACEHOLDER in run.note_counts:
        missing = find_missing_references(read_documents(installation))
        del run.note_counts[PLACEHOLDER]
    else:
        missing = run.references.missing if run.references else []
    if missing:
        names = ", ".join(f"{kind} {erc}" for kind, erc in missing)
        run.notes.append(_placeholder_note(run.task.plan, names))


def _placeholder_note(plan: Plan, names: str) -> str:
    """Return what a kind of task has made, or would make, of missing documents."""
    if isinstance(plan, BackupPlan):
        return (
            f"Documents of the backup refer to these, which are not part of it: "
            f"{names}. A restore leaves them as they are, and adds empty ones where "
            "they are missing."
        )
    verb = "would be" if is_dry_run(plan) else "were"
    return (
        f"Other documents refer to these, which do not exist yet: {names}. Empty "
        f"ones {verb} created, to be filled by a later import."
    )
