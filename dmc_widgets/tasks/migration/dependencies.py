"""Collect what chosen entries depend on: the entries that they name, and theirs.

Parents are followed to their parents, whatever they are. Many-to-many relationships are
followed from entries of chosen entity types only: from the others, they would lead back
to everything that is connected somehow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ...model.entity_type import EntityType
from ...objects.documents.dependency_order import ParentEdge
from ...objects.entries.system_properties import has_site_scope
from ...objects.fields.many_to_many import is_link_list
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from .key_store import KeyStore
from .selection import MigrationPart, ResolvedSelection

_PAGE_SIZE = 100


def collect_dependencies(
    source: Installation,
    selected: ResolvedSelection,
    store: KeyStore,
    report: Callable[[int], None],
) -> None:
    """Fill *store* with the keys of all that a selection depends on.

    Parents are read as they are found, until no new ones appear. Whatever is read is
    kept in *store* with all that may move, so that it is not read again: entries that
    were chosen under :func:`chosen_items_group`, and the others under
    :func:`needed_items_group`.

    Args:
        source: The installation to read.
        selected: The selection.
        store: Receives the keys of dependencies under the entity type's key, and those
            that a filter chose under :func:`chosen_keys_group`.
        report: Called now and then with the number of entries read so far.
    """
    for key, ercs in selected.required_documents.items():
        store.add(key, (("", erc) for erc in ercs))
    _DependencyCollector(source, selected, store, report).collect()


class _DependencyCollector:
    """Reads entries and their parents, and stores the parents' keys."""

    def __init__(
        self,
        source: Installation,
        selected: ResolvedSelection,
        store: KeyStore,
        report: Callable[[int], None],
    ) -> None:
        self._source = source
        self._selected = selected
        self._store = store
        self._report = report
        self._number = 0

    def collect(self) -> None:
        """Read the chosen entries, then their parents, and the parents of those."""
        entries = [part for part in self._selected.parts if part.is_entries]
        partly = {entry.entity_type.key for entry in entries if entry.is_dependency}
        for part in entries:
            key = part.entity_type.key
            is_whole = not part.is_dependency and not part.second_pass_fields
            edges = key in self._selected.parent_edges or self._links(part.entity_type)
            if is_whole and (key in partly or edges):
                self._read_chosen(part, is_noted=key in partly)
        children = {entry.entity_type.key: entry.entity_type for entry in entries}
        is_new = True
        while is_new:  # parents of one type may name parents of another
            is_new = False
            for entity_type in children.values():
                is_new = self._read_dependencies(entity_type) or is_new

    def _read_chosen(self, part: MigrationPart, *, is_noted: bool) -> None:
        group = chosen_keys_group(part.entity_type)
        kept = chosen_items_group(part.entity_type)
        names = self._parent_names(part.entity_type)
        for page in _paginate(self._read_whole(part)):
            self._store.keep_items(kept, map(place_item, page))
            items = [{name: item.get(name) for name in names} for item in page]
            if is_noted:
                keys = ((item.get(SCOPE_KEY) or "", item[ERC]) for item in page)
                self._store.add(group, keys)
            self._add_parents(part.entity_type, items)

    def _read_dependencies(self, entity_type: EntityType) -> bool:
        """Read dependencies that were not read yet; return True if there were any."""
        is_new = False
        for scope, keys in self._store.take_unvisited(entity_type.key):
            is_new = True
            found = self._source.fetch(entity_type, keys, scope)
            self._store.keep_items(
                needed_items_group(entity_type),
                ((scope, key, item) for key, item in found.items()),
            )
            self._add_parents(entity_type, list(found.values()))
        return is_new

    def _add_parents(self, entity_type: EntityType, items: Sequence[Item]) -> None:
        """Add the parents that *items* name to the store."""
        for edge, parent in self._selected.parent_edges.get(entity_type.key, ()):
            self._store.add(parent.key, _parent_keys(edge, parent, items))
        for name, other in self._links(entity_type):
            self._store.add(other.key, _linked_keys(name, other, items))
        self._number += len(items)
        self._report(self._number)

    def _links(self, entity_type: EntityType) -> tuple[tuple[str, EntityType], ...]:
        """Return the many-to-many relationships to follow, with their other ends."""
        return self._selected.link_edges.get(entity_type.key, ())

    def _read_whole(self, part: MigrationPart) -> Iterator[Item]:
        """Read entries with all that may move, and no lists of links besides that."""
        wanted = self._parent_names(part.entity_type)
        for other in self._selected.parts:
            if other.entity_type.key == part.entity_type.key:
                wanted |= dict.fromkeys(other.second_pass_fields)
        names = [
            field.name
            for field in part.entity_type.export_fields
            if field.name in wanted or not is_link_list(field)
        ]
        query = Query(
            fields=tuple(dict.fromkeys([*names, *wanted])), filter=part.filter
        )
        return self._source.read(part.entity_type, query)

    def _parent_names(self, entity_type: EntityType) -> dict[str, None]:
        """Return the names of the fields that identify an entry and what it names."""
        parent_edges = self._selected.parent_edges.get(entity_type.key, ())
        names = dict.fromkeys([ERC, *(edge.link.erc_name for edge, _ in parent_edges)])
        names |= {name: None for name, _ in self._links(entity_type)}
        if has_site_scope(entity_type):
            names[SCOPE_KEY] = None
        return names


def chosen_keys_group(entity_type: EntityType) -> str:
    """Return the group of keys of entries that a filter chose."""
    return f"chosen {entity_type.key}"


def chosen_items_group(entity_type: EntityType) -> str:
    """Return the group of chosen entries that were read for what they name."""
    return f"chosen items of {entity_type.key}"


def needed_items_group(entity_type: EntityType) -> str:
    """Return the group of entries that others name, as they were read."""
    return f"needed items of {entity_type.key}"


def place_item(item: Item) -> tuple[str, str, Item]:
    """Return an entry with its site and its code before it."""
    return item.get(SCOPE_KEY) or "", item[ERC], item


def _paginate(items: Iterable[Item]) -> Iterator[list[Item]]:
    page: list[Item] = []
    for item in items:
        page.append(item)
        if len(page) == _PAGE_SIZE:
            yield page
            page = []
    if page:
        yield page


def _parent_keys(
    edge: ParentEdge, parent: EntityType, items: Iterable[Item]
) -> Iterator[tuple[str, str]]:
    has_sites = has_site_scope(parent)
    for item in items:
        erc = item.get(edge.link.erc_name)
        if erc:
            yield (item.get(SCOPE_KEY) or "") if has_sites else "", erc


def _linked_keys(
    name: str, other: EntityType, items: Iterable[Item]
) -> Iterator[tuple[str, str]]:
    has_sites = has_site_scope(other)
    for item in items:
        scope = (item.get(SCOPE_KEY) or "") if has_sites else ""
        for linked in item.get(name) or ():
            if linked.get(ERC):
                yield scope, linked[ERC]
