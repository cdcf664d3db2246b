"""The published objects whose entries the API serves.

They are found by path (``/o/c/tickets`` is the object Ticket), by ERC or by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..model.entity_type import EntityType, object_type_name
from ..objects.documents.definition_fields import (
    is_relationship,
    select_custom_fields,
)
from ..objects.entries.entity_type import build_entry_entity_type
from ..objects.fields.field_rules import is_true
from ..objects.names import relationship_name, rest_context_path
from ..ports import Item
from .entity_store import DEFINITION_TYPE, EntityStore
from .responses import not_found_error

ENTRY_NAME: Final = "ObjectEntry"
"""The name of entries in Liferay's messages."""

PARENT_ERC: Final = "objectDefinitionExternalReferenceCode1"
CHILD_ERC: Final = "objectDefinitionExternalReferenceCode2"
"""The properties of a relationship that name its definitions by ERC."""


@dataclass(frozen=True, slots=True)
class ServedObject:
    """A published object.

    Attributes:
        path: The path of its entries: ``/o/c/tickets``.
        definition: The definition as the API returns it, without the system fields.
        entity_type: The entity type of its entries.
        linked: The name of the other object by that of each many-to-many
            relationship, whichever side declares it.
    """

    path: str
    definition: Item
    entity_type: EntityType
    linked: Mapping[str, str]

    @property
    def name(self) -> str:
        """The short name: ``Ticket``."""
        return str(self.definition["name"])

    @property
    def standalone_actions(self) -> list[str]:
        """The names of the active actions that a client may ask for."""
        return [action["name"] for action in find_standalone_actions(self.definition)]

    @property
    def has_sites(self) -> bool:
        """True if its entries belong to sites."""
        return bool(self.definition["scope"] != "company")


def find_standalone_actions(definition: Mapping[str, Any]) -> list[Item]:
    """Return the active actions that run when a client asks, in their order."""
    return [
        action
        for action in definition.get("objectActions") or ()
        if action.get("objectActionTriggerKey") == "standalone"
        and is_true(action.get("active"))
    ]


def find_object_at(store: EntityStore, plural: str) -> ServedObject:
    """Return the object whose entries are at ``/o/c/{plural}``.

    Raises:
        ApiError: No published object has that path.
    """
    for name, erc in store.installation.published_definitions().items():
        if rest_context_path(name) == f"/o/c/{plural}":
            return _load_object(store, erc)
    raise not_found_error()


def find_scope_name(store: EntityStore, path: str) -> str:
    """Return the name that an object's scopes begin with, such as ``C_Ticket``.

    If no object is published at *path*, the name is made from the path itself.
    """
    plural = path.removeprefix("/o/c/").partition("/")[0]
    for name in store.installation.published_definitions():
        if rest_context_path(name) == f"/o/c/{plural}":
            return object_type_name(name)
    return object_type_name(plural)


def find_object_by_erc(store: EntityStore, erc: str) -> ServedObject | None:
    """Return the object of a definition's ERC; None unless it is published."""
    return (
        _load_object(store, erc)
        if erc in store.installation.published_definitions().values()
        else None
    )


def find_object_by_name(store: EntityStore, name: str) -> ServedObject:
    """Return the object that has a short name.

    Raises:
        ApiError: No published object has that name.
    """
    erc = store.installation.published_definitions().get(name)
    if erc is None:
        raise not_found_error()
    return _load_object(store, erc)


def find_related_names(
    store: EntityStore, served_object: ServedObject
) -> dict[str, str]:
    """Return the name of the other object by that of each relationship.

    Those of children and of many-to-many relationships, if the other is published.
    """
    names = {
        erc: name for name, erc in store.installation.published_definitions().items()
    }
    children = {
        relationship["name"]: names.get(relationship.get(CHILD_ERC) or "")
        for relationship in served_object.definition["objectRelationships"]
        if relationship["type"] in {"oneToMany", "oneToOne"}
    }
    related = {name: child for name, child in children.items() if child}
    return {**related, **served_object.linked}


def find_relationship_names(served_object: ServedObject) -> set[str]:
    """Return the names of the relationships that an object has on either side."""
    definition = served_object.definition
    children = {
        relationship["name"]
        for relationship in definition["objectRelationships"]
        if relationship["type"] in {"oneToMany", "oneToOne"}
    }
    parents = {
        relationship_name(field["name"])
        for field in definition["objectFields"]
        if is_relationship(field)
    }
    return children | parents | set(served_object.linked)


def iterate_objects(store: EntityStore) -> Iterator[ServedObject]:
    """Yield every published object, oldest first."""
    for erc in store.installation.published_definitions().values():
        yield _load_object(store, erc)


def _load_object(store: EntityStore, erc: str) -> ServedObject:
    definition = store.fetch_one(DEFINITION_TYPE, erc)
    if definition is None:  # deleted since it was listed
        raise not_found_error()
    fields = select_custom_fields(definition["objectFields"])
    definition = definition | {"objectFields": fields}
    path = rest_context_path(definition["name"])
    linked = store.installation.linked_objects(build_entry_entity_type(definition))
    entity_type = build_entry_entity_type(definition, linked=linked)
    return ServedObject(path, definition, entity_type, linked)
