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

from ...objects.documents.change_set import APPROVED
from ...objects.documents.definition_fields import is_relationship
from ...objects.errors.entry_problems import ERC
from ...ports import Item, Query
from ..entity_store import DEFINITION_TYPE, FOLDER_TYPE, REPLACE_POLICY
from ..requests import ApiRequest
from ..responses import ApiError, json_response, no_content_response, not_found_error
from .documents import (
    DocumentResource,
    JsonObject,
    document_response,
    load_document,
    load_owner,
)
from .field_selection import select_fields
from .listing import action_links
from .part_kinds import DEFINITION_PARTS, FIELD, RELATIONSHIP, PartKind
from .parts import StoredPart, find_part, list_parts, part_keys, render_parts

OBJECT_ADMIN_API: Final = "/o/object-admin/v1.0"
_SYSTEM: Final = "system"


def _complete_definition(call: ApiRequest, shown: JsonObject) -> JsonObject:
    for kind in DEFINITION_PARTS:
        parts = shown.get(kind.array) or ()
        shown[kind.array] = render_parts(call, OBJECT_ADMIN_API, kind, shown, parts)
    if shown["status"]["code"] != APPROVED:
        path = f"{OBJECT_ADMIN_API}/object-definitions/{shown['id']}/publish"
        shown["actions"] |= action_links(call, publish=f"POST {path}")
    return shown


DEFINITION_RESOURCE: Final = DocumentResource(
    DEFINITION_TYPE, f"{OBJECT_ADMIN_API}/object-definitions", _complete_definition
)
FOLDER_RESOURCE: Final = DocumentResource(
    FOLDER_TYPE, f"{OBJECT_ADMIN_API}/object-folders", lambda _, shown: shown
)


def publish_definition(call: ApiRequest) -> Response:
    """Answer POST to ``/publish``."""
    found = load_owner(call, DEFINITION_RESOURCE)
    if found["status"]["code"] == APPROVED:
        raise ApiError(400, "The object definition is already published")
    item = found | {"status": {"code": APPROVED}}
    key = call.rooms.store.save(DEFINITION_TYPE, item, REPLACE_POLICY)
    return document_response(call, DEFINITION_RESOURCE, key)


def list_definition_parts(call: ApiRequest, kind: PartKind) -> Response:
    """Answer GET of a definition's parts of a kind."""
    owner = load_owner(call, DEFINITION_RESOURCE)
    shown = render_parts(call, OBJECT_ADMIN_API, kind, owner, owner[kind.array])
    return list_parts(
        call, kind, shown, f"{DEFINITION_RESOURCE.path}/{owner['id']}/{kind.path}"
    )


def add_part(call: ApiRequest, kind: PartKind) -> Response:
    """Answer POST of a part to a definition."""
    owner = load_owner(call, DEFINITION_RESOURCE)
    item = kind.sent(call.item())
    others = owner[kind.array]
    name = item.get("name")
    if kind.key and any(other["name"] == name for other in others):
        raise ApiError(400, f"Duplicate name {name}")
    if kind is FIELD and item.get("businessType") == "Relationship":
        title = "A Relationship field is made by its relationship. Add that"
        raise ApiError(400, title)
    return _save_parts(call, kind, owner, [*others, _with_erc(kind, item)])


def get_part(call: ApiRequest, kind: PartKind) -> Response:
    """Answer GET of a part by its id."""
    found = find_part(call, DEFINITION_RESOURCE, kind)
    return json_response(_render_part(call, kind, found.owner, found.place))


def replace_part(call: ApiRequest, kind: PartKind) -> Response:
    """Answer PUT to a part by its id."""
    found = find_part(call, DEFINITION_RESOURCE, kind)
    return _replace_stored_part(call, kind, found, kind.sent(call.item()))


def patch_part(call: ApiRequest, kind: PartKind) -> Response:
    """Answer PATCH of a part by its id: what is not null changes."""
    found = find_part(call, DEFINITION_RESOURCE, kind)
    item = kind.sent(call.item())
    changes = {name: each for name, each in item.items() if each is not None}
    return _replace_stored_part(call, kind, found, found.part | changes)


def delete_part(call: ApiRequest, kind: PartKind) -> Response:
    """Answer DELETE of a part by its id."""
    found = find_part(call, DEFINITION_RESOURCE, kind)
    owner = found.owner
    kept = _drop_at(owner[kind.array], found.place)
    if kind is FIELD:
        published = owner["status"]["code"] == APPROVED
        _require_deletable(found.part, kept, published=published)
    call.rooms.store.save(DEFINITION_TYPE, owner | {kind.array: kept}, REPLACE_POLICY)
    return no_content_response()


def copy_view(call: ApiRequest, kind: PartKind) -> Response:
    """Answer POST to a view's ``/copy``: it is there once more, and not the default."""
    found = find_part(call, DEFINITION_RESOURCE, kind)
    names = found.part.get("name")
    copied = {k: v for k, v in found.part.items() if k != ERC}
    if isinstance(names, dict):
        copied["name"] = {k: f"{text} (Copy)" for k, text in names.items()}
    item = _with_erc(kind, copied | {"defaultObjectView": False})
    return _save_parts(call, kind, found.owner, [*found.owner[kind.array], item])


def put_relationship_by_erc(call: ApiRequest) -> Response:
    """Answer PUT to a relationship by its ERC; the body names its definition."""
    kind, erc = RELATIONSHIP, call.text("erc")
    item = kind.sent(call.item()) | {ERC: erc}
    for owner in call.rooms.store.installation.read(DEFINITION_TYPE, Query()):
        parts = owner[kind.array]
        for place, each in enumerate(
            render_parts(call, OBJECT_ADMIN_API, kind, owner, parts)
        ):
            if each[ERC] == erc:
                return _replace_stored_part(
                    call, kind, StoredPart(owner, place, parts[place]), item
                )
    named = item.get("objectDefinitionExternalReferenceCode1")
    owner = load_document(
        call, DEFINITION_RESOURCE, named if isinstance(named, str) else ""
    )
    return _save_parts(call, kind, owner, [*owner[kind.array], item])


def _with_erc(kind: PartKind, item: Item) -> Item:
    """Give a new part a code, as Liferay does; layouts have none."""
    if not kind.has_code or item.get(ERC):
        return item
    return item | {ERC: str(uuid.uuid4())}


def _replace_stored_part(
    call: ApiRequest, kind: PartKind, found: StoredPart, item: Item
) -> Response:
    old = found.part
    if old.get(_SYSTEM) and kind is FIELD:
        raise ApiError(400, "System fields cannot be changed")
    item = item | {"name": item.get("name") or old.get("name")}
    if old.get(ERC) and not item.get(ERC):
        item[ERC] = old[ERC]
    parts = list(found.owner[kind.array])
    parts[found.place] = item
    return _save_parts(call, kind, found.owner, parts, found.place)


def _save_parts(
    call: ApiRequest,
    kind: PartKind,
    owner: Item,
    parts: Sequence[Item],
    place: int = -1,
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
    now = load_document(
        call,
        DEFINITION_RESOURCE,
        call.rooms.store.save(DEFINITION_TYPE, item, REPLACE_POLICY),
    )
    keys = part_keys(kind, now[kind.array])
    if key not in keys:
        raise not_found_error()
    if place >= 0:
        old = part_keys(kind, owner[kind.array])[place]
        call.rooms.ledger.rename_part(kind.name, owner[ERC], old, key)
    return json_response(_render_part(call, kind, now, keys.index(key)))


def _render_part(
    call: ApiRequest, kind: PartKind, owner: Item, place: int
) -> JsonObject:
    return select_fields(
        call,
        render_parts(call, OBJECT_ADMIN_API, kind, owner, owner[kind.array])[place],
    )


def _drop_at(parts: Sequence[Any], place: int) -> list[Any]:
    return [each for number, each in enumerate(parts) if number != place]


def _require_deletable(found: Item, kept: Sequence[Item], *, published: bool) -> None:
    if found.get(_SYSTEM):
        raise ApiError(400, "System fields cannot be deleted")
    if is_relationship(found):
        title = "A Relationship field goes with its relationship. Delete that"
        raise ApiError(400, title)
    if published and all(each.get(_SYSTEM) for each in kept):
        raise ApiError(400, "At least one custom field must be added")
