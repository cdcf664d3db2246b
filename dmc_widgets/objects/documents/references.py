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
    """Return kind and code of what definitions name and what is not there.

    Folders list definitions without a need for them.

    Args:
        documents: Bodies by kind, all that there are.
    """
    there = {(kind, each[ERC]) for kind in documents for each in documents[kind]}
    named = {
        each for body in documents[DEFINITION] for each in _referenced_documents(body)
    }
    return sorted(named - there)


class ReferenceTracker:
    """What written definitions name, where the target does not tell what it made.

    A server makes an empty document for what is missing, and says nothing.

    Args:
        there: Kind and code of every document that the target had before.
    """

    def __init__(self, there: Iterable[tuple[str, str]] = ()) -> None:
        self._there = set(there)
        self._named: set[tuple[str, str]] = set()

    @classmethod
    def beside(cls, documents: Mapping[str, Iterable[Body]]) -> ReferenceTracker:
        """Return the mentions for a target that holds *documents*, by kind."""
        return cls((kind, each[ERC]) for kind in documents for each in documents[kind])

    def add(self, kind: str, item: Body, key: str) -> None:
        """Note a document that was written, with what it names."""
        self._there.add((kind, key))
        if kind == DEFINITION:
            self._named.update(_referenced_documents(item))

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Kind and code of what is named and has not come."""
        return sorted(self._named - self._there)


def _referenced_documents(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _referenced_documents(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            kind = REFERENCE_PROPERTIES.get(name)
            if kind is None:
                yield from _referenced_documents(each)
            elif isinstance(each, str) and each and not _is_everywhere(kind, each):
                yield kind, each


def _is_everywhere(kind: str, erc: str) -> bool:
    """Return True for what needs no document of its own in the target.

    Every installation of Liferay has the builtin documents, and a relationship comes
    with a definition.
    """
    return kind == RELATIONSHIP_CODE or KINDS_BY_NAME[kind].is_builtin(erc)
