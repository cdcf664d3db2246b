"""A source of which only some sites count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import length_hint

from ...model.entity_type import EntityType
from ...model.outcome import Outcome
from ...objects.entries.system_properties import has_site_scope
from ...ports import Batch, Installation, Item, Query


class _CountedItems:
    """What several sites hold, and about how much that is."""

    def __init__(self, sites: Mapping[str, Iterator[Item]], met: set[str]) -> None:
        self._items = chain.from_iterable(
            _note_site(site, items, met) for site, items in sites.items()
        )
        self._number = sum(map(length_hint, sites.values()))

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        return next(self._items)

    def __length_hint__(self) -> int:
        return self._number


class SiteFilter:
    """An :class:`~dmc_widgets.ports.Installation` with the entries of some sites.

    What has no sites is there as it is.

    Args:
        installation: All of it. Closing this leaves it open.
        sites: Keys of the sites that count.
    """

    def __init__(self, installation: Installation, sites: Sequence[str]) -> None:
        self._installation = installation
        self._sites = tuple(dict.fromkeys(sites))
        self._met: set[str] = set()
        self._is_asked = False

    def unmet(self) -> list[str]:
        """Return the sites of which nothing was read, where anything was."""
        return [
            site for site in self._sites if self._is_asked and site not in self._met
        ]

    def entity_types(self) -> list[EntityType]:
        """All there are."""
        return self._installation.entity_types()

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield the items of site after site."""
        if query.scope or not has_site_scope(entity_type):
            return self._installation.read(entity_type, query)
        self._is_asked = True
        sites = {
            site: self._installation.read(entity_type, replace(query, scope=site))
            for site in self._sites
        }
        return _CountedItems(sites, self._met)

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return items by their codes, of any site: somebody names them."""
        return self._installation.fetch(entity_type, keys, scope)

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Store the batch."""
        return self._installation.write(entity_type, batch)

    def close(self) -> None:
        """Leave it open: it is the caller's."""


def _note_site(site: str, items: Iterator[Item], met: set[str]) -> Iterator[Item]:
    for item in items:
        met.add(site)
        yield item
