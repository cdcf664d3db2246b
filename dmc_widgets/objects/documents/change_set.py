"""Changes to documents: what an installation holds, and what one item does to it.

Documents are object definitions, picklists and object folders. A rule reads what an
installation holds through :class:`DocumentReader`, collects what changes in a
:class:`ChangeSet`, and ends in a :class:`DocumentChange` that the installation stores,
or in a :class:`~dmc_widgets.model.outcome.Problem`. The change set of an item that
fails is discarded, so such an item leaves nothing behind.

A *placeholder* is a document that has only been named so far, by a relationship, a
picklist field or a folder code. It reserves its external reference code (ERC) and its
name for the document that comes later. Everything else treats it as missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ...model.outcome import OutcomeKind

Body = dict[str, Any]
"""A document's properties without those that only an installation sets. Bodies are
shared, so they are never changed in place."""

DEFINITION: Final = "ObjectDefinition"
PICKLIST: Final = "ListTypeDefinition"
FOLDER: Final = "ObjectFolder"

APPROVED: Final = 0
DRAFT: Final = 2
PLACEHOLDER_STATUS: Final = -1
"""The status of a placeholder. It never leaves the installation, so it does not have to
be the number of Liferay's STATUS_EMPTY, which is not documented."""

SYSTEM_PREFIX: Final = "L_"
"""The prefix of the external reference codes of Liferay's own definitions."""

DEFAULT_FOLDER: Final = "default"
"""The ERC of the folder that every installation of Liferay has."""

FOLDER_CODE: Final = "objectFolderExternalReferenceCode"
"""The property of a definition that names its folder."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A definition, picklist or folder as an installation holds it.

    Attributes:
        kind: The name of the kind: ObjectDefinition, ListTypeDefinition, ObjectFolder.
        erc: The external reference code, unique within the kind.
        name: The name, unique within the kind; the ERC where names are not unique.
        status: 0 approved, 2 draft, -1 placeholder.
        body: The properties, the ERC among them.
    """

    kind: str
    erc: str
    name: str
    status: int
    body: Body

    @property
    def is_placeholder(self) -> bool:
        """True if the document has only been named so far."""
        return self.status == PLACEHOLDER_STATUS


class DocumentReader(Protocol):
    """Read access to the documents of an installation while a change is decided."""

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC, which may be a placeholder."""
        ...

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name, which may be a placeholder."""
        ...

    def linking_to(self, erc: str) -> Sequence[tuple[str, str]]:
        """Return the many-to-many relationships that other definitions declare to one.

        Returns:
            The ERC of the declaring definition and the name, of each relationship.
        """
        ...


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What one item changes.

    Attributes:
        kind: Created, updated or unchanged.
        key: The ERC of the item, which may have been generated.
        documents: The documents to store, each whole; the item's own first, if it
            changes. Others are side effects: placeholders, and definitions at the
            other end of a relationship. Empty when nothing changes.
        note: A code of :data:`~dmc_widgets.model.outcome.NOTES`, or empty.
    """

    kind: OutcomeKind
    key: str
    documents: tuple[StoredDocument, ...] = ()
    note: str = ""


class ChangeSet:
    """The documents of an installation with the changes of one item on top."""

    def __init__(self, known: DocumentReader) -> None:
        self._known = known
        self._pending: dict[tuple[str, str], StoredDocument] = {}
        self.made_placeholder = False

    def find(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC, as it would stand after the change."""
        return self._pending.get((kind, erc)) or self._known.by_erc(kind, erc)

    def find_by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name, as it would stand after the change."""
        for document in self._pending.values():
            if document.kind == kind and document.name == name:
                return document
        stored = self._known.by_name(kind, name)
        if stored and (kind, stored.erc) in self._pending:
            return None  # the change gives it another name
        return stored

    def linking_to(self, erc: str) -> Sequence[tuple[str, str]]:
        """Return the stored many-to-many relationships to a definition."""
        return self._known.linking_to(erc)

    def definition(self, erc: str) -> StoredDocument:
        """Return a definition that is known to exist."""
        definition = self.find(DEFINITION, erc)
        if definition is None:
            raise KeyError(erc)
        return definition

    def put(self, document: StoredDocument) -> StoredDocument:
        """Add a document to the changes, in place of the one of the same ERC."""
        self._pending[document.kind, document.erc] = document
        return document

    def add_placeholder(self, document: StoredDocument) -> StoredDocument:
        """Add a placeholder to the changes, and note that there is one."""
        self.made_placeholder = True
        return self.put(document)

    def changed_documents(self, own: tuple[str, str]) -> tuple[StoredDocument, ...]:
        """Return the documents that differ from the stored ones, own first."""
        documents = [
            document
            for key, document in self._pending.items()
            if document != self._known.by_erc(*key)
        ]
        documents.sort(key=lambda document: (document.kind, document.erc) != own)
        return tuple(documents)
