"""What goes, with the values of entries, when a document is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from .documents import DEFINITION, PICKLIST, Body
from .field_types import is_true

_RELATIONSHIP: Final = "Relationship"
"""Such a field goes with its relationship, never with the list of fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What only the target has of a document.

    Attributes:
        kind: ObjectDefinition or ListTypeDefinition.
        name: Of the document.
        what: ``fields``, ``relationships`` or ``keys``.
        names: Of those.
    """

    kind: str
    name: str
    what: str
    names: tuple[str, ...]


def losses(kind: str, coming: Body, there: Body) -> Iterator[Loss]:
    """Yield what goes when *coming* takes the place of the document *there*."""
    if kind == DEFINITION:
        lists = [
            ("fields", "objectFields", "name"),
            ("relationships", "objectRelationships", "name"),
        ]
    else:
        lists = [("keys", "listTypeEntries", "key")] if kind == PICKLIST else []
    for what, list_name, key in lists:
        stays = {each.get(key) for each in coming.get(list_name) or ()}
        gone = [
            str(each.get(key))
            for each in _own(there.get(list_name) or ())
            if each.get(key) not in stays
        ]
        if gone:
            name = str(there.get("name"))
            yield Loss(kind=kind, name=name, what=what, names=tuple(gone))


def _own(elements: Iterable[Body]) -> Iterator[dict[str, Any]]:
    """Yield what the document itself declares."""
    for element in elements:
        is_foreign = is_true(element.get("system")) or is_true(element.get("reverse"))
        if not is_foreign and element.get("businessType") != _RELATIONSHIP:
            yield element
