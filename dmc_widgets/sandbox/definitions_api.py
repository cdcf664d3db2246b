"""``/o/object-admin/v1.0``: definitions and folders, and the parts of a definition.

A field, a relationship, an action, a layout, a rule or a view is a part of its
definition: to add, change or delete one is to replace the definition with one that
differs in it, so that every rule of a definition holds whichever way it is changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from ..objects.definition_fields import is_relationship
from ..objects.documents import APPROVED
from ..objects.entry_faults import ERC
from ..ports import Item, Query
from .answers import Fault, json_response, no_content, not_found
from .calls import Call
from .documents import Kind, Shown, document_response, owner_of, stored
from .pages import links
from .part_kinds import FIELD, OF_DEFINITIONS, RELATIONSHIP, PartKind
from .parts import Found, find_part, list_parts, part_keys, show_parts
from .picking import picked
from .store import DEFINITIONS, FOLDERS, REPLACE

API: Final = "/o/object-admin/v1.0"
_SYSTEM: Final = "system"


def _complete_definition(call: Call, shown: Shown) -> Shown:
    for kind in OF_DEFINITIONS:
        parts = shown.get(kind.array) or ()
        shown[kind.array] = show_parts(call, API, kind, shown, parts)
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


def list_definition_parts(call: Call, kind: PartKind) -> Response:
    """Answer GET of a definition's parts of a kind."""
    owner = owner_of(call, DEFINITION)
    shown = show_parts(call, API, kind, owner, owner[kind.array])
    return list_parts(call, kind, shown, f"{DEFINITION.path}/{owner['id']}/{kind.path}")


def add_part(call: Call, kind: PartKind) -> Response:
    """Answer POST of a part to a definition."""
    owner = owner_of(call, DEFINITION)
    item = kind.sent(call.item())
    others = owner[kind.array]
    name = item.get("name")
    if kind.key and any(other["name"] == name for other in others):
        raise Fault(400, f"Duplicate name {name}")
    if kind is FIELD and item.get("businessType") == "Relationship":
        title = "A Relationship field is made by its relationship. Add that"
        raise Fault(400, title)
    return _changed(call, kind, owner, [*others, _coded(kind, item)])


def get_part(call: Call, kind: PartKind) -> Response:
    """Answer GET of a part by its id."""
    found = find_part(call, DEFINITION, kind)
    return json_response(_shown(call, kind, found.owner, found.place))


def replace_part(call: Call, kind: PartKind) -> Response:
    """Answer PUT to a part by its id."""
    found = find_part(call, DEFINITION, kind)
    return _exchanged(call, kind, found, kind.sent(call.item()))


def patch_part(call: Call, kind: PartKind) -> Response:
    """Answer PATCH of a part by its id: what is not null changes."""
    found = find_part(call, DEFINITION, kind)
    item = kind.sent(call.item())
    changes = {name: each for name, each in item.items() if each is not None}
    return _exchanged(call, kind, found, found.part | changes)


def delete_part(call: Call, kind: PartKind) -> Response:
    """Answer DELETE of a part by its id."""
    found = find_part(call, DEFINITION, kind)
    owner = found.owner
    kept = _without(owner[kind.array], found.place)
    if kind is FIELD:
        published = owner["status"]["code"] == APPROVED
        _require_deletable(found.part, kept, published=published)
    call.rooms.store.save(DEFINITIONS, owner | {kind.array: kept}, REPLACE)
    return no_content()


def copy_view(call: Call, kind: PartKind) -> Response:
    """Answer POST to a view's ``/copy``: it is there once more, and not the default."""
    found = find_part(call, DEFINITION, kind)
    names = found.part.get("name")
    copied = {k: v for k, v in found.part.items() if k != ERC}
    if isinstance(names, dict):
        copied["name"] = {k: f"{text} (Copy)" for k, text in names.items()}
    item = _coded(kind, copied | {"defaultObjectView": False})
    return _changed(call, kind, found.owner, [*found.owner[kind.array], item])


def put_coded_relationship(call: Call) -> Response:
    """Answer PUT to a relationship by its ERC; the body names its definition."""
    kind, erc = RELATIONSHIP, call.text("erc")
    item = kind.sent(call.item()) | {ERC: erc}
    for owner in call.rooms.store.installation.read(DEFINITIONS, Query()):
        parts = owner[kind.array]
        for place, each in enumerate(show_parts(call, API, kind, owner, parts)):
            if each[ERC] == erc:
                return _exchanged(call, kind, Found(owner, place, parts[place]), item)
    named = item.get("objectDefinitionExternalReferenceCode1")
    owner = stored(call, DEFINITION, named if isinstance(named, str) else "")
    return _changed(call, kind, owner, [*owner[kind.array], item])


def _coded(kind: PartKind, item: Item) -> Item:
    """Give a new part a code, as Liferay does; layouts have none."""
    if not kind.has_code or item.get(ERC):
        return item
    return item | {ERC: str(uuid.uuid4())}


def _exchanged(call: Call, kind: PartKind, found: Found, item: Item) -> Response:
    old = found.part
    if old.get(_SYSTEM) and kind is FIELD:
        raise Fault(400, "System fields cannot be changed")
    item = item | {"name": item.get("name") or old.get("name")}
    if old.get(ERC) and not item.get(ERC):
        item[ERC] = old[ERC]
    parts = list(found.owner[kind.array])
    parts[found.place] = item
    return _changed(call, kind, found.owner, parts, found.place)


def _changed(
    call: Call, kind: PartKind, owner: Item, parts: Sequence[Item], place: int = -1
) -> Response:
    """Replace a part's definition, and answer with the part as it stands now.

    Args:
        call: The request.
        kind: Of the part.
        owner: As it was.
        parts: All of the kind, as they shall be.
        place: Of a part that was there before; else the last one is new.
    """
    key = part_keys(kind, parts)[place]
    item = owner | {kind.array: list(parts)}
    now = stored(call, DEFINITION, call.rooms.store.save(DEFINITIONS, item, REPLACE))
    keys = part_keys(kind, now[kind.array])
    if key not in keys:
        raise not_found()
    if place >= 0:
        old = part_keys(kind, owner[kind.array])[place]
        call.rooms.ledger.rename_part(kind.name, owner[ERC], old, key)
    return json_response(_shown(call, kind, now, keys.index(key)))


def _shown(call: Call, kind: PartKind, owner: Item, place: int) -> Shown:
    return picked(call, show_parts(call, API, kind, owner, owner[kind.array])[place])


def _without(parts: Sequence[Any], place: int) -> list[Any]:
    return [each for number, each in enumerate(parts) if number != place]


def _require_deletable(found: Item, kept: Sequence[Item], *, published: bool) -> None:
    if found.get(_SYSTEM):
        raise Fault(400, "System fields cannot be deleted")
    if is_relationship(found):
        title = "A Relationship field goes with its relationship. Delete that"
        raise Fault(400, title)
    if published and all(each.get(_SYSTEM) for each in kept):
        raise Fault(400, "At least one custom field must be added")
