"""Refuse strategies that an installation does not offer, before anything is written."""

from __future__ import annotations

from ...errors import NotSupported
from ...model.entity_type import EntityType
from ...model.plan import ImportPlan


def require_strategies(plan: ImportPlan, entity_type: EntityType) -> None:
    """Refuse a plan that the installation cannot carry out, before it starts.

    Raises:
        NotSupported: The entity type lacks a strategy, or lazy references. The error
            names the strategies that can be chosen.
    """
    policy = plan.policy
    for chosen, offered in (
        (policy.import_strategy, entity_type.import_strategies),
        (policy.update_strategy, entity_type.update_strategies),
    ):
        if chosen not in offered:
            known = ", ".join(sorted(strategy.label for strategy in offered))
            raise NotSupported(
                what=f"{entity_type.name} cannot be imported with {chosen.label!r}.",
                instead=f"Choose one of: {known}.",
            )
    if policy.lazy_references:
        require_lazy_references(entity_type)


def require_lazy_references(entity_type: EntityType) -> None:
    """Refuse lazy references where an installation does not have them.

    Raises:
        NotSupported: The entity type has none.
    """
    if not entity_type.lazy_references:
        raise NotSupported(
            what=f"{entity_type.name} cannot be imported with lazy references: the "
            "installation takes no entries that name missing ones.",
            instead="Leave that choice out, and import parents before their children.",
        )
