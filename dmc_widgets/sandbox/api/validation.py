"""Validation of property names: Liferay ignores unknown ones only in entries.

In a definition, a picklist or a folder they are refused.
"""

from __future__ import annotations

from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import Problem
from ...ports import Item
from ..played_version import PlayedVersion
from ..responses import UNKNOWN_PROPERTY, ApiError

_EXTRA_PROPERTIES: Final = frozenset({"creator", "x-class-name"})


def known_properties(entity_type: EntityType) -> frozenset[str]:
    """Return the property names of a definition, a picklist or a folder."""
    return frozenset(field.name for field in entity_type.fields) | _EXTRA_PROPERTIES


def find_unknown_properties(
    entity_type: EntityType, item: Item, version: PlayedVersion | None = None
) -> Problem | None:
    """Return the batch engine's problem with unknown properties; None without any.

    Args:
        entity_type: The entity type of the item.
        item: The item of an import task.
        version: The version of Liferay whose classes read the item, also what is
            nested in it; None for the newest.
    """
    refused = version.find_refused(entity_type, item) if version else None
    if refused is not None or entity_type.class_name == OBJECT_ENTRY:
        return refused
    names = item.keys() - known_properties(entity_type)
    if version:
        names |= set(version.find_unknown_at_top(entity_type, item))
    unknown = sorted(names)
    if not unknown:
        return None
    return Problem(UNKNOWN_PROPERTY, f"[{', '.join(unknown)}]", unknown[0])


def require_known_properties(entity_type: EntityType, item: Item) -> None:
    """Refuse an item with properties that its entity type does not have.

    Raises:
        ApiError: A property is unknown.
    """
    for name in item:
        if name not in known_properties(entity_type):
            title = f'The property "{name}" is not defined in {entity_type.name}.'
            raise ApiError(400, title)


def keep_known_properties(entity_type: EntityType, item: Item) -> dict[str, Any]:
    """Return the properties that Liferay would return: known ones that are not null."""
    known = known_properties(entity_type)
    return {k: v for k, v in item.items() if k in known and v is not None}
