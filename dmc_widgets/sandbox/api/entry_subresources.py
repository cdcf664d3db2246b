"""What stands below an entry besides related entries: permissions and actions.

``/o/c/{plural}/{id}/permissions`` gives out and replaces what roles may do.

``/o/c/{plural}/{id}/object-actions/{name}``: a client asks for a standalone action, and
Liferay carries it out: it calls a webhook, sends a notification, writes other entries.
The sandbox finds the action and the entry, answers as Liferay does, and carries nothing
out. It says so in its log and in the header ``Warning`` of the response.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from ...installations.sql.served.permissions import Permission
from ...model.outcome import Problem
from ...objects.company_ids import COMPANY_ID
from ..requests import ApiRequest, read_json
from ..responses import json_response, problem_error, unknown_key_error
from ..served_objects import ServedObject, find_standalone_actions
from .entries import load_entry, locate_named_entry
from .entry_permissions import ROLE_TYPES, parse_permissions, read_entry_permissions
from .listing import action_links

_LOG = logging.getLogger(__name__)
_ACTION: Final = "ObjectAction"
_ROLE: Final = "Role"


def get_permissions(request: ApiRequest) -> Response:
    """Answer GET: the permissions of each role, or of those in ``roleNames``."""
    served_object, location = locate_named_entry(request)
    number = load_entry(request, served_object, location)["id"]
    store = request.context.store
    permissions = read_entry_permissions(store, served_object, [number])[number]
    names = request.query_names("roleNames")
    if names:
        known = {*ROLE_TYPES, *(stated["roleName"] for stated in permissions)}
        for name in sorted(names - known):
            raise unknown_key_error(_ROLE, companyId=COMPANY_ID, name=name)
        permissions = [p for p in permissions if p["roleName"] in names]
    return _permission_page(request, served_object, number, permissions)


def put_permissions(request: ApiRequest) -> Response:
    """Answer PUT: replace the permissions of all roles."""
    served_object, location = locate_named_entry(request)
    number = load_entry(request, served_object, location)["id"]
    permissions = parse_permissions(served_object, read_json(request.body))
    if isinstance(permissions, Problem):
        raise problem_error(permissions)
    request.context.store.installation.set_permissions(number, permissions)
    return _permission_page(request, served_object, number, permissions)


def run_object_action(request: ApiRequest) -> Response:
    """Answer PUT: find a standalone action and the entry that it is meant for.

    Raises:
        ApiError: The entry, or an active standalone action of that name, is missing.
    """
    served_object, location = locate_named_entry(request)
    load_entry(request, served_object, location)
    name = request.path_text("action")
    for action in find_standalone_actions(served_object.definition):
        if action["name"] == name:
            executor = action.get("objectActionExecutorKey") or "unknown"
            note = f"The sandbox did not carry out the {executor} action {name!r}"
            _LOG.info("%s of %s", note, served_object.entity_type.name)
            safe = note.encode("ascii", "replace").decode().replace('"', "'")
            return Response(status_code=204, headers={"Warning": f'199 - "{safe}"'})
    raise unknown_key_error(
        _ACTION,
        objectDefinitionId=served_object.definition["id"],
        active="true",
        name=name,
        objectActionTriggerKey="standalone",
    )


def _permission_page(
    request: ApiRequest,
    served_object: ServedObject,
    number: int,
    permissions: Sequence[Permission],
) -> Response:
    """Return a response with all permissions on one page, whatever the page size."""
    path = f"{served_object.path}/{number}/permissions"
    body = {
        "actions": action_links(request, get=f"GET {path}", replace=f"PUT {path}"),
        "facets": [],
        "items": permissions,
        "lastPage": 1,
        "page": 1,
        "pageSize": len(permissions),
        "totalCount": len(permissions),
    }
    return json_response(body)
