"""The checker of definitions, picklists and folders, and of their parts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Final

from ...installations.document_overlay import DocumentOverlay
from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import ImportPlan
from ...objects.comparison.document_changes import add_document_change
from ...objects.documents.change_set import (
    DEFINITION,
    DocumentChange,
    StoredDocument,
)
from ...objects.documents.kinds import (
    KINDS_BY_NAME,
)
from ...objects.names import ERC
from ...objects.parts.part_changes import evaluate_item, find_parent
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME
from ...ports import Installation, Item
from ..installation_access import find_entity_type
from .protocol import ItemCheck

_TOP_LEVEL_NAME: Final = re.compile(r"[^.\[]*")


class DocumentChecker:
    """A :class:`~.protocol.Checker` of definitions, picklists, folders or parts.

    Args:
        installation: The target; it is only read.
        entity_types: All entity types of the target.
        entity_type: The entity type of the items.
        plan: The plan, with its strategies.

    Attributes:
        changed_documents: The documents that the last items would create or change,
            with placeholders.
    """

    def __init__(
        self,
        installation: Installation,
        entity_types: Sequence[EntityType],
        entity_type: EntityType,
        plan: ImportPlan,
    ) -> None:
        self._kind = entity_type.name
        self._policy = plan.policy
        self._states_changes = plan.options.journal
        self._keeps_all = entity_type.open
        self._documents = DocumentOverlay(
            installation,
            {kind: find_entity_type(entity_types, kind) for kind in KINDS_BY_NAME},
        )
        self._types = {field.name: field.type for field in entity_type.fields}
        self.changed_documents: list[StoredDocument] = []

    def type_of(self, name: str) -> str:
        """Return the type of a property."""
        return self._types.get(name, "object")

    def related_fields(self, field: str) -> frozenset[str]:
        """Return the property of which *field* is a part: ``objectFields[0].name``."""
        match = _TOP_LEVEL_NAME.match(field)
        return frozenset({match[0]} if match and match[0] else ())

    def check_values(self, item: Item) -> ItemCheck:
        """Pass every value, because the rules evaluate a document as a whole."""
        return ItemCheck(dict(item), ())

    def predict_outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """Return the outcome of each item; see :class:`~.protocol.Checker`."""
        self._prefetch(items)
        outcomes = []
        self.changed_documents = []
        for item in items:
            outcome, change = evaluate_item(
                self._kind, item, self._documents, self._policy, _new_erc
            )
            if change is not None:
                if outcome.kind is OutcomeKind.UPDATED and self._changes_nothing(
                    change
                ):
                    outcome = outcome._replace(kind=OutcomeKind.UNCHANGED)
                if self._states_changes:
                    outcome = add_document_change(outcome, change, self._documents)
                self._documents.apply(change)
                self.changed_documents += change.documents
            outcomes.append(outcome)
        return outcomes

    def fetch_definitions(self, codes: Sequence[str]) -> dict[str, Item]:
        """Return definitions by code, with the changes of the last items."""
        self._documents.prefetch(DEFINITION, codes)
        known = {erc: self._documents.by_erc(DEFINITION, erc) for erc in codes}
        return {erc: document.body for erc, document in known.items() if document}

    def _prefetch(self, items: Sequence[Item]) -> None:
        part_kind = PART_KINDS_BY_NAME.get(self._kind)
        if part_kind is None:
            self._documents.prefetch(self._kind, (item.get(ERC) for item in items))
        else:
            owners = (find_parent(part_kind, item) for item in items)
            self._documents.prefetch(part_kind.owner, owners)

    def _changes_nothing(self, change: DocumentChange) -> bool:
        """Return True if the stored documents are equivalent, though not equal.

        A server completes documents and returns more than it was sent. What it would
        complete in the same way again is not a change. No installation gives out its
        placeholders; a stored document that names one has brought it.
        """
        documents = [x for x in change.documents if not x.is_placeholder]
        if self._keeps_all:
            return not documents
        return all(map(self._documents.is_equivalent_to_stored, documents))


def _new_erc() -> str:
    return str(uuid.uuid4())
