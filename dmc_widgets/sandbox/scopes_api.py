"""``/o/batch-planner/v1.0``: which sites the entries of an object may belong to.

Of Liferay's Data Migration Center this is all that clients need: lists of entries
are read site by site. *Global* and *Guest* are here, as in every company, and those
that were added; a site has no id, so its key stands where Liferay has the group's id.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from .answers import not_found
from .calls import Call
from .pages import page_response

API: Final = "/o/batch-planner/v1.0"


def list_sites(call: Call) -> Response:
    """Answer with the sites of an entity type; with none where it has no sites.

    Raises:
        Fault: There is no such entity type.
    """
    key = call.text("key")
    store = call.rooms.store
    found = [
        entity_type for entity_type in store.entity_types() if entity_type.key == key
    ]
    if not found:
        raise not_found()
    sites = store.sites(found[0])
    page, size = call.page
    shown = sites[(page - 1) * size : page * size]
    items = [{"label": each, "value": each} for each in shown]
    return page_response(call, items, len(sites), {})
