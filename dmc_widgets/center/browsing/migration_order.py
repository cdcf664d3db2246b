"""What a migration moves, and in which order, before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...model.entity_type import OBJECT_ENTRY, object_type_name
from ...model.plan import Selection
from ...model.representation import ValueDisplay
from ...ports import Installation
from ...tasks.migration.selection import MigrationPart, resolve_selection
from .catalogue import Catalogue, read_catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStep:
    """One step of a migration.

    Attributes:
        entity: The name of the entity type.
        label: The label for people.
        is_entries: Entries move; otherwise definitions, picklists or folders.
        is_needed: Only what others need moves, and only what the target lacks.
        later_fields: The relationships that this step fills, whose entries are there
            already; empty for a step that brings them.
    """

    entity: str
    label: str
    is_entries: bool = False
    is_needed: bool = False
    later_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MigrationOrder(ValueDisplay):
    """The steps of a migration, and what makes their order.

    Attributes:
        steps: The steps, the first one first.
        edges: Parent, child and label of each relationship between entries that move;
            many-to-many relationships are among *links*.
        links: The same for relationships that are filled at the end.
        circular: The required relationships that no order can fill, as ``Child.field``.
        omitted: The many-to-many relationships that do not move.
    """

    steps: tuple[MigrationStep, ...] = ()
    edges: tuple[tuple[str, str, str], ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    circular: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()


def read_migration_order(
    installation: Installation, selection: Selection, *, lazy_references: bool = False
) -> MigrationOrder:
    """Find out what moves, and in which order.

    Raises:
        UnknownName: The source has no such entity type.
        InvalidPlan: A filter is for an entity type that is not chosen.
        InstallationError: The source does not answer.
    """
    catalogue = read_catalogue(installation)
    selected = resolve_selection(
        installation, selection, lazy_references=lazy_references
    )
    steps = tuple(_build_step(catalogue, part) for part in selected.parts)
    edges, links = _find_edges(catalogue, steps)
    return MigrationOrder(
        steps=steps,
        edges=edges,
        links=links,
        circular=tuple(
            f"{catalogue.object_label(edge.child)}.{edge.link.erc_name}"
            for edge in selected.circular_edges
        ),
        omitted=selected.omitted_links,
    )


def _build_step(catalogue: Catalogue, part: MigrationPart) -> MigrationStep:
    kind = part.entity_type
    labels = {x.entity: x.label for x in catalogue.objects}
    return MigrationStep(
        entity=kind.name,
        label=labels.get(kind.name, kind.short_name),
        is_entries=kind.class_name == OBJECT_ENTRY,
        is_needed=part.is_dependency,
        later_fields=part.second_pass_fields,
    )


_Edges = tuple[tuple[str, str, str], ...]


def _find_edges(
    catalogue: Catalogue, steps: Iterable[MigrationStep]
) -> tuple[_Edges, _Edges]:
    """Return the relationships between what moves: those of the order, and others.

    Of a relationship that closes a circle the child is there before its parent.
    """
    position: dict[str, int] = {}
    for number, step in enumerate(steps):
        if step.is_entries and not step.later_fields:
            position.setdefault(step.entity, number)
    names = {x.code: object_type_name(x.name) for x in catalogue.objects}
    edges: list[tuple[str, str, str]] = []
    links: list[tuple[str, str, str]] = []
    for found in catalogue.relationships:
        parent, child = names.get(found.source, ""), names.get(found.target, "")
        if parent in position and child in position:
            is_ordered = position[parent] < position[child]
            is_plain = found.type != "manyToMany" and is_ordered
            (edges if is_plain else links).append((parent, child, found.label))
    return tuple(edges), tuple(links)
