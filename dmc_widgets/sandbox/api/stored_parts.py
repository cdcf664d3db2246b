"""Parts of definitions and picklists as the sandbox stores and shows them.

Parts have no ids in the installation: the sandbox's database assigns one to the key of
a part within its owner. Requests and tasks of the batch engine both use this module.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ...objects.documents.definition_fields import get_setting, is_relationship
from ...objects.fields.field_rules import is_true
from ...objects.filters.filter_fields import FilterFields, document_filter_fields
from ...objects.names import ERC, relationship_field_name, relationship_name
from ...objects.parts.part_items import part_keys
from ...objects.parts.part_kinds import (
    DATE_PROPERTIES,
    FIELD,
    LAYOUT,
    RELATIONSHIP,
    RULE,
    VIEW,
    PartKind,
)
from ...ports import Item
from ..database import SandboxDatabase
from ..entity_store import DEFINITION_TYPE, DOCUMENT_TYPES, PICKLIST_TYPE, EntityStore
from ..responses import drop_nulls
from ..served_objects import CHILD_ERC, PARENT_ERC

JsonObject = dict[str, Any]

_ERC_NAMESPACE: Final = uuid.UUID("0f4a3d1e-5d0f-5a39-9a0b-6f3a4f7c2b11")
_RELATIONSHIP_ERC: Final = "objectRelationshipExternalReferenceCode"
_SEARCHED_PROPERTIES: Final = frozenset({"key", "label", "name", "name_i18n"})
_ENGINES: Final = {"ddm": "Expression Builder", "groovy": "Groovy"}


class StoredPart(NamedTuple):
    """A part, with its owner and its position there."""

    owner: Item
    position: int
    part: Item


def find_stored_part(
    store: EntityStore, database: SandboxDatabase, kind: PartKind, number: int
) -> StoredPart | None:
    """Return the part that has an id, or None."""
    owner_and_key = database.find_part(kind.name, number)
    if owner_and_key is None:
        return None
    erc, key = owner_and_key
    owner = store.fetch_one(DOCUMENT_TYPES[kind.owner], erc) or {}
    parts = owner.get(kind.array) or []
    for position, part_key in enumerate(part_keys(kind, parts)):
        if part_key == key:
            return StoredPart(owner, position, parts[position])
    return None


def replace_part_body(stored: Item, item: Item) -> Item:
    """Return a part after a PUT; it keeps its name and its ERC if *item* has none."""
    replaced = item | {"name": item.get("name") or stored.get("name")}
    if stored.get(ERC) and not item.get(ERC):
        replaced[ERC] = stored[ERC]
    return replaced


def build_parts(
    store: EntityStore,
    database: SandboxDatabase,
    kind: PartKind,
    owner: Item,
    parts: Sequence[Item],
) -> list[JsonObject]:
    """Return the JSON of all parts of one kind, without links.

    Args:
        store: The store that holds what the parts name.
        database: The database with the ids of parts.
        kind: The kind of the parts.
        owner: The definition or picklist that they belong to.
        parts: The parts as the owner contains them.
    """
    if not parts:
        return []
    keys = part_keys(kind, parts)
    ids = database.part_ids(kind.name, owner[ERC], keys)
    related = _load_related(store, kind, parts)
    bodies = []
    for key, part in zip(keys, parts, strict=True):
        body = {**kind.defaults, **drop_nulls(part)}
        if kind.has_code:
            body[ERC] = _part_erc(kind, owner, key, part)
        if kind.is_dated:
            body |= {name: owner[name] for name in DATE_PROPERTIES}
        body |= _server_properties(kind, owner, part, related)
        bodies.append(dict(sorted((body | {"id": ids[key]}).items())))
    return bodies


def part_filter_fields(kind: PartKind) -> FilterFields:
    """Return the fields of filters and sort orders; a search uses names and labels."""
    fields = document_filter_fields(kind.entity_type)
    named = {
        name: replace(field, searched=name in _SEARCHED_PROPERTIES)
        for name, field in fields.named.items()
    }
    return replace(fields, named=named)


RelatedDocuments = Mapping[str, Item]
"""The picklists that fields name, or the children of relationships, by ERC."""


def _load_related(
    store: EntityStore, kind: PartKind, parts: Sequence[Item]
) -> RelatedDocuments:
    name, entity_type = {
        FIELD.name: ("listTypeDefinitionExternalReferenceCode", PICKLIST_TYPE),
        RELATIONSHIP.name: (CHILD_ERC, DEFINITION_TYPE),
    }.get(kind.name, ("", PICKLIST_TYPE))
    codes = [part[name] for part in parts if isinstance(part.get(name), str)]
    return store.installation.fetch(entity_type, codes) if codes else {}


def _server_properties(
    kind: PartKind, owner: Item, part: Item, related: RelatedDocuments
) -> JsonObject:
    """Return the properties that the server sets on a part."""
    if kind is FIELD:
        return _field_properties(part, related)
    if kind is RELATIONSHIP:
        return _relationship_properties(owner, part, related)
    if kind in (LAYOUT, RULE, VIEW):
        properties: JsonObject = {
            "objectDefinitionExternalReferenceCode": owner[ERC],
            "objectDefinitionId": owner["id"],
        }
        if kind is RULE:
            engine = part.get("engine")
            properties["engineLabel"] = _ENGINES.get(str(engine), engine)
        return properties
    return {}


def _part_erc(kind: PartKind, owner: Item, key: str, part: Item) -> str:
    """Return the ERC of a part; one that is stored without an ERC gets a fixed one."""
    return str(part.get(ERC) or _derive_erc(kind, owner[ERC], key))


def _derive_erc(kind: PartKind, owner: str, key: str) -> str:
    return str(uuid.uuid5(_ERC_NAMESPACE, f"{owner} {kind.array} {key}"))


def _field_properties(part: Item, picklists: RelatedDocuments) -> JsonObject:
    properties: JsonObject = {"unique": is_true(get_setting(part, "uniqueValues"))}
    picklist = picklists.get(str(part.get("listTypeDefinitionExternalReferenceCode")))
    if picklist is not None:
        properties["listTypeDefinitionId"] = picklist["id"]
    parent = part.get(PARENT_ERC)
    if is_relationship(part) and parent and not part.get(_RELATIONSHIP_ERC):
        name = relationship_name(part["name"])
        properties[_RELATIONSHIP_ERC] = _derive_erc(RELATIONSHIP, parent, name)
    return properties


def _relationship_properties(
    owner: Item, part: Item, children: RelatedDocuments
) -> JsonObject:
    properties: JsonObject = {"objectDefinitionId1": owner["id"]}
    child = children.get(str(part.get(CHILD_ERC)))
    if child is None:
        return properties
    properties |= {
        "objectDefinitionId2": child["id"],
        "objectDefinitionModifiable2": child.get("modifiable"),
        "objectDefinitionName2": child["name"],
        "objectDefinitionScope2": child.get("scope"),
        "objectDefinitionSystem2": child.get("system"),
    }
    name = relationship_field_name(part["name"], owner["name"])
    for field in child["objectFields"]:
        if is_relationship(field) and field["name"] == name:
            code = {ERC: _part_erc(FIELD, child, name, field)}
            properties["objectField"] = (
                drop_nulls(field) | _field_properties(field, {}) | code
            )
    return properties
