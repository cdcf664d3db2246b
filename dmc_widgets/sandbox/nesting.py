"""``nestedFields``: related entries within an entry.

A parent comes as an object under the relationship's name, children come as a list
under theirs. Related entries of a whole page are looked up together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..objects.definition_fields import is_relationship
from ..objects.entry_faults import ERC
from ..objects.names import relationship_field_name, relationship_name
from ..ports import Item
from .calls import Call
from .entry_json import shown_entry
from .objects_served import Served, served_named, served_of
from .picking import picked

_DEEPEST: Final = 5
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Level:
    """Entries of one object and one site, as they came and as they are shown."""

    served: Served
    scope: str
    items: Sequence[Item]
    shown: list[Shown]
    depth: int = 1


def show_entries(
    call: Call, served: Served, scope: str, items: Sequence[Item]
) -> list[Shown]:
    """Build the JSON of entries of one site, with what they ask to be nested."""
    shown = [shown_entry(call, served, item) for item in items]
    wanted = call.names("nestedFields")
    if wanted and items:
        _nest(call, _Level(served, scope, items, shown), wanted)
    return [picked(call, dict(sorted(each.items()))) for each in shown]


def _nest(call: Call, level: _Level, wanted: frozenset[str]) -> None:
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


def _nest_parents(call: Call, level: _Level, field: Item) -> None:
    parent = served_of(call.rooms.store, field.get(_PARENT) or "")
    if parent is None:
        return
    name = relationship_name(field["name"])
    codes = [item.get(f"{name}ERC") or "" for item in level.items]
    keys = [code for code in dict.fromkeys(codes) if code]
    site = level.scope if parent.has_sites else ""
    by_code = _related(call, level, parent, site, keys)
    for code, entry in zip(codes, level.shown, strict=True):
        if code in by_code:
            entry[name] = by_code[code]


def _nest_children(call: Call, level: _Level, relationship: Item) -> None:
    child = served_of(call.rooms.store, relationship.get(_CHILD) or "")
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
        site: _related(
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


def _nest_linked(call: Call, level: _Level, name: str) -> None:
    other = served_named(call.rooms.store, level.served.linked[name])
    site = level.scope if other.has_sites else ""
    codes = [[each[ERC] for each in item.get(name) or ()] for item in level.items]
    keys = list(dict.fromkeys(code for some in codes for code in some))
    by_code = _related(call, level, other, site, keys)
    for some, entry in zip(codes, level.shown, strict=True):
        entry[name] = [by_code[code] for code in some if code in by_code]


def _related(
    call: Call, level: _Level, served: Served, scope: str, keys: Sequence[str]
) -> dict[str, Shown]:
    """Return entries by their ERC, with those within them as deep as asked for."""
    found = call.rooms.store.many(served.entity_type, keys, scope)
    shown = [shown_entry(call, served, each) for each in found.values()]
    if found and level.depth < _depth(call):
        deeper = _Level(served, scope, list(found.values()), shown, level.depth + 1)
        _nest(call, deeper, call.names("nestedFields"))
    return dict(zip(found, shown, strict=True))


def _depth(call: Call) -> int:
    text = call.query("nestedFieldsDepth")
    is_number = text.isascii() and text.isdigit() and len(text) < 3
    return min(int(text), _DEEPEST) if is_number else 1
