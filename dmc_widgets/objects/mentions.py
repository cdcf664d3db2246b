"""Where definitions, picklists and folders name each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .documents import DEFINITION, FOLDER, PICKLIST, SYSTEM_PREFIX, Body
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


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _named(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            kind = NAMED_BY.get(name)
            if kind is None:
                yield from _named(each)
            elif kind != RELATIONSHIP and each and not _is_liferays(each):
                yield kind, each


def _is_liferays(code: object) -> bool:
    return str(code).startswith(SYSTEM_PREFIX)
