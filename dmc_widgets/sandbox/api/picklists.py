"""``/o/headless-admin-list-type/v1.0``: the entries of picklists.

An entry is a part of its picklist, as a field is a part of its definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from ...objects.documents.picklists import PICKLIST_KIND
from ...objects.names import ERC
from ...objects.parts.part_kinds import PICKLIST_ENTRY as ENTRY
from ...ports import Item
from ..entity_store import PICKLIST_TYPE, REPLACE_POLICY
from ..requests import ApiRequest
from ..responses import json_response, no_content_response, not_found_error
from .documents import DocumentResource, JsonObject, load_document, load_owner
from .field_selection import select_fields
from .parts import find_part, list_parts, read_part, render_parts


def _complete_picklist(request: ApiRequest, body: JsonObject) -> JsonObject:
    return body | {ENTRY.array: _render_entries(request, body)}


PICKLIST_RESOURCE: Final = DocumentResource(
    PICKLIST_KIND, _complete_picklist, is_batch_linked=False
)


def list_picklist_entries(request: ApiRequest) -> Response:
    """Answer GET of a picklist's entries."""
    owner = load_owner(request, PICKLIST_RESOURCE)
    path = f"{PICKLIST_RESOURCE.path}/{owner['id']}/{ENTRY.path}"
    return list_parts(request, ENTRY, _render_entries(request, owner), path)


def add_picklist_entry(request: ApiRequest) -> Response:
    """Answer POST of an entry to a picklist."""
    owner, item = (
        load_owner(request, PICKLIST_RESOURCE),
        read_part(request, ENTRY),
    )
    entries = [*_stored_entries(owner), item]
    return _save_entries(request, owner, entries, str(item.get("key")))


def get_picklist_entry(request: ApiRequest) -> Response:
    """Answer GET of an entry by its id."""
    stored = find_part(request, ENTRY)
    entry = _render_entries(request, stored.owner)[stored.position]
    return json_response(select_fields(request, entry))


def replace_picklist_entry(request: ApiRequest) -> Response:
    """Answer PUT to an entry by its id; it keeps its key, whatever the body states."""
    stored = find_part(request, ENTRY)
    item, key = read_part(request, ENTRY), stored.part["key"]
    if not item.get(ERC) and stored.part.get(ERC):
        item |= {ERC: stored.part[ERC]}
    entries = list(_stored_entries(stored.owner))
    entries[stored.position] = item | {"key": key}
    return _save_entries(request, stored.owner, entries, key)


def delete_picklist_entry(request: ApiRequest) -> Response:
    """Answer DELETE of an entry by its id."""
    stored = find_part(request, ENTRY)
    remaining = list(_stored_entries(stored.owner))
    del remaining[stored.position]
    request.context.store.save(
        PICKLIST_TYPE, stored.owner | {ENTRY.array: remaining}, REPLACE_POLICY
    )
    return no_content_response()


def _save_entries(
    request: ApiRequest, owner: Item, entries: Sequence[Item], key: str
) -> Response:
    item = owner | {ENTRY.array: list(entries)}
    erc = request.context.store.save(PICKLIST_TYPE, item, REPLACE_POLICY)
    saved = load_document(request, PICKLIST_RESOURCE, erc)
    for entry in _render_entries(request, saved):
        if entry["key"] == key:
            return json_response(select_fields(request, entry))
    raise not_found_error()


def _stored_entries(owner: Item) -> Sequence[Item]:
    entries: Sequence[Item] = owner.get(ENTRY.array) or ()
    return entries


def _render_entries(request: ApiRequest, owner: Item) -> list[JsonObject]:
    return render_parts(
        request, PICKLIST_KIND.api, ENTRY, owner, _stored_entries(owner)
    )
