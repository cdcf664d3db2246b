"""Relationship sub-paths: ``/o/c/{plural}/{id}/{relationship}`` (objects facts, 2.1).

GET lists the related entries whichever side the path begins at; PUT relates one more,
DELETE ends that. Of a one-to-many relationship the child keeps the parent, of a
many-to-many one both sides have a list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.responses import Response

from ..installations.sql.finding import Place
from ..model.filter_parser import parse_filter
from ..objects.definition_fields import is_relationship
from ..objects.entry_faults import ERC
from ..objects.names import erc_twin, relationship_field_name, relationship_name
from ..ports import Item
from .answers import no_content, no_id, not_found
from .calls import Call
from .entries import (
    coded_place,
    entry_response,
    no_entry,
    placed_entry,
    stored_entry,
    target_of,
)
from .nesting import show_entries
from .objects_served import Served, served_named, served_of
from .pages import links, listing, page_response
from .store import PATCH

_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_ENTRY: Final = "ObjectEntry"


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
    other: Served
    child_field: str = ""
    is_parent: bool = False


@dataclass(frozen=True, slots=True)
class _Path:
    """What the path names before the related entry."""

    served: Served
    place: Place
    item: Item
    relation: _Relation


def list_related(call: Call) -> Response:
    """Answer GET of the entries that are related to one."""
    path = _path(call)
    relation, scope = path.relation, _other_scope(path)
    asked = listing(call, scope)
    query = replace(asked.query, filter=_filter(path, asked.query.filter))
    other = relation.other
    found = call.rooms.store.page(other.entity_type, replace(asked, query=query))
    shown = show_entries(call, other, scope, found.items)
    here = f"{path.served.path}/{path.item['id']}/{relation.name}"
    return page_response(call, shown, found.total, links(call, get=f"GET {here}"))


def relate(call: Call) -> Response:
    """Answer PUT: relate an entry, and answer with it."""
    path = _path(call)
    place = _related_place(call, path)
    _set(call, path, place, joined=True)
    return entry_response(call, path.relation.other, place)


def unrelate(call: Call) -> Response:
    """Answer DELETE: end the relation of two entries, which both stay."""
    path = _path(call)
    _set(call, path, _related_place(call, path), joined=False)
    return no_content()


def _path(call: Call) -> _Path:
    if "erc" in call.request.path_params:
        target = target_of(call)
        served, place = target.served, coded_place(call, target)
    else:
        served, place = placed_entry(call)
    item = stored_entry(call, served, place)
    relation = _relation(call, served, call.text("relationship"))
    return _Path(served, place, item, relation)


def _relation(call: Call, served: Served, name: str) -> _Relation:
    store = call.rooms.store
    if name in served.linked:
        other = served_named(store, served.linked[name])
        return _Relation(name, other)
    for relationship in served.definition["objectRelationships"]:
        if relationship["name"] == name and relationship["type"] in {
            "oneToMany",
            "oneToOne",
        }:
            child = served_of(store, relationship.get(_CHILD) or "")
            if child is not None:
                field = erc_twin(relationship_field_name(name, served.name))
                return _Relation(name, child, field, is_parent=True)
    for field in served.definition["objectFields"]:
        if is_relationship(field) and relationship_name(field["name"]) == name:
            parent = served_of(store, field.get(_PARENT) or "")
            if parent is not None:
                return _Relation(name, parent, erc_twin(field["name"]))
    raise not_found()


def _other_scope(path: _Path) -> str:
    """Return the site of related entries: that of the entry, where both have one."""
    return path.place.scope if path.relation.other.has_sites else ""


def _filter(path: _Path, stated: str) -> str:
    """Build the filter of the related entries, together with the one asked for.

    Raises:
        InvalidQuery: The one asked for is none; joined, it could close our brackets.
    """
    parse_filter(stated)
    relation = path.relation
    if relation.is_parent:
        own = f"{relation.child_field} eq {_quoted(path.place.key)}"
    else:
        codes = [_quoted(code) for code in _codes(path)] or ["''"]
        own = f"externalReferenceCode in ({', '.join(codes)})"
    return f"({own}) and ({stated})" if stated.strip() else own


def _codes(path: _Path) -> list[str]:
    """Return the codes of related entries that the entry itself keeps."""
    relation = path.relation
    if relation.child_field:
        code = path.item.get(relation.child_field)
        return [code] if code else []
    return [each[ERC] for each in path.item.get(relation.name) or ()]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _related_place(call: Call, path: _Path) -> Place:
    """Return where the related entry stands that the path ends with."""
    other = path.relation.other
    if "relatedErc" in call.request.path_params:
        place = Place(call.text("relatedErc"), _other_scope(path))
        if call.rooms.store.one(other.entity_type, *place) is None:
            raise no_entry(other, place)
        return place
    number = call.number("relatedId")
    found = call.rooms.store.locate(other.entity_type, number)
    if found is None:
        raise no_id(_ENTRY, number)
    return found


def _set(call: Call, path: _Path, related: Place, *, joined: bool) -> None:
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
            store.save(relation.other.entity_type, changes, PATCH, related.scope)
        return
    codes = [code for code in _codes(path) if code != related.key]
    value: Any = [{ERC: each} for each in [*codes, *([related.key] if joined else [])]]
    name = relation.name
    if relation.child_field:
        name = relation.child_field
        kept = codes[0] if codes else None
        value = related.key if joined else kept
    changes = {ERC: path.place.key, name: value}
    store.save(path.served.entity_type, changes, PATCH, path.place.scope)
