"""Relationship sub-paths: ``/o/c/{plural}/{id}/{relationship}`` (objects facts, 2.1).

GET lists the related entries whichever side the path begins at; PUT relates one more,
DELETE ends that. Of a one-to-many relationship the child keeps the parent, of a
many-to-many one both sides have a list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.responses import Response

from ...installations.sql.lookup import ItemLocation
from ...model.query.filter_parser import parse_filter
from ...objects.documents.definition_fields import is_relationship
from ...objects.errors.entry_problems import ERC
from ...objects.names import erc_field_name, relationship_field_name, relationship_name
from ...ports import Item
from ..entity_store import PATCH_POLICY
from ..requests import ApiRequest
from ..responses import no_content_response, not_found_error, unknown_id_error
from ..served_objects import ServedObject, find_object_by_erc, find_object_by_name
from .entries import (
    entry_response,
    load_entry,
    locate_entry,
    locate_entry_by_erc,
    parse_target,
    unknown_entry_error,
)
from .entry_json import render_entries
from .listing import action_links, page_response, parse_list_request

_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_OBJECT_ENTRY: Final = "ObjectEntry"


@dataclass(frozen=True, slots=True)
class _Relation:
    """A relationship, seen from the entry that the path begins with.

    Attributes:
        name: Of the relationship.
        other: The object of the related entries.
        child_field: The child's ``r_…ERC``; empty for many-to-many.
        is_parent: The path begins at the parent.
    """

    name: str
    other: ServedObject
    child_field: str = ""
    is_parent: bool = False


@dataclass(frozen=True, slots=True)
class _RelatedPath:
    """What the path names before the related entry."""

    served: ServedObject
    place: ItemLocation
    item: Item
    relation: _Relation


def list_related_entries(call: ApiRequest) -> Response:
    """Answer GET of the entries that are related to one."""
    path = _parse_path(call)
    relation, scope = path.relation, _related_scope(path)
    asked = parse_list_request(call, scope)
    query = replace(asked.query, filter=_build_filter(path, asked.query.filter))
    other = relation.other
    found = call.rooms.store.page(other.entity_type, replace(asked, query=query))
    shown = render_entries(call, other, scope, found.items)
    here = f"{path.served.path}/{path.item['id']}/{relation.name}"
    return page_response(
        call, shown, found.total, action_links(call, get=f"GET {here}")
    )


def relate_entries(call: ApiRequest) -> Response:
    """Answer PUT: relate an entry, and answer with it."""
    path = _parse_path(call)
    place = _locate_related(call, path)
    _set_relation(call, path, place, joined=True)
    return entry_response(call, path.relation.other, place)


def unrelate_entries(call: ApiRequest) -> Response:
    """Answer DELETE: end the relation of two entries, which both stay."""
    path = _parse_path(call)
    _set_relation(call, path, _locate_related(call, path), joined=False)
    return no_content_response()


def _parse_path(call: ApiRequest) -> _RelatedPath:
    if "erc" in call.request.path_params:
        target = parse_target(call)
        served, place = target.served, locate_entry_by_erc(call, target)
    else:
        served, place = locate_entry(call)
    item = load_entry(call, served, place)
    relation = _find_relation(call, served, call.text("relationship"))
    return _RelatedPath(served, place, item, relation)


def _find_relation(call: ApiRequest, served: ServedObject, name: str) -> _Relation:
    store = call.rooms.store
    if name in served.linked:
        other = find_object_by_name(store, served.linked[name])
        return _Relation(name, other)
    for relationship in served.definition["objectRelationships"]:
        if relationship["name"] == name and relationship["type"] in {
            "oneToMany",
            "oneToOne",
        }:
            child = find_object_by_erc(store, relationship.get(_CHILD) or "")
            if child is not None:
                field = erc_field_name(relationship_field_name(name, served.name))
                return _Relation(name, child, field, is_parent=True)
    for field in served.definition["objectFields"]:
        if is_relationship(field) and relationship_name(field["name"]) == name:
            parent = find_object_by_erc(store, field.get(_PARENT) or "")
            if parent is not None:
                return _Relation(name, parent, erc_field_name(field["name"]))
    raise not_found_error()


def _related_scope(path: _RelatedPath) -> str:
    """Return the site of related entries: that of the entry, where both have one."""
    return path.place.scope if path.relation.other.has_sites else ""


def _build_filter(path: _RelatedPath, stated: str) -> str:
    """Build the filter of the related entries, together with the one asked for.

    Raises:
        InvalidQuery: The one asked for is none; joined, it could close our brackets.
    """
    parse_filter(stated)
    relation = path.relation
    if relation.is_parent:
        own = f"{relation.child_field} eq {_quote(path.place.key)}"
    else:
        codes = [_quote(code) for code in _related_codes(path)] or ["''"]
        own = f"externalReferenceCode in ({', '.join(codes)})"
    return f"({own}) and ({stated})" if stated.strip() else own


def _related_codes(path: _RelatedPath) -> list[str]:
    """Return the codes of related entries that the entry itself keeps."""
    relation = path.relation
    if relation.child_field:
        code = path.item.get(relation.child_field)
        return [code] if code else []
    return [each[ERC] for each in path.item.get(relation.name) or ()]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _locate_related(call: ApiRequest, path: _RelatedPath) -> ItemLocation:
    """Return where the related entry stands that the path ends with."""
    other = path.relation.other
    if "relatedErc" in call.request.path_params:
        place = ItemLocation(call.text("relatedErc"), _related_scope(path))
        if call.rooms.store.one(other.entity_type, *place) is None:
            raise unknown_entry_error(other, place)
        return place
    number = call.number("relatedId")
    found = call.rooms.store.locate(other.entity_type, number)
    if found is None:
        raise unknown_id_error(_OBJECT_ENTRY, number)
    return found


def _set_relation(
    call: ApiRequest, path: _RelatedPath, related: ItemLocation, *, joined: bool
) -> None:
    """Relate two entries, or end it; what is so already stays so."""
    relation, store = path.relation, call.rooms.store
    if relation.is_parent:
        child = store.one(relation.other.entity_type, *related) or {}
        is_own = child.get(relation.child_field) == path.place.key
        if joined or is_own:
            changes: dict[str, Any] = {
                ERC: related.key,
                relation.child_field: path.place.key if joined else None,
            }
            store.save(relation.other.entity_type, changes, PATCH_POLICY, related.scope)
        return
    codes = [code for code in _related_codes(path) if code != related.key]
    value: Any = [{ERC: each} for each in [*codes, *([related.key] if joined else [])]]
    name = relation.name
    if relation.child_field:
        name = relation.child_field
        kept = codes[0] if codes else None
        value = related.key if joined else kept
    changes = {ERC: path.place.key, name: value}
    store.save(path.served.entity_type, changes, PATCH_POLICY, path.place.scope)
