"""Entries of objects, their sites, and the files of their attachments.

``/o/c/{plural}``: the entries of an object, one by one and in pages. The entries of an
object with sites are listed and added below ``/scopes/{scopeKey}``; each is also found
by its id. An ERC in a body that differs from the one in the path is refused, since
these requests cannot change it.

``/documents/{id}/{name}``: the files that the links of attachments lead to.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from ...installations.sql.lookup import ItemLocation
from ...installations.sql.served.permissions import Permission
from ...model.outcome import Problem
from ...model.record import LargeText
from ...model.strategies import Policy
from ...objects.company_ids import COMPANY_ID
from ...objects.names import ERC
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
    problem_error,
    unknown_id_error,
    unknown_key_error,
    unknown_site_error,
)
from ..served_objects import (
    ENTRY_NAME,
    ServedObject,
    find_object_at,
    find_relationship_names,
)
from ..sites import SiteDirectory
from .entry_json import page_action_links
from .entry_permissions import parse_permissions
from .listing import count_facets, page_response, parse_list_request
from .nested_fields import render_entries

_FILE_ENTRY: Final = "FileEntry"
_SCOPE_KEY: Final = "scopeKey"


@dataclass(frozen=True, slots=True)
class EntryTarget:
    """The object, and the site if any, that a path names.

    Attributes:
        served_object: The object.
        scope: The key of the site; empty if the object has no sites, or if the path
            names an entry by its id.
    """

    served_object: ServedObject
    scope: str = ""


def parse_target(request: ApiRequest, *, by_id: bool = False) -> EntryTarget:
    """Read the object and the site from the path.

    Args:
        request: The request for entries.
        by_id: The path names an entry by its id, so it has no site.

    Raises:
        ApiError: There is no such object or site, or the object has sites and the path
            names none.
    """
    store = request.context.store
    served_object = find_object_at(store, request.path_text("plural"))
    has_scope = _SCOPE_KEY in request.http.path_params
    if not by_id and served_object.has_sites != has_scope:
        raise not_found_error()
    scope = request.path_text(_SCOPE_KEY) if has_scope else ""
    if not scope:
        return EntryTarget(served_object)
    key = SiteDirectory(store.installation, request.context.database).find_key(scope)
    if key is None:
        raise unknown_site_error(scope, store.site_keys(served_object.entity_type))
    return EntryTarget(served_object, key)


def list_entries(request: ApiRequest) -> Response:
    """Answer GET of the list."""
    target = parse_target(request)
    served_object = target.served_object
    list_request = parse_list_request(request, target.scope)
    page = request.context.store.page(served_object.entity_type, list_request)
    entries = render_entries(request, served_object, target.scope, page.items)
    path = served_object.path + (f"/scopes/{target.scope}" if target.scope else "")
    actions = page_action_links(request, served_object, path)
    facets = count_facets(request, served_object.entity_type, list_request)
    return page_response(request, entries, page.total, actions, facets)


def add_entry(request: ApiRequest) -> Response:
    """Answer POST to the list."""
    target = parse_target(request)
    return _save_entry(
        request, target.served_object, request.json_object(), ADD_POLICY, target.scope
    )


def get_entry(request: ApiRequest) -> Response:
    """Answer GET of an entry by its id."""
    served_object, location = locate_entry(request)
    return entry_response(request, served_object, location)


def replace_entry(request: ApiRequest) -> Response:
    """Answer PUT to an entry by its id."""
    return _update_entry(request, REPLACE_POLICY)


def patch_entry(request: ApiRequest) -> Response:
    """Answer PATCH of an entry by its id."""
    return _update_entry(request, PATCH_POLICY)


def delete_entry(request: ApiRequest) -> Response:
    """Answer DELETE of an entry by its id."""
    served_object, location = locate_entry(request)
    request.context.store.delete_one(served_object.entity_type, location)
    return no_content_response()


def get_entry_by_erc(request: ApiRequest) -> Response:
    """Answer GET of an entry by its ERC."""
    target = parse_target(request)
    return entry_response(
        request, target.served_object, locate_entry_by_erc(request, target)
    )


def put_entry_by_erc(request: ApiRequest) -> Response:
    """Answer PUT to an entry by its ERC, which adds one if there is none."""
    target = parse_target(request)
    item = _set_erc(request.json_object(), request.path_text("erc"))
    return _save_entry(request, target.served_object, item, PUT_POLICY, target.scope)


def patch_entry_by_erc(request: ApiRequest) -> Response:
    """Answer PATCH of an entry by its ERC."""
    target = parse_target(request)
    location = locate_entry_by_erc(request, target)
    item = _set_erc(request.json_object(), location.key)
    return _save_entry(request, target.served_object, item, PATCH_POLICY, target.scope)


def delete_entry_by_erc(request: ApiRequest) -> Response:
    """Answer DELETE of an entry by its ERC."""
    target = parse_target(request)
    request.context.store.delete_one(
        target.served_object.entity_type, locate_entry_by_erc(request, target)
    )
    return no_content_response()


def entry_response(
    request: ApiRequest, served_object: ServedObject, location: ItemLocation
) -> Response:
    """Return a response with an entry.

    Raises:
        ApiError: The entry does not exist.
    """
    item = load_entry(request, served_object, location)
    return item_response(request, served_object, location.scope, item)


def item_response(
    request: ApiRequest, served_object: ServedObject, scope: str, item: Item
) -> Response:
    """Return a response with an entry as the installation has returned it."""
    entries = render_entries(request, served_object, scope, [item])
    return json_response(drop_nulls(entries[0]))


def load_entry(
    request: ApiRequest, served_object: ServedObject, location: ItemLocation
) -> Item:
    """Return an entry as the installation returns it.

    Raises:
        ApiError: The entry does not exist.
    """
    item = request.context.store.fetch_one(
        served_object.entity_type, location.key, location.scope
    )
    if item is None:
        raise unknown_entry_error(served_object, location)
    return item


def unknown_entry_error(
    served_object: ServedObject, location: ItemLocation
) -> ApiError:
    """Return the error for an unknown ERC, as Liferay's finder words it."""
    return unknown_key_error(
        ENTRY_NAME,
        externalReferenceCode=location.key,
        companyId=COMPANY_ID,
        objectDefinitionId=served_object.definition["id"],
    )


def locate_entry(request: ApiRequest) -> tuple[ServedObject, ItemLocation]:
    """Return the object, and the location of the entry whose id is in the path.

    Raises:
        ApiError: No entry has that id.
    """
    served_object = parse_target(request, by_id=True).served_object
    number = request.path_number("id")
    location = request.context.store.installation.locate(
        served_object.entity_type, number
    )
    if location is None:
        raise unknown_id_error(ENTRY_NAME, number)
    return served_object, location


def locate_named_entry(request: ApiRequest) -> tuple[ServedObject, ItemLocation]:
    """Return the object and the location of the entry that a path names in any way.

    Raises:
        ApiError: The entry does not exist.
    """
    if "erc" not in request.http.path_params:
        return locate_entry(request)
    target = parse_target(request)
    return target.served_object, locate_entry_by_erc(request, target)


def load_named_entry(request: ApiRequest) -> tuple[ServedObject, ItemLocation, Item]:
    """Return what :func:`locate_named_entry` does, and the entry itself.

    Raises:
        ApiError: The entry does not exist.
    """
    if "erc" not in request.http.path_params:
        served_object, location = locate_entry(request)
    else:
        target = parse_target(request)
        served_object = target.served_object
        location = ItemLocation(request.path_text("erc"), target.scope)
    return served_object, location, load_entry(request, served_object, location)


def locate_entry_by_erc(request: ApiRequest, target: EntryTarget) -> ItemLocation:
    """Return the location of the entry whose ERC is in the path.

    Raises:
        ApiError: No entry has that ERC.
    """
    location = ItemLocation(request.path_text("erc"), target.scope)
    served_object = target.served_object
    if (
        request.context.store.fetch_one(
            served_object.entity_type, location.key, location.scope
        )
        is None
    ):
        raise unknown_entry_error(served_object, location)
    return location


def _update_entry(request: ApiRequest, policy: Policy) -> Response:
    served_object, location = locate_entry(request)
    item = _set_erc(request.json_object(), location.key)
    return _save_entry(request, served_object, item, policy, location.scope)


def _set_erc(item: dict[str, Any], code: str) -> dict[str, Any]:
    if item.get(ERC) and format_erc(item[ERC]) != code:
        title = f"The external reference code {code} cannot be changed here"
        raise ApiError(400, title)
    return item | {ERC: code}


def _save_entry(
    request: ApiRequest,
    served_object: ServedObject,
    item: dict[str, Any],
    policy: Policy,
    scope: str,
) -> Response:
    store = request.context.store
    permissions = _read_permissions(served_object, item)
    key = store.save(served_object.entity_type, item, policy, scope)
    location = ItemLocation(key, scope)
    stored = load_entry(request, served_object, location)
    if permissions is not None:
        store.installation.set_permissions(stored["id"], permissions)
    nested = find_relationship_names(served_object) & item.keys()
    bodies = render_entries(request, served_object, scope, [stored], nested)
    return json_response(drop_nulls(bodies[0]))


def _read_permissions(
    served_object: ServedObject, item: Item
) -> list[Permission] | None:
    """Return the permissions that a body states; None where it states none.

    Raises:
        ApiError: They are not valid.
    """
    stated = item.get("permissions")
    permissions = None if stated is None else parse_permissions(served_object, stated)
    if isinstance(permissions, Problem):
        raise problem_error(permissions)
    return permissions


def get_attachment_file(request: ApiRequest) -> Response:
    """Answer GET of a file's content, as a download.

    The file may come from anybody: a browser that displayed it would run its scripts.
    """
    number = request.path_number("id")
    file = request.context.store.installation.attachment_file(number)
    if file is None or file[0] != request.path_text("name"):
        raise unknown_id_error(_FILE_ENTRY, number)
    name, content = file
    quoted_name = quote(name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quoted_name}",
        "X-Content-Type-Options": "nosniff",
    }
    media_type = "application/octet-stream"
    return StreamingResponse(
        _decode_base64(content), headers=headers, media_type=media_type
    )


def _decode_base64(content: LargeText) -> Iterator[bytes]:
    """Decode piece by piece; each piece consists of whole groups of Base64."""
    return (a2b_base64(piece) for piece in content.pieces())
