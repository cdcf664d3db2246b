"""``/o/headless-admin-list-type/v1.0``: picklists and their entries (facts, 1.10).

An entry is a part of its picklist, as a field is one of its definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from ..ports import Item
from .answers import Fault, json_response, no_content, not_found
from .calls import Call
from .documents import Kind, Shown, owner_of, stored
from .part_kinds import PICKLIST_ENTRY as ENTRY
from .parts import find_part, list_parts, show_parts
from .picking import picked
from .store import PICKLISTS, REPLACE

API: Final = "/o/headless-admin-list-type/v1.0"


def _complete(call: Call, shown: Shown) -> Shown:
    return shown | {ENTRY.array: _shown_entries(call, shown)}


PICKLIST: Final = Kind(PICKLISTS, f"{API}/list-type-definitions", _complete)


def list_list_entries(call: Call) -> Response:
    """Answer GET of a picklist's entries."""
    owner = owner_of(call, PICKLIST)
    path = f"{PICKLIST.path}/{owner['id']}/{ENTRY.path}"
    return list_parts(call, ENTRY, _shown_entries(call, owner), path)


def add_list_entry(call: Call) -> Response:
    """Answer POST of an entry to a picklist."""
    owner, item = owner_of(call, PICKLIST), ENTRY.sent(call.item())
    entries = [*_entries(owner), item]
    return _changed(call, owner, entries, str(item.get("key")))


def get_list_entry(call: Call) -> Response:
    """Answer GET of an entry by its id."""
    found = find_part(call, PICKLIST, ENTRY)
    shown = _shown_entries(call, found.owner)[found.place]
    return json_response(picked(call, shown))


def replace_list_entry(call: Call) -> Response:
    """Answer PUT to an entry by its id; its key stays."""
    found = find_part(call, PICKLIST, ENTRY)
    item, key = ENTRY.sent(call.item()), found.part["key"]
    if item.get("key") not in (None, key):
        raise Fault(400, "The key of a picklist's entry cannot be changed")
    entries = list(_entries(found.owner))
    entries[found.place] = item | {"key": key}
    return _changed(call, found.owner, entries, key)


def delete_list_entry(call: Call) -> Response:
    """Answer DELETE of an entry by its id."""
    found = find_part(call, PICKLIST, ENTRY)
    kept = list(_entries(found.owner))
    del kept[found.place]
    call.rooms.store.save(PICKLISTS, found.owner | {ENTRY.array: kept}, REPLACE)
    return no_content()


def _changed(call: Call, owner: Item, entries: Sequence[Item], key: str) -> Response:
    item = owner | {ENTRY.array: list(entries)}
    now = stored(call, PICKLIST, call.rooms.store.save(PICKLISTS, item, REPLACE))
    for entry in _shown_entries(call, now):
        if entry["key"] == key:
            return json_response(picked(call, entry))
    raise not_found()


def _entries(owner: Item) -> Sequence[Item]:
    found: Sequence[Item] = owner.get(ENTRY.array) or ()
    return found


def _shown_entries(call: Call, owner: Item) -> list[Shown]:
    return show_parts(call, API, ENTRY, owner, _entries(owner))
