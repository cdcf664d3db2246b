"""``/o/c/{plural}``: the entries of an object, one by one and in pages.

The entries of an object with sites are listed and added below
``/scopes/{scopeKey}``; each of them is also at its id. A code in a body that is not
the one in the path is refused: entries do not change their codes here.

``/o/batch-planner/v1.0``: which sites the entries of an object may belong to.

Of Liferay's Data Migration Center this is all that clients need: lists of entries
are read site by site. *Global* and *Guest* are here, as in every company, and those
that were added; a site has no id, so its key stands where Liferay has the group's id.

``/documents/{id}/{name}``: the files of attachments, where their links lead.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from ...installations.sql.lookup import ItemLocation
from ...model.record import LargeText
from ...model.strategies import Policy
from ...objects.embedded_installation import COMPANY_ID
from ...objects.entries.system_properties import site_key
from ...objects.errors.entry_problems import ERC
from ...objects.text import format_erc
from ...ports import Item
from ..entity_store import ADD_POLICY, PATCH_POLICY, PUT_POLICY, REPLACE_POLICY
from ..requests import ApiRequest
from ..responses import (
    ApiError,
    drop_nulls,
    json_response,
    no_content_response,
    not_found_error,
    unknown_id_error,
    unknown_key_error,
    unknown_site_error,
)
from ..served_objects import ServedObject, find_object_at
from .entry_json import page_action_links, render_entries
from .listing import count_facets, page_response, parse_list_request

_OBJECT_ENTRY: Final = "ObjectEntry"
_SCOPE_KEY: Final = "scopeKey"


@dataclass(frozen=True, slots=True)
class EntryTarget:
    """What a path names: an object, and the site or none.

    Attributes:
        served: The object.
        scope: The key of the site; empty where the object has none, or where the
            path names an entry by its id.
    """

    served: ServedObject
    scope: str = ""


def parse_target(call: ApiRequest, *, by_id: bool = False) -> EntryTarget:
    """Read the object and the site from the path.

    Raises:
        ApiError: There is no such object or site, or the object has sites and the path
            names none.
    """
    store = call.rooms.store
    served = find_object_at(store, call.text("plural"))
    scoped = _SCOPE_KEY in call.request.path_params
    if not by_id and served.has_sites != scoped:
        raise not_found_error()
    scope = call.text(_SCOPE_KEY) if scoped else ""
    if scope and not store.has_site(served.entity_type, scope):
        raise unknown_site_error(scope, store.sites(served.entity_type))
    return EntryTarget(served, site_key(scope))


def list_entries(call: ApiRequest) -> Response:
    """Answer GET of the list."""
    target = parse_target(call)
    served = target.served
    asked = parse_list_request(call, target.scope)
    found = call.rooms.store.page(served.entity_type, asked)
    shown = render_entries(call, served, target.scope, found.items)
    path = served.path + (f"/scopes/{target.scope}" if target.scope else "")
    actions = page_action_links(call, served, path)
    facets = count_facets(call, served.entity_type, asked)
    return page_response(call, shown, found.total, actions, facets)


def add_entry(call: ApiRequest) -> Response:
    """Answer POST to the list."""
    target = parse_target(call)
    return _save_entry(call, target.served, call.item(), ADD_POLICY, target.scope)


def get_entry(call: ApiRequest) -> Response:
    """Answer GET of an entry by its id."""
    served, place = locate_entry(call)
    return entry_response(call, served, place)


def replace_entry(call: ApiRequest) -> Response:
    """Answer PUT to an entry by its id."""
    return _update_entry(call, REPLACE_POLICY)


def patch_entry(call: ApiRequest) -> Response:
    """Answer PATCH_POLICY of an entry by its id."""
    return _update_entry(call, PATCH_POLICY)


def delete_entry(call: ApiRequest) -> Response:
    """Answer DELETE of an entry by its id."""
    served, place = locate_entry(call)
    call.rooms.store.remove(served.entity_type, place)
    return no_content_response()


def get_entry_by_erc(call: ApiRequest) -> Response:
    """Answer GET of an entry by its ERC."""
    target = parse_target(call)
    return entry_response(call, target.served, locate_entry_by_erc(call, target))


def put_entry_by_erc(call: ApiRequest) -> Response:
    """Answer PUT to an entry by its ERC, which adds one where there is none."""
    target = parse_target(call)
    item = _set_erc(call.item(), call.text("erc"))
    return _save_entry(call, target.served, item, PUT_POLICY, target.scope)


def patch_entry_by_erc(call: ApiRequest) -> Response:
    """Answer PATCH_POLICY of an entry by its ERC."""
    target = parse_target(call)
    place = locate_entry_by_erc(call, target)
    item = _set_erc(call.item(), place.key)
    return _save_entry(call, target.served, item, PATCH_POLICY, target.scope)


def delete_entry_by_erc(call: ApiRequest) -> Response:
    """Answer DELETE of an entry by its ERC."""
    target = parse_target(call)
    call.rooms.store.remove(
        target.served.entity_type, locate_entry_by_erc(call, target)
    )
    return no_content_response()


def entry_response(
    call: ApiRequest, served: ServedObject, place: ItemLocation
) -> Response:
    """Answer with an entry.

    Raises:
        ApiError: It is not there.
    """
    found = load_entry(call, served, place)
    shown = render_entries(call, served, place.scope, [found])
    return json_response(drop_nulls(shown[0]))


def load_entry(call: ApiRequest, served: ServedObject, place: ItemLocation) -> Item:
    """Return an entry as the installation gives it out.

    Raises:
        ApiError: It is not there.
    """
    found = call.rooms.store.one(served.entity_type, place.key, place.scope)
    if found is None:
        raise unknown_entry_error(served, place)
    return found


def unknown_entry_error(served: ServedObject, place: ItemLocation) -> ApiError:
    """Say that there is no entry of an ERC, as Liferay's finder does."""
    return unknown_key_error(
        _OBJECT_ENTRY,
        externalReferenceCode=place.key,
        companyId=COMPANY_ID,
        objectDefinitionId=served.definition["id"],
    )


def locate_entry(call: ApiRequest) -> tuple[ServedObject, ItemLocation]:
    """Return the object and where the entry stands whose id is in the path.

    Raises:
        ApiError: There is none.
    """
    served = parse_target(call, by_id=True).served
    number = call.number("id")
    place = call.rooms.store.locate(served.entity_type, number)
    if place is None:
        raise unknown_id_error(_OBJECT_ENTRY, number)
    return served, place


def locate_entry_by_erc(call: ApiRequest, target: EntryTarget) -> ItemLocation:
    """Return where the entry stands whose ERC is in the path.

    Raises:
        ApiError: There is none.
    """
    place = ItemLocation(call.text("erc"), target.scope)
    served = target.served
    if call.rooms.store.one(served.entity_type, place.key, place.scope) is None:
        raise unknown_entry_error(served, place)
    return place


def _update_entry(call: ApiRequest, policy: Policy) -> Response:
    served, place = locate_entry(call)
    item = _set_erc(call.item(), place.key)
    return _save_entry(call, served, item, policy, place.scope)


def _set_erc(item: dict[str, Any], code: str) -> dict[str, Any]:
    if item.get(ERC) and format_erc(item[ERC]) != code:
        title = f"The external reference code {code} cannot be changed here"
        raise ApiError(400, title)
    return item | {ERC: code}


def _save_entry(
    call: ApiRequest,
    served: ServedObject,
    item: dict[str, Any],
    policy: Policy,
    scope: str,
) -> Response:
    key = call.rooms.store.save(served.entity_type, item, policy, scope)
    return entry_response(call, served, ItemLocation(key, scope))


BATCH_PLANNER_API: Final = "/o/batch-planner/v1.0"


def list_sites(call: ApiRequest) -> Response:
    """Answer with the sites of an entity type; with none where it has no sites.

    Raises:
        Fault: There is no such entity type.
    """
    key = call.text("key")
    store = call.rooms.store
    found = [
        entity_type for entity_type in store.entity_types() if entity_type.key == key
    ]
    if not found:
        raise not_found_error()
    sites = store.sites(found[0])
    page, size = call.page
    shown = sites[(page - 1) * size : page * size]
    items = [{"label": each, "value": each} for each in shown]
    return page_response(call, items, len(sites), {})


_FILE_ENTRY: Final = "FileEntry"


def get_file(call: ApiRequest) -> Response:
    """Answer with the content of a file, always to be saved and never to be shown.

    A file is a stranger's: a browser that showed it would run what is in it.
    """
    number = call.number("id")
    found = call.rooms.store.installation.file(number)
    if found is None or found[0] != call.text("name"):
        raise unknown_id_error(_FILE_ENTRY, number)
    name, content = found
    shown = quote(name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{shown}",
        "X-Content-Type-Options": "nosniff",
    }
    media_type = "application/octet-stream"
    return StreamingResponse(
        _decode_base64(content), headers=headers, media_type=media_type
    )


def _decode_base64(content: LargeText) -> Iterator[bytes]:
    """Decode piece by piece; a piece is whole groups of Base64."""
    return (a2b_base64(piece) for piece in content.pieces())
