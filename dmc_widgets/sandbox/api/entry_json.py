"""An entry as the REST API shows it (objects facts, 2.3 and 3.1).

``nestedFields``: related entries within an entry.

A parent comes as an object under the relationship's name, children come as a list
under theirs. Related entries of a whole page are looked up together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from ...model.record import LargeText
from ...objects.documents.definition_fields import is_relationship
from ...objects.errors.entry_problems import ERC
from ...objects.fields.attachment import ATTACHMENT, CONTENT
from ...objects.fields.field_rules import is_true
from ...objects.fields.localized import i18n_name
from ...objects.names import get_translation, relationship_field_name, relationship_name
from ...ports import Item
from ..requests import ApiRequest
from ..served_objects import ServedObject, find_object_by_erc, find_object_by_name
from .field_selection import select_fields
from .listing import action_links

_TAG: Final = re.compile(r"<[^>]*>")
_CREATOR_PROPERTIES: Final = {"additionalName": "", "contentType": "UserAccount"}


def render_entry(call: ApiRequest, served: ServedObject, item: Item) -> dict[str, Any]:
    """Build the JSON of an entry; nulls are left out.

    A localized field has the value of the language asked for, else that of the
    default language, and the map of all only where the client asks for it
    (``X-Accept-All-Languages``). Many-to-many relationships, and the contents of
    files, come only where they are asked for (``nestedFields``).
    """
    shown = {
        name: value
        for name, value in item.items()
        if value is not None and name not in served.linked
    }
    for field in served.definition["objectFields"]:
        name = field["name"]
        if is_true(field.get("localized")) and not is_relationship(field):
            _apply_language(call, shown, name)
        if field["businessType"] == ATTACHMENT and name in shown:
            shown[name] = _render_file(call, name, shown[name])
        if field["businessType"] == "RichText" and isinstance(shown.get(name), str):
            shown[f"{name}RawText"] = unescape(_TAG.sub("", shown[name]))
    if isinstance(shown.get("creator"), dict):
        shown["creator"] = shown["creator"] | _CREATOR_PROPERTIES
    shown["actions"] = entry_action_links(call, served, shown["id"])
    return shown


def entry_action_links(
    call: ApiRequest, served: ServedObject, number: int
) -> dict[str, Any]:
    """Return what may be done with an entry."""
    path = f"{served.path}/{number}"
    return action_links(
        call,
        delete=f"DELETE {path}",
        get=f"GET {path}",
        replace=f"PUT {path}",
        update=f"PATCH {path}",
    )


def page_action_links(
    call: ApiRequest, served: ServedObject, path: str
) -> dict[str, Any]:
    """Return what may be done with the entries; batches know no sites."""
    found = {"create": f"POST {path}", "get": f"GET {path}"}
    if not served.has_sites:
        found["createBatch"] = f"POST {path}/batch"
        found["deleteBatch"] = f"DELETE {path}/batch"
        found["updateBatch"] = f"PUT {path}/batch"
    return action_links(call, **dict(sorted(found.items())))


def _render_file(call: ApiRequest, name: str, file: Any) -> Any:
    """Leave out a file's content, unless ``nestedFields`` names it."""
    if not isinstance(file, Mapping):
        return file
    shown = dict(file)
    content = shown.pop(CONTENT, None)
    if call.names("nestedFields") & {CONTENT, f"{name}.{CONTENT}"}:
        is_large = isinstance(content, LargeText)
        shown[CONTENT] = content.whole() if is_large else content
    return shown


def _apply_language(call: ApiRequest, shown: dict[str, Any], name: str) -> None:
    values: Any = shown.get(i18n_name(name))
    if not isinstance(values, Mapping):
        return
    wanted = get_translation(dict(values), call.language) if call.language else ""
    if wanted:
        shown[name] = wanted
    if not call.all_languages:
        del shown[i18n_name(name)]


_MAX_DEPTH: Final = 5
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _NestingLevel:
    """Entries of one object and one site, as they came and as they are shown."""

    served: ServedObject
    scope: str
    items: Sequence[Item]
    shown: list[JsonObject]
    depth: int = 1


def render_entries(
    call: ApiRequest, served: ServedObject, scope: str, items: Sequence[Item]
) -> list[JsonObject]:
    """Build the JSON of entries of one site, with what they ask to be nested."""
    shown = [render_entry(call, served, item) for item in items]
    wanted = call.names("nestedFields")
    if wanted and items:
        _nest_related(call, _NestingLevel(served, scope, items, shown), wanted)
    return [select_fields(call, dict(sorted(each.items()))) for each in shown]


def _nest_related(
    call: ApiRequest, level: _NestingLevel, wanted: frozenset[str]
) -> None:
    definition = level.served.definition
    for field in definition["objectFields"]:
        if is_relationship(field) and relationship_name(field["name"]) in wanted:
            _nest_parents(call, level, field)
    for relationship in definition["objectRelationships"]:
        if relationship["name"] in wanted and relationship["type"] in {
            "oneToMany",
            "oneToOne",
        }:
            _nest_children(call, level, relationship)
    for name in level.served.linked:
        if name in wanted:
            _nest_linked(call, level, name)


def _nest_parents(call: ApiRequest, level: _NestingLevel, field: Item) -> None:
    parent = find_object_by_erc(call.rooms.store, field.get(_PARENT) or "")
    if parent is None:
        return
    name = relationship_name(field["name"])
    codes = [item.get(f"{name}ERC") or "" for item in level.items]
    keys = [code for code in dict.fromkeys(codes) if code]
    site = level.scope if parent.has_sites else ""
    by_code = _render_related(call, level, parent, site, keys)
    for code, entry in zip(codes, level.shown, strict=True):
        if code in by_code:
            entry[name] = by_code[code]


def _nest_children(call: ApiRequest, level: _NestingLevel, relationship: Item) -> None:
    child = find_object_by_erc(call.rooms.store, relationship.get(_CHILD) or "")
    if child is None:
        return
    parent, name = level.served, relationship["name"]
    link = (parent.name, child.name, relationship_field_name(name, parent.name))
    codes = [str(item[ERC]) for item in level.items]
    related = [
        child
        for child in call.rooms.store.children(link, codes)
        if not parent.has_sites or child.scope == level.scope
    ]
    by_site = {
        site: _render_related(
            call, level, child, site, [e.key for e in related if e.scope == site]
        )
        for site in {each.scope for each in related}
    }
    for code, entry in zip(codes, level.shown, strict=True):
        entry[name] = [
            by_site[each.scope][each.key]
            for each in related
            if each.parent == code and each.key in by_site[each.scope]
        ]


def _nest_linked(call: ApiRequest, level: _NestingLevel, name: str) -> None:
    other = find_object_by_name(call.rooms.store, level.served.linked[name])
    site = level.scope if other.has_sites else ""
    codes = [[each[ERC] for each in item.get(name) or ()] for item in level.items]
    keys = list(dict.fromkeys(code for some in codes for code in some))
    by_code = _render_related(call, level, other, site, keys)
    for some, entry in zip(codes, level.shown, strict=True):
        entry[name] = [by_code[code] for code in some if code in by_code]


def _render_related(
    call: ApiRequest,
    level: _NestingLevel,
    served: ServedObject,
    scope: str,
    keys: Sequence[str],
) -> dict[str, JsonObject]:
    """Return entries by their ERC, with those within them as deep as asked for."""
    found = call.rooms.store.many(served.entity_type, keys, scope)
    shown = [render_entry(call, served, each) for each in found.values()]
    if found and level.depth < _nesting_depth(call):
        deeper = _NestingLevel(
            served, scope, list(found.values()), shown, level.depth + 1
        )
        _nest_related(call, deeper, call.names("nestedFields"))
    return dict(zip(found, shown, strict=True))


def _nesting_depth(call: ApiRequest) -> int:
    text = call.query("nestedFieldsDepth")
    is_number = text.isascii() and text.isdigit() and len(text) < 3
    return min(int(text), _MAX_DEPTH) if is_number else 1
