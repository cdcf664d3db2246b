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

from ..objects.definition_fields import is_relationship, setting
from ..objects.entry_faults import ERC
from ..objects.field_types import is_true
from ..objects.filter_fields import FilterFields, document_filter_fields
from ..objects.item_filter import ItemQuery
from ..objects.names import relationship_field_name, relationship_name
from ..ports import Item
from .answers import no_id, without_nulls
from .calls import Call
from .documents import Kind, Shown
from .pages import links, page_response
from .part_kinds import DATES, FIELD, LAYOUT, RELATIONSHIP, RULE, VIEW, PartKind
from .picking import picked
from .store import DEFINITIONS, PICKLISTS

_SPACE: Final = uuid.UUID("0f4a3d1e-5d0f-5a39-9a0b-6f3a4f7c2b11")
_RELATIONSHIP_CODE: Final = "objectRelationshipExternalReferenceCode"
_SEARCHED: Final = frozenset({"key", "label", "name", "name_i18n"})
_ENGINES: Final = {"ddm": "Expression Builder", "groovy": "Groovy"}


class Found(NamedTuple):
    """A part, and where it stands in its owner."""

    owner: Item
    place: int
    part: Item


def find_part(call: Call, owners: Kind, kind: PartKind) -> Found:
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
                return Found(owner, place, parts[place])
    raise no_id(kind.name, number)


def part_keys(kind: PartKind, parts: Sequence[Item]) -> list[str]:
    """Return what tells the parts of an owner apart."""
    met: Counter[str] = Counter()
    keys = []
    for part in parts:
        key = str(part.get(kind.key or ERC) or part.get("name") or "")
        met[key] += 1
        keys.append(key if met[key] == 1 else f"{key} {met[key]}")
    return keys


def show_parts(
    call: Call, api: str, kind: PartKind, owner: Item, parts: Sequence[Item]
) -> list[Shown]:
    """Build the JSON of all parts of an owner."""
    if not parts:
        return []
    keys = part_keys(kind, parts)
    ids = call.rooms.ledger.part_ids(kind.name, owner[ERC], keys)
    others = _others(call, kind, parts)
    shown = []
    for key, each in zip(keys, parts, strict=True):
        path = f"{api}/{kind.path}/{ids[key]}"
        actions = links(
            call, delete=f"DELETE {path}", get=f"GET {path}", update=f"PUT {path}"
        )
        one = {**kind.defaults, **without_nulls(each)}
        if kind.has_code:
            one[ERC] = _code(kind, owner, key, each)
        if kind.is_dated:
            one |= {name: owner[name] for name in DATES}
        one |= _given(kind, owner, each, others)
        one |= {"actions": actions, "id": ids[key]}
        shown.append(dict(sorted(one.items())))
    return shown


def list_parts(
    call: Call, kind: PartKind, parts: Sequence[Shown], path: str
) -> Response:
    """Answer with a page of parts: those that pass, in the order asked for."""
    query = ItemQuery(
        _fields(kind),
        filter=call.query("filter") if kind.is_filtered else "",
        sort=call.query("sort"),
        search=call.query("search"),
    )
    found = list(query.apply(parts))
    page, size = call.page
    some = [picked(call, each) for each in found[(page - 1) * size : page * size]]
    actions = links(call, create=f"POST {path}", get=f"GET {path}")
    return page_response(call, some, len(found), actions)


def _fields(kind: PartKind) -> FilterFields:
    """Return what filters and orders may name; a search looks into names and labels."""
    fields = document_filter_fields(kind.entity_type)
    named = {
        name: replace(each, searched=name in _SEARCHED)
        for name, each in fields.named.items()
    }
    return replace(fields, named=named)


Others = Mapping[str, Item]
"""The picklists that fields name, or the children of relationships, by ERC."""


def _others(call: Call, kind: PartKind, parts: Sequence[Item]) -> Others:
    name, entity_type = {
        FIELD.name: ("listTypeDefinitionExternalReferenceCode", PICKLISTS),
        RELATIONSHIP.name: ("objectDefinitionExternalReferenceCode2", DEFINITIONS),
    }.get(kind.name, ("", PICKLISTS))
    codes = [part[name] for part in parts if isinstance(part.get(name), str)]
    return call.rooms.store.many(entity_type, codes) if codes else {}


def _given(kind: PartKind, owner: Item, part: Item, others: Others) -> Shown:
    """Return what the server says of a part."""
    if kind is FIELD:
        return _of_field(part, others)
    if kind is RELATIONSHIP:
        return _of_relationship(owner, part, others)
    if kind in (LAYOUT, RULE, VIEW):
        given: Shown = {
            "objectDefinitionExternalReferenceCode": owner[ERC],
            "objectDefinitionId": owner["id"],
        }
        if kind is RULE:
            engine = part.get("engine")
            given["engineLabel"] = _ENGINES.get(str(engine), engine)
        return given
    return {}


def _code(kind: PartKind, owner: Item, key: str, part: Item) -> str:
    """Return the code of a part; one that was stored without has always the same."""
    return str(part.get(ERC) or _made_code(kind, owner[ERC], key))


def _made_code(kind: PartKind, owner: str, key: str) -> str:
    return str(uuid.uuid5(_SPACE, f"{owner} {kind.array} {key}"))


def _of_field(part: Item, picklists: Others) -> Shown:
    given: Shown = {"unique": is_true(setting(part, "uniqueValues"))}
    picklist = picklists.get(str(part.get("listTypeDefinitionExternalReferenceCode")))
    if picklist is not None:
        given["listTypeDefinitionId"] = picklist["id"]
    parent = part.get("objectDefinitionExternalReferenceCode1")
    if is_relationship(part) and parent and not part.get(_RELATIONSHIP_CODE):
        name = relationship_name(part["name"])
        given[_RELATIONSHIP_CODE] = _made_code(RELATIONSHIP, parent, name)
    return given


def _of_relationship(owner: Item, part: Item, children: Others) -> Shown:
    given: Shown = {"objectDefinitionId1": owner["id"]}
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
            code = {ERC: _code(FIELD, child, name, field)}
            given["objectField"] = without_nulls(field) | _of_field(field, {}) | code
    return given
