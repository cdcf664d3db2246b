"""The documents of an installation with changes on top, as rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from ..model.entity_type import EntityType
from ..objects.comparison.differences import is_equivalent
from ..objects.documents.change_set import (
    DEFINITION,
    DocumentChange,
    StoredDocument,
)
from ..objects.documents.kinds import KINDS_BY_NAME, parse_stored_document
from ..objects.fields.many_to_many import declared_relationships
from ..objects.names import ERC, is_valid_erc_text
from ..ports import Item, Query


class DocumentSource(Protocol):
    """The methods of an installation that read its documents."""

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield the documents of a kind; see :class:`~dmc_widgets.ports`."""
        ...

    def fetch(self, entity_type: EntityType, keys: Sequence[str]) -> Mapping[str, Item]:
        """Return the documents with these codes; see :class:`~dmc_widgets.ports`."""
        ...


class DocumentOverlay:
    """The documents of an installation, with the changes of earlier items on top.

    Installations do not return placeholders, so these count as missing, which is what
    the rules do as well.

    Args:
        installation: The installation; it is only read.
        types: The entity types of documents, by the names of their kinds.
    """

    def __init__(
        self, installation: DocumentSource, types: Mapping[str, EntityType]
    ) -> None:
        self._installation = installation
        self._types = types
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
        if self._types[document.kind].open:  # it stores what it is given, and no more
            return document == stored
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
