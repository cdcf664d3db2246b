"""The sites that clients can list."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.installations.databases import new_place
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    definition,
    run_sandbox,
    settings_at,
    wait_for_task,
)

pytestmark = pytest.mark.each_database


@pytest.fixture(scope="module")
def client(
    storage: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """A separate server, since the sites of all objects are listed."""
    path = tmp_path_factory.mktemp("scopes") / "sandbox.db"
    with (
        new_place(storage, path) as place,
        run_sandbox(path, settings_at(place), ["north"]) as server,
        server.client() as opened,
    ):
        yield opened


def publish(client: httpx2.Client, name: str, **others: Any) -> None:
    response = client.post(DEFINITIONS, json=definition(name, **others))
    assert response.status_code == 200, response.text


def sites(client: httpx2.Client, key: str, **params: int) -> httpx2.Response:
    path = f"/o/batch-planner/v1.0/plans/{key}/site-scopes"
    return client.get(path, params={"export": "true", **params})


@pytest.fixture(scope="module")
def shelf(client: httpx2.Client) -> str:
    """Return the key of an object with entries in two sites, as paths name it."""
    publish(client, "Rack", scope="site")
    for site in ("north", "Guest"):
        response = client.post(f"/o/c/racks/scopes/{site}", json={"title": site})
        assert response.status_code == 200
    return f"{ENTRY}%23C_Rack"


def test_known_sites_are_listed(client: httpx2.Client, shelf: str) -> None:
    """The envelope is that of every list; the sites of a fresh Liferay always exist."""
    response = sites(client, shelf)

    page = response.json()
    assert response.status_code == 200
    assert [item.pop("value") > 0 for item in page["items"]] == [True] * 3
    assert page == {
        "actions": {},
        "facets": [],
        "items": [{"label": "Global"}, {"label": "Guest"}, {"label": "north"}],
        "lastPage": 1,
        "page": 1,
        "pageSize": 3,
        "totalCount": 3,
    }


def test_sites_are_not_paged(client: httpx2.Client, shelf: str) -> None:
    """Liferay's resource takes no paging."""
    page = sites(client, shelf, page=2, pageSize=2).json()

    assert (page["lastPage"], len(page["items"])) == (1, 3)


def test_site_is_found_by_its_id(client: httpx2.Client, shelf: str) -> None:
    """In paths and in tasks; a site has one id in all of them, and for ever."""
    scopes = sites(client, shelf).json()["items"]
    ids = {scope["label"]: scope["value"] for scope in scopes}

    listed = client.get(f"/o/c/racks/scopes/{ids['north']}").json()["items"]
    task = client.post(
        f"{ENGINE}/import-task/{ENTRY}",
        params={"taskItemDelegateName": "C_Rack", "siteId": ids["Global"]},
        content=b'[{"title": "by id"}]',
        headers={"Content-Type": "application/json"},
    ).json()
    imported = wait_for_task(client, task)

    assert [entry["scopeKey"] for entry in listed] == ["north"]
    assert (imported["executeStatus"], imported["failedItems"]) == ("COMPLETED", [])
    by_code = client.get("/o/c/racks/scopes/L_GLOBAL").json()["items"]
    assert [(entry["title"], entry["scopeKey"]) for entry in by_code] == [
        ("by id", "Global")
    ]


@pytest.mark.parametrize("site_id", ["999999", "-1", "0", "nroth"])
@pytest.mark.parametrize("task", [f"import-task/{ENTRY}", f"export-task/{ENTRY}/JSON"])
def test_unknown_site_id_is_404(
    client: httpx2.Client, shelf: str, task: str, site_id: str
) -> None:
    """Before there is a task, as everywhere in Liferay."""
    del shelf

    response = client.post(
        f"{ENGINE}/{task}",
        params={"taskItemDelegateName": "C_Rack", "siteId": site_id},
        content=b"[]",
        headers={"Content-Type": "application/json"},
    )

    assert response.status_code == 404
    assert response.json() == {
        "status": "NOT_FOUND",
        "title": f"Unable to get a valid site with ID {site_id}",
    }


def test_unknown_site_is_rejected_with_the_known_ones(
    client: httpx2.Client, shelf: str
) -> None:
    """In paths, imports, single items and exports."""
    listed = client.get("/o/c/racks/scopes/nroth")
    added = client.post("/o/c/racks/scopes/nroth", json={"title": "x"})
    tasks = [
        client.post(
            f"{ENGINE}/import-task/{ENTRY}",
            params={"taskItemDelegateName": "C_Rack", **parameters},
            content=json.dumps([item]),
            headers={"Content-Type": "application/json"},
        ).json()
        for parameters, item in (
            ({"scopeKey": "nroth"}, {"title": "x"}),
            ({}, {"title": "x", "scopeKey": "nroth"}),
        )
    ]
    failed = [wait_for_task(client, task) for task in tasks]

    for response in (listed, added):
        assert response.status_code == 404
        assert response.json() == {
            "detail": "Known sites: Global, Guest, north",
            "status": "NOT_FOUND",
            "title": "No Group exists with the key {companyId=20096, groupKey=nroth}",
        }
    for task in failed:
        assert task["executeStatus"] == "FAILED"
        assert (
            'There is no site "nroth". Known: Global, Guest, north'
            in (task["errorMessage"])
        )
    labels = [item["label"] for item in sites(client, shelf).json()["items"]]
    assert labels == ["Global", "Guest", "north"]
    exported = client.post(
        f"{ENGINE}/export-task/{ENTRY}/JSON",
        params={"taskItemDelegateName": "C_Rack", "scopeKey": "nroth"},
    ).json()
    path = f"{ENGINE}/export-task/{exported['id']}"
    while (task := client.get(path).json())["executeStatus"] in {"INITIAL", "STARTED"}:
        time.sleep(0.02)
    assert task["executeStatus"] == "FAILED"
    assert task["errorMessage"] == (
        "There is no site named 'nroth'. Known: Global, Guest, north."
    )


def test_object_without_sites_lists_none(client: httpx2.Client) -> None:
    """Objects and definitions of the company have none."""
    publish(client, "Lonely")

    assert sites(client, f"{ENTRY}%23C_Lonely").json()["items"] == []


def test_unknown_entity_type_is_404(client: httpx2.Client) -> None:
    """As in Liferay."""
    assert sites(client, f"{ENTRY}%23C_Nothing").status_code == 404
