"""The envelope around every list (objects facts, 1.1 and 2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from ..ports import Query
from .answers import json_response, without_nulls
from .calls import Call
from .store import Listing


def listing(call: Call, scope: str = "") -> Listing:
    """Read what of a list is asked for."""
    page, size = call.page
    query = Query(
        scope=scope,
        filter=call.query("filter"),
        sort=call.query("sort"),
        search=call.query("search"),
    )
    return Listing(page=page, size=size, query=query)


def page_response(
    call: Call,
    items: Sequence[Any],
    total: int,
    actions: Mapping[str, Any],
    facets: Sequence[Any] = (),
) -> Response:
    """Answer with one page of a list."""
    page, size = call.page
    body = {
        "actions": actions,
        "facets": facets,
        "items": items,
        "lastPage": max(1, -(-total // size)),
        "page": page,
        "pageSize": size,
        "totalCount": total,
    }
    return json_response(without_nulls(body))


def links(call: Call, **targets: str) -> dict[str, dict[str, str]]:
    """Build *actions*: for each name a method and a path, as ``"GET /o/c/tests/7"``.

    What the client may not do is not among them.
    """
    found = {}
    for name, target in targets.items():
        method, path = target.split(" ", 1)
        if call.rights.offer(method, path):
            found[name] = {"href": f"{call.origin}{path}", "method": method}
    return found
