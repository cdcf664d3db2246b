"""The site that a form works on; both forms have this part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from traitlets import Bool, HasTraits, Tuple, Unicode, observe

from ..center import Center
from ..errors import DmcError
from ..model.entity_type import Site
from ..objects.entries.system_properties import has_site_scope
from .dashboard_state import DashboardState

SITE_TRAITS = ("has_sites", "sites", "scope")
"""What decides which sites a form offers."""

SiteFinder = Callable[[str], Sequence[Site]]


def _no_sites(_entity: str) -> Sequence[Site]:
    return ()


def build_site_finder(center: Center, dashboard: DashboardState) -> SiteFinder:
    """Return what finds the sites of the installation that the page works on."""

    def find(entity: str) -> Sequence[Site]:
        try:
            return center.sites(dashboard.installation, entity)
        except DmcError:  # the start says what is wrong with the installation
            return ()

    return find


class ScopeState(HasTraits):
    """The chosen site, and those that there are.

    Attributes:
        entity_types: Those of the installation.
        entity: The key of the chosen type, or empty.
        scope: The key of the chosen site; empty for no single one.
        has_sites: Entries of the chosen type belong to sites.
        sites: Those to choose from.
        find_sites: Returns the sites for the key of an entity type.
    """

    entity_types = Tuple()
    entity = Unicode()
    scope = Unicode()
    has_sites = Bool(False)
    sites = Tuple()

    find_sites: SiteFinder = staticmethod(_no_sites)

    def scope_options(self, without: str) -> list[tuple[str, str]]:
        """Return labels and keys to choose from; *without* stands for no single site.

        A site of a template that is not among the known ones stays chosen, so that
        the start refuses it instead of taking another.
        """
        options = [(without, ""), *((site.label, site.key) for site in self.sites)]
        if self.scope and self.scope not in {key for _, key in options}:
            options.append((self.scope, self.scope))
        return options

    @property
    def has_scope_choice(self) -> bool:
        """There is a site to choose, or to take back."""
        return bool(self.has_sites or self.scope)

    @observe("entity", "entity_types")
    def _list_sites(self, _change: Any) -> None:
        found = (
            entity_type
            for entity_type in self.entity_types
            if entity_type.key == self.entity
        )
        chosen = next(found, None)
        has_sites = chosen is not None and has_site_scope(chosen)
        self.sites = tuple(self.find_sites(self.entity)) if has_sites else ()
        self.has_sites = has_sites
        if chosen is not None and not has_sites:
            self.scope = ""
