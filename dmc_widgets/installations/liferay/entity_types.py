"""What may move out of and into a server, and with which strategies."""

from __future__ import annotations

from ...model.entity import EntityType
from ...objects.definition_fields import custom_fields
from ...objects.many_links import linked_definitions
from ...objects.schema import definition_entity_types, entry_entity_type
from ...ports import Item
from .directory import Directory
from .openapi import document_type, entry_type


def entity_types(directory: Directory) -> list[EntityType]:
    """Return the entity types of a server, in the order of their labels."""
    kinds = [
        document_type(each, directory.document(each.name))
        for each in definition_entity_types()
    ]
    definitions = directory.published()
    found = kinds + _entry_types(directory, definitions)
    return sorted(found, key=lambda each: each.label)


def _entry_types(directory: Directory, definitions: list[Item]) -> list[EntityType]:
    if not definitions:
        return []
    picklists = {
        str(picklist.get("externalReferenceCode")): picklist
        for picklist in directory.picklists()
    }
    documents = directory.documents(definitions)
    bodies = {
        str(definition.get("externalReferenceCode")): definition
        for definition in definitions
    }
    links = linked_definitions(bodies)
    names = {erc: str(body["name"]) for erc, body in bodies.items()}
    found = []
    for (erc, body), document in zip(bodies.items(), documents, strict=True):
        linked = {k: names[other] for k, other in links.get(erc, {}).items()}
        known = entry_entity_type(_bare(body), picklists, linked, names)
        found.append(entry_type(known, document))
    return found


def _bare(definition: Item) -> Item:
    """Leave the fields that somebody made; those of the system are the same in all."""
    stated = definition.get("objectFields")
    fields = [
        each
        for each in (stated if isinstance(stated, list) else ())
        if isinstance(each, dict) and each.get("name") and each.get("businessType")
    ]
    return {**definition, "objectFields": custom_fields(fields)}
