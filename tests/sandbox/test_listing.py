"""Lists: the whole list on one page, and the links of lists and of their items."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, PICKLISTS, Define, field

pytestmark = pytest.mark.each_database

ADMIN = "/o/object-admin/v1.0"
FOLDERS = f"{ADMIN}/object-folders"
MANY = 501


@pytest.fixture(scope="module")
def loom(define: Define) -> int:
    """Define an object with 28 own fields; return the id of its definition."""
    fields = [field(f"thread{number}", "Text") for number in range(28)]
    number: int = define("Loom", objectFields=fields)["id"]
    return number


@pytest.fixture(scope="module")
def palette(client: httpx2.Client) -> dict[str, Any]:
    """Create a picklist of more entries than the largest page has."""
    entries = [{"key": f"k{number}", "name": str(number)} for number in range(MANY)]
    picklist = {
        "externalReferenceCode": "PALETTE",
        "listTypeEntries": entries,
        "name": "Palette",
    }
    response = client.post(PICKLISTS, json=picklist)
    assert response.status_code == 200, response.text
    created: dict[str, Any] = response.json()
    return created


@pytest.mark.parametrize("query", ["page=-1", "page=0", "page=-1&pageSize=5"])
def test_page_minus_one_answers_the_whole_list(
    client: httpx2.Client, loom: int, query: str
) -> None:
    """Liferay's own pages fetch so; the page size is then the largest one."""
    path = f"{DEFINITIONS}/{loom}/object-fields"
    usual = client.get(path).json()
    whole = client.get(f"{path}?{query}").json()

    assert (len(usual["items"]), usual["lastPage"]) == (20, 2)
    assert len(whole["items"]) == whole["totalCount"] == 34
    assert (whole["page"], whole["pageSize"], whole["lastPage"]) == (1, 500, 1)


def test_whole_list_may_be_longer_than_the_largest_page(
    client: httpx2.Client, palette: dict[str, Any]
) -> None:
    """A page size of -1 is no more than the largest size."""
    path = f"{PICKLISTS}/{palette['id']}/list-type-entries"
    whole = client.get(f"{path}?page=-1").json()
    largest = client.get(f"{path}?pageSize=-1").json()

    assert (len(whole["items"]), whole["lastPage"]) == (MANY, 1)
    assert (len(largest["items"]), largest["lastPage"]) == (500, 2)


def test_every_list_answers_page_minus_one(
    client: httpx2.Client, define: Define
) -> None:
    """Documents, entries, and the entries of a batch of more than one page."""
    define("Bobbin")
    entries = [{"title": str(number)} for number in range(21)]
    for entry in entries:
        assert client.post("/o/c/bobbins", json=entry).status_code == 200

    for path in (DEFINITIONS, PICKLISTS, FOLDERS, "/o/c/bobbins"):
        body = client.get(f"{path}?page=-1").json()
        assert len(body["items"]) == body["totalCount"], path
    assert body["totalCount"] == 21


def link_targets(client: httpx2.Client, body: dict[str, Any]) -> dict[str, str]:
    """Return the links of a body as ``METHOD path``."""
    origin = str(client.base_url).rstrip("/")
    return {
        name: f"{link['method']} {link['href'].removeprefix(origin)}"
        for name, link in body["actions"].items()
    }


def test_links_of_a_definition_are_those_of_liferay(
    client: httpx2.Client, loom: int
) -> None:
    """A draft has a link to publish it; the buttons for an export have links, too."""
    path = f"{DEFINITIONS}/{loom}"
    assert link_targets(client, client.get(path).json()) == {
        "delete": f"DELETE {path}",
        "exportObjectDefinition": f"GET {path}",
        "get": f"GET {path}",
        "permissions": f"PATCH {path}",
        "update": f"PUT {path}",
    }
    assert link_targets(client, client.get(DEFINITIONS).json()) == {
        "create": f"POST {DEFINITIONS}",
        "createBatch": f"POST {DEFINITIONS}/batch",
        "deleteBatch": f"DELETE {DEFINITIONS}/batch",
        "get": f"GET {DEFINITIONS}",
        "updateBatch": f"PUT {DEFINITIONS}/batch",
    }


def test_links_of_a_picklist_are_those_of_liferay(
    client: httpx2.Client, palette: dict[str, Any]
) -> None:
    """The list of picklists does not link to the paths for changes in batches."""
    path = f"{PICKLISTS}/{palette['id']}"
    assert link_targets(client, palette) == {
        "delete": f"DELETE {path}",
        "get": f"GET {path}",
        "permissions": f"PATCH {path}",
        "update": f"PUT {path}",
    }
    assert link_targets(client, client.get(PICKLISTS).json()) == {
        "create": f"POST {PICKLISTS}",
        "createBatch": f"POST {PICKLISTS}/batch",
        "get": f"GET {PICKLISTS}",
    }


def test_parts_link_only_to_what_can_succeed(client: httpx2.Client, loom: int) -> None:
    """A system field can be neither changed nor deleted; a view can be copied."""
    view = {"name": {"en_US": "Narrow"}, "objectViewColumns": []}
    path = f"{DEFINITIONS}/{loom}"
    created = client.post(f"{path}/object-views", json=view).json()
    fields = client.get(f"{path}/object-fields?page=-1").json()["items"]
    by_name = {item["name"]: link_targets(client, item) for item in fields}

    assert list(by_name["createDate"]) == ["get"]
    assert list(by_name["thread1"]) == ["delete", "get", "update"]
    assert link_targets(client, created) == {
        "copy": f"POST {ADMIN}/object-views/{created['id']}/copy",
        "delete": f"DELETE {ADMIN}/object-views/{created['id']}",
        "get": f"GET {ADMIN}/object-views/{created['id']}",
        "update": f"PUT {ADMIN}/object-views/{created['id']}",
    }
