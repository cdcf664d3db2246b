"""A source of which only the entries of some sites are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import length_hint

from ...errors import UnknownName
from ...model.entity_type import EntityType
from ...model.outcome import Outcome
from ...model.plan import Selection
from ...objects.entries.system_properties import has_site_scope
from ...ports import Batch, Installation, Item, Query, SiteDirectory
from ..installation_access import find_entity_type
from ..site_checks import list_sites
from .selection import ResolvedSelection, resolve_selection


class _CountedItems:
    """Iterate over the items of several sites, with a hint of their number."""

    def __init__(
        self, sites: Mapping[str, Iterator[Item]], read_sites: set[str]
    ) -> None:
        self._items = chain.from_iterable(
            _note_site(site, items, read_sites) for site, items in sites.items()
        )
        self._hint = sum(map(length_hint, sites.values()))

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        return next(self._items)

    def __length_hint__(self) -> int:
        return self._hint


class SiteFilter:
    """An :class:`~dmc_widgets.ports.Installation` with the entries of some sites.

    Entity types without sites are read whole.

    Args:
        installation: The whole installation. Closing the filter leaves it open.
        sites: The keys of the sites to read.
    """

    def __init__(self, installation: Installation, sites: Sequence[str]) -> None:
        self._installation = installation
        self._sites = tuple(dict.fromkeys(sites))
        self._read_sites: set[str] = set()
        self._has_read = False

    def empty_sites(self) -> list[str]:
        """Return the sites without a single item, once entries were read."""
        return [
            site
            for site in self._sites
            if self._has_read and site not in self._read_sites
        ]

    def entity_types(self) -> list[EntityType]:
        """Return all entity types."""
        return self._installation.entity_types()

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield the items of one site after the other."""
        if query.scope or not has_site_scope(entity_type):
            return self._installation.read(entity_type, query)
        self._has_read = True
        sites = {
            site: self._installation.read(entity_type, replace(query, scope=site))
            for site in self._sites
        }
        return _CountedItems(sites, self._read_sites)

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return items by their codes, of any site, because other items name them."""
        return self._installation.fetch(entity_type, keys, scope)

    def write(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Write the batch."""
        return self._installation.write(entity_type, batch)

    def close(self) -> None:
        """Leave the installation open; its owner closes it."""


def _note_site(
    site: str, items: Iterator[Item], read_sites: set[str]
) -> Iterator[Item]:
    for item in items:
        read_sites.add(site)
        yield item


def filter_by_sites(source: Installation, selection: Selection) -> Installation:
    """Return a source with the entries of the chosen sites only."""
    return SiteFilter(source, selection.sites) if selection.sites else source


def empty_site_notes(source: Installation) -> list[str]:
    """Return a note for each chosen site without items: its key may be misspelt."""
    sites = source.empty_sites() if isinstance(source, SiteFilter) else []
    return [
        f"Nothing that was chosen is of the site {site}. Check its key."
        for site in sites
    ]


def require_sites(
    source: Installation, selected: ResolvedSelection, sites: Iterable[str]
) -> None:
    """Refuse sites that a source does not have.

    Raises:
        UnknownName: There is no such site; the error lists those there are.
        InstallationError: The source does not answer.
    """
    types = (part.entity_type for part in selected.parts)
    entity_type = next((x for x in types if has_site_scope(x)), None)
    if entity_type is None or not isinstance(source, SiteDirectory):
        return
    for key in sites:
        if not source.has_site(entity_type, key):
            kind = "site"
            known = tuple(site.label for site in list_sites(source, entity_type))
            raise UnknownName(kind, key, known)


def name_selection(
    source: Installation, chosen: Selection
) -> tuple[Selection, ResolvedSelection]:
    """Replace names by full keys, and refuse what the source does not have."""
    resolved = resolve_selection(source, chosen)
    require_sites(source, resolved, chosen.sites)
    types = source.entity_types()
    keys = tuple(find_entity_type(types, name).key for name in chosen.entity_types)
    filters = tuple(
        (find_entity_type(types, name).key, text) for name, text in chosen.filters
    )
    return replace(chosen, entity_types=keys, filters=filters), resolved
