"""The definition or picklist that the parts of an import belong to.

A file of parts names it once, in its parameters, or each part names it. A plan holds it
as a constant of the field that names it, so that forms, templates and previews show it
like any other choice.
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import InvalidPlan
from ...formats import BatchConfiguration
from ...model.entity_type import EntityType, simple_name
from ...model.field_mapping import ABSENT, FieldMapping
from ...model.mapping import Mapping
from ...model.plan import ExportPlan, ImportPlan, SinglePlan
from ...model.strategies import ImportStrategy
from ...objects.names import ERC
from ...objects.parts.part_kinds import PART_KINDS_BY_CLASS, RELATIONSHIP, PartKind


def stated_parent_pairs(
    entity_type: EntityType, stated: BatchConfiguration
) -> tuple[FieldMapping, ...]:
    """Return the pair that gives parts the definition which their file names.

    Liferay's engine adds parts to the definition of the parameter, whatever they say,
    and updates relationships in the definition that each of them names.
    """
    field = entity_type.parent_field
    if not field:
        return ()
    parent = stated.parameters.get(ERC, "")
    if not parent:
        return _pairs_of_id(entity_type, stated)
    adds = stated.policy.import_strategy is ImportStrategy.INSERT
    if adds or entity_type.name != RELATIONSHIP.name:
        return (FieldMapping("", field, constant=parent),)
    return (FieldMapping(field, field, if_missing=parent, if_empty=parent),)


def _pairs_of_id(
    entity_type: EntityType, stated: BatchConfiguration
) -> tuple[FieldMapping, ...]:
    """Return the pair for an id, which the rules refuse and explain."""
    names = PART_KINDS_BY_CLASS[entity_type.class_name].parent_ids
    return tuple(
        FieldMapping("", name, constant=stated.parameters[name])
        for name in names
        if stated.parameters.get(name)
    )


def with_parent(plan: ImportPlan, parent: str) -> ImportPlan:
    """Return a plan whose parts all belong to one definition or picklist.

    Args:
        plan: The plan, for parts.
        parent: The external reference code of the definition or picklist.

    Raises:
        InvalidPlan: The plan is for an entity type that has no parent.
    """
    pair = FieldMapping("", _require_parts(plan).parent, constant=parent)
    return replace(plan, mapping=plan.mapping.with_pairs([pair]))


def of_parent(plan: ExportPlan, parent: str) -> ExportPlan:
    """Return an export of the parts of one definition or picklist.

    Args:
        plan: The plan, for parts.
        parent: The external reference code of the definition or picklist.

    Raises:
        InvalidPlan: The plan is for an entity type that has no parent.
    """
    literal = parent.replace("'", "''")
    condition = f"{_require_parts(plan).parent} eq '{literal}'"
    both = f"({plan.filter}) and {condition}" if plan.filter else condition
    return replace(plan, filter=both)


def _require_parts(plan: SinglePlan) -> PartKind:
    kind = PART_KINDS_BY_CLASS.get(plan.entity_type)
    if kind is None:
        name = simple_name(plan.entity_type)
        reason = (
            f"{name} stands alone, so it has no parent. Leave the parent out; it is "
            "for fields, relationships and other parts of definitions and picklists."
        )
        raise InvalidPlan(reason)
    return kind


def with_mapping(plan: ImportPlan, mapping: Mapping | None) -> ImportPlan:
    """Return a plan with another mapping; the parent of its parts stays.

    Args:
        plan: The plan.
        mapping: The mapping that was chosen; None leaves the plan as it is.
    """
    if mapping is None:
        return plan
    kind = PART_KINDS_BY_CLASS.get(plan.entity_type)
    names = kind.parent_properties - mapping.targets if kind else ()
    kept = [
        pair
        for pair in plan.mapping.pairs
        if pair.target in names and pair.constant is not ABSENT
    ]
    return replace(plan, mapping=mapping.with_pairs(kept))
