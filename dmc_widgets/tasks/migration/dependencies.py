"""What a selection needs: parents that chosen entries name, and theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ...model.entity_type import EntityType
from ...objects.documents.dependency_order import ParentEdge
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from .key_store import KeyStore
from .selection import MigrationPart, ResolvedSelection

_PAGE_SIZE = 500


def collect_dependencies(
    source: Installation,
    selected: ResolvedSelection,
    store: KeyStore,
    looked: Callable[[int], None],
) -> None:
    """Fill *store* with the keys of what is needed, by entity type.

    Entries of chosen objects are read once, and of them only what names their
    parents; parents are looked at as they are found, until nothing new comes.

    Args:
        source: Where everything is.
        selected: What was chosen.
        store: Gets what is needed by entity type's key, and what a filter chose by
            :func:`chosen_keys_group`.
        looked: Told now and then how many entries were looked at.
    """
    for key, ercs in selected.documents.items():
        store.add(key, (("", erc) for erc in ercs))
    _DependencyCollector(source, selected, store, looked).collect()


class _DependencyCollector:
    def __init__(
        self,
        source: Installation,
        selected: ResolvedSelection,
        store: KeyStore,
        looked: Callable[[int], None],
    ) -> None:
        self._source = source
        self._selected = selected
        self._store = store
        self._looked = looked
        self._number = 0

    def collect(self) -> None:
        """Look at the chosen entries, then at what they need, and what that needs."""
        entries = [part for part in self._selected.parts if part.is_entries]
        partly = {entry.entity_type.key for entry in entries if entry.needed}
        for part in entries:
            key = part.entity_type.key
            whole = not part.needed and not part.brought
            if whole and (key in partly or key in self._selected.arcs):
                self._look_at_chosen(part, note=key in partly)
        children = {entry.entity_type.key: entry.entity_type for entry in entries}
        found = True
        while found:  # what one needs may be what another one has to be asked for
            found = False
            for entity_type in children.values():
                found = self._look_at_needed(entity_type) or found

    def _look_at_chosen(self, part: MigrationPart, *, note: bool) -> None:
        group = chosen_keys_group(part.entity_type)
        for items in _paginate(self._named_parents(part)):
            if note:
                keys = ((item.get(SCOPE_KEY) or "", item[ERC]) for item in items)
                self._store.add(group, keys)
            self._look_at(part.entity_type, items)

    def _look_at_needed(self, entity_type: EntityType) -> bool:
        """Look at needed entries that nobody has looked at; say if there were any."""
        found = False
        for scope, keys in self._store.take_unvisited(entity_type.key):
            found = True
            items = self._source.fetch(entity_type, keys, scope).values()
            self._look_at(entity_type, list(items))
        return found

    def _look_at(self, entity_type: EntityType, items: Sequence[Item]) -> None:
        """Note which parents *items* name."""
        for arc, parent in self._selected.arcs.get(entity_type.key, ()):
            self._store.add(parent.key, _parent_keys(arc, parent, items))
        self._number += len(items)
        self._looked(self._number)

    def _named_parents(self, part: MigrationPart) -> Iterator[Item]:
        arcs = self._selected.arcs.get(part.entity_type.key, ())
        names = dict.fromkeys([ERC, *(arc.link.erc_name for arc, _ in arcs)])
        if has_site_scope(part.entity_type):
            names[SCOPE_KEY] = None
        query = Query(fields=tuple(names), filter=part.filter)
        return self._source.read(part.entity_type, query)


def chosen_keys_group(entity_type: EntityType) -> str:
    """Name the group of keys of entries that a filter chose."""
    return f"chosen {entity_type.key}"


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
    arc: ParentEdge, parent: EntityType, items: Iterable[Item]
) -> Iterator[tuple[str, str]]:
    of_sites = has_site_scope(parent)
    for item in items:
        erc = item.get(arc.link.erc_name)
        if erc:
            yield (item.get(SCOPE_KEY) or "") if of_sites else "", erc
