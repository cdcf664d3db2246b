"""Moving many entity types at once: what was chosen, and the parts of the task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .entity import simple_name
from .strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entity types move, and what comes along.

    Attributes:
        entity_types: Keys; short names are resolved by the center. Empty for all
            that the source has.
        with_needed: What the chosen ones need comes along where the target lacks
            it: definitions, their picklists and folders, and of parent objects the
            entries that chosen entries name.
        filters: Pairs of an entity type's key and an OData expression that its
            entries fulfil.
        sites: Keys of the sites whose entries move, of objects that have sites;
            empty for all.
    """

    entity_types: tuple[str, ...] = ()
    with_needed: bool = False
    filters: tuple[tuple[str, str], ...] = ()
    sites: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What lists show: ``C_Bicycle, C_Customer``; ``All`` for all."""
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
    """Build the selection that *as_dict* wrote down."""
    return Selection(
        entity_types=tuple(data["entityTypes"]),
        with_needed=data["withNeeded"],
        filters=tuple(data["filters"].items()),
        sites=tuple(data.get("sites", ())),
    )


def policy_as_dict(policy: Policy) -> dict[str, str]:
    """Write the three strategies down in the batch engine's words."""
    return {
        "createStrategy": policy.on_existing.value,
        "updateStrategy": policy.on_update.value,
        "importStrategy": policy.on_error.value,
    }


def policy_from_dict(data: dict[str, Any]) -> Policy:
    """Read what :func:`policy_as_dict` wrote."""
    return Policy(
        on_existing=ImportStrategy(data["createStrategy"]),
        on_update=UpdateStrategy(data["updateStrategy"]),
        on_error=ErrorStrategy(data["importStrategy"]),
    )
