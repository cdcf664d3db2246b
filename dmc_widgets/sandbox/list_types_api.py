"""``/o/headless-admin-list-type/v1.0``: picklists and their entries (facts, 1.10).

An entry is a part of its picklist, as a field is one of its definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from ..objects.entry_faults import ERC
from ..ports import Item
from .answers import Fault, json_response, no_content, no_id, not_found, without_nulls
from .calls import Call
from .documents import Kind, Shown, owner_of, stored
from .pages import links, page_response
from .store import PICKLISTS, REPLACE

API: Final = "/o/headless-admin-list-type/v1.0"
_PART: Final = "entry"
_ENTRY: Final = "ListTypeEntry"
_ARRAY: Final = "listTypeEntries"


def _complete(call: Call, shown: Shown) -> Shown:
    return shown | {_ARRAY: _shown_entries(call, shown, shown.get(_ARRAY) or ())}


PICKLIST: Final = Kind(PICKLISTS, f"{API}/list-type-definitions", _complete)


def list_list_entries(call: Call) -> Response:
    """Answer GET of a picklist's entries."""
    owner = owner_of(call, PICKLIST)
    entries = _shown_entries(call, owner, owner.get(_ARRAY) or ())
    page, size = call.page
    path = f"{PICKLIST.path}/{owner['id']}/list-type-entries"
    actions = links(call, create=f"POST {path}", get=f"GET {path}")
    some = entries[(page - 1) * size : page * size]
    return page_response(call, some, len(entries), actions)


def add_list_entry(call: Call) -> Response:
    """Answer POST of an entry to a picklist."""
    owner, item = owner_of(call, PICKLIST), call.item()
    entries = [*(owner.get(_ARRAY) or ()), item]
    return _changed(call, owner, entries, str(item.get("key")))


def get_list_entry(call: Call) -> Response:
    """Answer GET of an entry by its id."""
    owner, found = _found(call)
    return json_response(_shown_entries(call, owner, [found])[0])


def replace_list_entry(call: Call) -> Response:
    """Answer PUT to an entry by its id; its key stays."""
    owner, found = _found(call)
    item = call.item()
    if item.get("key") not in (None, found["key"]):
        raise Fault(400, "The key of a picklist's entry cannot be changed")
    changed = item | {"key": found["key"]}
    entries = [changed if each is found else each for each in owner[_ARRAY]]
    return _changed(call, owner, entries, found["key"])


def delete_list_entry(call: Call) -> Response:
    """Answer DELETE of an entry by its id."""
    owner, found = _found(call)
    kept = [each for each in owner[_ARRAY] if each is not found]
    call.rooms.store.save(PICKLISTS, owner | {_ARRAY: kept}, REPLACE)
    return no_content()


def _found(call: Call) -> tuple[Item, Item]:
    number = call.number("id")
    place = call.rooms.ledger.part(_PART, number)
    owner = place and call.rooms.store.one(PICKLISTS, place[0])
    if not place or not owner:
        raise no_id(_ENTRY, number)
    for each in owner.get(_ARRAY) or ():
        if each["key"] == place[1]:
            return owner, each
    raise no_id(_ENTRY, number)


def _changed(call: Call, owner: Item, entries: Sequence[Item], key: str) -> Response:
    item = owner | {_ARRAY: list(entries)}
    now = stored(call, PICKLIST, call.rooms.store.save(PICKLISTS, item, REPLACE))
    for each in now[_ARRAY]:
        if each["key"] == key:
            return json_response(_shown_entries(call, now, [each])[0])
    raise not_found()


def _shown_entries(call: Call, owner: Item, entries: Sequence[Item]) -> list[Shown]:
    keys = [each["key"] for each in entries]
    ids = call.rooms.ledger.part_ids(_PART, owner[ERC], keys)
    shown = []
    for each in entries:
        path = f"{API}/list-type-entries/{ids[each['key']]}"
        actions = links(
            call, delete=f"DELETE {path}", get=f"GET {path}", update=f"PUT {path}"
        )
        shown.append(without_nulls(each) | {"actions": actions, "id": ids[each["key"]]})
    return shown
