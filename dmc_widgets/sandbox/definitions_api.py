"""``/o/object-admin/v1.0``: definitions and folders, and the parts of a definition.

A field or a relationship is a part of its definition: to add, change or delete one
is to replace the definition with one that differs in it, so that every rule of a
definition holds whichever way it is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from ..objects.definition_fields import is_relationship
from ..objects.documents import APPROVED
from ..objects.entry_faults import ERC
from ..ports import Item, Query
from .answers import Fault, json_response, no_content, no_id, not_found, without_nulls
from .calls import Call
from .documents import Kind, Shown, document_response, owner_of, stored
from .pages import links, page_response
from .store import DEFINITIONS, FOLDERS, REPLACE

API: Final = "/o/object-admin/v1.0"
FIELD: Final = "field"
RELATIONSHIP: Final = "relationship"

_ARRAYS: Final = {FIELD: "objectFields", RELATIONSHIP: "objectRelationships"}
_CLASSES: Final = {FIELD: "ObjectField", RELATIONSHIP: "ObjectRelationship"}
PATHS: Final = {FIELD: "object-fields", RELATIONSHIP: "object-relationships"}
_SYSTEM: Final = "system"


def _complete_definition(call: Call, shown: Shown) -> Shown:
    for part, array in _ARRAYS.items():
        shown[array] = _shown_parts(call, part, shown, shown.get(array) or ())
    if shown["status"]["code"] != APPROVED:
        path = f"{API}/object-definitions/{shown['id']}/publish"
        shown["actions"] |= links(call, publish=f"POST {path}")
    return shown


DEFINITION: Final = Kind(DEFINITIONS, f"{API}/object-definitions", _complete_definition)
FOLDER: Final = Kind(FOLDERS, f"{API}/object-folders", lambda _, shown: shown)


def publish(call: Call) -> Response:
    """Answer POST to ``/publish``."""
    found = owner_of(call, DEFINITION)
    if found["status"]["code"] == APPROVED:
        raise Fault(400, "The object definition is already published")
    item = found | {"status": {"code": APPROVED}}
    key = call.rooms.store.save(DEFINITIONS, item, REPLACE)
    return document_response(call, DEFINITION, key)


def list_parts(call: Call, part: str) -> Response:
    """Answer GET of a definition's fields or relationships."""
    owner = owner_of(call, DEFINITION)
    parts = _shown_parts(call, part, owner, owner[_ARRAYS[part]])
    search = call.query("search").lower()
    if search:
        parts = [each for each in parts if search in _searched(each)]
    page, size = call.page
    some = parts[(page - 1) * size : page * size]
    path = f"{DEFINITION.path}/{owner['id']}/{PATHS[part]}"
    actions = links(call, create=f"POST {path}", get=f"GET {path}")
    return page_response(call, some, len(parts), actions)


def add_part(call: Call, part: str) -> Response:
    """Answer POST of a field or a relationship to a definition."""
    owner = owner_of(call, DEFINITION)
    item = call.item()
    name = item.get("name")
    others = owner[_ARRAYS[part]]
    if any(each["name"] == name for each in others):
        raise Fault(400, f"Duplicate name {name}")
    if part == FIELD and item.get("businessType") == "Relationship":
        title = "A Relationship field is made by its relationship. Add that"
        raise Fault(400, title)
    return _changed(call, part, owner, [*others, item], str(name))


def get_part(call: Call, part: str) -> Response:
    """Answer GET of a field or a relationship by its id."""
    owner, found = _found(call, part)
    return json_response(_shown_parts(call, part, owner, [found])[0])


def replace_part(call: Call, part: str) -> Response:
    """Answer PUT to a field or a relationship by its id."""
    owner, found = _found(call, part)
    return _exchanged(call, part, owner, found, call.item())


def patch_part(call: Call, part: str) -> Response:
    """Answer PATCH of a field by its id: what is not null changes."""
    owner, found = _found(call, part)
    changes = {name: each for name, each in call.item().items() if each is not None}
    return _exchanged(call, part, owner, found, found | changes)


def delete_part(call: Call, part: str) -> Response:
    """Answer DELETE of a field or a relationship by its id."""
    owner, found = _found(call, part)
    kept = [each for each in owner[_ARRAYS[part]] if each["name"] != found["name"]]
    if part == FIELD:
        _require_deletable(found, kept, published=owner["status"]["code"] == APPROVED)
    call.rooms.store.save(DEFINITIONS, owner | {_ARRAYS[part]: kept}, REPLACE)
    return no_content()


def put_coded_relationship(call: Call) -> Response:
    """Answer PUT to a relationship by its ERC; the body names its definition."""
    item, erc = call.item(), call.text("erc")
    for owner in _definitions(call):
        for each in owner["objectRelationships"]:
            if each.get(ERC) == erc:
                return _exchanged(call, RELATIONSHIP, owner, each, item | {ERC: erc})
    named = item.get("objectDefinitionExternalReferenceCode1")
    owner = stored(call, DEFINITION, named if isinstance(named, str) else "")
    others = owner["objectRelationships"]
    added = [*others, item | {ERC: erc}]
    return _changed(call, RELATIONSHIP, owner, added, str(item.get("name")))


def _definitions(call: Call) -> list[Item]:
    return list(call.rooms.store.installation.read(DEFINITIONS, Query()))


def _found(call: Call, part: str) -> tuple[Item, Item]:
    """Return the definition and the part whose id is in the path."""
    number = call.number("id")
    place = call.rooms.ledger.part(part, number)
    owner = place and call.rooms.store.one(DEFINITIONS, place[0])
    if not place or not owner:
        raise no_id(_CLASSES[part], number)
    for each in owner[_ARRAYS[part]]:
        if each["name"] == place[1]:
            return owner, each
    raise no_id(_CLASSES[part], number)


def _exchanged(call: Call, part: str, owner: Item, found: Item, item: Item) -> Response:
    if found.get(_SYSTEM) and part == FIELD:
        raise Fault(400, "System fields cannot be changed")
    name = item.get("name") or found["name"]
    item = item | {"name": name}
    if found.get(ERC) and not item.get(ERC):
        item[ERC] = found[ERC]
    parts = [
        item if each["name"] == found["name"] else each for each in owner[_ARRAYS[part]]
    ]
    return _changed(call, part, owner, parts, str(name))


def _changed(
    call: Call, part: str, owner: Item, parts: Sequence[Item], name: str
) -> Response:
    """Replace a part's definition, and answer with the part as it stands now."""
    item = owner | {_ARRAYS[part]: list(parts)}
    key = call.rooms.store.save(DEFINITIONS, item, REPLACE)
    now = stored(call, DEFINITION, key)
    for each in now[_ARRAYS[part]]:
        if each["name"] == name:
            return json_response(_shown_parts(call, part, now, [each])[0])
    raise not_found()


def _require_deletable(found: Item, kept: Sequence[Item], *, published: bool) -> None:
    if found.get(_SYSTEM):
        raise Fault(400, "System fields cannot be deleted")
    if is_relationship(found):
        title = "A Relationship field goes with its relationship. Delete that"
        raise Fault(400, title)
    if published and all(each.get(_SYSTEM) for each in kept):
        raise Fault(400, "At least one custom field must be added")


def _shown_parts(
    call: Call, part: str, owner: Item, parts: Sequence[Item]
) -> list[Shown]:
    ids = call.rooms.ledger.part_ids(part, owner[ERC], [each["name"] for each in parts])
    shown = []
    for each in parts:
        number = ids[each["name"]]
        path = f"{API}/{PATHS[part]}/{number}"
        actions = links(
            call, delete=f"DELETE {path}", get=f"GET {path}", update=f"PUT {path}"
        )
        shown.append(without_nulls(each) | {"actions": actions, "id": number})
    return shown


def _searched(part: dict[str, Any]) -> str:
    labels = part.get("label")
    texts = labels.values() if isinstance(labels, dict) else ()
    return " ".join([part["name"], *map(str, texts)]).lower()
