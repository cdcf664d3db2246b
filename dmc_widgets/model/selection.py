"""Selections: the entity types that move together, and what comes along."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .coercion import name_tuple, pair_tuple, require_flags
from .entity_type import simple_name
from .representation import ValueDisplay


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Selection(ValueDisplay):
    """The entity types that move, and what comes along.

    >>> Selection(entity_types="Ticket", filters={"Ticket": "priority gt 3"})

    Attributes:
        entity_types: Their keys or short names; a single one may stand alone. Empty for
            everything that the source has.
        with_needed: Bring what the chosen entity types need and the target lacks:
            definitions, their picklists and folders, and the parent entries that
            chosen entries name.
        filters: Pairs of an entity type and an OData expression that its entries meet;
            a dict is taken as well.
        sites: Keys of the sites whose entries move, for objects that have sites; empty
            for all sites.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    entity_types: tuple[str, ...] = ()
    with_needed: bool = False
    filters: tuple[tuple[str, str], ...] = ()
    sites: tuple[str, ...] = ()

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            entity_types: str | Iterable[str] = ...,
            with_needed: bool = ...,
            filters: AbstractMapping[str, str] | Iterable[tuple[str, str]] = ...,
            sites: str | Iterable[str] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_flags(self, "with_needed")
        filters = pair_tuple(self.filters, "filters")
        for pair in filters:
            name_tuple(pair, "filters")
        values = {
            "entity_types": name_tuple(self.entity_types, "entity_types"),
            "filters": filters,
            "sites": name_tuple(self.sites, "sites"),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def title(self) -> str:
        """The text that lists show: ``C_Bicycle, C_Customer``; ``All`` for all."""
        return ", ".join(map(simple_name, self.entity_types)) or "All"

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`selection_from_dict` reads back."""
        return {
            "entityTypes": list(self.entity_types),
            "withNeeded": self.with_needed,
            "filters": dict(self.filters),
            "sites": list(self.sites),
        }


def selection_from_dict(data: dict[str, Any]) -> Selection:
    """Build the selection that *as_dict* wrote."""
    return Selection(
        entity_types=tuple(data["entityTypes"]),
        with_needed=data["withNeeded"],
        filters=tuple(data["filters"].items()),
        sites=tuple(data.get("sites", ())),
    )
