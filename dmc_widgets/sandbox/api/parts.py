"""Parts of definitions and picklists: found by their ids, as JSON, and in lists.

Parts have no ids in the installation: the sandbox's database assigns one to the key of
a part within its owner. If no property of a part is unique, its ERC is the key, or its
name with a number if other parts have the same name.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from ...objects.documents.definition_fields import is_relationship
from ...objects.documents.document_kind import check_shape
from ...objects.fields.field_rules import is_true
from ...objects.filters.item_query import ItemQuery
from ...objects.parts.part_kinds import (
    COMMON_PROPERTIES,
    FIELD,
    VIEW,
    PartKind,
)
from ...ports import Item
from ..document_ids import find_lone_id, named_kind, resolve_part_ids
from ..requests import ApiRequest
from ..responses import ApiError, problem_error, unknown_id_error
from .documents import JsonObject
from .field_selection import select_fields
from .listing import action_links, list_action_links, page_response, slice_page
from .stored_parts import StoredPart, build_parts, find_stored_part, part_filter_fields

_ERC_NAMESPACE: Final = uuid.UUID("0f4a3d1e-5d0f-5a39-9a0b-6f3a4f7c2b11")
_RELATIONSHIP_ERC: Final = "objectRelationshipExternalReferenceCode"
_SEARCHED_PROPERTIES: Final = frozenset({"key", "label", "name", "name_i18n"})
_UNDOCUMENTED_PROPERTIES: Final = frozenset({"creator", "x-class-name"})
_ENGINES: Final = {"ddm": "Expression Builder", "groovy": "Groovy"}


def find_part(request: ApiRequest, kind: PartKind) -> StoredPart:
    """Return the part whose id is in the path.

    Raises:
        ApiError: No part has that id.
    """
    context, number = request.context, request.path_number("id")
    stored = find_stored_part(context.store, context.database, kind, number)
    if stored is None:
        raise unknown_id_error(kind.name, number)
    return stored


def read_part(request: ApiRequest, kind: PartKind) -> Item:
    """Return the properties of the part in the body that a client may set.

    A document that the part names by id alone is named by its code.

    Raises:
        ApiError: A property or an id is unknown, or a value has the wrong type.
    """
    item = resolve_part_ids(
        request.context.store.installation, kind, request.json_object()
    )
    number = find_lone_id(kind, item)
    if number is not None:
        raise unknown_id_error(named_kind(kind), number)
    known = kind.properties.keys() | COMMON_PROPERTIES | _UNDOCUMENTED_PROPERTIES
    for name in item:
        if name not in known:
            title = f'The property "{name}" is not defined in {kind.name}.'
            raise ApiError(400, title)
    own = kind.properties.keys() - kind.server_set
    if not kind.key:  # otherwise the rules of the owner check the types
        problem = check_shape(item, kind.shape)
        if problem is not None:
            raise problem_error(problem)
    return {name: value for name, value in item.items() if name in own}


def render_parts(
    request: ApiRequest, api: str, kind: PartKind, owner: Item, parts: Sequence[Item]
) -> list[JsonObject]:
    """Build the JSON of all parts of one kind.

    Args:
        request: The request for the parts.
        api: The path of the API that their links lead to.
        kind: The kind of the parts.
        owner: The definition or picklist that they belong to.
        parts: The parts as the owner contains them.
    """
    context = request.context
    bodies = build_parts(context.store, context.database, kind, owner, parts)
    rendered = []
    for part, body in zip(parts, bodies, strict=True):
        targets = _part_targets(kind, part, f"{api}/{kind.path}/{body['id']}")
        body |= {"actions": action_links(request, **targets)}
        rendered.append(dict(sorted(body.items())))
    return rendered


def _part_targets(kind: PartKind, part: Item, path: str) -> dict[str, str]:
    """Return the targets of a part's links: those that can succeed."""
    targets = {"get": f"GET {path}"}
    is_system = is_true(part.get("system"))
    if not (is_system or (kind is FIELD and is_relationship(part))):
        targets["delete"] = f"DELETE {path}"
    if not (is_system and kind is FIELD):
        targets["update"] = f"PUT {path}"
    if kind is VIEW:
        targets["copy"] = f"POST {path}/copy"
    return targets


def list_parts(
    request: ApiRequest,
    kind: PartKind,
    parts: Sequence[JsonObject],
    path: str,
    changes: str = "",
) -> Response:
    """Return a response with a page of the parts that pass the filter, sorted.

    Args:
        request: The request for the list.
        kind: The kind of the parts.
        parts: All parts of the kind that their owner has.
        path: The path of the list.
        changes: The path whose batch path changes and deletes parts; empty if the
            list does not link to it.
    """
    query = ItemQuery(
        part_filter_fields(kind),
        filter=request.query("filter") if kind.is_filtered else "",
        sort=request.query("sort"),
        search=request.query("search"),
    )
    matching = list(query.apply(parts))
    page_of_parts = [
        select_fields(request, part) for part in slice_page(request, matching)
    ]
    actions = list_action_links(request, path, changes)
    return page_response(request, page_of_parts, len(matching), actions)
