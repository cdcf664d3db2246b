"""``/o/batch-planner/v1.0``: which sites the entries of an object may belong to.

Of Liferay's Data Migration Center this is all that clients need: lists of entries
are read site by site. A site is here as soon as an entry belongs to it; it has no
id, so its key stands where Liferay has that of the group.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ..objects.sites import is_of_sites
from .answers import not_found
from .calls import Call
from .pages import page_response

API: Final = "/o/batch-planner/v1.0"
_GUEST: Final = "Guest"
"""Every company has this site."""


def list_sites(call: Call) -> Response:
    """Answer with the sites of an entity type; with none where it has no sites.

    Raises:
        Fault: There is no such entity type.
    """
    key = call.text("key")
    store = call.rooms.store
    found = [each for each in store.entity_types() if each.key == key]
    if not found:
        raise not_found()
    sites = sorted({_GUEST, *store.sites()}) if is_of_sites(found[0]) else []
    page, size = call.page
    shown = sites[(page - 1) * size : page * size]
    items = [{"label": each, "value": each} for each in shown]
    return page_response(call, items, len(sites), {})
