"""``nestedFields``: related entries and other properties within the JSON of entries.

Names that mean nothing are ignored. The rules are Liferay's: *Nested fields* in
``docs/liferay/objects.md``. The related entries of a whole page are read together, so
the number of queries depends on the relationships and not on the entries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from ...installations.sql.served.history import EntryEvent
from ...objects.company_ids import CREATOR, CREATOR_PROPERTIES
from ...objects.documents.definition_fields import is_relationship
from ...objects.entries.item_builder import format_moment
from ...objects.fields.field_rules import is_true
from ...objects.names import (
    ERC,
    relationship_field_name,
    relationship_name,
)
from ...ports import Item
from ..entity_store import EntityStore
from ..requests import ApiRequest, LanguageChoice, read_signed_number
from ..served_objects import (
    CHILD_ERC,
    PARENT_ERC,
    ServedObject,
    find_object_by_erc,
    find_object_by_name,
)
from .entry_json import JsonObject, entry_action_links, render_entry
from .entry_permissions import read_entry_permissions
from .field_selection import is_selected, select_fields

_MAX_DEPTH: Final = 5
_AUDIT_EVENTS: Final = "auditEvents"
_PERMISSIONS: Final = "permissions"


@dataclass(frozen=True, slots=True)
class NestedFields:
    """The names of the parameter ``nestedFields``, and how deep they reach.

    Attributes:
        names: The names as they were written; the same ones count on every level.
        depth: The number of levels, 1 to 5 (``nestedFieldsDepth``).
    """

    names: frozenset[str] = frozenset()
    depth: int = 1

    @classmethod
    def of_request(cls, request: ApiRequest, others: Collection[str] = ()) -> Self:
        """Read the parameters of a request.

        Args:
            request: The request for entries.
            others: Names that count although the parameter does not state them.
        """
        names = request.query_names("nestedFields").union(others)
        return cls(names, _limit_depth(request.query("nestedFieldsDepth")))

    @classmethod
    def of_parameters(cls, names: str, depth: str) -> Self:
        """Read parameters that are texts, such as those of a task."""
        stated = frozenset(name.strip() for name in names.split(",") if name.strip())
        return cls(stated, _limit_depth(depth))

    def has_list(self, name: str) -> bool:
        """Return True if the entries of the relationship *name* are nested.

        A name with dots (``lessons.pupils``) asks for each of its parts.
        """
        return any(name in nested.split(".") for nested in self.names)

    def parent_keys(self, field_name: str) -> tuple[str, ...]:
        """Return the properties that hold a nested parent; none if it is not nested.

        Asked for by the name of the relationship, a parent stands under that name
        and under the name of its field without ``Id``. Any other name that contains
        the short name of the parent's object gives the latter alone.

        Args:
            field_name: The Relationship field: ``r_owner_c_personId``.
        """
        name, long_name = relationship_name(field_name), field_name.removesuffix("Id")
        if name in self.names:
            return name, long_name
        parent = long_name.rpartition("_")[2]
        is_named = any(parent in nested for nested in self.names)
        return (long_name,) if is_named else ()


def _limit_depth(text: str) -> int:
    return max(1, min(read_signed_number(text, 1), _MAX_DEPTH))


@dataclass(frozen=True, slots=True)
class _Nesting:
    """What is nested within the entries of one level.

    Attributes:
        store: The store that related entries are read from.
        languages: The languages of localized fields.
        nested: The parameters ``nestedFields`` and ``nestedFieldsDepth``.
        level: The number of the level, from 0.
    """

    store: EntityStore
    languages: LanguageChoice
    nested: NestedFields
    level: int = 0

    @property
    def names(self) -> frozenset[str]:
        """The names that apply on this level; none below the depth."""
        return self.nested.names if self.level < self.nested.depth else frozenset()

    def deeper(self) -> _Nesting:
        """Return what is nested one level below."""
        return replace(self, level=self.level + 1)


@dataclass(frozen=True, slots=True)
class _Entries:
    """Entries of one object and one site: as stored, and as JSON."""

    served_object: ServedObject
    scope: str
    items: Sequence[Item]
    bodies: list[JsonObject]


def render_entries(
    request: ApiRequest,
    served_object: ServedObject,
    scope: str,
    items: Sequence[Item],
    others: Collection[str] = (),
) -> list[JsonObject]:
    """Build the JSON of entries of one site, with what ``nestedFields`` asks for.

    Args:
        request: The request that is answered.
        served_object: The object of the entries.
        scope: The key of their site; empty for none.
        items: The entries as the installation returns them.
        others: Names of relationships that are nested although the parameter does not
            state them.
    """
    nested = NestedFields.of_request(request, others)
    nesting = _Nesting(request.context.store, request, nested)
    bodies = _render_level(nesting, served_object, scope, items)
    if is_selected(request, "actions"):
        for item, body in zip(items, bodies, strict=True):
            body["actions"] = entry_action_links(request, served_object, item, scope)
    return [select_fields(request, dict(sorted(body.items()))) for body in bodies]


def find_nested_fields(
    store: EntityStore,
    nested: NestedFields,
    served_object: ServedObject,
    items: Sequence[tuple[str, Item]],
) -> list[JsonObject]:
    """Return what is nested within entries, without the entries' own properties.

    Args:
        store: The store that related entries are read from.
        nested: The names of what is nested, and the depth.
        served_object: The object of the entries.
        items: The entries as the installation returns them, each with its site.
    """
    languages = _EveryLanguage()
    nesting = _Nesting(store, languages, nested)
    found: dict[int, JsonObject] = {}
    for scope in dict.fromkeys(scope for scope, _ in items):
        of_site = [item for site, item in items if site == scope]
        bodies = _render_level(nesting, served_object, scope, of_site)
        for item, body in zip(of_site, bodies, strict=True):
            plain = render_entry(languages, served_object, item)
            found[id(item)] = {k: v for k, v in body.items() if plain.get(k) != v}
    return [found[id(item)] for _, item in items]


@dataclass(frozen=True, slots=True)
class _EveryLanguage:
    """The choice of an export: localized fields in every language."""

    language: str = ""
    wants_all_languages: bool = True


def _render_level(
    nesting: _Nesting, served_object: ServedObject, scope: str, items: Sequence[Item]
) -> list[JsonObject]:
    """Build the JSON of entries, and nest related ones unless the depth is reached."""
    bodies = [
        render_entry(nesting.languages, served_object, item, nesting.names)
        for item in items
    ]
    if nesting.names and items:
        entries = _Entries(served_object, scope, items, bodies)
        _nest_properties(nesting, entries)
        _nest_related(nesting, entries)
    return bodies


def _nest_properties(nesting: _Nesting, entries: _Entries) -> None:
    """Nest what Liferay keeps beside the values: permissions and history."""
    names, served_object = nesting.names, entries.served_object
    ids = [int(item["id"]) for item in entries.items]
    if _PERMISSIONS in names:
        permissions = read_entry_permissions(nesting.store, served_object, ids)
        for number, body in zip(ids, entries.bodies, strict=True):
            body[_PERMISSIONS] = permissions[number]
    has_history = is_true(served_object.definition.get("enableObjectEntryHistory"))
    if _AUDIT_EVENTS in names and has_history:
        events = nesting.store.installation.events(ids)
        for number, body in zip(ids, entries.bodies, strict=True):
            body[_AUDIT_EVENTS] = [_render_event(event) for event in events[number]]


def _render_event(event: EntryEvent) -> JsonObject:
    return {
        "auditFieldChanges": event.changes,
        "creator": CREATOR | CREATOR_PROPERTIES,
        "dateCreated": format_moment(event.created),
        "eventType": event.kind,
    }


def _nest_related(nesting: _Nesting, entries: _Entries) -> None:
    definition = entries.served_object.definition
    for field in definition["objectFields"]:
        if is_relationship(field):
            _nest_parents(nesting, entries, field)
    for relationship in definition["objectRelationships"]:
        is_parent = relationship["type"] in {"oneToMany", "oneToOne"}
        if is_parent and nesting.nested.has_list(relationship["name"]):
            _nest_children(nesting, entries, relationship)
    for name in entries.served_object.linked:
        if nesting.nested.has_list(name):
            _nest_linked(nesting, entries, name)


def _nest_parents(nesting: _Nesting, entries: _Entries, field: Item) -> None:
    keys = nesting.nested.parent_keys(field["name"])
    parent = find_object_by_erc(nesting.store, field.get(PARENT_ERC) or "")
    if not keys or parent is None:
        return
    echo = f"{relationship_name(field['name'])}ERC"
    codes = [item.get(echo) or "" for item in entries.items]
    site = entries.scope if parent.has_sites else ""
    distinct_codes = [code for code in dict.fromkeys(codes) if code]
    by_code = _render_related(nesting, parent, site, distinct_codes)
    for code, body in zip(codes, entries.bodies, strict=True):
        if code in by_code:
            body.update(dict.fromkeys(keys, by_code[code]))
            if len(keys) > 1:
                body.pop(echo, None)  # Liferay leaves it out beside the parent


def _nest_children(nesting: _Nesting, entries: _Entries, relationship: Item) -> None:
    child = find_object_by_erc(nesting.store, relationship.get(CHILD_ERC) or "")
    if child is None:
        return
    parent, name = entries.served_object, relationship["name"]
    link = (parent.name, child.name, relationship_field_name(name, parent.name))
    codes = [str(item[ERC]) for item in entries.items]
    related = [
        entry
        for entry in nesting.store.installation.related_entries(link, codes)
        if not parent.has_sites or entry.scope == entries.scope
    ]
    by_site = {
        site: _render_related(
            nesting, child, site, [e.key for e in related if e.scope == site]
        )
        for site in {location.scope for location in related}
    }
    for code, body in zip(codes, entries.bodies, strict=True):
        body[name] = [
            by_site[location.scope][location.key]
            for location in related
            if location.parent == code and location.key in by_site[location.scope]
        ]


def _nest_linked(nesting: _Nesting, entries: _Entries, name: str) -> None:
    other = find_object_by_name(nesting.store, entries.served_object.linked[name])
    site = entries.scope if other.has_sites else ""
    linked_codes = [
        [linked[ERC] for linked in item.get(name) or ()] for item in entries.items
    ]
    keys = list(dict.fromkeys(code for codes in linked_codes for code in codes))
    by_code = _render_related(nesting, other, site, keys)
    for codes, body in zip(linked_codes, entries.bodies, strict=True):
        body[name] = [by_code[code] for code in codes if code in by_code]


def _render_related(
    nesting: _Nesting, served_object: ServedObject, scope: str, keys: Sequence[str]
) -> dict[str, JsonObject]:
    """Return the JSON of entries by their ERC, nested as deep as requested.

    Nested entries have no links, as in Liferay.
    """
    installation = nesting.store.installation
    stored = installation.fetch(served_object.entity_type, keys, scope)
    items = list(stored.values())
    bodies = _render_level(nesting.deeper(), served_object, scope, items)
    return {
        code: dict(sorted(body.items()))
        for code, body in zip(stored, bodies, strict=True)
    }
