"""Lists: paging, filter, sort order and search, the page envelope, and facets.

Facets are asked for by ``aggregationTerms``: they count the values that the items of
a list have in a field. See *Entries* in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from starlette.responses import Response

from ...model.entity_type import EntityType
from ...ports import Query
from ..entity_store import ListRequest
from ..requests import ApiRequest
from ..responses import drop_nulls, json_response

T = TypeVar("T")
Facet = dict[str, Any]


def parse_list_request(request: ApiRequest, scope: str = "") -> ListRequest:
    """Read page, filter, sort order and search from the query parameters.

    Args:
        request: The request for a list.
        scope: The key of the site whose items are listed; empty for none.
    """
    page, size = request.page
    query = Query(
        scope=scope,
        filter=request.query("filter"),
        sort=request.query("sort"),
        search=request.query("search"),
    )
    return ListRequest(
        page=page, size=size, is_whole=request.wants_whole_list, query=query
    )


def slice_page(request: ApiRequest, items: Sequence[T]) -> Sequence[T]:
    """Return the items of the requested page."""
    if request.wants_whole_list:
        return items
    page, size = request.page
    return items[(page - 1) * size : page * size]


def page_response(
    request: ApiRequest,
    items: Sequence[Any],
    total: int,
    actions: Mapping[str, Any],
    facets: Sequence[Any] = (),
) -> Response:
    """Return a response with one page of a list, in the envelope of Liferay."""
    page, size = request.page
    if request.wants_whole_list:
        size = max(size, total)
    body = {
        "actions": actions,
        "facets": facets,
        "items": items,
        "lastPage": max(1, -(-total // size)),
        "page": page,
        "pageSize": size,
        "totalCount": total,
    }
    return json_response(drop_nulls(body))


def whole_list_response(items: Sequence[Any]) -> Response:
    """Return a response with a list that is never cut into pages."""
    count = len(items)
    body = {
        "actions": {},
        "facets": [],
        "items": items,
        "lastPage": 1,
        "page": 1,
        "pageSize": count,
        "totalCount": count,
    }
    return json_response(drop_nulls(body))


def action_links(request: ApiRequest, /, **targets: str) -> dict[str, dict[str, str]]:
    """Build the *actions* of an item or a list.

    Args:
        request: The request; links that its sender may not follow are left out.
        targets: For each action a method and a path, as ``"GET /o/c/tests/7"``.
    """
    links = {}
    for name, target in sorted(targets.items()):
        method, path = target.split(" ", 1)
        if request.principal.is_offered(method, path):
            links[name] = {"href": f"{request.origin}{path}", "method": method}
    return links


def list_action_links(
    request: ApiRequest, path: str, changes: str = ""
) -> dict[str, dict[str, str]]:
    """Build the *actions* of a list whose items can be added in batches.

    Args:
        request: The request for the list.
        path: The path of the list.
        changes: The path whose batch path changes and deletes items; empty if the
            list does not link to it.
    """
    targets = {
        "create": f"POST {path}",
        "createBatch": f"POST {path}/batch",
        "get": f"GET {path}",
    }
    if changes:
        targets["deleteBatch"] = f"DELETE {changes}/batch"
        targets["updateBatch"] = f"PUT {changes}/batch"
    return action_links(request, **targets)


def count_facets(
    request: ApiRequest, entity_type: EntityType, list_request: ListRequest
) -> list[Facet]:
    """Count the values of the requested fields, over all pages of a list.

    Unknown field names are ignored, as are items without a value.
    """
    fields = {field.name for field in entity_type.export_fields}
    names = map(str.strip, request.query("aggregationTerms").split(","))
    terms = [name for name in dict.fromkeys(names) if name in fields]
    if not terms:
        return []
    counts: dict[str, Counter[str]] = {term: Counter() for term in terms}
    query = replace(list_request.query, fields=tuple(terms), sort="")
    for item in request.context.store.installation.read(entity_type, query):
        for term, counter in counts.items():
            counter.update(_term_texts(item.get(term)))
    return [_build_facet(term, counter) for term, counter in counts.items()]


def _build_facet(term: str, counter: Counter[str]) -> Facet:
    values = [
        {"numberOfOccurrences": number, "term": text}
        for text, number in sorted(
            counter.items(), key=lambda count: (-count[1], count)
        )
    ]
    return {"facetCriteria": term, "facetValues": values}


def _term_texts(value: Any) -> Iterator[str]:
    """Yield the texts of a value: the key of a picklist entry, each one of a list."""
    if isinstance(value, Mapping):
        value = value.get("key", value.get("code", value.get("name")))
    if isinstance(value, list):
        for element in value:
            yield from _term_texts(element)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None and not isinstance(value, Mapping):
        yield str(value)
