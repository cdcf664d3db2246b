"""``fields``, ``restrictFields`` and ``aggregationTerms``."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, PICKLISTS, Define, field

pytestmark = pytest.mark.each_database

ADMIN = "/o/object-admin/v1.0"


@pytest.fixture(scope="module")
def number(client: httpx2.Client, define: Define) -> int:
    """Create a definition with five entries that have colours; return its id."""
    picklist = {
        "externalReferenceCode": "PAINTS",
        "listTypeEntries": [
            {"key": key, "name": key.title()} for key in ("red", "blue")
        ],
        "name": "Paints",
    }
    assert client.post(PICKLISTS, json=picklist).status_code == 200
    paints = {"listTypeDefinitionExternalReferenceCode": "PAINTS"}
    fields = [
        field("title", "Text", required=True),
        field("paint", "Picklist", **paints),
        field("coats", "MultiselectPicklist", **paints),
        field("dry", "Boolean"),
    ]
    facets: int = define("Door", objectFields=fields)["id"]
    entries: list[dict[str, Any]] = [
        {"title": "azz", "paint": "red", "coats": ["red", "blue"], "dry": True},
        {"title": "b", "paint": "blue", "coats": ["blue"]},
        {"title": "c", "paint": "red"},
        {"title": "d"},
        {"title": "e", "paint": "red"},
    ]
    for entry in entries:
        assert client.post("/o/c/doors", json=entry).status_code == 200
    return facets


def counted(client: httpx2.Client, query: str) -> dict[str, dict[str, int]]:
    facets = client.get(f"/o/c/doors?{query}").json()["facets"]
    return {
        facet["facetCriteria"]: {
            value["term"]: value["numberOfOccurrences"]
            for value in facet["facetValues"]
        }
        for facet in facets
    }


@pytest.mark.usefixtures("number")
def test_facets_count_values_over_all_pages(client: httpx2.Client) -> None:
    """The most frequent value is first; empty fields are not counted."""
    response = client.get("/o/c/doors?pageSize=1&aggregationTerms=paint,title")
    paint, title = response.json()["facets"]

    assert paint == {
        "facetCriteria": "paint",
        "facetValues": [
            {"numberOfOccurrences": 3, "term": "red"},
            {"numberOfOccurrences": 1, "term": "blue"},
        ],
    }
    assert [value["term"] for value in title["facetValues"]] == ["azz", *"bcde"]


@pytest.mark.usefixtures("number")
def test_facets_count_only_matching_entries(client: httpx2.Client) -> None:
    """Unknown names are ignored."""
    query = "aggregationTerms=coats,nothing,dry"

    assert counted(client, query) == {
        "coats": {"blue": 2, "red": 1},
        "dry": {"true": 1, "false": 4},
    }
    assert counted(client, f"{query}&filter=title eq 'b'")["coats"] == {"blue": 1}
    assert counted(client, f"{query}&search=zz")["coats"] == {"blue": 1, "red": 1}
    assert counted(client, "sort=title") == {}


@pytest.mark.usefixtures("number")
def test_facets_count_definitions(client: httpx2.Client) -> None:
    query = "filter=name eq 'Door'&aggregationTerms=scope"

    (facet,) = client.get(f"{DEFINITIONS}?{query}").json()["facets"]

    assert facet["facetValues"] == [{"numberOfOccurrences": 1, "term": "company"}]


def test_fields_select_properties_at_any_depth(
    client: httpx2.Client, number: int
) -> None:
    """For entries, definitions, parts and picklists, alone and in lists."""

    def got(path: str) -> Any:
        response = client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    doors = got("/o/c/doors?fields=title,paint.name&sort=title&pageSize=1")
    named = got(f"{DEFINITIONS}/{number}?fields=name,objectFields.name")
    fields = got(f"{DEFINITIONS}/{number}/object-fields?fields=name&pageSize=1")
    paints = got(
        f"{PICKLISTS}/by-external-reference-code/PAINTS?fields=listTypeEntries.key"
    )

    assert doors["items"] == [{"paint": {"name": "Red"}, "title": "azz"}]
    assert named["name"] == "Door"
    assert named["objectFields"][-1] == {"name": "dry"}
    assert fields["items"] == [{"name": "creator"}]
    assert paints == {"listTypeEntries": [{"key": "red"}, {"key": "blue"}]}


def test_restrict_fields_remove_properties_at_any_depth(
    client: httpx2.Client, number: int
) -> None:
    """A property that both parameters name is removed."""
    whole = client.get("/o/c/doors?sort=title&pageSize=1").json()["items"][0]
    query = "sort=title&pageSize=1&restrictFields=actions,paint.key"
    fewer = client.get(f"/o/c/doors?{query}").json()["items"][0]
    both = client.get(f"{DEFINITIONS}/{number}?fields=name,id&restrictFields=id").json()

    assert whole.keys() - fewer.keys() == {"actions"}
    assert fewer["paint"] == {"name": "Red"}
    assert both == {"name": "Door"}
