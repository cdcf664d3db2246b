"""Deletions over HTTP, and their effect on related entries and definitions."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, Define

pytestmark = pytest.mark.each_database


def related(parent: str, child: str, deletion_type: str) -> dict[str, Any]:
    return {
        "deletionType": deletion_type,
        "label": {"en_US": "Owner"},
        "name": "owner",
        "objectDefinitionExternalReferenceCode1": parent.upper(),
        "objectDefinitionExternalReferenceCode2": child.upper(),
        "type": "oneToMany",
    }


@pytest.mark.parametrize(
    ("deletion_type", "status", "left"),
    [
        ("cascade", 204, []),
        ("disassociate", 204, [("L", "")]),
        ("prevent", 400, [("L", "P")]),
    ],
)
def test_deletion_type_decides_about_children(
    client: httpx2.Client,
    define: Define,
    deletion_type: str,
    status: int,
    left: list[tuple[str, str]],
) -> None:
    """Children are deleted, kept, or prevent the deletion."""
    parent, child = f"{deletion_type.title()}r", f"{deletion_type.title()}d"
    define(child)
    define(parent, objectRelationships=[related(parent, child, deletion_type)])
    parents, children = f"/o/c/{parent.lower()}s", f"/o/c/{child.lower()}s"
    key = f"r_owner_c_{parent[0].lower()}{parent[1:]}ERC"
    posted = client.post(parents, json={"title": "P", "externalReferenceCode": "P"})
    client.post(children, json={"title": "L", key: "P"})

    deleted = client.delete(f"{parents}/{posted.json()['id']}")

    assert deleted.status_code == status
    children_left = client.get(children).json()["items"]
    assert [(child["title"], child[key]) for child in children_left] == left


def test_prevented_deletion_names_the_relationship(
    client: httpx2.Client, define: Define
) -> None:
    """Nothing is deleted at any depth."""
    define("Cog")
    define("Wheel", objectRelationships=[related("Wheel", "Cog", "prevent")])
    posted = client.post("/o/c/wheels", json={"title": "W"}).json()
    code = posted["externalReferenceCode"]
    client.post("/o/c/cogs", json={"title": "C", "r_owner_c_wheelERC": code})

    refused = client.delete(f"/o/c/wheels/{posted['id']}")

    assert refused.json() == {
        "status": "BAD_REQUEST",
        "title": "Object relationship owner does not allow deletes",
    }


def test_deleting_a_definition_deletes_entries_and_relationships(
    client: httpx2.Client, define: Define
) -> None:
    """Fields of its relationships in other definitions are deleted too."""
    child = define("Spoke")
    parent = define("Rim", objectRelationships=[related("Rim", "Spoke", "prevent")])
    client.post("/o/c/rims", json={"title": "R", "externalReferenceCode": "R"})
    client.post("/o/c/spokes", json={"title": "S", "r_owner_c_rimERC": "R"})

    deleted = client.delete(f"{DEFINITIONS}/{parent['id']}")
    fields = client.get(f"{DEFINITIONS}/{child['id']}").json()["objectFields"]
    entry = client.get("/o/c/spokes").json()["items"][0]

    assert deleted.status_code == 204
    assert client.get("/o/c/rims").status_code == 404
    assert "r_owner_c_rimId" not in {field["name"] for field in fields}
    assert "r_owner_c_rimERC" not in entry
    assert client.delete(f"{DEFINITIONS}/{parent['id']}").status_code == 404


def test_erc_of_deleted_entry_can_be_reused(
    client: httpx2.Client, define: Define
) -> None:
    """Names and ERCs of deleted things can be used again."""
    number = define("Hub")["id"]
    client.post("/o/c/hubs", json={"title": "H", "externalReferenceCode": "H"})

    client.delete(f"{DEFINITIONS}/{number}")

    assert define("Hub")["name"] == "Hub"
    assert client.get("/o/c/hubs").json()["totalCount"] == 0


def test_ids_are_never_reused(client: httpx2.Client, define: Define) -> None:
    """The id of a deleted entry never leads to another one."""

    def added(path: str, **body: Any) -> int:
        response = client.post(path, json=body)
        assert response.status_code == 200, response.text
        number: int = response.json()["id"]
        return number

    definition = define("Ghost")["id"]
    first = added("/o/c/ghosts", title="a")
    client.delete(f"/o/c/ghosts/{first}")
    second = added("/o/c/ghosts", title="b")
    client.delete(f"{DEFINITIONS}/{definition}")
    again = define("Ghost")["id"]
    third = added("/o/c/ghosts", title="c")

    assert first < second < third
    assert definition < again
    assert client.get(f"/o/c/ghosts/{first}").status_code == 404
    assert client.get(f"{DEFINITIONS}/{definition}").status_code == 404
