"""Records whose documents would lose parts are refused unless the plan allows it.

An import asks before it starts, from the first records of its file. The guard holds for
the rest of the file, and where somebody has changed the target since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ...errors import InstallationError
from ...model.entity_type import EntityType
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...objects.comparison.differences import Deletion
from ...objects.documents.change_set import DEFINITION, FOLDER, Body, StoredDocument
from ...objects.documents.folders import list_included_codes, select_written_definitions
from ...objects.documents.kinds import (
    KINDS_BY_NAME,
    normalize_item,
    parse_stored_document,
)
from ...objects.names import ERC, is_valid_erc_text
from ...ports import Installation, Item
from ..deletions import (
    ValueCounter,
    document_deletions,
    may_delete,
    refused_deletions,
)
from ..installation_access import find_entity_type

_CODE: Final = "deletion-not-allowed"


class DeletionFinder:
    """Find what items remove from the documents of an installation.

    Args:
        installation: The target; it is only read.
        plan: The plan, with its strategies.
        entity_type: The entity type of the items.
    """

    def __init__(
        self, installation: Installation, plan: ImportPlan, entity_type: EntityType
    ) -> None:
        kind = entity_type.name
        self._installation = installation
        self._kind = kind
        self._policy = plan.policy
        self._choices = plan.policy.merge if plan.policy.merges else None
        self._stored: dict[tuple[str, str], StoredDocument | None] = {}
        replaces = kind in KINDS_BY_NAME and may_delete(plan.policy)
        # Liferay replaces what a folder includes, whatever the strategies are.
        self.is_needed = replaces or (kind == FOLDER and self._choices is None)

    def find(self, items: Sequence[Item | Problem]) -> list[list[Deletion]]:
        """Return what each item removes if the items are written in this order.

        Raises:
            InstallationError: The installation does not answer.
        """
        if not self.is_needed:
            return [[] for _ in items]
        written = [list(self._written(item)) for item in items]
        self._prefetch([pair for pairs in written for pair in pairs])
        return [
            [x for kind, body in pairs for x in self._deletions(kind, body)]
            for pairs in written
        ]

    def count(self, deletions: Sequence[Deletion]) -> list[Deletion]:
        """Return deletions with the numbers of values, where they can be counted."""
        try:
            return ValueCounter(self._installation).count_all(deletions)
        except InstallationError:
            return list(deletions)

    def _written(self, item: Item | Problem) -> Iterator[tuple[str, Body]]:
        """Yield the documents that an item writes, with their kinds."""
        body = item if isinstance(item, Problem) else normalize_item(item)
        if isinstance(body, Problem):
            return
        if self._kind != FOLDER:
            yield self._kind, body
        elif list_included_codes(body):
            for definition in select_written_definitions(body):
                yield DEFINITION, definition

    def _deletions(self, kind: str, body: Body) -> list[Deletion]:
        erc = body.get(ERC)
        if not isinstance(erc, str):
            return []
        key = (kind, erc)
        found = list(
            document_deletions(kind, body, self._stored.get(key), self._choices)
        )
        self._stored[key] = parse_stored_document(kind, body)
        return found

    def _prefetch(self, written: Sequence[tuple[str, Body]]) -> None:
        new: dict[str, set[str]] = {}
        for kind, body in written:
            erc = body.get(ERC)
            if is_valid_erc_text(erc) and (kind, str(erc)) not in self._stored:
                new.setdefault(kind, set()).add(str(erc))
        types = self._installation.entity_types() if new else []
        for kind, codes in new.items():
            entity_type = find_entity_type(types, kind)
            fetched = self._installation.fetch(entity_type, sorted(codes))
            for erc in codes:
                item = fetched.get(erc)
                self._stored[kind, erc] = (
                    None if item is None else parse_stored_document(kind, item)
                )


class DeletionGuard:
    """Turn items that would remove parts of documents into problems.

    Args:
        installation: The target; it is only read.
        plan: The plan, with its strategies and what it allows.
        entity_type: The entity type of the items.
    """

    def __init__(
        self, installation: Installation, plan: ImportPlan, entity_type: EntityType
    ) -> None:
        self._finder = DeletionFinder(installation, plan, entity_type)
        may_delete_all = plan.allow_deletions or plan.dry_run
        self._is_needed = self._finder.is_needed and not may_delete_all

    def check(self, items: Sequence[Item | Problem]) -> list[Item | Problem]:
        """Return the items, with a problem in place of each that deletes.

        Raises:
            InstallationError: The installation does not answer.
        """
        if not self._is_needed:
            return list(items)
        deletions = self._finder.find(items)
        return [
            self._problem(found) if found else item
            for item, found in zip(items, deletions, strict=True)
        ]

    def _problem(self, deletions: Sequence[Deletion]) -> Problem:
        counted = self._finder.count(deletions)
        kind = KINDS_BY_NAME[counted[0].kind]
        parts = next(x for x in kind.part_lists if x.label == counted[0].what)
        return Problem(_CODE, refused_deletions(counted), parts.name)
