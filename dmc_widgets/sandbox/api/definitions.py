"""``/o/object-admin/v1.0``: publishing definitions, and the parts of a definition.

A field, a relationship, an action, a layout, a rule or a view is a part of its
definition. To add, change or delete a part is to replace the whole definition, so that
its rules are checked whichever way it is changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from ...objects.documents.change_set import APPROVED
from ...objects.documents.definition_fields import is_relationship
from ...objects.documents.definitions import DEFINITION_KIND
from ...objects.names import ERC
from ...objects.parts.part_changes import find_second_default
from ...objects.parts.part_items import part_keys
from ...objects.parts.part_kinds import DEFINITION_PARTS, FIELD, RELATIONSHIP, PartKind
from ...objects.parts.system_parents import is_system_parent
from ...ports import Item, Query
from ..entity_store import ADD_POLICY, DEFINITION_TYPE, REPLACE_POLICY
from ..requests import ApiRequest
from ..responses import (
    ApiError,
    drop_nulls,
    json_response,
    no_content_response,
    not_found_error,
    problem_error,
)
from ..served_objects import PARENT_ERC
from .documents import (
    DocumentResource,
    JsonObject,
    document_response,
    load_document,
    load_owner,
)
from .field_selection import select_fields
from .listing import action_links
from .parts import find_part, list_parts, read_part, render_parts
from .stored_parts import StoredPart, replace_part_body

_SYSTEM: Final = "system"


def _complete_definition(request: ApiRequest, body: JsonObject) -> JsonObject:
    for kind in DEFINITION_PARTS:
        parts = body.get(kind.array) or ()
        body[kind.array] = render_parts(request, DEFINITION_KIND.api, kind, body, parts)
    links = action_links(request, **_definition_targets(body))
    return body | {"actions": dict(sorted((body["actions"] | links).items()))}


def _definition_targets(body: JsonObject) -> dict[str, str]:
    """Return the targets of the links that only definitions have.

    The links of the buttons for an export lead to what the button exports.
    """
    path = f"{DEFINITION_KIND.path}/{body['id']}"
    root = body.get("rootObjectDefinitionExternalReferenceCode")
    targets = {}
    if not root:
        targets["exportObjectDefinition"] = f"GET {path}"
    elif root == body[ERC]:
        targets["exportBoundObjectDefinitions"] = f"GET {DEFINITION_KIND.path}"
    if body["status"]["code"] != APPROVED:
        targets["publish"] = f"POST {path}/publish"
    return targets


DEFINITION_RESOURCE: Final = DocumentResource(DEFINITION_KIND, _complete_definition)


def publish_definition(request: ApiRequest) -> Response:
    """Answer POST to ``/publish``."""
    definition = load_owner(request, DEFINITION_RESOURCE)
    if definition["status"]["code"] == APPROVED:
        raise ApiError(400, "The object definition is already published")
    item = definition | {"active": True, "status": {"code": APPROVED}}
    key = request.context.store.save(DEFINITION_TYPE, item, REPLACE_POLICY)
    return document_response(request, DEFINITION_RESOURCE, key)


def list_definition_parts(request: ApiRequest, kind: PartKind) -> Response:
    """Answer GET of the parts of one kind that a definition has."""
    owner = load_owner(request, DEFINITION_RESOURCE)
    parts = render_parts(request, DEFINITION_KIND.api, kind, owner, owner[kind.array])
    path = f"{DEFINITION_RESOURCE.path}/{owner['id']}/{kind.path}"
    return list_parts(request, kind, parts, path, f"{DEFINITION_KIND.api}/{kind.path}")


def add_part(request: ApiRequest, kind: PartKind) -> Response:
    """Answer POST of a part to a definition."""
    parent = request.http.path_params.get("erc", "")
    if kind is RELATIONSHIP and is_system_parent(parent):
        return _add_to_system_parent(request)
    owner = load_owner(request, DEFINITION_RESOURCE)
    item = read_part(request, kind)
    others = owner[kind.array]
    name = item.get("name")
    if kind.key and any(other["name"] == name for other in others):
        raise ApiError(400, f"Duplicate name {name}")
    if kind is FIELD and item.get("businessType") == "Relationship":
        title = "A Relationship field is created by its relationship. Add that"
        raise ApiError(400, title)
    return _save_parts(request, kind, owner, [*others, _with_erc(kind, item)])


def _add_to_system_parent(request: ApiRequest) -> Response:
    """Add a relationship of one of Liferay's own objects, which are not stored here."""
    parent = request.path_text("erc")
    item = _with_erc(RELATIONSHIP, read_part(request, RELATIONSHIP))
    item |= {PARENT_ERC: parent}
    request.context.store.save(RELATIONSHIP.entity_type, item, ADD_POLICY)
    shown = {**RELATIONSHIP.defaults, **drop_nulls(item)}
    return json_response(select_fields(request, dict(sorted(shown.items()))))


def get_part(request: ApiRequest, kind: PartKind) -> Response:
    """Answer GET of a part by its id."""
    stored = find_part(request, kind)
    return json_response(_render_part(request, kind, stored.owner, stored.position))


def replace_part(request: ApiRequest, kind: PartKind) -> Response:
    """Answer PUT to a part by its id."""
    stored = find_part(request, kind)
    return _replace_stored_part(request, kind, stored, read_part(request, kind))


def patch_part(request: ApiRequest, kind: PartKind) -> Response:
    """Answer PATCH of a part by its id: properties that are not null change."""
    stored = find_part(request, kind)
    item = read_part(request, kind)
    changes = {k: value for k, value in item.items() if value is not None}
    return _replace_stored_part(request, kind, stored, stored.part | changes)


def delete_part(request: ApiRequest, kind: PartKind) -> Response:
    """Answer DELETE of a part by its id."""
    stored = find_part(request, kind)
    owner = stored.owner
    remaining = _drop_at(owner[kind.array], stored.position)
    if kind is FIELD:
        published = owner["status"]["code"] == APPROVED
        require_deletable(stored.part, remaining, published=published)
    request.context.store.save(
        DEFINITION_TYPE, owner | {kind.array: remaining}, REPLACE_POLICY
    )
    return no_content_response()


def copy_view(request: ApiRequest, kind: PartKind) -> Response:
    """Answer POST to a view's ``/copy``: the copy is not the default view."""
    stored = find_part(request, kind)
    names = stored.part.get("name")
    copy = {k: v for k, v in stored.part.items() if k != ERC}
    if isinstance(names, dict):
        copy["name"] = {k: f"{text} (Copy)" for k, text in names.items()}
    item = _with_erc(kind, copy | {"defaultObjectView": False})
    return _save_parts(request, kind, stored.owner, [*stored.owner[kind.array], item])


def put_relationship_by_erc(request: ApiRequest) -> Response:
    """Answer PUT to a relationship by its ERC; the body names its definition."""
    kind, erc = RELATIONSHIP, request.path_text("erc")
    item = read_part(request, kind) | {ERC: erc}
    for owner in request.context.store.installation.read(DEFINITION_TYPE, Query()):
        parts = owner[kind.array]
        rendered = render_parts(request, DEFINITION_KIND.api, kind, owner, parts)
        for position, relationship in enumerate(rendered):
            if relationship[ERC] == erc:
                stored = StoredPart(owner, position, parts[position])
                return _replace_stored_part(request, kind, stored, item)
    owner_erc = item.get(PARENT_ERC)
    if not isinstance(owner_erc, str):
        owner_erc = ""
    owner = load_document(request, DEFINITION_RESOURCE, owner_erc)
    return _save_parts(request, kind, owner, [*owner[kind.array], item])


def _with_erc(kind: PartKind, item: Item) -> Item:
    """Return a new part with an ERC, as Liferay assigns one; layouts have none."""
    if not kind.has_code or item.get(ERC):
        return item
    return item | {ERC: str(uuid.uuid4())}


def _replace_stored_part(
    request: ApiRequest, kind: PartKind, stored: StoredPart, item: Item
) -> Response:
    old = stored.part
    if old.get(_SYSTEM) and kind is FIELD:
        raise ApiError(400, "System fields cannot be changed")
    parts = list(stored.owner[kind.array])
    parts[stored.position] = replace_part_body(old, item)
    return _save_parts(request, kind, stored.owner, parts, stored.position)


def _save_parts(
    request: ApiRequest,
    kind: PartKind,
    owner: Item,
    parts: Sequence[Item],
    position: int = -1,
) -> Response:
    """Replace the parts of a definition, and return a response with one of them.

    Args:
        request: The request.
        kind: The kind of the part.
        owner: The definition before the change.
        parts: All parts of the kind after the change.
        position: The position of a part that existed before; without one the last
            part is new.
    """
    problem = find_second_default(kind, parts)
    if problem is not None:
        raise problem_error(problem)
    key = part_keys(kind, parts)[position]
    item = owner | {kind.array: list(parts)}
    erc = request.context.store.save(DEFINITION_TYPE, item, REPLACE_POLICY)
    saved = load_document(request, DEFINITION_RESOURCE, erc)
    keys = part_keys(kind, saved[kind.array])
    if key not in keys:
        raise not_found_error()
    if position >= 0:
        old = part_keys(kind, owner[kind.array])[position]
        request.context.database.rename_part(kind.name, owner[ERC], old, key)
    return json_response(_render_part(request, kind, saved, keys.index(key)))


def _render_part(
    request: ApiRequest, kind: PartKind, owner: Item, position: int
) -> JsonObject:
    parts = render_parts(request, DEFINITION_KIND.api, kind, owner, owner[kind.array])
    return select_fields(request, parts[position])


def _drop_at(parts: Sequence[Any], position: int) -> list[Any]:
    return [*parts[:position], *parts[position + 1 :]]


def require_deletable(
    field: Item, remaining: Sequence[Item], *, published: bool
) -> None:
    """Refuse to delete a field that its definition needs.

    Args:
        field: The field.
        remaining: The other fields of the definition.
        published: True if the definition is published.

    Raises:
        ApiError: The field has to stay.
    """
    if field.get(_SYSTEM):
        raise ApiError(400, "System fields cannot be deleted")
    if is_relationship(field):
        title = "A Relationship field is deleted with its relationship. Delete that"
        raise ApiError(400, title)
    if published and all(other.get(_SYSTEM) for other in remaining):
        raise ApiError(400, "At least one custom field must be added")
