"""Related entries: ``/o/c/{plural}/{id}/{relationship}``.

GET lists the related entries, whichever side the path begins at; PUT relates one more,
DELETE ends a relation. In a one-to-many relationship the child stores the parent; in a
many-to-many one both sides have a list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from ...installations.sql.lookup import ItemLocation
from ...model.query.filter_parser import parse_filter
from ...objects.documents.definition_fields import is_relationship
from ...objects.names import (
    ERC,
    erc_field_name,
    relationship_field_name,
    relationship_name,
)
from ...ports import Item
from ..entity_store import PATCH_POLICY
from ..requests import ApiRequest
from ..responses import no_content_response, not_found_error, unknown_id_error
from ..served_objects import (
    CHILD_ERC,
    ENTRY_NAME,
    PARENT_ERC,
    ServedObject,
    find_object_by_erc,
    find_object_by_name,
)
from .entries import (
    entry_response,
    item_response,
    load_named_entry,
    unknown_entry_error,
)
from .listing import action_links, page_response, parse_list_request
from .nested_fields import render_entries


@dataclass(frozen=True, slots=True)
class _Relation:
    """A relationship, seen from the entry that the path begins with.

    Attributes:
        name: The name of the relationship.
        other: The object of the related entries.
        child_field: The field ``r_…ERC`` of the child; empty for many-to-many.
        is_parent: True if the path begins at the parent.
    """

    name: str
    other: ServedObject
    child_field: str = ""
    is_parent: bool = False


@dataclass(frozen=True, slots=True)
class _RelatedPath:
    """The entry that the path begins with, and the relationship that it names."""

    served_object: ServedObject
    location: ItemLocation
    item: Item
    relation: _Relation


def list_related_entries(request: ApiRequest) -> Response:
    """Answer GET of the entries that are related to one."""
    path = _parse_path(request)
    relation, scope = path.relation, _related_scope(path)
    list_request = parse_list_request(request, scope)
    query = replace(
        list_request.query, filter=_build_filter(path, list_request.query.filter)
    )
    other = relation.other
    list_request = replace(list_request, query=query)
    page = request.context.store.page(other.entity_type, list_request)
    entries = render_entries(request, other, scope, page.items)
    path_of_list = f"{path.served_object.path}/{path.item['id']}/{relation.name}"
    return page_response(
        request, entries, page.total, action_links(request, get=f"GET {path_of_list}")
    )


def relate_entries(request: ApiRequest) -> Response:
    """Answer PUT: relate an entry, and return it."""
    path = _parse_path(request)
    location, item = _locate_related(request, path)
    _set_relation(request, path, location, is_related=True)
    if item is None or path.relation.is_parent:  # the child has changed
        return entry_response(request, path.relation.other, location)
    return item_response(request, path.relation.other, location.scope, item)


def unrelate_entries(request: ApiRequest) -> Response:
    """Answer DELETE: end the relation of two entries, and keep both."""
    path = _parse_path(request)
    location, _ = _locate_related(request, path)
    _set_relation(request, path, location, is_related=False)
    return no_content_response()


def _parse_path(request: ApiRequest) -> _RelatedPath:
    served_object, location, item = load_named_entry(request)
    relation = _find_relation(request, served_object, request.path_text("relationship"))
    return _RelatedPath(served_object, location, item, relation)


def _find_relation(
    request: ApiRequest, served_object: ServedObject, name: str
) -> _Relation:
    store = request.context.store
    if name in served_object.linked:
        other = find_object_by_name(store, served_object.linked[name])
        return _Relation(name, other)
    for relationship in served_object.definition["objectRelationships"]:
        if relationship["name"] == name and relationship["type"] in {
            "oneToMany",
            "oneToOne",
        }:
            child = find_object_by_erc(store, relationship.get(CHILD_ERC) or "")
            if child is not None:
                field = erc_field_name(
                    relationship_field_name(name, served_object.name)
                )
                return _Relation(name, child, field, is_parent=True)
    for field in served_object.definition["objectFields"]:
        if is_relationship(field) and relationship_name(field["name"]) == name:
            parent = find_object_by_erc(store, field.get(PARENT_ERC) or "")
            if parent is not None:
                return _Relation(name, parent, erc_field_name(field["name"]))
    raise not_found_error()


def _related_scope(path: _RelatedPath) -> str:
    """Return the site of related entries: that of the entry, if both have sites."""
    return path.location.scope if path.relation.other.has_sites else ""


def _build_filter(path: _RelatedPath, requested: str) -> str:
    """Combine the filter for related entries with the requested one.

    Raises:
        InvalidQuery: The requested filter is not valid. It is parsed before it is
            combined, since it could otherwise close our brackets.
    """
    parse_filter(requested)
    relation = path.relation
    if relation.is_parent:
        own = f"{relation.child_field} eq {_quote(path.location.key)}"
    else:
        codes = [_quote(code) for code in _related_codes(path)] or ["''"]
        own = f"externalReferenceCode in ({', '.join(codes)})"
    return f"({own}) and ({requested})" if requested.strip() else own


def _related_codes(path: _RelatedPath) -> list[str]:
    """Return the ERCs of related entries that the entry itself stores."""
    relation = path.relation
    if relation.child_field:
        code = path.item.get(relation.child_field)
        return [code] if code else []
    return [linked[ERC] for linked in path.item.get(relation.name) or ()]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _locate_related(
    request: ApiRequest, path: _RelatedPath
) -> tuple[ItemLocation, Item | None]:
    """Return the location of the related entry that the path ends with.

    The entry itself comes with it where it had to be read to find it.
    """
    other = path.relation.other
    if "relatedErc" in request.http.path_params:
        by_erc = ItemLocation(request.path_text("relatedErc"), _related_scope(path))
        item = request.context.store.fetch_one(other.entity_type, *by_erc)
        if item is None:
            raise unknown_entry_error(other, by_erc)
        return by_erc, item
    number = request.path_number("relatedId")
    location = request.context.store.installation.locate(other.entity_type, number)
    if location is None:
        raise unknown_id_error(ENTRY_NAME, number)
    return location, None


def _set_relation(
    request: ApiRequest, path: _RelatedPath, related: ItemLocation, *, is_related: bool
) -> None:
    """Relate two entries, or end their relation; doing so twice is harmless."""
    relation, store = path.relation, request.context.store
    if relation.is_parent:
        child = store.fetch_one(relation.other.entity_type, *related) or {}
        was_related = child.get(relation.child_field) == path.location.key
        if is_related or was_related:
            changes: dict[str, Any] = {
                ERC: related.key,
                relation.child_field: path.location.key if is_related else None,
            }
            store.save(relation.other.entity_type, changes, PATCH_POLICY, related.scope)
        return
    stored = _related_codes(path)
    if (related.key in stored) is is_related:
        return
    others = [code for code in stored if code != related.key]
    if relation.child_field:
        name = relation.child_field
        other = others[0] if others else None
        value: Any = related.key if is_related else other
    else:
        name = relation.name
        codes = [*others, related.key] if is_related else others
        value = [{ERC: code} for code in codes]
    changes = {ERC: path.location.key, name: value}
    store.save(
        path.served_object.entity_type, changes, PATCH_POLICY, path.location.scope
    )
