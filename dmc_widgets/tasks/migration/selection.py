"""Resolve a selection into the parts of a task, in the order in which they move.

Folders come first, then picklists, then definitions, then entries, parents before
children. Relationships that close a circle, and many-to-many relationships, come last:
a second pass over the entries brings them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from ...errors import InvalidPlan
from ...model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    OBJECT_FOLDER,
    EntityType,
    object_type_name,
)
from ...model.plan import Selection
from ...model.task import TaskPart
from ...objects.documents.change_set import DEFAULT_FOLDER, FOLDER_CODE, Body
from ...objects.documents.dependency_order import (
    DependencyOrder,
    ParentEdge,
    find_many_to_many,
    find_parent_edges,
    sort_parents_first,
)
from ...objects.documents.kinds import KINDS_BY_CLASS
from ...objects.names import ERC
from ...ports import Installation, Query
from ..installation_access import find_entity_type


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPart:
    """One entity type's share of a migration or a package.

    Attributes:
        entity_type: The entity type in the source.
        filter: An OData expression that the items meet; empty for all items.
        is_dependency: Only items that others depend on move, and only those that the
            target lacks.
        deferred_fields: Fields that wait for the second pass.
        second_pass_fields: The fields that a second pass brings; empty in a first
            pass.
    """

    entity_type: EntityType
    filter: str = ""
    is_dependency: bool = False
    deferred_fields: frozenset[str] = frozenset()
    second_pass_fields: tuple[str, ...] = ()

    @property
    def is_entries(self) -> bool:
        """True for entries; False for definitions, picklists and folders."""
        return self.entity_type.class_name == OBJECT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSelection:
    """A selection, in parts, with all that it depends on.

    Attributes:
        parts: The parts, in the order in which they move.
        required_documents: The ERCs of definitions, picklists and folders that others
            depend on, by the entity type's key.
        parent_edges: The relationships to parents of which only the entries that
            children name move, each with the parent's entity type, by the key of the
            child's entity type.
        link_edges: The many-to-many relationships to objects of which only the entries
            that others name move: name and the other side's entity type, by the key of
            the entity type whose entries name them.
        circular_edges: Relationships that cannot be filled in any order.
        defined_types: The keys of the entity types whose definitions move too.
        omitted_links: The names of many-to-many relationships that do not move,
            because one of their objects does not, or because both move only as far
            as others depend on them.
    """

    parts: tuple[MigrationPart, ...]
    required_documents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parent_edges: Mapping[str, tuple[tuple[ParentEdge, EntityType], ...]] = field(
        default_factory=dict
    )
    link_edges: Mapping[str, tuple[tuple[str, EntityType], ...]] = field(
        default_factory=dict
    )
    circular_edges: tuple[ParentEdge, ...] = ()
    defined_types: frozenset[str] = frozenset()
    omitted_links: tuple[str, ...] = ()

    def brings(self, kind: str, erc: str) -> bool:
        """Return True if a definition, picklist or folder is among what moves."""
        for part in self.parts:
            if part.entity_type.name == kind:
                return (
                    not part.is_dependency
                    or erc in self.required_documents[part.entity_type.key]
                )
        return False


def resolve_selection(
    source: Installation, selection: Selection, *, lazy_references: bool = False
) -> ResolvedSelection:
    """Find out what moves, and in which order.

    Args:
        source: The installation to read.
        selection: What was chosen.
        lazy_references: Entries may come before their parents, so no relationship to
            a parent has to wait for a second pass.

    Raises:
        UnknownName: The source has no such entity type.
        InvalidPlan: A filter is for an entity type that is not chosen, or that has
            no entries.
        InstallationError: The source does not answer.
    """
    types = source.entity_types()
    names = selection.entity_types or tuple(x.key for x in types)
    chosen = {x.key: x for x in (find_entity_type(types, name) for name in names)}
    if selection.entity_types:
        _refuse_parts(chosen.values())
    filters = _resolve_filters(selection, types, chosen)
    resolver = _SelectionResolver(source, types, chosen, filters)
    return resolver.resolve(selection.with_needed, lazy_references=lazy_references)


def _refuse_parts(chosen: Iterable[EntityType]) -> None:
    """Refuse parts of definitions and picklists, which move with these.

    Raises:
        InvalidPlan: One of the entity types is for parts.
    """
    for entity_type in chosen:
        if entity_type.part_of:
            owner = entity_type.part_of
            reason = (
                f"{entity_type.name} moves within {owner}. Choose {owner}, or export "
                f"{entity_type.name} into a file of its own."
            )
            raise InvalidPlan(reason)


def _resolve_filters(
    selection: Selection, types: Sequence[EntityType], chosen: Mapping[str, EntityType]
) -> dict[str, str]:
    result = {
        find_entity_type(types, name).key: text for name, text in selection.filters
    }
    for key in result:
        if key not in chosen:
            name = find_entity_type(types, key).name
            reason = (
                f"There is a filter for {name}, which is not chosen. Choose it, or "
                "leave the filter out."
            )
            raise InvalidPlan(reason)
    return result


class _SelectionResolver:
    """Orders the parts of a selection from the definitions of the source."""

    def __init__(
        self,
        source: Installation,
        types: Sequence[EntityType],
        chosen: Mapping[str, EntityType],
        filters: Mapping[str, str],
    ) -> None:
        self._chosen = chosen
        self._filters = filters
        self._kinds = {key: find_entity_type(types, key) for key in KINDS_BY_CLASS}
        self._definitions = _read_definitions(source, self._kinds[OBJECT_DEFINITION])
        by_name = {x.name: x for x in types if x.class_name == OBJECT_ENTRY}
        self._entries = {
            erc: by_name[object_type_name(body["name"])]
            for erc, body in self._definitions.items()
            if object_type_name(body["name"]) in by_name
        }

    def resolve(self, with_needed: bool, *, lazy_references: bool) -> ResolvedSelection:
        """Return the parts in order, with what they depend on."""
        own = [erc for erc, x in self._entries.items() if x.key in self._chosen]
        linked = self._linked_objects(own) if with_needed else []
        moved = list(self._with_parents([*own, *linked])) if with_needed else own
        parent_edges = [
            edge for erc in moved for edge in find_parent_edges(self._definitions[erc])
        ]
        order = sort_parents_first(moved, parent_edges)
        if lazy_references:
            order = replace(order, deferred=(), stuck=())
        partly_moved = (
            self._partly_moved(moved, parent_edges, linked)
            if with_needed
            else frozenset()
        )
        required = self._find_required_documents(moved) if with_needed else {}
        document_parts = [
            MigrationPart(entity_type=kind, is_dependency=key not in self._chosen)
            for key, kind in self._kinds.items()
            if key in self._chosen or required.get(key)
        ]
        return ResolvedSelection(
            parts=(
                *document_parts,
                *self._entry_parts(order, partly_moved),
                *self._link_parts(order),
            ),
            required_documents=required,
            parent_edges=self._edges_to_partly_moved(parent_edges, partly_moved),
            link_edges=self._links_to_partly_moved(moved, partly_moved),
            circular_edges=order.stuck,
            defined_types=self._find_defined_types(moved if with_needed else ()),
            omitted_links=self._omitted_links(moved),
        )

    def _find_defined_types(self, required: Iterable[str]) -> frozenset[str]:
        every = OBJECT_DEFINITION in self._chosen
        return frozenset(
            self._entries[erc].key for erc in (self._entries if every else required)
        )

    def _with_parents(self, own: Iterable[str]) -> Iterator[str]:
        """Yield objects and all that they may depend on, each once."""
        visited: set[str] = set()
        unvisited = list(own)
        while unvisited:
            erc = unvisited.pop()
            if erc not in visited and erc in self._entries:
                visited.add(erc)
                yield erc
                unvisited += [
                    edge.parent for edge in find_parent_edges(self._definitions[erc])
                ]

    def _linked_objects(self, own: Sequence[str]) -> list[str]:
        """Return the objects at the other ends of the chosen ones' many-to-many."""
        ends = [(erc, other) for erc, _, other in self._iter_links()]
        both = [*ends, *((other, erc) for erc, other in ends)]
        linked = (other for erc, other in both if erc in own and other in self._entries)
        return list(dict.fromkeys(linked))

    def _partly_moved(
        self,
        moved: Iterable[str],
        parent_edges: Iterable[ParentEdge],
        linked: Iterable[str],
    ) -> frozenset[str]:
        """Return the objects of which only the entries that others name move."""
        named = {*linked, *(edge.parent for edge in parent_edges)}
        keys = {erc: self._entries[erc].key for erc in moved if erc in named}
        return frozenset(
            erc
            for erc, key in keys.items()
            if key not in self._chosen or key in self._filters
        )

    def _find_required_documents(
        self, moved: Iterable[str]
    ) -> dict[str, frozenset[str]]:
        """Return the definitions of the objects, their picklists and their folders."""
        every = OBJECT_DEFINITION in self._chosen
        definitions = self._definitions.keys() if every else set(moved)
        bodies = [self._definitions[erc] for erc in definitions]
        folders = (body.get(FOLDER_CODE) for body in bodies)
        picklists = (
            field.get("listTypeDefinitionExternalReferenceCode")
            for body in bodies
            for field in body.get("objectFields") or ()
        )
        result = {
            OBJECT_FOLDER: frozenset(filter(None, folders)) - {DEFAULT_FOLDER},
            LIST_TYPE_DEFINITION: frozenset(filter(None, picklists)),
            OBJECT_DEFINITION: frozenset(definitions),
        }
        return {key: ercs for key, ercs in result.items() if key not in self._chosen}

    def _entry_parts(
        self, order: DependencyOrder, partly_moved: Set[str]
    ) -> Iterator[MigrationPart]:
        deferred: dict[str, set[str]] = {}
        for edge in order.deferred:
            names = (edge.link.erc_name, edge.link.id_name, edge.link.nested_name)
            deferred.setdefault(edge.child, set()).update(names)
        for erc, name, other in self._iter_links():
            deferred.setdefault(erc, set()).add(name)
            deferred.setdefault(other, set()).add(name)
        for erc in order.definitions:
            entity_type = self._entries[erc]
            deferred_fields = frozenset(deferred.get(erc, ()))
            if erc in partly_moved:
                yield MigrationPart(
                    entity_type=entity_type,
                    is_dependency=True,
                    deferred_fields=deferred_fields,
                )
            if entity_type.key in self._chosen:
                yield MigrationPart(
                    entity_type=entity_type,
                    filter=self._filters.get(entity_type.key, ""),
                    deferred_fields=deferred_fields,
                )

    def _link_parts(self, order: DependencyOrder) -> Iterator[MigrationPart]:
        second_pass_fields: dict[str, list[str]] = {}
        for edge in order.deferred:
            second_pass_fields.setdefault(edge.child, []).append(edge.link.erc_name)
        for erc, name, other in self._iter_links():
            if erc in order.definitions and other in order.definitions:
                # Entries that move only because others need them may have more links.
                side = next(filter(self._is_chosen, (erc, other)), None)
                if side is not None:
                    second_pass_fields.setdefault(side, []).append(name)
        for erc in order.definitions:
            if erc in second_pass_fields:
                entity_type = self._entries[erc]
                yield MigrationPart(
                    entity_type=entity_type,
                    second_pass_fields=tuple(second_pass_fields[erc]),
                )

    def _iter_links(self) -> Iterator[tuple[str, str, str]]:
        """Yield object, name and other object of each many-to-many relationship."""
        for erc, body in self._definitions.items():
            for name, other in find_many_to_many(body):
                yield erc, name, other

    def _omitted_links(self, moved: Sequence[str]) -> tuple[str, ...]:
        """Return the many-to-many relationships of which only one side moves."""
        return tuple(
            name
            for erc, name, other in self._iter_links()
            if (erc in moved) != (other in moved)
            or (erc in moved and not any(map(self._is_chosen, (erc, other))))
        )

    def _is_chosen(self, erc: str) -> bool:
        """Return True for an object whose entries were chosen, all or some of them."""
        entity_type = self._entries.get(erc)
        return entity_type is not None and entity_type.key in self._chosen

    def _links_to_partly_moved(
        self, moved: Sequence[str], partly_moved: Set[str]
    ) -> dict[str, tuple[tuple[str, EntityType], ...]]:
        """Return the links of chosen entries that lead to entries which they need."""
        result: dict[str, tuple[tuple[str, EntityType], ...]] = {}
        for erc, name, other in self._iter_links():
            if erc not in moved or other not in moved:
                continue
            for side, end in ((erc, other), (other, erc)):
                if self._is_chosen(side) and end in partly_moved:
                    key = self._entries[side].key
                    links = (*result.get(key, ()), (name, self._entries[end]))
                    result[key] = tuple(dict.fromkeys(links))
        return result

    def _edges_to_partly_moved(
        self, parent_edges: Iterable[ParentEdge], partly_moved: Set[str]
    ) -> dict[str, tuple[tuple[ParentEdge, EntityType], ...]]:
        result: dict[str, tuple[tuple[ParentEdge, EntityType], ...]] = {}
        for edge in parent_edges:
            if edge.parent in partly_moved:
                key = self._entries[edge.child].key
                pair = (edge, self._entries[edge.parent])
                result[key] = (*result.get(key, ()), pair)
        return result


def _read_definitions(source: Installation, kind: EntityType) -> dict[str, Body]:
    """Return all definitions by ERC; there are hundreds at most."""
    return {body[ERC]: body for body in source.read(kind, Query())}


def create_task_part(part: MigrationPart) -> TaskPart:
    """Return the part as a task shows it before it begins."""
    return TaskPart(
        entity_type=part.entity_type.key,
        links=bool(part.second_pass_fields),
        needed=part.is_dependency,
    )
