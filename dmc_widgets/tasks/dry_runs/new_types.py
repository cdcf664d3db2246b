"""The entity types of definitions that a dry run has only remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from ...model.entity_type import EntityType
from ...objects.documents.definition_fields import select_custom_fields
from ...objects.entries.entity_type import build_entry_entity_type
from ...objects.fields.many_to_many import find_many_to_many_relationships
from ...objects.names import ERC
from ...ports import Item

_APPROVED: Final = 0


def build_new_types(
    definitions: Mapping[str, Item],
    picklists: Mapping[str, Item],
    chosen: Collection[str],
) -> Iterator[EntityType]:
    """Yield the entity types of the entries of some definitions.

    Args:
        definitions: All definitions by external reference code, the remembered ones as
            they would be stored.
        picklists: All picklists by external reference code.
        chosen: The codes of the definitions whose entity types are built. One that
            is not published has none.
    """
    names = {erc: str(body.get("name")) for erc, body in definitions.items()}
    linked = find_many_to_many_relationships(definitions)
    for erc in chosen:
        definition = definitions[erc]
        if _status_code(definition) == _APPROVED:
            others = linked.get(erc, {}).items()
            fields = select_custom_fields(definition.get("objectFields") or [])
            yield build_entry_entity_type(
                {**definition, "objectFields": fields},
                picklists,
                {name: names[other] for name, other in others if other in names},
                names,
            )


def by_code(items: Iterable[Item]) -> dict[str, Item]:
    """Return items by their external reference codes."""
    return {str(item[ERC]): item for item in items if item.get(ERC)}


def _status_code(definition: Item) -> object:
    status = definition.get("status")
    return status.get("code") if isinstance(status, Mapping) else status
