"""Parts of definitions and picklists: found by their ids, shown, listed.

A part has no id of its own in the installation: the ledger gives it one, by its key
within its owner. Where nothing is unique in a part, its code, or its name and how
many bear it before it, are its key.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from starlette.responses import Response

from ...objects.documents.definition_fields import get_setting, is_relationship
from ...objects.errors.entry_problems import ERC
from ...objects.fields.field_rules import is_true
from ...objects.filters.filter_fields import FilterFields, document_filter_fields
from ...objects.filters.item_query import ItemQuery
from ...objects.names import relationship_field_name, relationship_name
from ...ports import Item
from ..entity_store import DEFINITION_TYPE, PICKLIST_TYPE
from ..requests import ApiRequest
from ..responses import drop_nulls, unknown_id_error
from .documents import DocumentResource, JsonObject
from .field_selection import select_fields
from .listing import action_links, page_response
from .part_kinds import (
    DATE_PROPERTIES,
    FIELD,
    LAYOUT,
    RELATIONSHIP,
    RULE,
    VIEW,
    PartKind,
)

_ERC_NAMESPACE: Final = uuid.UUID("0f4a3d1e-5d0f-5a39-9a0b-6f3a4f7c2b11")
_RELATIONSHIP_ERC: Final = "objectRelationshipExternalReferenceCode"
_SEARCHED_PROPERTIES: Final = frozenset({"key", "label", "name", "name_i18n"})
_ENGINES: Final = {"ddm": "Expression Builder", "groovy": "Groovy"}


class StoredPart(NamedTuple):
    """A part, and where it stands in its owner."""

    owner: Item
    place: int
    part: Item


def find_part(call: ApiRequest, owners: DocumentResource, kind: PartKind) -> StoredPart:
    """Return the part whose id is in the path.

    Raises:
        Fault: There is none.
    """
    number = call.number("id")
    known = call.rooms.ledger.part(kind.name, number)
    owner = known and call.rooms.store.one(owners.entity_type, known[0])
    if known and owner:
        parts = owner.get(kind.array) or []
        for place, key in enumerate(part_keys(kind, parts)):
            if key == known[1]:
                return StoredPart(owner, place, parts[place])
    raise unknown_id_error(kind.name, number)


def part_keys(kind: PartKind, parts: Sequence[Item]) -> list[str]:
    """Return what tells the parts of an owner apart."""
    met: Counter[str] = Counter()
    keys = []
    for part in parts:
        key = str(part.get(kind.key or ERC) or part.get("name") or "")
        met[key] += 1
        keys.append(key if met[key] == 1 else f"{key} {met[key]}")
    return keys


def render_parts(
    call: ApiRequest, api: str, kind: PartKind, owner: Item, parts: Sequence[Item]
) -> list[JsonObject]:
    """Build the JSON of all parts of an owner."""
    if not parts:
        return []
    keys = part_keys(kind, parts)
    ids = call.rooms.ledger.part_ids(kind.name, owner[ERC], keys)
    others = _load_related(call, kind, parts)
    shown = []
    for key, each in zip(keys, parts, strict=True):
        path = f"{api}/{kind.path}/{ids[key]}"
        actions = action_links(
            call, delete=f"DELETE {path}", get=f"GET {path}", update=f"PUT {path}"
        )
        one = {**kind.defaults, **drop_nulls(each)}
        if kind.has_code:
            one[ERC] = _part_erc(kind, owner, key, each)
        if kind.is_dated:
            one |= {name: owner[name] for name in DATE_PROPERTIES}
        one |= _server_properties(kind, owner, each, others)
        one |= {"actions": actions, "id": ids[key]}
        shown.append(dict(sorted(one.items())))
    return shown


def list_parts(
    call: ApiRequest, kind: PartKind, parts: Sequence[JsonObject], path: str
) -> Response:
    """Answer with a page of parts: those that pass, in the order asked for."""
    query = ItemQuery(
        _filter_fields(kind),
        filter=call.query("filter") if kind.is_filtered else "",
        sort=call.query("sort"),
        search=call.query("search"),
    )
    found = list(query.apply(parts))
    page, size = call.page
    some = [
        select_fields(call, each) for each in found[(page - 1) * size : page * size]
    ]
    actions = action_links(call, create=f"POST {path}", get=f"GET {path}")
    return page_response(call, some, len(found), actions)


def _filter_fields(kind: PartKind) -> FilterFields:
    """Return what filters and orders may name; a search looks into names and labels."""
    fields = document_filter_fields(kind.entity_type)
    named = {
        name: replace(each, searched=name in _SEARCHED_PROPERTIES)
        for name, each in fields.named.items()
    }
    return replace(fields, named=named)


RelatedDocuments = Mapping[str, Item]
"""The picklists that fields name, or the children of relationships, by ERC."""


def _load_related(
    call: ApiRequest, kind: PartKind, parts: Sequence[Item]
) -> RelatedDocuments:
    name, entity_type = {
        FIELD.name: ("listTypeDefinitionExternalReferenceCode", PICKLIST_TYPE),
        RELATIONSHIP.name: ("objectDefinitionExternalReferenceCode2", DEFINITION_TYPE),
    }.get(kind.name, ("", PICKLIST_TYPE))
    codes = [part[name] for part in parts if isinstance(part.get(name), str)]
    return call.rooms.store.many(entity_type, codes) if codes else {}


def _server_properties(
    kind: PartKind, owner: Item, part: Item, others: RelatedDocuments
) -> JsonObject:
    """Return what the server says of a part."""
    if kind is FIELD:
        return _field_properties(part, others)
    if kind is RELATIONSHIP:
        return _relationship_properties(owner, part, others)
    if kind in (LAYOUT, RULE, VIEW):
        given: JsonObject = {
            "objectDefinitionExternalReferenceCode": owner[ERC],
            "objectDefinitionId": owner["id"],
        }
        if kind is RULE:
            engine = part.get("engine")
            given["engineLabel"] = _ENGINES.get(str(engine), engine)
        return given
    return {}


def _part_erc(kind: PartKind, owner: Item, key: str, part: Item) -> str:
    """Return the code of a part; one that was stored without has always the same."""
    return str(part.get(ERC) or _derive_erc(kind, owner[ERC], key))


def _derive_erc(kind: PartKind, owner: str, key: str) -> str:
    return str(uuid.uuid5(_ERC_NAMESPACE, f"{owner} {kind.array} {key}"))


def _field_properties(part: Item, picklists: RelatedDocuments) -> JsonObject:
    given: JsonObject = {"unique": is_true(get_setting(part, "uniqueValues"))}
    picklist = picklists.get(str(part.get("listTypeDefinitionExternalReferenceCode")))
    if picklist is not None:
        given["listTypeDefinitionId"] = picklist["id"]
    parent = part.get("objectDefinitionExternalReferenceCode1")
    if is_relationship(part) and parent and not part.get(_RELATIONSHIP_ERC):
        name = relationship_name(part["name"])
        given[_RELATIONSHIP_ERC] = _derive_erc(RELATIONSHIP, parent, name)
    return given


def _relationship_properties(
    owner: Item, part: Item, children: RelatedDocuments
) -> JsonObject:
    given: JsonObject = {"objectDefinitionId1": owner["id"]}
    child = children.get(str(part.get("objectDefinitionExternalReferenceCode2")))
    if child is None:
        return given
    given |= {
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
            given["objectField"] = (
                drop_nulls(field) | _field_properties(field, {}) | code
            )
    return given
