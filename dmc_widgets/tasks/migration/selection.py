"""What a selection comes to: the parts of a task, in the order in which they move.

Folders, then picklists, then definitions, then entries, parents before children;
last the relationships that close a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

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
from ...objects.documents.change_set import Body
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
from .site_filter import SiteFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPart:
    """One entity type's share of a task.

    Attributes:
        entity_type: As the source has it.
        filter: An OData expression that its items fulfil.
        needed: Only what others need moves, and only where the target lacks it.
        left_out: Fields that wait for the second pass.
        brought: Of a second pass, the fields that it brings; else empty.
    """

    entity_type: EntityType
    filter: str = ""
    needed: bool = False
    left_out: frozenset[str] = frozenset()
    brought: tuple[str, ...] = ()

    @property
    def is_entries(self) -> bool:
        """It moves entries, not definitions, picklists or folders."""
        return self.entity_type.class_name == OBJECT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSelection:
    """A selection, worked out.

    Attributes:
        parts: In order.
        documents: ERCs of the definitions, picklists and folders that are needed,
            by entity type's key.
        arcs: By the key of the child's entity type, the relationships to parents
            of which only the entries that are named move; with the parent's type.
        stuck: Relationships that cannot be filled in any order.
        defined: Keys of the entity types whose definitions come along.
        apart: Many-to-many relationships that do not move, because one of their
            objects does not.
    """

    parts: tuple[MigrationPart, ...]
    documents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    arcs: Mapping[str, tuple[tuple[ParentEdge, EntityType], ...]] = field(
        default_factory=dict
    )
    stuck: tuple[ParentEdge, ...] = ()
    defined: frozenset[str] = frozenset()
    apart: tuple[str, ...] = ()

    def brings(self, kind: str, erc: str) -> bool:
        """Say whether a definition, picklist or folder is among what moves."""
        for part in self.parts:
            if part.entity_type.name == kind:
                return not part.needed or erc in self.documents[part.entity_type.key]
        return False


def filter_by_sites(source: Installation, selection: Selection) -> Installation:
    """Return a source that has the entries of the chosen sites only."""
    return SiteFilter(source, selection.sites) if selection.sites else source


def unmet_site_notes(source: Installation) -> list[str]:
    """Tell of which chosen sites nothing was read: a key may have a slip."""
    unmet = source.unmet() if isinstance(source, SiteFilter) else []
    return [
        f"Nothing that was chosen is of the site {each}. Check its key."
        for each in unmet
    ]


def resolve_selection(source: Installation, selection: Selection) -> ResolvedSelection:
    """Work out what moves, and in which order.

    Raises:
        UnknownName: The source has no such entity type.
        InvalidPlan: A filter is for an entity type that is not chosen, or that has
            no entries.
        InstallationError: The source does not answer.
    """
    types = source.entity_types()
    names = selection.entity_types or tuple(each.key for each in types)
    chosen = {
        each.key: each for each in (find_entity_type(types, name) for name in names)
    }
    filters = _resolve_filters(selection, types, chosen)
    return _SelectionResolver(source, types, chosen, filters).selected(
        selection.with_needed
    )


def _resolve_filters(
    selection: Selection, types: Sequence[EntityType], chosen: Mapping[str, EntityType]
) -> dict[str, str]:
    found = {
        find_entity_type(types, name).key: text for name, text in selection.filters
    }
    for key in found:
        if key not in chosen:
            reason = (
                f"There is a filter for {find_entity_type(types, key).name}, which is "
                "not "
                "chosen. Choose it, or leave the filter out."
            )
            raise InvalidPlan(reason)
    return found


class _SelectionResolver:
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
        entries = [each for each in types if each.class_name == OBJECT_ENTRY]
        by_name = {entry.name: entry for entry in entries}
        self._entries = {
            erc: by_name[object_type_name(body["name"])]
            for erc, body in self._definitions.items()
            if object_type_name(body["name"]) in by_name
        }

    def selected(self, with_needed: bool) -> ResolvedSelection:
        """Put everything together."""
        own = [erc for erc, each in self._entries.items() if each.key in self._chosen]
        moved = list(self._with_parents(own)) if with_needed else own
        arcs = [
            arc for erc in moved for arc in find_parent_edges(self._definitions[erc])
        ]
        order = sort_parents_first(moved, arcs)
        partly = self._partly(moved, arcs) if with_needed else frozenset()
        needed = self._needed_documents(moved) if with_needed else {}
        documents = [
            MigrationPart(entity_type=kind, needed=key not in self._chosen)
            for key, kind in self._kinds.items()
            if key in self._chosen or needed.get(key)
        ]
        return ResolvedSelection(
            parts=(
                *documents,
                *self._entry_parts(order, partly),
                *self._link_parts(order),
            ),
            documents=needed,
            arcs=self._named_parents(arcs, partly),
            stuck=order.stuck,
            defined=self._defined(moved if with_needed else ()),
            apart=self._apart(moved),
        )

    def _defined(self, needed: Iterable[str]) -> frozenset[str]:
        every = OBJECT_DEFINITION in self._chosen
        return frozenset(
            self._entries[erc].key for erc in (self._entries if every else needed)
        )

    def _with_parents(self, own: Iterable[str]) -> Iterator[str]:
        """Yield the objects and all that they may depend on, each once."""
        met: set[str] = set()
        open_ones = list(own)
        while open_ones:
            erc = open_ones.pop()
            if erc not in met and erc in self._entries:
                met.add(erc)
                yield erc
                open_ones += [
                    arc.parent for arc in find_parent_edges(self._definitions[erc])
                ]

    def _partly(
        self, moved: Iterable[str], arcs: Iterable[ParentEdge]
    ) -> frozenset[str]:
        """Return the parents of which not all entries move by themselves."""
        parents = {arc.parent for arc in arcs}
        keys = {erc: self._entries[erc].key for erc in moved if erc in parents}
        return frozenset(
            erc
            for erc, key in keys.items()
            if key not in self._chosen or key in self._filters
        )

    def _needed_documents(self, moved: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the definitions of the objects, and what these name."""
        every = OBJECT_DEFINITION in self._chosen
        definitions = self._definitions.keys() if every else set(moved)
        bodies = [self._definitions[erc] for erc in definitions]
        folders = (body.get("objectFolderExternalReferenceCode") for body in bodies)
        picklists = (
            field.get("listTypeDefinitionExternalReferenceCode")
            for body in bodies
            for field in body.get("objectFields") or ()
        )
        found = {
            OBJECT_FOLDER: frozenset(filter(None, folders)),
            LIST_TYPE_DEFINITION: frozenset(filter(None, picklists)),
            OBJECT_DEFINITION: frozenset(definitions),
        }
        return {key: ercs for key, ercs in found.items() if key not in self._chosen}

    def _entry_parts(
        self, order: DependencyOrder, partly: Set[str]
    ) -> Iterator[MigrationPart]:
        waiting: dict[str, set[str]] = {}
        for arc in order.deferred:
            names = (arc.link.erc_name, arc.link.id_name, arc.link.nested_name)
            waiting.setdefault(arc.child, set()).update(names)
        for erc, name, other in self._many_to_many():
            waiting.setdefault(erc, set()).add(name)
            waiting.setdefault(other, set()).add(name)
        for erc in order.definitions:
            entity_type = self._entries[erc]
            left_out = frozenset(waiting.get(erc, ()))
            if erc in partly:
                yield MigrationPart(
                    entity_type=entity_type, needed=True, left_out=left_out
                )
            if entity_type.key in self._chosen:
                yield MigrationPart(
                    entity_type=entity_type,
                    filter=self._filters.get(entity_type.key, ""),
                    left_out=left_out,
                )

    def _link_parts(self, order: DependencyOrder) -> Iterator[MigrationPart]:
        brought: dict[str, list[str]] = {}
        for arc in order.deferred:
            brought.setdefault(arc.child, []).append(arc.link.erc_name)
        for erc, name, other in self._many_to_many():
            if erc in order.definitions and other in order.definitions:
                brought.setdefault(erc, []).append(name)
        for erc in order.definitions:
            if erc in brought:
                entity_type = self._entries[erc]
                yield MigrationPart(
                    entity_type=entity_type, brought=tuple(brought[erc])
                )

    def _many_to_many(self) -> Iterator[tuple[str, str, str]]:
        """Yield object, relationship and other object, once for each of them."""
        for erc, body in self._definitions.items():
            for name, other in find_many_to_many(body):
                yield erc, name, other

    def _apart(self, moved: Sequence[str]) -> tuple[str, ...]:
        """Name the many-to-many relationships of which one side stays."""
        return tuple(
            name
            for erc, name, other in self._many_to_many()
            if (erc in moved) != (other in moved)
        )

    def _named_parents(
        self, arcs: Iterable[ParentEdge], partly: Set[str]
    ) -> dict[str, tuple[tuple[ParentEdge, EntityType], ...]]:
        found: dict[str, tuple[tuple[ParentEdge, EntityType], ...]] = {}
        for arc in arcs:
            if arc.parent in partly:
                key = self._entries[arc.child].key
                pair = (arc, self._entries[arc.parent])
                found[key] = (*found.get(key, ()), pair)
        return found


def _read_definitions(source: Installation, kind: EntityType) -> dict[str, Body]:
    """Return every definition by its ERC; they are hundreds, not millions."""
    return {each[ERC]: each for each in source.read(kind, Query())}


def create_task_part(part: MigrationPart) -> TaskPart:
    """Return the part as a task shows it, before it begins."""
    return TaskPart(
        entity_type=part.entity_type.key,
        links=bool(part.brought),
        needed=part.needed,
    )
