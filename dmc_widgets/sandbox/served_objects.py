"""The published objects as paths name them: ``/o/c/tickets`` is the object Ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.entity_type import EntityType
from ..objects.documents.definition_fields import select_custom_fields
from ..objects.entries.entity_type import build_entry_entity_type
from ..objects.names import rest_context_path
from ..ports import Item
from .entity_store import DEFINITION_TYPE, EntityStore
from .responses import not_found_error


@dataclass(frozen=True, slots=True)
class ServedObject:
    """An object whose entries are served.

    Attributes:
        path: ``/o/c/tickets``.
        definition: As the API gives it out, without the system fields.
        entity_type: Of its entries.
        linked: The other object's name by that of each many-to-many relationship,
            whichever side declares it.
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
    def has_sites(self) -> bool:
        """Its entries belong to sites."""
        return bool(self.definition["scope"] != "company")


def find_object_at(store: EntityStore, plural: str) -> ServedObject:
    """Return the object whose entries are at ``/o/c/{plural}``.

    Raises:
        Fault: There is none that is published.
    """
    for name, erc in store.published().items():
        if rest_context_path(name) == f"/o/c/{plural}":
            return _load_object(store, erc)
    raise not_found_error()


def find_scope_name(store: EntityStore, path: str) -> str:
    """Return the name of the object that a path belongs to, as ``C_Ticket``.

    Where there is no such object, it is named by its part of the path.
    """
    plural = path.removeprefix("/o/c/").partition("/")[0]
    for name in store.published():
        if rest_context_path(name) == f"/o/c/{plural}":
            return f"C_{name}"
    return f"C_{plural}"


def find_object_by_erc(store: EntityStore, erc: str) -> ServedObject | None:
    """Return the object of a definition; None where it is not published."""
    return _load_object(store, erc) if erc in store.published().values() else None


def find_object_by_name(store: EntityStore, name: str) -> ServedObject:
    """Return the object of a short name.

    Raises:
        Fault: There is none that is published.
    """
    erc = store.published().get(name)
    if erc is None:
        raise not_found_error()
    return _load_object(store, erc)


def iterate_objects(store: EntityStore) -> Iterator[ServedObject]:
    """Yield every published object, the oldest first."""
    for erc in store.published().values():
        yield _load_object(store, erc)


def _load_object(store: EntityStore, erc: str) -> ServedObject:
    found = store.one(DEFINITION_TYPE, erc)
    if found is None:  # it went a moment ago
        raise not_found_error()
    definition = found | {"objectFields": select_custom_fields(found["objectFields"])}
    path = rest_context_path(definition["name"])
    linked = store.linked(build_entry_entity_type(definition))
    entity_type = build_entry_entity_type(definition, linked=linked)
    return ServedObject(path, definition, entity_type, linked)
