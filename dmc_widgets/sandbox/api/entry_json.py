"""The JSON of entries, and of related entries nested within them.

``nestedFields`` names what is nested: a parent is an object under the name of the
relationship, children and linked entries are a list under theirs. The related entries
of a whole page are read together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from ...model.record import LargeText
from ...objects.documents.definition_fields import is_relationship
from ...objects.fields.attachment import ATTACHMENT, CONTENT
from ...objects.fields.field_rules import is_true
from ...objects.fields.localized import i18n_name
from ...objects.names import (
    ERC,
    get_translation,
    relationship_field_name,
    relationship_name,
)
from ...ports import Item
from ..requests import ApiRequest, parse_whole_number
from ..served_objects import (
    CHILD_ERC,
    PARENT_ERC,
    ServedObject,
    find_object_by_erc,
    find_object_by_name,
)
from .field_selection import select_fields
from .listing import action_links

_TAG: Final = re.compile(r"<[^>]*>")
_MAX_DEPTH: Final = 5
_CREATOR_PROPERTIES: Final = {"additionalName": "", "contentType": "UserAccount"}

JsonObject = dict[str, Any]


def render_entry(
    request: ApiRequest, served_object: ServedObject, item: Item
) -> JsonObject:
    """Build the JSON of an entry without its null properties.

    A localized field has the value in the requested language, or else in the default
    one; its values in all languages are added only if the client asks for them
    (``X-Accept-All-Languages``). Many-to-many relationships and the contents of files
    are added only if ``nestedFields`` names them.
    """
    entry = {
        name: value
        for name, value in item.items()
        if value is not None and name not in served_object.linked
    }
    for field in served_object.definition["objectFields"]:
        name = field["name"]
        if is_true(field.get("localized")) and not is_relationship(field):
            _apply_language(request, entry, name)
        if field["businessType"] == ATTACHMENT and name in entry:
            entry[name] = _render_file(request, name, entry[name])
        if field["businessType"] == "RichText" and isinstance(entry.get(name), str):
            entry[f"{name}RawText"] = unescape(_TAG.sub("", entry[name]))
    if isinstance(entry.get("creator"), dict):
        entry["creator"] = entry["creator"] | _CREATOR_PROPERTIES
    entry["actions"] = entry_action_links(request, served_object, entry["id"])
    return entry


def entry_action_links(
    request: ApiRequest, served_object: ServedObject, number: int
) -> dict[str, Any]:
    """Return the links to what the client may do with an entry."""
    path = f"{served_object.path}/{number}"
    return action_links(
        request,
        delete=f"DELETE {path}",
        get=f"GET {path}",
        replace=f"PUT {path}",
        update=f"PATCH {path}",
    )


def page_action_links(
    request: ApiRequest, served_object: ServedObject, path: str
) -> dict[str, Any]:
    """Return the links of a list of entries; batch paths have no sites."""
    targets = {"create": f"POST {path}", "get": f"GET {path}"}
    if not served_object.has_sites:
        targets["createBatch"] = f"POST {path}/batch"
        targets["deleteBatch"] = f"DELETE {path}/batch"
        targets["updateBatch"] = f"PUT {path}/batch"
    return action_links(request, **dict(sorted(targets.items())))


def _render_file(request: ApiRequest, name: str, file: Any) -> Any:
    """Return a file without its content, unless ``nestedFields`` names it."""
    if not isinstance(file, Mapping):
        return file
    body = dict(file)
    content = body.pop(CONTENT, None)
    if request.query_names("nestedFields") & {CONTENT, f"{name}.{CONTENT}"}:
        is_large = isinstance(content, LargeText)
        body[CONTENT] = content.whole() if is_large else content
    return body


def _apply_language(request: ApiRequest, entry: JsonObject, name: str) -> None:
    values: Any = entry.get(i18n_name(name))
    if not isinstance(values, Mapping):
        return
    language = request.language
    translation = get_translation(dict(values), language) if language else ""
    if translation:
        entry[name] = translation
    if not request.wants_all_languages:
        del entry[i18n_name(name)]


@dataclass(frozen=True, slots=True)
class _NestingLevel:
    """Entries of one object and one site: as stored, and as JSON."""

    served_object: ServedObject
    scope: str
    items: Sequence[Item]
    entries: list[JsonObject]
    depth: int = 1


def render_entries(
    request: ApiRequest, served_object: ServedObject, scope: str, items: Sequence[Item]
) -> list[JsonObject]:
    """Build the JSON of entries of one site, with the requested related entries."""
    entries = [render_entry(request, served_object, item) for item in items]
    names = request.query_names("nestedFields")
    if names and items:
        level = _NestingLevel(served_object, scope, items, entries)
        _nest_related(request, level, names)
    return [select_fields(request, dict(sorted(entry.items()))) for entry in entries]


def _nest_related(
    request: ApiRequest, level: _NestingLevel, names: frozenset[str]
) -> None:
    definition = level.served_object.definition
    for field in definition["objectFields"]:
        if is_relationship(field) and relationship_name(field["name"]) in names:
            _nest_parents(request, level, field)
    for relationship in definition["objectRelationships"]:
        if relationship["name"] in names and relationship["type"] in {
            "oneToMany",
            "oneToOne",
        }:
            _nest_children(request, level, relationship)
    for name in level.served_object.linked:
        if name in names:
            _nest_linked(request, level, name)


def _nest_parents(request: ApiRequest, level: _NestingLevel, field: Item) -> None:
    parent = find_object_by_erc(request.context.store, field.get(PARENT_ERC) or "")
    if parent is None:
        return
    name = relationship_name(field["name"])
    codes = [item.get(f"{name}ERC") or "" for item in level.items]
    keys = [code for code in dict.fromkeys(codes) if code]
    site = level.scope if parent.has_sites else ""
    by_code = _render_related(request, level, parent, site, keys)
    for code, entry in zip(codes, level.entries, strict=True):
        if code in by_code:
            entry[name] = by_code[code]


def _nest_children(
    request: ApiRequest, level: _NestingLevel, relationship: Item
) -> None:
    child = find_object_by_erc(request.context.store, relationship.get(CHILD_ERC) or "")
    if child is None:
        return
    parent, name = level.served_object, relationship["name"]
    link = (parent.name, child.name, relationship_field_name(name, parent.name))
    codes = [str(item[ERC]) for item in level.items]
    related = [
        entry
        for entry in request.context.store.installation.related_entries(link, codes)
        if not parent.has_sites or entry.scope == level.scope
    ]
    by_site = {
        site: _render_related(
            request, level, child, site, [e.key for e in related if e.scope == site]
        )
        for site in {location.scope for location in related}
    }
    for code, entry in zip(codes, level.entries, strict=True):
        entry[name] = [
            by_site[location.scope][location.key]
            for location in related
            if location.parent == code and location.key in by_site[location.scope]
        ]


def _nest_linked(request: ApiRequest, level: _NestingLevel, name: str) -> None:
    other = find_object_by_name(request.context.store, level.served_object.linked[name])
    site = level.scope if other.has_sites else ""
    linked_codes = [
        [linked[ERC] for linked in item.get(name) or ()] for item in level.items
    ]
    keys = list(dict.fromkeys(code for codes in linked_codes for code in codes))
    by_code = _render_related(request, level, other, site, keys)
    for codes, entry in zip(linked_codes, level.entries, strict=True):
        entry[name] = [by_code[code] for code in codes if code in by_code]


def _render_related(
    request: ApiRequest,
    level: _NestingLevel,
    served_object: ServedObject,
    scope: str,
    keys: Sequence[str],
) -> dict[str, JsonObject]:
    """Return the JSON of entries by their ERC, nested as deep as requested."""
    installation = request.context.store.installation
    stored = installation.fetch(served_object.entity_type, keys, scope)
    items = list(stored.values())
    entries = [render_entry(request, served_object, item) for item in items]
    if items and level.depth < _nesting_depth(request):
        deeper = _NestingLevel(served_object, scope, items, entries, level.depth + 1)
        _nest_related(request, deeper, request.query_names("nestedFields"))
    return dict(zip(stored, entries, strict=True))


def _nesting_depth(request: ApiRequest) -> int:
    depth = parse_whole_number(request.query("nestedFieldsDepth"), max_digits=2)
    return 1 if depth is None else min(depth, _MAX_DEPTH)
