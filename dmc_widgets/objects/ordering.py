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

from .documents import Body
from .field_types import is_true
from .links import SYSTEM_PREFIX, Link

_RELATIONSHIP: Final = "Relationship"
_MANY_TO_MANY: Final = "manyToMany"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A relationship from a child to its parent.

    Attributes:
        child: The ERC of the child's definition.
        parent: The ERC of the parent's definition.
        link: How entries of the child name their parent.
        required: An entry cannot do without.
    """

    child: str
    parent: str
    link: Link
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What comes after what.

    Attributes:
        definitions: ERCs of definitions, parents first.
        deferred: The relationships that wait for a second pass, in that order.
        stuck: Required relationships in a circle of nothing but required ones.
            Entries can only name parents that are there already.
    """

    definitions: tuple[str, ...]
    deferred: tuple[Arc, ...] = ()
    stuck: tuple[Arc, ...] = ()


def arcs_of(definition: Body) -> Iterator[Arc]:
    """Yield the relationships to parents that a definition's entries have.

    Liferay's own objects are no parents that move.
    """
    for field in definition.get("objectFields") or ():
        parent = field.get("objectDefinitionExternalReferenceCode1") or ""
        is_link = field.get("businessType") == _RELATIONSHIP
        if is_link and parent and not parent.startswith(SYSTEM_PREFIX):
            yield Arc(
                child=definition["externalReferenceCode"],
                parent=parent,
                link=Link.of(field, {}),
                required=is_true(field.get("required")),
            )


def many_to_many(definition: Body) -> Iterator[tuple[str, str]]:
    """Yield name and other side of the many-to-many relationships of a definition.

    Only the side that states the relationship tells it, so each comes once.
    """
    for relationship in definition.get("objectRelationships") or ():
        if relationship.get("type") == _MANY_TO_MANY:
            other: Any = (
                relationship.get("objectDefinitionExternalReferenceCode2") or ""
            )
            if not other.startswith(SYSTEM_PREFIX):
                yield relationship["name"], other


def parents_first(definitions: Sequence[str], arcs: Iterable[Arc]) -> Order:
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
        arc = _weakest(open_arcs, cycle)
        open_arcs.remove(arc)
        (stuck if arc.required else deferred).append(arc)
    return Order(
        definitions=tuple(_sorter(known, open_arcs).static_order()),
        deferred=tuple(sorted(deferred, key=_name)),
        stuck=tuple(sorted(stuck, key=_name)),
    )


def _sorter(known: Iterable[str], arcs: Iterable[Arc]) -> TopologicalSorter[str]:
    before: Mapping[str, list[str]] = {each: [] for each in sorted(known)}
    for arc in sorted(arcs, key=_name):
        before[arc.child].append(arc.parent)
    return TopologicalSorter(before)


def _cycle(known: Iterable[str], arcs: Iterable[Arc]) -> list[str] | None:
    try:
        _sorter(known, arcs).prepare()
    except CycleError as exc:
        nodes: list[str] = exc.args[1]
        return nodes
    return None


def _weakest(arcs: Iterable[Arc], cycle: Sequence[str]) -> Arc:
    """Choose what to leave out of a circle: best what no entry needs."""
    steps = {(child, parent) for parent, child in pairwise(cycle)}
    inside = [arc for arc in arcs if (arc.child, arc.parent) in steps]
    return min(inside, key=lambda each: (each.required, _name(each)))


def _name(arc: Arc) -> tuple[str, str]:
    return arc.child, arc.link.id_name
