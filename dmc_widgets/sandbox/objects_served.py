"""The published objects as paths name them: ``/o/c/tickets`` is the object Ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.entity import EntityType
from ..objects.definition_fields import custom_fields
from ..objects.names import rest_context_path
from ..objects.schema import entry_entity_type
from ..ports import Item
from .answers import not_found
from .store import DEFINITIONS, Store


@dataclass(frozen=True, slots=True)
class Served:
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


def served_at(store: Store, plural: str) -> Served:
    """Return the object whose entries are at ``/o/c/{plural}``.

    Raises:
        Fault: There is none that is published.
    """
    for name, erc in store.published().items():
        if rest_context_path(name) == f"/o/c/{plural}":
            return _served(store, erc)
    raise not_found()


def object_at(store: Store, path: str) -> str:
    """Return the name of the object that a path belongs to, as ``C_Ticket``.

    Where there is no such object, it is named by its part of the path.
    """
    plural = path.removeprefix("/o/c/").partition("/")[0]
    for name in store.published():
        if rest_context_path(name) == f"/o/c/{plural}":
            return f"C_{name}"
    return f"C_{plural}"


def served_of(store: Store, erc: str) -> Served | None:
    """Return the object of a definition; None where it is not published."""
    return _served(store, erc) if erc in store.published().values() else None


def served_named(store: Store, name: str) -> Served:
    """Return the object of a short name.

    Raises:
        Fault: There is none that is published.
    """
    erc = store.published().get(name)
    if erc is None:
        raise not_found()
    return _served(store, erc)


def all_served(store: Store) -> Iterator[Served]:
    """Yield every published object, the oldest first."""
    for erc in store.published().values():
        yield _served(store, erc)


def _served(store: Store, erc: str) -> Served:
    found = store.one(DEFINITIONS, erc)
    if found is None:  # it went a moment ago
        raise not_found()
    definition = found | {"objectFields": custom_fields(found["objectFields"])}
    path = rest_context_path(definition["name"])
    linked = store.linked(entry_entity_type(definition))
    entity_type = entry_entity_type(definition, linked=linked)
    return Served(path, definition, entity_type, linked)
