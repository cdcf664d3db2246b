"""The order in which objects move: parents before their children.

A relationship that closes a cycle, or that leads from an object to itself, cannot be
filled when its entries are written, because some of the parents come later. Such links
are *deferred*: entries are written without them first, and get them in a second pass.
A required relationship cannot be left out, so another one of the cycle is deferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, Final

from ..fields.field_rules import is_true
from ..fields.relationship import ParentRelationship
from .change_set import SYSTEM_PREFIX, Body

_RELATIONSHIP: Final = "Relationship"
_MANY_TO_MANY: Final = "manyToMany"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentEdge:
    """A relationship from a child to its parent.

    Attributes:
        child: The ERC of the child's definition.
        parent: The ERC of the parent's definition.
        link: How entries of the child name their parent.
        required: True if an entry must have a parent.
    """

    child: str
    parent: str
    link: ParentRelationship
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyOrder:
    """The order of some definitions.

    Attributes:
        definitions: The ERCs of the definitions, parents first.
        deferred: The relationships that are filled in a second pass.
        stuck: Required relationships in a cycle of required ones only. Their entries
            can refer only to parents that exist in the target.
    """

    definitions: tuple[str, ...]
    deferred: tuple[ParentEdge, ...] = ()
    stuck: tuple[ParentEdge, ...] = ()


def find_parent_edges(definition: Body) -> Iterator[ParentEdge]:
    """Yield the relationships to parents that a definition's entries have.

    Liferay's own objects do not move, so they are left out.
    """
    for field in definition.get("objectFields") or ():
        parent = field.get("objectDefinitionExternalReferenceCode1") or ""
        is_link = field.get("businessType") == _RELATIONSHIP
        if is_link and parent and not parent.startswith(SYSTEM_PREFIX):
            yield ParentEdge(
                child=definition["externalReferenceCode"],
                parent=parent,
                link=ParentRelationship.of(field, {}),
                required=is_true(field.get("required")),
            )


def find_many_to_many(definition: Body) -> Iterator[tuple[str, str]]:
    """Yield name and other side of the many-to-many relationships of a definition.

    Only the declaring side states a relationship, so each is yielded once.
    """
    for relationship in definition.get("objectRelationships") or ():
        if relationship.get("type") == _MANY_TO_MANY:
            other: Any = (
                relationship.get("objectDefinitionExternalReferenceCode2") or ""
            )
            if not other.startswith(SYSTEM_PREFIX):
                yield relationship["name"], other


def sort_parents_first(
    definitions: Sequence[str], edges: Iterable[ParentEdge]
) -> DependencyOrder:
    """Sort definitions so that parents come first. Edges to others are ignored.

    The order does not depend on the order of the arguments.
    """
    known = set(definitions)
    inner = [edge for edge in edges if edge.child in known and edge.parent in known]
    to_self = [edge for edge in inner if edge.child == edge.parent]
    remaining = [edge for edge in inner if edge.child != edge.parent]
    deferred = [edge for edge in to_self if not edge.required]
    stuck = [edge for edge in to_self if edge.required]
    while (cycle := _cycle(known, remaining)) is not None:
        edge = _choose_deferred(remaining, cycle)
        remaining.remove(edge)
        (stuck if edge.required else deferred).append(edge)
    return DependencyOrder(
        definitions=tuple(_sorter(known, remaining).static_order()),
        deferred=tuple(sorted(deferred, key=_name)),
        stuck=tuple(sorted(stuck, key=_name)),
    )


def _sorter(
    known: Iterable[str], edges: Iterable[ParentEdge]
) -> TopologicalSorter[str]:
    before: Mapping[str, list[str]] = {erc: [] for erc in sorted(known)}
    for edge in sorted(edges, key=_name):
        before[edge.child].append(edge.parent)
    return TopologicalSorter(before)


def _cycle(known: Iterable[str], edges: Iterable[ParentEdge]) -> list[str] | None:
    try:
        _sorter(known, edges).prepare()
    except CycleError as exc:
        nodes: list[str] = exc.args[1]
        return nodes
    return None


def _choose_deferred(edges: Iterable[ParentEdge], cycle: Sequence[str]) -> ParentEdge:
    """Choose the edge of a cycle to defer, preferably one that is not required."""
    steps = {(child, parent) for parent, child in pairwise(cycle)}
    inside = [edge for edge in edges if (edge.child, edge.parent) in steps]
    return min(inside, key=lambda edge: (edge.required, _name(edge)))


def _name(edge: ParentEdge) -> tuple[str, str]:
    return edge.child, edge.link.id_name
