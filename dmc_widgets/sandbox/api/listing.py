"""The envelope around every list (objects facts, 1.1 and 2.2).

``aggregationTerms``: how many items of a list have which value of a field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from ...model.entity_type import EntityType
from ...ports import Query
from ..entity_store import ListRequest
from ..requests import ApiRequest
from ..responses import drop_nulls, json_response


def parse_list_request(call: ApiRequest, scope: str = "") -> ListRequest:
    """Read what of a list is asked for."""
    page, size = call.page
    query = Query(
        scope=scope,
        filter=call.query("filter"),
        sort=call.query("sort"),
        search=call.query("search"),
    )
    return ListRequest(page=page, size=size, query=query)


def page_response(
    call: ApiRequest,
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
    return json_response(drop_nulls(body))


def action_links(call: ApiRequest, **targets: str) -> dict[str, dict[str, str]]:
    """Build *actions*: for each name a method and a path, as ``"GET /o/c/tests/7"``.

    What the client may not do is not among them.
    """
    found = {}
    for name, target in targets.items():
        method, path = target.split(" ", 1)
        if call.rights.offer(method, path):
            found[name] = {"href": f"{call.origin}{path}", "method": method}
    return found


Facet = dict[str, Any]


def count_facets(
    call: ApiRequest, entity_type: EntityType, listing: ListRequest
) -> list[Facet]:
    """Count the values of the fields asked for, over all pages of a list.

    Names that are no fields are passed over; so are fields without a value.
    """
    fields = {field.name for field in entity_type.export_fields}
    stated = call.query("aggregationTerms").split(",")
    terms = [
        fromkey
        for fromkey in dict.fromkeys(map(str.strip, stated))
        if fromkey in fields
    ]
    if not terms:
        return []
    counts: dict[str, Counter[str]] = {term: Counter() for term in terms}
    query = replace(listing.query, fields=tuple(terms), sort="")
    for item in call.rooms.store.installation.read(entity_type, query):
        for term, counter in counts.items():
            counter.update(_term_texts(item.get(term)))
    return [_build_facet(term, counter) for term, counter in counts.items()]


def _build_facet(term: str, counter: Counter[str]) -> Facet:
    values = [
        {"numberOfOccurrences": number, "term": text}
        for text, number in sorted(counter.items(), key=lambda each: (-each[1], each))
    ]
    return {"facetCriteria": term, "facetValues": values}


def _term_texts(value: Any) -> Iterator[str]:
    """Yield the values of a field as texts: of a picklist its key, of a list each."""
    if isinstance(value, Mapping):
        value = value.get("key", value.get("code", value.get("name")))
    if isinstance(value, list):
        for each in value:
            yield from _term_texts(each)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None and not isinstance(value, Mapping):
        yield str(value)
