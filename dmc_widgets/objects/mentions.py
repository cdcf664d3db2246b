"""Where definitions, picklists and folders name each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .documents import (
    DEFAULT_FOLDER,
    DEFINITION,
    FOLDER,
    PICKLIST,
    SYSTEM_PREFIX,
    Body,
)
from .entry_faults import ERC

RELATIONSHIP: Final = "ObjectRelationship"

NAMED_BY: Final[Mapping[str, str]] = {
    "listTypeDefinitionExternalReferenceCode": PICKLIST,
    "objectDefinitionExternalReferenceCode": DEFINITION,
    "objectDefinitionExternalReferenceCode1": DEFINITION,
    "objectDefinitionExternalReferenceCode2": DEFINITION,
    "objectFolderExternalReferenceCode": FOLDER,
    "objectRelationshipExternalReferenceCode": RELATIONSHIP,
    "rootObjectDefinitionExternalReferenceCode": DEFINITION,
}
"""Properties that name something by its code, wherever in a document they stand."""


def unmet(documents: Mapping[str, Iterable[Body]]) -> list[tuple[str, str]]:
    """Return kind and code of what definitions name and what is not there.

    Folders list definitions without a need for them.

    Args:
        documents: Bodies by kind, all that there are.
    """
    there = {(kind, each[ERC]) for kind in documents for each in documents[kind]}
    named = {each for body in documents[DEFINITION] for each in _named(body)}
    return sorted(named - there)


class Mentions:
    """What written definitions name, where the target does not tell what it made.

    A server makes an empty document for what is missing, and says nothing.

    Args:
        there: Kind and code of every document that the target had before.
    """

    def __init__(self, there: Iterable[tuple[str, str]] = ()) -> None:
        self._there = set(there)
        self._named: set[tuple[str, str]] = set()

    @classmethod
    def beside(cls, documents: Mapping[str, Iterable[Body]]) -> Mentions:
        """Return the mentions for a target that holds *documents*, by kind."""
        return cls((kind, each[ERC]) for kind in documents for each in documents[kind])

    def add(self, kind: str, item: Body, key: str) -> None:
        """Note a document that was written, with what it names."""
        self._there.add((kind, key))
        if kind == DEFINITION:
            self._named.update(_named(item))

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Kind and code of what is named and has not come."""
        return sorted(self._named - self._there)


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _named(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            kind = NAMED_BY.get(name)
            if kind is None:
                yield from _named(each)
            elif isinstance(each, str) and each and not _is_everywhere(kind, each):
                yield kind, each


def _is_everywhere(kind: str, code: str) -> bool:
    """Return True for what every Liferay has: its own definitions, the default folder.

    The prefix tells nothing of picklists and folders: people give them such codes, too.
    A relationship comes with a definition, and is no document.
    """
    if kind == RELATIONSHIP:
        return True
    if kind == FOLDER:
        return code == DEFAULT_FOLDER
    return kind == DEFINITION and code.startswith(SYSTEM_PREFIX)
