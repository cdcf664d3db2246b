"""The batch paths of every list: import and export tasks of what the list contains."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    PICKLISTS,
    Define,
    definition,
    field,
    wait_for_task,
)

ADMIN = "/o/object-admin/v1.0"
FOLDERS = f"{ADMIN}/object-folders"
NAMED = {"en_US": "One"}
Item = dict[str, Any]

PARTS: dict[str, tuple[Item, Item]] = {
    "object-actions": (
        {
            "label": NAMED,
            "name": "one",
            "objectActionExecutorKey": "webhook",
            "objectActionTriggerKey": "onAfterAdd",
        },
        {"description": "changed"},
    ),
    "object-fields": (field("one", "Text"), {"label": {"en_US": "Other"}}),
    "object-layouts": ({"name": NAMED}, {"defaultObjectLayout": True}),
    "object-relationships": (
        {
            "deletionType": "prevent",
            "label": NAMED,
            "name": "ones",
            "objectDefinitionExternalReferenceCode2": "DERAILLEUR",
            "type": "oneToMany",
        },
        {"deletionType": "cascade"},
    ),
    "object-validation-rules": (
        {"engine": "ddm", "errorLabel": NAMED, "name": NAMED, "script": "amount > 1"},
        {"active": True},
    ),
    "object-views": ({"name": NAMED}, {"defaultObjectView": True}),
}
"""A part of each kind, and a change of it."""


def send(client: httpx2.Client, method: str, path: str, items: list[Item]) -> Item:
    """Start an import at a batch path, and wait for its end."""
    response = client.request(method, f"{path}/batch", json=items)
    assert response.status_code == 202, response.text
    task = wait_for_task(client, response.json())
    assert (task["executeStatus"], task["failedItems"]) == ("COMPLETED", []), task
    return task


def export(client: httpx2.Client, path: str, **parameters: str) -> list[Item]:
    """Start an export at a batch path, and return its items."""
    response = client.post(f"{path}/export-batch", params=parameters)
    assert response.status_code == 202, response.text
    url = f"{ENGINE}/export-task/{response.json()['id']}"
    for _ in range(500):
        task = client.get(url).json()
        if task["executeStatus"] in {"COMPLETED", "FAILED"}:
            break
        time.sleep(0.02)
    assert task["executeStatus"] == "COMPLETED", task
    with zipfile.ZipFile(io.BytesIO(client.get(f"{url}/content").content)) as archive:
        items: list[Item] = json.loads(archive.read(archive.namelist()[0]))
    return items


@pytest.fixture(scope="module")
def gear(define: Define) -> int:
    define("Derailleur")
    number: int = define("Clutch")["id"]
    return number


@pytest.mark.parametrize("kind", PARTS)
def test_parts_are_added_changed_exported_and_deleted(
    client: httpx2.Client, gear: int, kind: str
) -> None:
    """New parts go to their definition, others are found by their ids."""
    part, change = PARTS[kind]
    own, top = f"{DEFINITIONS}/{gear}/{kind}", f"{ADMIN}/{kind}"

    added = send(client, "POST", own, [part])
    (stored,) = [
        item
        for item in client.get(f"{own}?page=-1").json()["items"]
        if item["name"] == part["name"]
    ]
    send(client, "PUT", top, [{**part, **change, "id": stored["id"]}])
    exported = export(client, own, sort="id:desc")
    send(client, "DELETE", top, [{"id": stored["id"]}])

    assert added["operation"] == "CREATE"
    (changed,) = [item for item in exported if item["id"] == stored["id"]]
    assert changed.items() >= change.items()
    assert client.get(f"{top}/{stored['id']}").status_code == 404


def test_lists_of_parts_link_to_their_batch_paths(
    client: httpx2.Client, gear: int
) -> None:
    """Those of picklist entries link to that for additions alone, as in Liferay."""
    picklist = {"externalReferenceCode": "SPEEDS", "name": "Speeds"}
    number = client.post(PICKLISTS, json=picklist).json()["id"]
    own = f"{DEFINITIONS}/{gear}/object-fields"
    entries = f"{PICKLISTS}/{number}/list-type-entries"
    origin = str(client.base_url).rstrip("/")

    def links(path: str) -> dict[str, str]:
        actions = client.get(path).json()["actions"]
        return {
            name: f"{link['method']} {link['href'].removeprefix(origin)}"
            for name, link in actions.items()
        }

    assert links(own) == {
        "create": f"POST {own}",
        "createBatch": f"POST {own}/batch",
        "deleteBatch": f"DELETE {ADMIN}/object-fields/batch",
        "get": f"GET {own}",
        "updateBatch": f"PUT {ADMIN}/object-fields/batch",
    }
    assert links(entries) == {
        "create": f"POST {entries}",
        "createBatch": f"POST {entries}/batch",
        "get": f"GET {entries}",
    }


def test_picklists_and_their_entries_have_batch_paths(client: httpx2.Client) -> None:
    """An entry keeps its key."""
    send(
        client,
        "POST",
        PICKLISTS,
        [{"externalReferenceCode": "TEMPI", "name": "Tempi"}],
    )
    coded = f"{PICKLISTS}/by-external-reference-code/TEMPI"
    own = f"{PICKLISTS}/{client.get(coded).json()['id']}/list-type-entries"
    top = f"{PICKLISTS.rpartition('/')[0]}/list-type-entries"
    send(client, "POST", own, [{"key": "slow", "name": "Slow"}])
    (entry,) = client.get(own).json()["items"]
    send(client, "PUT", top, [{"id": entry["id"], "name": "Slower"}])
    exported = export(client, own)
    send(client, "DELETE", top, [{"id": entry["id"]}])

    assert [(item["key"], item["name"]) for item in exported] == [("slow", "Slower")]
    assert client.get(own).json()["totalCount"] == 0
    assert "TEMPI" in {
        item["externalReferenceCode"] for item in export(client, PICKLISTS)
    }


def test_definitions_and_folders_have_batch_paths(client: httpx2.Client) -> None:
    """Items are changed by their ids."""
    body = definition("Piston", externalReferenceCode="PISTON")
    folder = {"externalReferenceCode": "ENGINES", "label": NAMED, "name": "Engines"}
    for path, item in ((DEFINITIONS, body), (FOLDERS, folder)):
        coded = f"{path}/by-external-reference-code/{item['externalReferenceCode']}"
        send(client, "POST", path, [item])
        number = client.get(coded).json()["id"]
        send(client, "PUT", path, [{**item, "id": number, "label": {"en_US": "Two"}}])
        exported = {i["externalReferenceCode"]: i for i in export(client, path)}
        send(client, "DELETE", path, [{"id": number}])

        label = exported[item["externalReferenceCode"]]["label"]
        assert label == {"en_US": "Two"}, path
        assert client.get(coded).status_code == 404, path


def test_entries_of_a_site_have_batch_paths(
    client: httpx2.Client, define: Define
) -> None:
    """New entries go to the site of the path; ids belong to any site."""
    define("Crank", scope="site")
    base = "/o/c/cranks"
    north, south = f"{base}/scopes/north", f"{base}/scopes/south"
    for path, code in ((north, "N"), (south, "S")):
        item = {"amount": 1, "externalReferenceCode": code, "title": code}
        send(client, "POST", path, [item])
    numbers = {
        path: client.get(path).json()["items"][0]["id"] for path in (north, south)
    }
    send(client, "PUT", north, [{"id": numbers[north], "title": "changed"}])
    send(client, "PUT", base, [{"id": numbers[south], "title": "changed, too"}])

    assert [item["title"] for item in export(client, north)] == ["changed"]
    assert [item["title"] for item in export(client, south)] == ["changed, too"]
    send(client, "DELETE", north, [{"id": numbers[north]}])
    send(client, "DELETE", base, [{"id": numbers[south]}])
    assert client.get(north).json()["totalCount"] == 0
    assert client.get(south).json()["totalCount"] == 0
    assert client.post(f"{base}/scopes/nowhere/batch", json=[]).status_code == 404
