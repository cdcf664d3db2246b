"""Children within the entry of their parent: refused, with where they belong.

Liferay takes the children of an entry as a list under the name of a one-to-many
relationship, and creates and links them with it. Here every record stands for one
entry, with one outcome, one change and one way back; so a record with children inside
fails, and they come as records of their own that name their parent by its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..model.entity import ChildRelationship
from ..model.outcome import Problem
from .documents import SYSTEM_PREFIX
from .entry_faults import nested_children
from .names import erc_twin, relationship_field_name

_PARENT_TYPES: Final = frozenset({"oneToMany", "oneToOne"})
_CHILD: Final = "objectDefinitionExternalReferenceCode2"


def child_relationships(
    definition: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Iterator[ChildRelationship]:
    """Yield the relationships to children that a definition declares.

    Args:
        definition: Its body.
        names: Short names of definitions by ERC, where the relationship states none.
    """
    short_name = str(definition.get("name") or "").removeprefix("C_")
    for relationship in definition.get("objectRelationships") or ():
        code = relationship.get(_CHILD) or ""
        if relationship.get("type") not in _PARENT_TYPES or relationship.get("reverse"):
            continue
        child = str(
            relationship.get("objectDefinitionName2") or (names or {}).get(code, "")
        )
        if code.startswith(SYSTEM_PREFIX) or not child:
            continue
        field = relationship_field_name(relationship["name"], short_name)
        yield ChildRelationship(
            name=relationship["name"],
            child=f"C_{child.removeprefix('C_')}",
            parent_code=erc_twin(field),
        )


def nested_children_fault(
    children: Iterable[ChildRelationship], item: Mapping[str, Any]
) -> Problem | None:
    """Report children that stand within an item; an empty list names none."""
    for child in children:
        value = item.get(child.name)
        if value and isinstance(value, list | dict):
            return nested_children(child, value)
    return None
