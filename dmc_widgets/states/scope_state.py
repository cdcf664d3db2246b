"""The entity type and the site that a form works on.

It is the common part of the export form and the import form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from traitlets import Bool, HasTraits, Tuple, Unicode, observe

from ..center import Center
from ..errors import DmcError
from ..model.entity_type import EntityType, Site
from ..objects.entries.system_properties import has_site_scope
from .dashboard_state import DashboardState

SITE_TRAITS = ("has_sites", "sites", "scope")
"""The traits that decide which sites a form offers."""

SiteFinder = Callable[[str], Sequence[Site]]


def build_site_finder(center: Center, dashboard: DashboardState) -> SiteFinder:
    """Return a function that finds the sites of the page's installation."""

    def find(entity: str) -> Sequence[Site]:
        try:
            return center.installations.sites(dashboard.installation, entity)
        except DmcError:  # starting the task reports what is wrong
            return ()

    return find


def _find_no_sites(_entity: str) -> Sequence[Site]:
    return ()


class ScopeState(HasTraits):
    """The selected entity type, the selected site, and the sites to select from.

    Attributes:
        entity_types: The entity types of the installation.
        entity: The key of the selected entity type, or empty.
        scope: The key of the selected site; empty for no single site.
        has_sites: Entries of the selected entity type belong to sites.
        sites: The sites to select from.
        find_sites: Returns the sites for the key of an entity type.
    """

    entity_types = Tuple()
    entity = Unicode()
    scope = Unicode()
    has_sites = Bool(False)
    sites = Tuple()

    find_sites: SiteFinder = staticmethod(_find_no_sites)

    @property
    def entity_type(self) -> EntityType | None:
        """The selected entity type, once the entity types are loaded."""
        entity_types: tuple[EntityType, ...] = self.entity_types
        selected = (x for x in entity_types if x.key == self.entity)
        return next(selected, None)

    def entity_type_options(self) -> list[tuple[str, str]]:
        """Return labels and keys of the entity types, after one for no selection."""
        return [("", ""), *((x.label, x.key) for x in self.entity_types)]

    def scope_options(self, no_site_label: str) -> list[tuple[str, str]]:
        """Return labels and keys of the sites, after one option for no single site.

        The site of a template stays selected even if it is not among the known ones:
        then the task is refused, instead of silently using another site.
        """
        sites = ((site.label, site.key) for site in self.sites)
        options = [(no_site_label, ""), *sites]
        if self.scope and self.scope not in {key for _, key in options}:
            options.append((self.scope, self.scope))
        return options

    @property
    def has_scope_choice(self) -> bool:
        """True if there is a site to select or to deselect."""
        return bool(self.has_sites or self.scope)

    @observe("entity", "entity_types")
    def _load_sites(self, _change: Any) -> None:
        entity_type = self.entity_type
        has_sites = entity_type is not None and has_site_scope(entity_type)
        self.sites = tuple(self.find_sites(self.entity)) if has_sites else ()
        self.has_sites = has_sites
        if entity_type is not None and not has_sites:
            self.scope = ""
