"""Properties that an item may have.

Liferay ignores what it does not know in an entry, but refuses it in a definition,
a picklist or a folder (objects facts, 5.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import Problem
from ...ports import Item
from ..responses import UNKNOWN_PROPERTY, ApiError

_EXTRA_PROPERTIES: Final = frozenset({"creator", "x-class-name"})


def known_properties(entity_type: EntityType) -> frozenset[str]:
    """Return the properties of a definition, a picklist or a folder."""
    return frozenset(field.name for field in entity_type.fields) | _EXTRA_PROPERTIES


def find_unknown_properties(entity_type: EntityType, item: Item) -> Problem | None:
    """Say what the batch engine says of properties that it does not know."""
    if entity_type.class_name == OBJECT_ENTRY:
        return None
    unknown = sorted(item.keys() - known_properties(entity_type))
    if not unknown:
        return None
    return Problem(UNKNOWN_PROPERTY, f"[{', '.join(unknown)}]", unknown[0])


def require_known_properties(entity_type: EntityType, item: Item) -> None:
    """Refuse properties that are not of the entity type.

    Raises:
        ApiError: There is one.
    """
    for name in item:
        if name not in known_properties(entity_type):
            title = f'The property "{name}" is not defined in {entity_type.name}.'
            raise ApiError(400, title)


def keep_known_properties(entity_type: EntityType, item: Item) -> dict[str, Any]:
    """Leave out what Liferay would not give out, and what is null."""
    return _keep_properties(item, known_properties(entity_type))


def _keep_properties(item: Item, names: Iterable[str]) -> dict[str, Any]:
    wanted = set(names)
    return {k: v for k, v in item.items() if k in wanted and v is not None}
