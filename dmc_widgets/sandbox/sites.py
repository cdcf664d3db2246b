"""The sites of the installation, with the ids that Liferay calls group ids.

An embedded installation knows sites by their keys alone. Here each gets a permanent id
as well, since programs made for Liferay name sites by their ids.
"""

from __future__ import annotations

from typing import Final

from ..installations.sql import SandboxInstallation
from ..objects.entries.system_properties import site_key
from .database import SandboxDatabase
from .requests import parse_whole_number

_KIND: Final = "Site"


class SiteDirectory:
    """Finds sites by key, external reference code or id.

    Args:
        installation: The installation that knows the sites.
        database: The sandbox's database, which stores their ids.
    """

    def __init__(
        self, installation: SandboxInstallation, database: SandboxDatabase
    ) -> None:
        self._installation = installation
        self._database = database

    def ids(self) -> dict[str, int]:
        """Return the id of each site by its key, in the order of the keys."""
        keys = self._installation.site_keys()
        known = self._database.part_ids(_KIND, "", keys)
        return {key: known[key] for key in keys}

    def find_key(self, name: str) -> str | None:
        """Return the key of the site that *name* means, or None.

        As in Liferay, a key takes precedence over an id.
        """
        name = name.strip()
        keys = self._installation.site_keys()
        if site_key(name) in keys:
            return site_key(name)
        number = parse_whole_number(name, max_digits=18)
        found = None if number is None else self._database.find_part(_KIND, number)
        return found[1] if found and found[1] in keys else None

    def resolve(self, name: str) -> str:
        """Return the key of a site; the name itself if no site has it."""
        return self.find_key(name) or name
