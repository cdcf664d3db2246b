"""``aggregationTerms``: how many items of a list have which value of a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..model.entity import EntityType
from .calls import Call
from .store import Listing

Facet = dict[str, Any]


def facets_of(call: Call, entity_type: EntityType, listing: Listing) -> list[Facet]:
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
            counter.update(_texts(item.get(term)))
    return [_facet(term, counter) for term, counter in counts.items()]


def _facet(term: str, counter: Counter[str]) -> Facet:
    values = [
        {"numberOfOccurrences": number, "term": text}
        for text, number in sorted(counter.items(), key=lambda each: (-each[1], each))
    ]
    return {"facetCriteria": term, "facetValues": values}


def _texts(value: Any) -> Iterator[str]:
    """Yield the values of a field as texts: of a picklist its key, of a list each."""
    if isinstance(value, Mapping):
        value = value.get("key", value.get("code", value.get("name")))
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None and not isinstance(value, Mapping):
        yield str(value)
