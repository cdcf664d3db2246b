"""The checker of an entity type."""

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
    """Compile the rules that items of an entity type have to follow.

    Args:
        installation: The target; it is only asked.
        entity_types: All that it has.
        entity_type: Of the items.
        plan: Its strategies and its scope count.

    Raises:
        UnknownName: The definition of the entity type is not there any more.
        InstallationError: The installation does not answer.
    """
    if entity_type.class_name == OBJECT_ENTRY:
        compiled = compile_rules(installation, entity_types, entity_type)
        return EntryChecker(installation, entity_type, compiled, plan)
    return DocumentChecker(installation, entity_types, entity_type, plan)
