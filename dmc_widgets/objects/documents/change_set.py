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
shared, so nothing changes one in place."""

DEFINITION: Final = "ObjectDefinition"
PICKLIST: Final = "ListTypeDefinition"
FOLDER: Final = "ObjectFolder"

APPROVED: Final = 0
DRAFT: Final = 2
PLACEHOLDER_STATUS: Final = -1
"""The status of a placeholder. Liferay has a STATUS_EMPTY, whose number its sources
at hand do not tell; ours never leaves the installation."""

SYSTEM_PREFIX: Final = "L_"
"""How the codes of Liferay's own definitions begin."""

DEFAULT_FOLDER: Final = "default"
"""The ERC of the folder that every installation of Liferay has."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A definition, picklist or folder as an installation holds it.

    Attributes:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        erc: Unique within its kind.
        name: Unique within its kind; the ERC for picklists, whose names are free.
        status: 0 approved, 2 draft, -1 placeholder.
        body: Its properties, the ERC among them.
    """

    kind: str
    erc: str
    name: str
    status: int
    body: Body

    @property
    def is_placeholder(self) -> bool:
        """It was only named so far."""
        return self.status == PLACEHOLDER_STATUS


class DocumentReader(Protocol):
    """What an installation holds at the moment of a decision."""

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC, a placeholder too."""
        ...

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name, a placeholder too."""
        ...

    def linking_to(self, erc: str) -> Sequence[tuple[str, str]]:
        """Return who declares a many-to-many relationship to a definition.

        Returns:
            The ERC of the definition that declares it, and the relationship's name.
        """
        ...


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What one item comes to.

    Attributes:
        kind: Created, updated or unchanged.
        key: The item's ERC, also one that was generated.
        documents: To store, each whole; the item's own first, if it changes.
            Others are side effects: placeholders, and definitions whose
            relationships reach the item's. Empty when nothing changes.
        note: A code of :data:`~dmc_widgets.model.outcome.NOTES`, or empty.
    """

    kind: OutcomeKind
    key: str
    documents: tuple[StoredDocument, ...] = ()
    note: str = ""


class ChangeSet:
    """What is known, and on top of it what one item is about to change."""

    def __init__(self, known: DocumentReader) -> None:
        self._known = known
        self._pending: dict[tuple[str, str], StoredDocument] = {}
        self.made_placeholder = False

    def find(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC, as it would stand after the change."""
        return self._pending.get((kind, erc)) or self._known.by_erc(kind, erc)

    def named(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name, as it would stand after the change."""
        for document in self._pending.values():
            if document.kind == kind and document.name == name:
                return document
        stored = self._known.by_name(kind, name)
        if stored and (kind, stored.erc) in self._pending:
            return None  # it is about to have another name
        return stored

    def linking_to(self, erc: str) -> Sequence[tuple[str, str]]:
        """Return who declares a many-to-many relationship to a definition so far."""
        return self._known.linking_to(erc)

    def definition(self, erc: str) -> StoredDocument:
        """Return a definition that is known to be there."""
        found = self.find(DEFINITION, erc)
        if found is None:
            raise KeyError(erc)
        return found

    def put(self, document: StoredDocument) -> StoredDocument:
        """Lay *document* on the desk in place of the one of the same ERC."""
        self._pending[document.kind, document.erc] = document
        return document

    def place(self, document: StoredDocument) -> StoredDocument:
        """Lay a placeholder on the desk, and remember that there is one."""
        self.made_placeholder = True
        return self.put(document)

    def changed(self, own: tuple[str, str]) -> tuple[StoredDocument, ...]:
        """Return what differs from what is known, the *own* document first."""
        found = [
            document
            for key, document in self._pending.items()
            if document != self._known.by_erc(*key)
        ]
        found.sort(key=lambda each: (each.kind, each.erc) != own)
        return tuple(found)
