"""The plan that a file asks for by itself."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InvalidPlan, NotSupported
from ..model.entity import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    OBJECT_FOLDER,
    EntityType,
)
from ..model.mapping import FieldMapping, Mapping
from ..model.plan import ImportPlan
from .entities import resolve
from .head import FileHead

_MOVED = (OBJECT_DEFINITION, LIST_TYPE_DEFINITION, OBJECT_FOLDER, OBJECT_ENTRY)


def plan_from_file(
    entity_types: Sequence[EntityType], head: FileHead, entity: str | None = None
) -> ImportPlan:
    """Make a plan from a file's own configuration, or with defaults without one.

    Fields go to those of the same name, unless the file's configuration maps them.

    Args:
        entity_types: Of the target.
        head: Of the file.
        entity: Wins over the class that the file states.

    Raises:
        NotSupported: The file states a class that does not move.
        InvalidPlan: Neither the file nor *entity* says what the records are.
        UnknownName: The target has no such entity type.
    """
    stated = head.configuration
    if entity is None and stated is None:
        reason = f"{head.name} does not say what it holds. Name its entity type."
        raise InvalidPlan(reason)
    if stated is None or (entity is not None and not stated.class_name):
        return ImportPlan(entity_type=resolve(entity_types, entity or "").key)
    if entity is None and stated.class_name not in _MOVED:
        raise NotSupported(
            what=f"Items of the class {stated.class_name} are not moved.",
            instead="Object definitions, picklists, folders and entries are.",
        )
    pairs = tuple(
        FieldMapping(source, target) for source, target in stated.field_mapping.items()
    )
    return ImportPlan(
        entity_type=resolve(entity_types, entity or stated.key).key,
        mapping=Mapping(pairs, same_names=not pairs),
        policy=stated.policy,
    )
