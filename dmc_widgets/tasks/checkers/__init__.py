"""Predict what an import would do: a target's rules, applied without writing."""

from __future__ import annotations

from collections.abc import Sequence

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.plan import ImportPlan
from ...ports import Installation
from .compiled_rules import compile_rules
from .document_checker import DocumentChecker
from .entry_checker import EntryChecker
from .protocol import Checker


def create_checker(
    installation: Installation,
    entity_types: Sequence[EntityType],
    entity_type: EntityType,
    plan: ImportPlan,
) -> Checker:
    """Return the checker of an entity type's items.

    Args:
        installation: The target; it is only read.
        entity_types: All entity types of the target.
        entity_type: The entity type of the items.
        plan: The plan, with its strategies and its site.

    Raises:
        UnknownName: The definition of the entity type no longer exists.
        InstallationError: The installation does not answer.
    """
    if entity_type.class_name == OBJECT_ENTRY:
        compiled = compile_rules(
            installation,
            entity_types,
            entity_type,
            lazy_references=plan.policy.lazy_references,
        )
        return EntryChecker(installation, entity_type, compiled, plan)
    return DocumentChecker(installation, entity_types, entity_type, plan)
