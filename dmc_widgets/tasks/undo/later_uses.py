"""What others have made of the items of a task since: they name them, or fill them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

from ...errors import RequestError
from ...model.change import has_value
from ...model.entity_type import OBJECT_DEFINITION, OBJECT_ENTRY, EntityType, Field
from ...model.item_reads import ItemPlace
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.fields.field_rules import is_true
from ...objects.fields.picklist import has_key
from ...objects.names import ERC, SCOPE_KEY
from ...objects.parts.part_kinds import FIELD, PICKLIST_ENTRY, RELATIONSHIP
from ...ports import Installation, Item, Query
from ..checkers.entry_lookups import read_items_with
from ..installation_access import find_entity_type
from .planned_items import PlannedItems

User = tuple[str, ItemPlace]
"""The key of an entity type, and the place of one of its items."""

_CODE: Final = "ExternalReferenceCode"
_FIELDS: Final = "objectFields"
_LINKS: Final = "objectRelationships"
_PICKLIST: Final = "listTypeDefinitionExternalReferenceCode"


class LaterUses:
    """Finds the items that must not be deleted or restored, because others need them.

    Args:
        target: The installation; it is only read.
        entity_type: The entity type of the items.
        planned: Items that count as they will be, not as they are stored.
    """

    def __init__(
        self, target: Installation, entity_type: EntityType, planned: PlannedItems
    ) -> None:
        self._target = target
        self._entity_type = entity_type
        self._planned = planned

    def find(self, places: Sequence[ItemPlace]) -> set[ItemPlace]:
        """Return those of *places* that items besides them name, or whose entries are.

        Raises:
            InstallationError: The installation does not answer.
        """
        if not places:
            return set()
        if self._entity_type.part_of:
            return {place for place in places if self._holds_values(place[1])}
        is_entry = self._entity_type.class_name == OBJECT_ENTRY
        users = self._entry_users(places) if is_entry else self._document_users(places)
        own = self._entity_type.key
        leaving = {(own, place) for place in places}
        needed: set[ItemPlace] = set()
        found = True
        while found:  # what names an item that stays, may stay itself
            found = False
            for place in places:
                item = own, place
                if item in leaving and users.get(place, set()) - leaving:
                    leaving.discard(item)
                    needed.add(place)
                    found = True
        return needed

    def has_values(self, now: Item, restored: Item) -> bool:
        """Return True if entries of others would lose values, links or keys.

        They are in the fields and relationships that a definition has now and not when
        restored, and in the entries of a picklist.
        """
        if self._entity_type.name == "ListTypeDefinition":
            gone = _keys(now) - _keys(restored)
            return bool(gone) and self._holds_key(str(now.get(ERC)), gone)
        if self._entity_type.name != "ObjectDefinition":
            return False
        entries = self._find_type(str(now.get("name")))
        if entries is None:
            return False
        fields = _own_names(now, _FIELDS) - _own_names(restored, _FIELDS)
        links = _own_names(now, _LINKS) - _own_names(restored, _LINKS)
        children = (
            child
            for name in links
            for child in self._parent_fields(f"r_{name}_")
            if child[1].parent == entries.key
        )
        return any(self._holds_value(entries, name) for name in fields | links) or any(
            self._holds_value(other, field.name) for other, field in children
        )

    def _holds_values(self, key: str) -> bool:
        """Return True if entries have values in the field or relationship of a key."""
        owner, _, name = key.rpartition("/")
        if self._entity_type.name == PICKLIST_ENTRY.name:
            return self._holds_key(owner, {name})
        definitions = find_entity_type(self._target.entity_types(), OBJECT_DEFINITION)
        if self._entity_type.name == RELATIONSHIP.name:
            return any(
                self._holds_value(other, field.name)
                for other, field in self._parent_fields(f"r_{name}_")
            )
        if self._entity_type.name != FIELD.name:
            return False
        definition = self._target.fetch(definitions, [owner]).get(owner, {})
        entries = self._find_type(str(definition.get("name")))
        return entries is not None and self._holds_value(entries, name)

    def _parent_fields(self, prefix: str) -> Iterator[tuple[EntityType, Field]]:
        """Yield the fields by which entries name their parents in a relationship."""
        for other in self._target.entity_types():
            for field in other.fields:
                if field.name.startswith(prefix) and field.name.endswith("ERC"):
                    yield other, field

    def _holds_value(self, entries: EntityType, name: str) -> bool:
        known = {field.name for field in entries.fields}
        if name not in known:
            return False
        query = Query(fields=(ERC, *({SCOPE_KEY} & known), name))
        items = self._as_planned(entries, self._target.read(entries, query))
        return any(has_value(item.get(name)) for _, item in items)

    def _holds_key(self, picklist: str, keys: Set[str]) -> bool:
        """Return True if entries hold one of some keys of a picklist."""
        types = self._target.entity_types()
        definitions = find_entity_type(types, OBJECT_DEFINITION)
        stored = self._target.read(definitions, Query())
        for _, definition in self._as_planned(definitions, stored):
            entries = self._find_type(str(definition.get("name")))
            if entries is None:
                continue
            known = {field.name for field in entries.fields}
            for field in definition.get(_FIELDS) or ():
                name = str(field.get("name"))
                if field.get(_PICKLIST) != picklist or name not in known:
                    continue
                query = Query(fields=(ERC, *({SCOPE_KEY} & known), name))
                items = self._as_planned(entries, self._target.read(entries, query))
                if any(has_key(item.get(name), keys) for _, item in items):
                    return True
        return False

    def _as_planned(
        self, entity_type: EntityType, items: Iterable[Item]
    ) -> Iterator[tuple[User, Item]]:
        """Yield items as they will be, without those that will be gone."""
        for item in items:
            place = str(item.get(SCOPE_KEY) or ""), str(item.get(ERC))
            planned = self._planned.view(entity_type, place, item)
            if planned is not None:
                yield (entity_type.key, place), planned

    def _find_type(self, name: str) -> EntityType | None:
        for entity_type in self._target.entity_types():
            is_object = entity_type.class_name == OBJECT_ENTRY
            if is_object and entity_type.short_name == name:
                return entity_type
        return None

    def _entry_users(self, places: Sequence[ItemPlace]) -> dict[ItemPlace, set[User]]:
        """Return the children of entries, by entry."""
        users: dict[ItemPlace, set[User]] = {}
        for child_type, field in self._child_fields():
            for site in dict.fromkeys(site for site, _ in places):
                codes = [code for other, code in places if other == site]
                children = self._children(child_type, field, codes, site)
                for user, child in self._as_planned(child_type, children):
                    place = site, str(child.get(field))
                    users.setdefault(place, set()).add(user)
        return users

    def _child_fields(self) -> Iterator[tuple[EntityType, str]]:
        """Yield the fields by which entries name entries of this type."""
        for other in self._target.entity_types():
            for field in other.fields:
                is_code = field.name.startswith("r_") and field.name.endswith("ERC")
                if is_code and field.parent == self._entity_type.key:
                    yield other, field.name

    def _children(
        self, child_type: EntityType, field: str, codes: Sequence[str], site: str
    ) -> Iterable[Item]:
        own_site = {SCOPE_KEY} & {x.name for x in child_type.fields}
        query = Query(fields=(ERC, *own_site, field), scope=site)
        try:
            found = list(read_items_with(self._target, child_type, field, codes, query))
        except RequestError:  # the installation cannot filter by it
            found = list(self._target.read(child_type, query))
        wanted = set(codes)
        return [child for child in found if child.get(field) in wanted]

    def _document_users(
        self, places: Sequence[ItemPlace]
    ) -> dict[ItemPlace, set[User]]:
        """Return the documents that name documents, and entries of definitions."""
        users: dict[ItemPlace, set[User]] = {}
        is_definition = self._entity_type.class_name == OBJECT_DEFINITION
        codes = {code for _, code in places}
        types = self._target.entity_types()
        for kind in KINDS_BY_NAME:
            documents = find_entity_type(types, kind)
            stored = self._target.read(documents, Query())
            for user, document in self._as_planned(documents, stored):
                own = user[1][1]
                is_own = kind == self._entity_type.name
                for code in codes.intersection(_named_codes(document)):
                    if not (is_own and own == code):
                        users.setdefault(("", code), set()).add(user)
                if is_definition and is_own and own in codes:
                    holder = self._first_entry(str(document.get("name")))
                    if holder is not None:
                        users.setdefault(("", own), set()).add(holder)
        return users

    def _first_entry(self, name: str) -> User | None:
        """Return an entry of a definition that will not be gone."""
        entries = self._find_type(name)
        if entries is None:
            return None
        own_site = {SCOPE_KEY} & {field.name for field in entries.fields}
        items = self._target.read(entries, Query(fields=(ERC, *own_site)))
        return next((user for user, _ in self._as_planned(entries, items)), None)


def _keys(picklist: Item) -> set[str]:
    return {str(entry.get("key")) for entry in picklist.get("listTypeEntries") or ()}


def _own_names(definition: Item, parts: str) -> set[str]:
    """Return the names of the fields or relationships that a definition declares."""
    return {
        str(part["name"])
        for part in definition.get(parts) or ()
        if not is_true(part.get("system")) and not is_true(part.get("reverse"))
    }


def _named_codes(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the codes of other documents that a document names.

    The other side of a relationship does not name the definition that declares it.
    """
    if is_true(document.get("reverse")):
        return
    for name, value in document.items():
        if isinstance(value, str) and _CODE in name and name != ERC:
            yield value
        nested = value if isinstance(value, list) else [value]
        for one in nested:
            if isinstance(one, Mapping):
                yield from _named_codes(one)
