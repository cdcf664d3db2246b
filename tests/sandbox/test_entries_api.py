"""Entries over HTTP: one by one and in pages."""

from __future__ import annotations

import httpx2
import pytest

from tests.sandbox.conftest import Define, SandboxServer, field

pytestmark = pytest.mark.each_database

AUTHOR = {
    "additionalName": "",
    "contentType": "UserAccount",
    "familyName": "Test",
    "givenName": "Test",
    "id": 20123,
    "name": "Test Test",
}


def test_entry_has_liferays_json(
    sandbox: SandboxServer, client: httpx2.Client, define: Define
) -> None:
    """Nulls are left out; *actions* contain the links."""
    define("Apple")

    posted = client.post(
        "/o/c/apples", json={"title": "Red", "due": "2024-01-05", "extra": 1}
    )
    body = posted.json()
    number, created = body.pop("id"), body.pop("dateCreated")
    path = f"{sandbox.url}/o/c/apples/{number}"

    assert posted.status_code == 200
    assert body == {
        "actions": {
            "delete": {"href": path, "method": "DELETE"},
            "get": {"href": path, "method": "GET"},
            "permissions": {"href": f"{path}/permissions", "method": "GET"},
            "replace": {"href": path, "method": "PUT"},
            "update": {"href": path, "method": "PATCH"},
        },
        "creator": AUTHOR,
        "dateModified": created,
        "due": "2024-01-05T00:00:00.000Z",
        "externalReferenceCode": body["externalReferenceCode"],
        "keywords": [],
        "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
        "taxonomyCategoryBriefs": [],
        "title": "Red",
    }
    assert client.get(path).json()["title"] == "Red"


def test_page_has_liferays_envelope(
    sandbox: SandboxServer, client: httpx2.Client, define: Define
) -> None:
    """It contains all that a client needs to read every page."""
    define("Pear")
    for number in range(3):
        client.post("/o/c/pears", json={"title": f"Pear {number}"})

    body = client.get("/o/c/pears?page=2&pageSize=2&fields=title").json()
    path = f"{sandbox.url}/o/c/pears"

    assert body == {
        "actions": {
            "create": {"href": path, "method": "POST"},
            "createBatch": {"href": f"{path}/batch", "method": "POST"},
            "deleteBatch": {"href": f"{path}/batch", "method": "DELETE"},
            "get": {"href": path, "method": "GET"},
            "updateBatch": {"href": f"{path}/batch", "method": "PUT"},
        },
        "facets": [],
        "items": [{"title": "Pear 2"}],
        "lastPage": 2,
        "page": 2,
        "pageSize": 2,
        "totalCount": 3,
    }


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ("", 1, 20),
        ("pageSize=0", 1, 500),
        ("pageSize=-1", 1, 500),
        ("pageSize=501", 1, 500),
        ("page=3&pageSize=0", 1, 500),
        ("page=2&pageSize=x", 2, 20),
        ("page=99999999999999999999", 1, 20),
        ("page=7", 7, 20),
    ],
)
def test_invalid_page_counts_as_absent(
    client: httpx2.Client, define: Define, query: str, page: int, size: int
) -> None:
    """A size of 0 or -1, or above the limit, is the largest one."""
    if client.get("/o/c/plums").status_code == 404:
        define("Plum")

    body = client.get(f"/o/c/plums?{query}").json()

    assert (body["page"], body["pageSize"], body["lastPage"]) == (page, size, 1)


def test_put_replaces_and_patch_changes_an_entry(
    client: httpx2.Client, define: Define
) -> None:
    """PUT empties omitted fields, PATCH keeps them."""
    define("Cherry")
    posted = client.post("/o/c/cherries", json={"title": "A", "amount": 3}).json()
    path = f"/o/c/cherries/{posted['id']}"

    patched = client.patch(path, json={"title": "B"}).json()
    replaced = client.put(path, json={"title": "C"}).json()

    assert (patched["title"], patched["amount"]) == ("B", 3)
    assert replaced["title"] == "C"
    assert "amount" not in replaced


def test_erc_in_the_path_may_contain_any_character(
    client: httpx2.Client, define: Define
) -> None:
    """PUT by ERC adds an entry; slashes and percent signs belong to the ERC."""
    define("Quince")
    path = "/o/c/quinces/by-external-reference-code/a%2Fb%25c%20%C3%A4%3F"

    added = client.put(path, json={"title": "A"})
    changed = client.put(path, json={"title": "B"})
    patched = client.patch(path, json={"amount": 1})
    deleted = client.delete(path)

    assert added.json()["externalReferenceCode"] == "a/b%c ä?"
    assert changed.json()["id"] == added.json()["id"]
    assert (patched.json()["title"], patched.json()["amount"]) == ("B", 1)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert client.get(path).status_code == 404


def test_unknown_entry_is_404_with_liferays_message(
    client: httpx2.Client, define: Define
) -> None:
    """The messages for an id and for an ERC differ."""
    number = define("Grape")["id"]
    by_id = client.get("/o/c/grapes/41969")
    by_code = client.patch("/o/c/grapes/by-external-reference-code/X", json={})

    assert by_id.status_code == by_code.status_code == 404
    assert by_id.json() == {
        "status": "NOT_FOUND",
        "title": "No ObjectEntry exists with the primary key 41969",
    }
    assert by_code.json()["title"] == (
        "No ObjectEntry exists with the key {externalReferenceCode=X, "
        f"companyId=20096, objectDefinitionId={number}}}"
    )


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (
            '{"title": "A", "externalReferenceCode": "F"}',
            "This external reference code is already in use.",
        ),
        (
            '{"amount": 3}',
            'No value was provided for required object field "title"',
        ),
        (
            '{"title": "A", "amount": "x"}',
            "Object entry value exceeds integer field allowed size",
        ),
        (
            '{"title": ',
            "Unable to read the JSON body: Expecting value at character 11",
        ),
        (
            "[]",
            'Unable to map JSON path "" with value "[]" to class "Map"',
        ),
    ],
)
def test_refused_entry_has_liferays_message(
    client: httpx2.Client, define: Define, body: str, title: str
) -> None:
    """Status BAD_REQUEST, and the text of Liferay's exception."""
    if client.get("/o/c/figs").status_code == 404:
        define("Fig")
        client.post("/o/c/figs", json={"title": "F", "externalReferenceCode": "F"})

    response = client.post(
        "/o/c/figs", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 400
    assert response.json()["status"] == "BAD_REQUEST"
    assert response.json()["title"] == title


def test_entries_of_sites_are_below_their_site(
    client: httpx2.Client, define: Define
) -> None:
    """An object with sites has no other list; ERCs are unique within a site."""
    define("Melon", scope="site")
    for site in ("Guest", "Other"):
        body = {"title": site, "externalReferenceCode": "M"}
        assert client.post(f"/o/c/melons/scopes/{site}", json=body).status_code == 200

    listed = client.get("/o/c/melons/scopes/Guest").json()
    one = client.get("/o/c/melons/scopes/Other/by-external-reference-code/M").json()

    assert client.get("/o/c/melons").status_code == 404
    assert [item["title"] for item in listed["items"]] == ["Guest"]
    assert (one["title"], one["scopeKey"]) == ("Other", "Other")
    assert client.get(f"/o/c/melons/{one['id']}").json()["title"] == "Other"


def test_nested_fields_add_related_entries(
    client: httpx2.Client, define: Define
) -> None:
    """A parent is an object, children are a list."""
    relationship = {
        "deletionType": "cascade",
        "label": {"en_US": "Tree"},
        "name": "tree",
        "objectDefinitionExternalReferenceCode1": "TREE",
        "objectDefinitionExternalReferenceCode2": "LEAF",
        "type": "oneToMany",
    }
    define("Leaf")
    define("Tree", objectRelationships=[relationship])
    client.post("/o/c/trees", json={"title": "Oak", "externalReferenceCode": "OAK"})
    leaf = {"title": "L", "r_tree_c_treeERC": "OAK"}
    number = client.post("/o/c/leafs", json=leaf).json()["id"]

    below = client.get(f"/o/c/leafs/{number}?nestedFields=tree").json()
    above = client.get("/o/c/trees?nestedFields=tree").json()["items"][0]

    assert (below["r_tree_c_treeERC"], below["tree"]["title"]) == ("OAK", "Oak")
    assert [entry["title"] for entry in above["tree"]] == ["L"]


def test_localized_values_have_the_requested_language(
    client: httpx2.Client, define: Define
) -> None:
    """The values of all languages are added on request."""
    name = field("label", "Text", localized=True)
    define("Sign", enableLocalization=True, objectFields=[name])
    values = {"en_US": "Stop", "de_DE": "Halt"}
    number = client.post("/o/c/signs", json={"label_i18n": values}).json()["id"]
    path = f"/o/c/signs/{number}"

    plain = client.get(path).json()
    german = client.get(path, headers={"Accept-Language": "de-DE"}).json()
    every = client.get(path, headers={"X-Accept-All-Languages": "true"}).json()

    assert (plain["label"], german["label"]) == ("Stop", "Halt")
    assert "label_i18n" not in plain
    assert every["label_i18n"] == values
