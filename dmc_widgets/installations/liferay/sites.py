"""The sites of a server, where an object's entries belong to them.

Liferay has no list over all sites: entries are read site by site. Which ones there
are is told where its own Data Migration Center asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused
from ...model.entity import EntityType
from ...model.site import Site
from .client import Client
from .directory import PAGE_SIZE, checked_page

_PATH: Final = "/o/batch-planner/v1.0/plans/{}/site-scopes"


def sites_of(client: Client, entity_type: EntityType) -> list[Site]:
    """Return the sites, each with what names it in paths: all that the user may see.

    Raises:
        Refused: The server does not tell: its Data Migration Center is gone, or the
            user may not ask it. A list that may lack some is no way out.
    """
    path = _PATH.format(quote(entity_type.key, safe=""))
    found: dict[str, Site] = {}
    number, last = 1, 1
    while number <= last:
        params = {"export": "true", "page": number, "pageSize": PAGE_SIZE}
        answer = client.ask("GET", path, params=params)
        if not answer.is_good:
            reason = (
                f"{entity_type.name} has entries in sites, and the server does not "
                "tell which sites there are. Name them: --site of dmc migrate and dmc "
                "export-package, or the scope of a plan."
            )
            raise Refused(client.name, reason)
        page = checked_page(client, answer.json())
        for item in page["items"]:
            key = item.get("value")
            if isinstance(key, int | str) and key:
                label = item.get("label")
                named = label if isinstance(label, str) and label else str(key)
                found.setdefault(str(key), Site(str(key), named))
        number, last = number + 1, page["lastPage"]
    return list(found.values())


def counts_at(
    client: Client, paths: Sequence[str], params: Mapping[str, Any]
) -> list[int]:
    """Return how many items a query finds at each of some lists.

    Raises:
        InstallationError: One of them cannot be read.
    """
    asked = [(path, {**params, "page": 1, "pageSize": 1}) for path in paths]
    answers = client.get_all(asked)
    return [
        int(checked_page(client, client.value(answer))["totalCount"])
        for answer in answers
    ]
