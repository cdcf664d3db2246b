"""``batchNestedFields``: what an export adds to entries, as ``nestedFields`` does.

``batchNestedFieldsDepth`` is the number of levels. Related entries are looked up for
as many entries at a time as the engine exports in one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, repeat
from typing import Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...objects.entries.system_properties import site_key
from ...objects.names import SCOPE_KEY
from ...ports import Item
from ..api.nested_fields import NestedFields, find_nested_fields
from ..entity_store import EntityStore
from ..served_objects import find_object_by_name

EXPORT_BATCH_SIZE: Final = 100
"""Liferay's ``exportBatchSize``: the counts are recorded after so many items."""

NESTED_FIELDS: Final = "batchNestedFields"
_DEPTH: Final = "batchNestedFieldsDepth"


def pair_with_nested_fields(
    store: EntityStore,
    parameters: Mapping[str, str],
    entity_type: EntityType,
    items: Iterable[Item],
) -> Iterator[tuple[Item, Item]]:
    """Yield each item with the properties that are nested within it.

    Args:
        store: The store that related entries are read from.
        parameters: The parameters of the task.
        entity_type: The entity type of the items; only entries have nested fields.
        items: The items as the installation returns them.
    """
    names = parameters.get(NESTED_FIELDS) or ""
    nested = NestedFields.of_parameters(names, parameters.get(_DEPTH) or "")
    if not nested.names or entity_type.class_name != OBJECT_ENTRY:
        yield from zip(items, repeat({}), strict=False)
        return
    served_object = find_object_by_name(store, entity_type.short_name)
    remaining = iter(items)
    while some := list(islice(remaining, EXPORT_BATCH_SIZE)):
        placed = [(site_key(str(item.get(SCOPE_KEY) or "")), item) for item in some]
        found = find_nested_fields(store, nested, served_object, placed)
        yield from zip(some, found, strict=True)
