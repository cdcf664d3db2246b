"""The sites of an installation, and whether a plan or a record may use one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..errors import InstallationError, UnknownName
from ..model.entity_type import EntityType, Site
from ..model.outcome import Problem
from ..model.plan import ExportPlan, ImportPlan
from ..model.record import Record
from ..objects.entries.system_properties import has_site_scope, site_key
from ..objects.errors.entry_problems import no_such_site
from ..objects.names import SCOPE_KEY
from ..ports import Installation, SiteDirectory

_MAX_SITES_IN_MESSAGE: Final = 5


def list_sites(installation: Installation, entity_type: EntityType) -> tuple[Site, ...]:
    """Return the sites that entries may belong to, if the installation lists them."""
    if not has_site_scope(entity_type) or not isinstance(installation, SiteDirectory):
        return ()
    try:
        return tuple(installation.sites(entity_type))
    except InstallationError:
        return ()


def site_problem(
    installation: Installation, entity_type: EntityType, plan: ExportPlan | ImportPlan
) -> str:
    """Return why the plan's site cannot be used; an empty text if it can.

    Raises:
        InstallationError: The installation does not answer.
    """
    scope = plan.scope
    if not scope:
        return ""
    if not has_site_scope(entity_type):
        return (
            f"Entries of {entity_type.name} belong to no site, so the site {scope!r} "
            "cannot be used. Leave it out."
        )
    if not isinstance(installation, SiteDirectory):
        return ""
    adds = isinstance(plan, ImportPlan) and plan.new_sites and installation.adds_sites
    if adds or installation.has_site(entity_type, scope):
        return ""
    known = tuple(site.label for site in list_sites(installation, entity_type))
    problem = str(UnknownName("site", scope, known))
    if isinstance(plan, ImportPlan) and installation.adds_sites:
        problem += " Check its key, or let the import add new sites (--new-sites)."
    return problem


def other_sites_warning(scope: str, records: Iterable[Record]) -> str:
    """Return a warning if records name another site than the import."""
    if not scope:
        return ""
    keys = (record.get(SCOPE_KEY) for record in records)
    others = sorted({str(key) for key in keys if key not in {None, "", scope}})
    if not others:
        return ""
    listed = ", ".join(map(repr, others[:_MAX_SITES_IN_MESSAGE]))
    listed += ", …" if others[_MAX_SITES_IN_MESSAGE:] else ""
    return (
        f"Records of the file name other sites ({listed}); the import brings all of "
        f"them into {scope!r}."
    )


def file_site_warning(plan: ImportPlan, entity_type: EntityType, stated: str) -> str:
    """Return a warning if the site that a file names is not the one of the import.

    Args:
        plan: The plan of the import.
        entity_type: The entity type of the records.
        stated: The key, id or code of the site that the file names; mostly empty.
    """
    if not stated or site_key(stated) == site_key(plan.scope):
        return ""
    begin = f"The file names the site {stated!r}; "
    if not has_site_scope(entity_type):
        return f"{begin}{entity_type.name} belongs to no site, so it is left out."
    if plan.scope:
        return f"{begin}the import brings its records into {plan.scope!r}."
    return f"{begin}the import leaves it out, and each record states its own."


class SiteCheck:
    """Check the sites that the entries of an import name.

    Args:
        installation: The target; it is only read.
        entity_type: The entity type of the entries.
        plan: The plan, which may ask for new sites.
    """

    def __init__(
        self, installation: Installation, entity_type: EntityType, plan: ImportPlan
    ) -> None:
        self._installation = installation
        self._entity_type = entity_type
        self._plan = plan
        self._known: dict[str, Problem | None] = {}

    def problem(self, site: str) -> Problem | None:
        """Return why entries cannot belong to a site; None if they can."""
        if site not in self._known:
            self._known[site] = self._problem(site)
        return self._known[site]

    def _problem(self, site: str) -> Problem | None:
        directory = self._installation
        if not isinstance(directory, SiteDirectory):
            return None
        adds = self._plan.new_sites and directory.adds_sites
        if adds or directory.has_site(self._entity_type, site):
            return None
        known = [x.key for x in list_sites(directory, self._entity_type)]
        return no_such_site(site, known)
