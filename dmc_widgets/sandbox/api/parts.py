"""Parts of definitions and picklists: found by their ids, as JSON, and in lists.

Parts have no ids in the installation: the sandbox's database assigns one to the key of
a part within its owner. If no property of a part is unique, its ERC is the key, or its
name with a number if other parts have the same name.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from starlette.responses import Response

from ...objects.documents.definition_fields import get_setting, is_relationship
from ...objects.documents.document_kind import check_shape
from ...objects.fields.field_rules import is_true
from ...objects.filters.filter_fields import FilterFields, document_filter_fields
from ...objects.filters.item_query import ItemQuery
from ...objects.names import ERC, relationship_field_name, relationship_name
from ...objects.parts.part_items import part_keys
from ...objects.parts.part_kinds import (
    COMMON_PROPERTIES,
    DATE_PROPERTIES,
    FIELD,
    LAYOUT,
    RELATIONSHIP,
    RULE,
    VIEW,
    PartKind,
)
from ...ports import Item
from ..document_ids import find_lone_id, named_kind, resolve_part_ids
from ..entity_store import DEFINITION_TYPE, PICKLIST_TYPE
from ..requests import ApiRequest
from ..responses import ApiError, drop_nulls, problem_error, unknown_id_error
from ..served_objects import CHILD_ERC, PARENT_ERC
from .documents import DocumentResource, JsonObject
from .field_selection import select_fields
from .listing import action_links, page_response, slice_page

_ERC_NAMESPACE: Final = uuid.UUID("0f4a3d1e-5d0f-5a39-9a0b-6f3a4f7c2b11")
_RELATIONSHIP_ERC: Final = "objectRelationshipExternalReferenceCode"
_SEARCHED_PROPERTIES: Final = frozenset({"key", "label", "name", "name_i18n"})
_UNDOCUMENTED_PROPERTIES: Final = frozenset({"creator", "x-class-name"})
_ENGINES: Final = {"ddm": "Expression Builder", "groovy": "Groovy"}


class StoredPart(NamedTuple):
    """A part, with its owner and its position there."""

    owner: Item
    position: int
    part: Item


def find_part(
    request: ApiRequest, owners: DocumentResource, kind: PartKind
) -> StoredPart:
    """Return the part whose id is in the path.

    Raises:
        ApiError: No part has that id.
    """
    number = request.path_number("id")
    owner_and_key = request.context.database.find_part(kind.name, number)
    if owner_and_key:
        erc, key = owner_and_key
        owner = request.context.store.fetch_one(owners.entity_type, erc) or {}
        parts = owner.get(kind.array) or []
        for position, part_key in enumerate(part_keys(kind, parts)):
            if part_key == key:
                return StoredPart(owner, position, parts[position])
    raise unknown_id_error(kind.name, number)


def read_part(request: ApiRequest, kind: PartKind) -> Item:
    """Return the properties of the part in the body that a client may set.

    A document that the part names by id alone is named by its code.

    Raises:
        ApiError: A property or an id is unknown, or a value has the wrong type.
    """
    item = resolve_part_ids(
        request.context.store.installation, kind, request.json_object()
    )
    number = find_lone_id(kind, item)
    if number is not None:
        raise unknown_id_error(named_kind(kind), number)
    known = kind.properties.keys() | COMMON_PROPERTIES | _UNDOCUMENTED_PROPERTIES
    for name in item:
        if name not in known:
            title = f'The property "{name}" is not defined in {kind.name}.'
            raise ApiError(400, title)
    own = kind.properties.keys() - kind.server_set
    if not kind.key:  # otherwise the rules of the owner check the types
        problem = check_shape(item, kind.shape)
        if problem is not None:
            raise problem_error(problem)
    return {name: value for name, value in item.items() if name in own}


def render_parts(
    request: ApiRequest, api: str, kind: PartKind, owner: Item, parts: Sequence[Item]
) -> list[JsonObject]:
    """Build the JSON of all parts of one kind.

    Args:
        request: The request for the parts.
        api: The path of the API that their links lead to.
        kind: The kind of the parts.
        owner: The definition or picklist that they belong to.
        parts: The parts as the owner contains them.
    """
    if not parts:
        return []
    keys = part_keys(kind, parts)
    ids = request.context.database.part_ids(kind.name, owner[ERC], keys)
    related = _load_related(request, kind, parts)
    rendered = []
    for key, part in zip(keys, parts, strict=True):
        path = f"{api}/{kind.path}/{ids[key]}"
        actions = action_links(request, **_part_targets(kind, part, path))
        body = {**kind.defaults, **drop_nulls(part)}
        if kind.has_code:
            body[ERC] = _part_erc(kind, owner, key, part)
        if kind.is_dated:
            body |= {name: owner[name] for name in DATE_PROPERTIES}
        body |= _server_properties(kind, owner, part, related)
        body |= {"actions": actions, "id": ids[key]}
        rendered.append(dict(sorted(body.items())))
    return rendered


def _part_targets(kind: PartKind, part: Item, path: str) -> dict[str, str]:
    """Return the targets of a part's links: those that can succeed."""
    targets = {"get": f"GET {path}"}
    is_system = is_true(part.get("system"))
    if not (is_system or (kind is FIELD and is_relationship(part))):
        targets["delete"] = f"DELETE {path}"
    if not (is_system and kind is FIELD):
        targets["update"] = f"PUT {path}"
    if kind is VIEW:
        targets["copy"] = f"POST {path}/copy"
    return targets


def list_parts(
    request: ApiRequest, kind: PartKind, parts: Sequence[JsonObject], path: str
) -> Response:
    """Return a response with a page of the parts that pass the filter, sorted."""
    query = ItemQuery(
        _filter_fields(kind),
        filter=request.query("filter") if kind.is_filtered else "",
        sort=request.query("sort"),
        search=request.query("search"),
    )
    matching = list(query.apply(parts))
    page_of_parts = [
        select_fields(request, part) for part in slice_page(request, matching)
    ]
    actions = action_links(request, create=f"POST {path}", get=f"GET {path}")
    return page_response(request, page_of_parts, len(matching), actions)


def _filter_fields(kind: PartKind) -> FilterFields:
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
    request: ApiRequest, kind: PartKind, parts: Sequence[Item]
) -> RelatedDocuments:
    name, entity_type = {
        FIELD.name: ("listTypeDefinitionExternalReferenceCode", PICKLIST_TYPE),
        RELATIONSHIP.name: (CHILD_ERC, DEFINITION_TYPE),
    }.get(kind.name, ("", PICKLIST_TYPE))
    codes = [part[name] for part in parts if isinstance(part.get(name), str)]
    return request.context.store.installation.fetch(entity_type, codes) if codes else {}


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
