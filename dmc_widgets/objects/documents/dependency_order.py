"""In which order objects move, so that parents come before their children.

A relationship that closes a circle, or leads to the object itself, cannot be filled
when its entries are written: some of the parents are still to come. Such links are
*deferred*: entries are written without them first, and get them in a second pass.
A required relationship cannot be left out, so another one of the circle is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, Final

from ..fields.field_rules import is_true
from ..fields.relationship import SYSTEM_ERC_PREFIX, ParentRelationship
from .change_set import Body

_RELATIONSHIP: Final = "Relationship"
_MANY_TO_MANY: Final = "manyToMany"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentEdge:
    """A relationship from a child to its parent.

    Attributes:
        child: The ERC of the child's definition.
        parent: The ERC of the parent's definition.
        link: How entries of the child name their parent.
        required: An entry cannot do without.
    """

    child: str
    parent: str
    link: ParentRelationship
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyOrder:
    """What comes after what.

    Attributes:
        definitions: ERCs of definitions, parents first.
        deferred: The relationships that wait for a second pass, in that order.
        stuck: Required relationships in a circle of nothing but required ones.
            Entries can only name parents that are there already.
    """

    definitions: tuple[str, ...]
    deferred: tuple[ParentEdge, ...] = ()
    stuck: tuple[ParentEdge, ...] = ()


def find_parent_edges(definition: Body) -> Iterator[ParentEdge]:
    """Yield the relationships to parents that a definition's entries have.

    Liferay's own objects are no parents that move.
    """
    for field in definition.get("objectFields") or ():
        parent = field.get("objectDefinitionExternalReferenceCode1") or ""
        is_link = field.get("businessType") == _RELATIONSHIP
        if is_link and parent and not parent.startswith(SYSTEM_ERC_PREFIX):
            yield ParentEdge(
                child=definition["externalReferenceCode"],
                parent=parent,
                link=ParentRelationship.of(field, {}),
                required=is_true(field.get("required")),
            )


def find_many_to_many(definition: Body) -> Iterator[tuple[str, str]]:
    """Yield name and other side of the many-to-many relationships of a definition.

    Only the side that states the relationship tells it, so each comes once.
    """
    for relationship in definition.get("objectRelationships") or ():
        if relationship.get("type") == _MANY_TO_MANY:
            other: Any = (
                relationship.get("objectDefinitionExternalReferenceCode2") or ""
            )
            if not other.startswith(SYSTEM_ERC_PREFIX):
                yield relationship["name"], other


def sort_parents_first(
    definitions: Sequence[str], arcs: Iterable[ParentEdge]
) -> DependencyOrder:
    """Put *definitions* in order. Arcs to others are left out of account.

    The order is the same for the same definitions, however they come.
    """
    known = set(definitions)
    inner = [arc for arc in arcs if arc.child in known and arc.parent in known]
    own = [each for each in inner if each.child == each.parent]
    open_arcs = [each for each in inner if each.child != each.parent]
    deferred = [each for each in own if not each.required]
    stuck = [each for each in own if each.required]
    while (cycle := _cycle(known, open_arcs)) is not None:
        arc = _choose_deferred(open_arcs, cycle)
        open_arcs.remove(arc)
        (stuck if arc.required else deferred).append(arc)
    return DependencyOrder(
        definitions=tuple(_sorter(known, open_arcs).static_order()),
        deferred=tuple(sorted(deferred, key=_name)),
        stuck=tuple(sorted(stuck, key=_name)),
    )


def _sorter(known: Iterable[str], arcs: Iterable[ParentEdge]) -> TopologicalSorter[str]:
    before: Mapping[str, list[str]] = {each: [] for each in sorted(known)}
    for arc in sorted(arcs, key=_name):
        before[arc.child].append(arc.parent)
    return TopologicalSorter(before)


def _cycle(known: Iterable[str], arcs: Iterable[ParentEdge]) -> list[str] | None:
    try:
        _sorter(known, arcs).prepare()
    except CycleError as exc:
        nodes: list[str] = exc.args[1]
        return nodes
    return None


def _choose_deferred(arcs: Iterable[ParentEdge], cycle: Sequence[str]) -> ParentEdge:
    """Choose what to leave out of a circle: best what no entry needs."""
    steps = {(child, parent) for parent, child in pairwise(cycle)}
    inside = [arc for arc in arcs if (arc.child, arc.parent) in steps]
    return min(inside, key=lambda each: (each.required, _name(each)))


def _name(arc: ParentEdge) -> tuple[str, str]:
    return arc.child, arc.link.id_name
