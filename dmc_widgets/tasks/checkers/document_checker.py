"""The checker of definitions, picklists and folders, and of their parts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Final

from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import ImportPlan
from ...objects.comparison.differences import is_equivalent
from ...objects.documents.change_set import (
    DEFINITION,
    DocumentChange,
    StoredDocument,
)
from ...objects.documents.kinds import (
    KINDS_BY_NAME,
    parse_stored_document,
)
from ...objects.fields.many_to_many import declared_relationships
from ...objects.names import ERC
from ...objects.parts.part_changes import evaluate_item, find_parent
from ...objects.parts.part_kinds import PART_KINDS_BY_NAME
from ...ports import Installation, Item, Query
from ..imports.document_notes import is_valid_erc_text
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
        self._keeps_all = entity_type.open
        self._documents = _DocumentOverlay(installation, entity_types)
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


class _DocumentOverlay:
    """The documents of an installation, with the changes of earlier items on top.

    Installations do not return placeholders, so these count as missing, which is what
    the rules do as well.
    """

    def __init__(
        self, installation: Installation, entity_types: Sequence[EntityType]
    ) -> None:
        self._installation = installation
        self._types = {
            kind: find_entity_type(entity_types, kind) for kind in KINDS_BY_NAME
        }
        self._by_erc: dict[tuple[str, str], StoredDocument | None] = {}
        self._ercs_by_name: dict[str, dict[str, str]] = {}
        self._declared: dict[str, list[tuple[str, str]]] = {}

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document with an ERC."""
        if (kind, erc) not in self._by_erc:
            self.prefetch(kind, [erc])
        return self._by_erc.get((kind, erc))

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document with a name. All names are read once."""
        erc = self._names(kind).get(name)
        return None if erc is None else self.by_erc(kind, erc)

    def linking_to(self, erc: str) -> list[tuple[str, str]]:
        """Return the many-to-many relationships that lead to a definition."""
        self._names(DEFINITION)
        return [
            (owner, name)
            for owner, declared in self._declared.items()
            for name, other in declared
            if other == erc
        ]

    def prefetch(self, kind: str, codes: Iterable[object]) -> None:
        """Fetch several documents at once."""
        ercs = {str(code) for code in codes if is_valid_erc_text(code)}
        new = sorted(erc for erc in ercs if (kind, erc) not in self._by_erc)
        items = self._installation.fetch(self._types[kind], new) if new else {}
        for erc in new:
            item = items.get(erc)
            stored = None if item is None else parse_stored_document(kind, item)
            self._by_erc[kind, erc] = stored

    def is_equivalent_to_stored(self, document: StoredDocument) -> bool:
        """Return True if a document is equivalent to the stored one of its code."""
        stored = self.by_erc(document.kind, document.erc)
        if stored is None or stored.status != document.status:
            return False
        return is_equivalent(document.body, stored.body)

    def apply(self, change: DocumentChange) -> None:
        """Apply a change, so that later items meet it."""
        for document in change.documents:
            codes = self._names(document.kind)
            before = self._by_erc.get((document.kind, document.erc))
            if before is not None and codes.get(before.name) == document.erc:
                del codes[before.name]
            codes[document.name] = document.erc
            if document.kind == DEFINITION:
                self._declared[document.erc] = list(
                    declared_relationships(document.body)
                )
            self._by_erc[document.kind, document.erc] = document

    def _names(self, kind: str) -> dict[str, str]:
        """Return the codes of all documents by name; read them once."""
        if kind not in self._ercs_by_name:
            self._ercs_by_name[kind] = {}
            more = ("objectRelationships",) if kind == DEFINITION else ()
            query = Query(fields=(ERC, "name", *more))
            for item in self._installation.read(self._types[kind], query):
                erc = str(item.get(ERC))
                name = KINDS_BY_NAME[kind].name_of(item)
                self._ercs_by_name[kind][name] = erc
                self._declared[erc] = list(declared_relationships(item))
        return self._ercs_by_name[kind]


def _new_erc() -> str:
    return str(uuid.uuid4())
