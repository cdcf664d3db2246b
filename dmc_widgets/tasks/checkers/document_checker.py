"""The rules of definitions, picklists and folders, applied to some items."""

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
from ...objects.documents.evaluation import evaluate_document
from ...objects.documents.kinds import KINDS_BY_NAME, parse_stored_document
from ...objects.fields.many_to_many import declared_relationships
from ...objects.names import ERC
from ...ports import Installation, Item, Query
from ..imports.document_notes import is_valid_erc_text
from ..installation_access import find_entity_type
from .protocol import ItemCheck

_TOP_LEVEL_NAME: Final = re.compile(r"[^.\[]*")


class DocumentChecker:
    """A :class:`~.checking.Checker` of definitions, picklists or folders.

    Args:
        installation: The target; it is only asked.
        entity_types: All that it has.
        entity_type: Of the items.
        plan: Its strategies count.

    Attributes:
        made: The documents that the last items would make or change, placeholders too.
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
        self._known = _DocumentOverlay(installation, entity_types)
        self._types = {field.name: field.type for field in entity_type.fields}
        self.made: list[StoredDocument] = []

    def type_of(self, name: str) -> str:
        """Name the type of a property."""
        return self._types.get(name, "object")

    def related_fields(self, field: str) -> frozenset[str]:
        """Name the property of which *field* is a part: objectFields[0].name."""
        found = _TOP_LEVEL_NAME.match(field)
        return frozenset({found[0]} if found and found[0] else ())

    def look(self, item: Item) -> ItemCheck:
        """Pass every value: the rules judge a document as a whole."""
        return ItemCheck(dict(item), ())

    def outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """Say what would become of each item; see :class:`~.checking.Checker`."""
        self._known.prefetch(self._kind, (item.get(ERC) for item in items))
        outcomes = []
        self.made = []
        for item in items:
            outcome, change = evaluate_document(
                self._kind, item, self._known, self._policy, _new_erc
            )
            if change is not None:
                if outcome.kind is OutcomeKind.UPDATED and self._is_as_before(change):
                    outcome = outcome._replace(kind=OutcomeKind.UNCHANGED)
                self._known.keep(change)
                self.made += change.documents
            outcomes.append(outcome)
        return outcomes

    def _is_as_before(self, change: DocumentChange) -> bool:
        """Say whether what is stored would mean the same, though it is not equal.

        A server completes documents, and tells more of them than came: it sees no
        change in what it would complete in the same way again.
        """
        if self._keeps_all:
            return False
        return all(map(self._known.means_the_same, change.documents))


class _DocumentOverlay:
    """What an installation holds, and on top of it what items would change.

    Placeholders are not given out by installations, so they count as missing, which
    is what the rules make of them, too.
    """

    def __init__(
        self, installation: Installation, entity_types: Sequence[EntityType]
    ) -> None:
        self._installation = installation
        self._types = {
            kind: find_entity_type(entity_types, kind) for kind in KINDS_BY_NAME
        }
        self._by_erc: dict[tuple[str, str], StoredDocument | None] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._declared: dict[str, list[tuple[str, str]]] = {}

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC."""
        if (kind, erc) not in self._by_erc:
            self.prefetch(kind, [erc])
        return self._by_erc.get((kind, erc))

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name. All names are read once."""
        erc = self._names(kind).get(name)
        return None if erc is None else self.by_erc(kind, erc)

    def linking_to(self, erc: str) -> list[tuple[str, str]]:
        """Return who declares a many-to-many relationship to that definition."""
        self._names(DEFINITION)
        return [
            (owner, name)
            for owner, declared in self._declared.items()
            for name, other in declared
            if other == erc
        ]

    def prefetch(self, kind: str, codes: Iterable[object]) -> None:
        """Ask for several documents at once."""
        wanted = {str(code) for code in codes if is_valid_erc_text(code)}
        new = sorted(each for each in wanted if (kind, each) not in self._by_erc)
        found = self._installation.fetch(self._types[kind], new) if new else {}
        for erc in new:
            item = found.get(erc)
            stored = None if item is None else parse_stored_document(kind, item)
            self._by_erc[kind, erc] = stored

    def means_the_same(self, document: StoredDocument) -> bool:
        """Say whether the document of that code differs in nothing that counts."""
        stored = self.by_erc(document.kind, document.erc)
        if stored is None or stored.status != document.status:
            return False
        return is_equivalent(document.body, stored.body)

    def keep(self, change: DocumentChange) -> None:
        """Let later items meet what one would have made."""
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
        """Return the codes of all documents by name. A definition's tells its links."""
        if kind not in self._codes:
            self._codes[kind] = {}
            more = ("objectRelationships",) if kind == DEFINITION else ()
            query = Query(fields=(ERC, "name", *more))
            for item in self._installation.read(self._types[kind], query):
                erc = str(item.get(ERC))
                name = KINDS_BY_NAME[kind].name_of(item)
                self._codes[kind][name] = erc
                self._declared[erc] = list(declared_relationships(item))
        return self._codes[kind]


def _new_erc() -> str:
    return str(uuid.uuid4())
