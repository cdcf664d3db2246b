"""Finding an entity type by what people call it."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UnknownName
from ..model.entity import EntityType


def resolve(entity_types: Sequence[EntityType], name: str) -> EntityType:
    """Return the entity type that answers to *name*: short name or class key.

    Raises:
        UnknownName: There is none; the error lists those there are.
    """
    for entity_type in entity_types:
        if entity_type.answers_to(name):
            return entity_type
    known = tuple(entity_type.name for entity_type in entity_types)
    raise UnknownName(kind="entity type", name=name, known=known)
