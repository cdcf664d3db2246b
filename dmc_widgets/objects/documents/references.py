"""References between documents, by external reference code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..names import ERC
from .change_set import DEFINITION, Body
from .kinds import DOCUMENT_KINDS, KINDS_BY_NAME

RELATIONSHIP_CODE: Final = "ObjectRelationship"
"""Stands for the kind of a reference to a relationship, which is not a document."""

REFERENCE_PROPERTIES: Final[Mapping[str, str]] = {
    "objectRelationshipExternalReferenceCode": RELATIONSHIP_CODE,
    **{name: kind.name for kind in DOCUMENT_KINDS for name in kind.referenced_by},
}
"""Properties that name something by its code, wherever in a document they stand."""


def find_missing_references(
    documents: Mapping[str, Iterable[Body]],
) -> list[tuple[str, str]]:
    """Return the kind and code of documents that definitions need and that are missing.

    A folder lists definitions, but does not need them.

    Args:
        documents: The bodies of all documents, by the name of their kind.
    """
    present = {(kind, body[ERC]) for kind in documents for body in documents[kind]}
    referenced = {
        reference
        for body in documents[DEFINITION]
        for reference in referenced_documents(body)
    }
    return sorted(referenced - present)


class ReferenceTracker:
    """Finds what written definitions refer to and a server lacks.

    A server silently creates an empty document for a missing one.

    Args:
        there: The kind and code of every document that the target had before.
    """

    def __init__(self, there: Iterable[tuple[str, str]] = ()) -> None:
        self._there = set(there)
        self._named: set[tuple[str, str]] = set()

    @classmethod
    def beside(cls, documents: Mapping[str, Iterable[Body]]) -> ReferenceTracker:
        """Return a tracker for a target that holds *documents*, by kind."""
        return cls((kind, body[ERC]) for kind in documents for body in documents[kind])

    def add(self, kind: str, item: Body, key: str) -> None:
        """Record a document that was written, with its references."""
        self._there.add((kind, key))
        if kind == DEFINITION:
            self._named.update(referenced_documents(item))

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The kind and code of what is referred to and has not been written."""
        return sorted(self._named - self._there)


def referenced_documents(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind and code of each document that a body names, at any depth."""
    if isinstance(value, list):
        for inner in value:
            yield from referenced_documents(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            kind = REFERENCE_PROPERTIES.get(name)
            if kind is None:
                yield from referenced_documents(inner)
            elif isinstance(inner, str) and inner and not _is_everywhere(kind, inner):
                yield kind, inner


def _is_everywhere(kind: str, erc: str) -> bool:
    """Return True for what needs no document of its own in the target.

    Every installation of Liferay has the builtin documents, and a relationship comes
    with a definition.
    """
    return kind == RELATIONSHIP_CODE or KINDS_BY_NAME[kind].is_builtin(erc)
