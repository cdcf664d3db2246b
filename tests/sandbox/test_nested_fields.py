"""``nestedFields`` of entries: what stands within what, and how deep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import event

from tests.sandbox.conftest import Define, SandboxServer
from tests.sandbox.test_related_entries import relationship

pytestmark = pytest.mark.each_database

CODE = "externalReferenceCode"


@pytest.fixture(scope="module")
def ables(client: httpx2.Client, define: Define) -> dict[str, int]:
    """Create an Able with a Baker with two Charlies, and one Charlie without."""
    define("Charlie")
    define(
        "Baker",
        objectRelationships=[
            relationship("bakerToCharlie", "BAKER", "CHARLIE", "oneToMany")
        ],
    )
    define(
        "Able",
        objectRelationships=[
            relationship("ableToBaker", "ABLE", "BAKER", "oneToMany"),
            relationship("ableToCharlie", "ABLE", "CHARLIE", "manyToMany"),
        ],
    )
    bodies: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ables", {CODE: "a1", "title": "Able"}),
        ("bakers", {CODE: "b1", "title": "Baker", "r_ableToBaker_c_ableERC": "a1"}),
        ("charlies", {CODE: "c1", "title": "C1", "r_bakerToCharlie_c_bakerERC": "b1"}),
        ("charlies", {CODE: "c2", "title": "C2", "r_bakerToCharlie_c_bakerERC": "b1"}),
        ("charlies", {CODE: "c3", "title": "C3"}),
    )
    ids = {}
    for plural, body in bodies:
        response = client.post(f"/o/c/{plural}", json=body)
        assert response.status_code == 200, response.text
        ids[body[CODE]] = response.json()["id"]
    for code in ("c1", "c3"):
        path = f"/o/c/ables/by-external-reference-code/a1/ableToCharlie/{code}"
        assert client.put(path).status_code == 200
    return ids


def read(client: httpx2.Client, path: str, nested: str, depth: str = "") -> Any:
    params = {"nestedFields": nested} | ({"nestedFieldsDepth": depth} if depth else {})
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def test_parent_stands_under_both_keys(
    client: httpx2.Client, ables: dict[str, int]
) -> None:
    """Its echo, ``bakerToCharlieERC``, is left out; nested entries have no links."""
    charlie = read(client, f"/o/c/charlies/{ables['c1']}", "bakerToCharlie")

    baker = charlie["bakerToCharlie"]
    assert charlie["r_bakerToCharlie_c_baker"] == baker
    assert {name for name in charlie if "baker" in name.lower()} == {
        "bakerToCharlie",
        "r_bakerToCharlie_c_baker",
        "r_bakerToCharlie_c_bakerERC",
        "r_bakerToCharlie_c_bakerId",
    }
    assert (baker["title"], baker["id"]) == ("Baker", ables["b1"])
    assert (baker["r_ableToBaker_c_ableERC"], baker["ableToBakerERC"]) == ("a1", "a1")
    assert "actions" not in baker
    assert "actions" in charlie


@pytest.mark.parametrize(
    "nested", ["baker", "r_bakerToCharlie_c_baker", "baker.able.title", "xbakers"]
)
def test_other_names_of_a_parent_give_the_long_key_alone(
    client: httpx2.Client, ables: dict[str, int], nested: str
) -> None:
    """As in Liferay, every name that contains the parent's short name counts."""
    charlie = read(client, f"/o/c/charlies/{ables['c1']}", nested)

    assert charlie["r_bakerToCharlie_c_baker"]["title"] == "Baker"
    assert "bakerToCharlie" not in charlie
    assert charlie["bakerToCharlieERC"] == "b1"


def test_names_nest_upwards_and_downwards_to_the_depth(
    client: httpx2.Client, ables: dict[str, int]
) -> None:
    path = f"/o/c/charlies/{ables['c1']}"
    one = read(client, path, "baker.able")
    two = read(client, path, "baker.able", "2")
    down = read(client, f"/o/c/ables/{ables['a1']}", "ableToBaker.bakerToCharlie", "2")
    both = read(client, f"/o/c/ables/{ables['a1']}", "ableToBaker,bakerToCharlie", "2")

    assert "r_ableToBaker_c_able" not in one["r_bakerToCharlie_c_baker"]
    able = two["r_bakerToCharlie_c_baker"]["r_ableToBaker_c_able"]
    assert able["title"] == "Able"
    for entry in (down, both):
        (baker,) = entry["ableToBaker"]
        assert [charlie["title"] for charlie in baker["bakerToCharlie"]] == ["C1", "C2"]


@pytest.mark.parametrize(
    ("depth", "levels"), [("0", 1), ("-3", 1), ("x", 1), ("5", 5), ("6", 5), ("900", 5)]
)
def test_depth_is_between_one_and_five(
    client: httpx2.Client, ables: dict[str, int], depth: str, levels: int
) -> None:
    entry = read(client, f"/o/c/ables/{ables['a1']}", "ableToCharlie", depth)

    found = 0
    while entry.get("ableToCharlie"):
        entry, found = entry["ableToCharlie"][0], found + 1
    assert found == levels


def test_lists_and_sub_resources_nest_too(
    client: httpx2.Client, ables: dict[str, int]
) -> None:
    listed = read(client, "/o/c/charlies?search=C&sort=title:asc", "bakerToCharlie")
    below = read(client, f"/o/c/bakers/{ables['b1']}/bakerToCharlie", "bakerToCharlie")

    titles = [item.get("bakerToCharlie", {}).get("title") for item in listed["items"]]
    assert titles == ["Baker", "Baker", None]
    assert "bakerToCharlie" not in listed["items"][2]
    assert {item["bakerToCharlie"]["title"] for item in below["items"]} == {"Baker"}


def test_unknown_nested_fields_are_ignored(
    client: httpx2.Client, ables: dict[str, int]
) -> None:
    path = f"/o/c/charlies/{ables['c1']}"

    assert read(client, path, "nothing,no.thing,,  ") == client.get(path).json()


@contextmanager
def count_statements(sandbox: SandboxServer) -> Iterator[list[str]]:
    engine = sandbox.context.store.installation._database._engine
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_number_of_queries_does_not_depend_on_the_entries(
    sandbox: SandboxServer, client: httpx2.Client, ables: dict[str, int]
) -> None:
    assert ables
    for number in range(20):
        body = {
            CODE: f"many-{number}",
            "title": "Many",
            "r_bakerToCharlie_c_bakerERC": "b1",
        }
        assert client.post("/o/c/charlies", json=body).status_code == 200
    counts = []
    for size in ("2", "20"):
        with count_statements(sandbox) as statements:
            params = {
                "filter": "title eq 'Many'",
                "nestedFields": "bakerToCharlie,ableToBaker,ableToCharlie",
                "nestedFieldsDepth": "3",
                "pageSize": size,
            }
            page = client.get("/o/c/charlies", params=params).json()
        assert len(page["items"]) == int(size)
        assert page["items"][0]["bakerToCharlie"]["ableToBaker"]["title"] == "Able"
        counts.append(len(statements))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/o/c/ables/-1", "No ObjectEntry exists with the primary key -1"),
        (
            "/o/object-admin/v1.0/object-definitions/-1",
            "No ObjectDefinition exists with the primary key -1",
        ),
        (
            "/o/object-admin/v1.0/object-folders/-1",
            "No ObjectFolder exists with the primary key -1",
        ),
        (
            "/o/headless-admin-list-type/v1.0/list-type-definitions/-1",
            "No ListTypeDefinition exists with the primary key -1",
        ),
        (
            "/o/headless-admin-list-type/v1.0/list-type-entries/-1",
            "No ListTypeEntry exists with the primary key -1",
        ),
        (
            "/o/object-admin/v1.0/object-fields/-1",
            "No ObjectField exists with the primary key -1",
        ),
    ],
)
def test_negative_id_is_named_in_its_404(
    client: httpx2.Client, ables: dict[str, int], path: str, message: str
) -> None:
    assert ables
    for method in ("DELETE", "GET"):
        response = client.request(method, path)
        body = {"status": "NOT_FOUND", "title": message}
        assert (response.status_code, response.json()) == (404, body)
