"""``/o/headless-admin-list-type/v1.0``: picklists and their entries (facts, 1.10).

An entry is a part of its picklist, as a field is one of its definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from ...ports import Item
from ..entity_store import PICKLIST_TYPE, REPLACE_POLICY
from ..requests import ApiRequest
from ..responses import ApiError, json_response, no_content_response, not_found_error
from .documents import DocumentResource, JsonObject, load_document, load_owner
from .field_selection import select_fields
from .part_kinds import PICKLIST_ENTRY as ENTRY
from .parts import find_part, list_parts, render_parts

LIST_TYPE_API: Final = "/o/headless-admin-list-type/v1.0"


def _complete_picklist(call: ApiRequest, shown: JsonObject) -> JsonObject:
    return shown | {ENTRY.array: _render_entries(call, shown)}


PICKLIST_RESOURCE: Final = DocumentResource(
    PICKLIST_TYPE, f"{LIST_TYPE_API}/list-type-definitions", _complete_picklist
)


def list_picklist_entries(call: ApiRequest) -> Response:
    """Answer GET of a picklist's entries."""
    owner = load_owner(call, PICKLIST_RESOURCE)
    path = f"{PICKLIST_RESOURCE.path}/{owner['id']}/{ENTRY.path}"
    return list_parts(call, ENTRY, _render_entries(call, owner), path)


def add_picklist_entry(call: ApiRequest) -> Response:
    """Answer POST of an entry to a picklist."""
    owner, item = load_owner(call, PICKLIST_RESOURCE), ENTRY.sent(call.item())
    entries = [*_stored_entries(owner), item]
    return _save_entries(call, owner, entries, str(item.get("key")))


def get_picklist_entry(call: ApiRequest) -> Response:
    """Answer GET of an entry by its id."""
    found = find_part(call, PICKLIST_RESOURCE, ENTRY)
    shown = _render_entries(call, found.owner)[found.place]
    return json_response(select_fields(call, shown))


def replace_picklist_entry(call: ApiRequest) -> Response:
    """Answer PUT to an entry by its id; its key stays."""
    found = find_part(call, PICKLIST_RESOURCE, ENTRY)
    item, key = ENTRY.sent(call.item()), found.part["key"]
    if item.get("key") not in (None, key):
        raise ApiError(400, "The key of a picklist's entry cannot be changed")
    entries = list(_stored_entries(found.owner))
    entries[found.place] = item | {"key": key}
    return _save_entries(call, found.owner, entries, key)


def delete_picklist_entry(call: ApiRequest) -> Response:
    """Answer DELETE of an entry by its id."""
    found = find_part(call, PICKLIST_RESOURCE, ENTRY)
    kept = list(_stored_entries(found.owner))
    del kept[found.place]
    call.rooms.store.save(
        PICKLIST_TYPE, found.owner | {ENTRY.array: kept}, REPLACE_POLICY
    )
    return no_content_response()


def _save_entries(
    call: ApiRequest, owner: Item, entries: Sequence[Item], key: str
) -> Response:
    item = owner | {ENTRY.array: list(entries)}
    now = load_document(
        call,
        PICKLIST_RESOURCE,
        call.rooms.store.save(PICKLIST_TYPE, item, REPLACE_POLICY),
    )
    for entry in _render_entries(call, now):
        if entry["key"] == key:
            return json_response(select_fields(call, entry))
    raise not_found_error()


def _stored_entries(owner: Item) -> Sequence[Item]:
    found: Sequence[Item] = owner.get(ENTRY.array) or ()
    return found


def _render_entries(call: ApiRequest, owner: Item) -> list[JsonObject]:
    return render_parts(call, LIST_TYPE_API, ENTRY, owner, _stored_entries(owner))
