"""Related entries within sites, and how deep they are nested."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import Define
from tests.sandbox.test_related_entries import relationship, titles

pytestmark = pytest.mark.each_database

CODE = "externalReferenceCode"


@pytest.fixture(scope="module")
def camps(client: httpx2.Client, define: Define) -> dict[str, int]:
    """Create a camp and a tent with the same ERCs in each of two sites."""
    define("Tent", scope="site")
    relations = [
        relationship("pitched", "CAMP", "TENT", "oneToMany"),
        relationship("lent", "CAMP", "TENT", "manyToMany"),
    ]
    define("Camp", scope="site", objectRelationships=relations)
    ids = {}
    for site in ("north", "south"):
        for plural, code in (("camps", "C"), ("tents", "T")):
            body = {CODE: code, "title": f"{code} {site}"}
            response = client.post(f"/o/c/{plural}/scopes/{site}", json=body)
            assert response.status_code == 200, response.text
            ids[f"{plural} {site}"] = response.json()["id"]
    return ids


@pytest.mark.parametrize("name", ["pitched", "lent"])
def test_entries_are_related_within_their_site(
    client: httpx2.Client, camps: dict[str, int], name: str
) -> None:
    """The same ERC means another entry in each site."""
    for site in ("north", "south"):
        path = f"/o/c/camps/{camps[f'camps {site}']}"
        number = camps[f"tents {site}"]
        assert client.put(f"{path}/{name}/{number}").status_code == 200

    for site in ("north", "south"):
        path = f"/o/c/camps/{camps[f'camps {site}']}"
        nested = client.get(path, params={"nestedFields": name}).json()
        assert titles(client, f"{path}/{name}") == [f"T {site}"]
        assert [entry["title"] for entry in nested[name]] == [f"T {site}"]


@pytest.fixture(scope="module")
def band(client: httpx2.Client, define: Define) -> dict[str, int]:
    """Create two players, and a song that the first one leads and both play."""
    define("Song")
    relations = [
        relationship("leads", "PLAYER", "SONG", "oneToMany"),
        relationship("plays", "PLAYER", "SONG", "manyToMany"),
    ]
    define("Player", objectRelationships=relations)
    ids = {}
    for plural, code in (("players", "A"), ("players", "B"), ("songs", "S")):
        body = {CODE: code, "title": code}
        ids[code] = client.post(f"/o/c/{plural}", json=body).json()["id"]
    for path in ("A/leads", "A/plays", "B/plays"):
        code, _, name = path.partition("/")
        client.put(f"/o/c/players/{ids[code]}/{name}/{ids['S']}")
    return ids


def test_relation_of_another_entry_is_not_ended(
    client: httpx2.Client, band: dict[str, int]
) -> None:
    other = client.delete(f"/o/c/players/{band['B']}/leads/{band['S']}")

    assert other.status_code == 204
    assert titles(client, f"/o/c/players/{band['A']}/leads") == ["S"]


def test_nesting_is_limited_to_five_levels(
    client: httpx2.Client, band: dict[str, int]
) -> None:
    """Relationships can be circular."""
    params: dict[str, Any] = {"nestedFields": "plays", "nestedFieldsDepth": "50"}
    entry = client.get(f"/o/c/players/{band['A']}", params=params).json()

    depth = 0
    while entry.get("plays"):
        entry, depth = entry["plays"][0], depth + 1

    assert depth == 5
