"""Parameters of tasks that say what their items contain."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, ENGINE, ENTRY, Define, wait_for_task

Items = list[dict[str, Any]]


def export(client: httpx2.Client, path: str, **parameters: str) -> Items:
    """Export as JSON, and return the items."""
    task = client.post(path, params=parameters).json()
    url = f"{ENGINE}/export-task/{task['id']}"
    for _ in range(500):
        state = client.get(url).json()
        if state["executeStatus"] in {"COMPLETED", "FAILED"}:
            break
        time.sleep(0.02)
    assert state["executeStatus"] == "COMPLETED", state
    with zipfile.ZipFile(io.BytesIO(client.get(f"{url}/content").content)) as archive:
        items: Items = json.loads(archive.read(archive.namelist()[0]))
    return items


@pytest.fixture(scope="module")
def orchard(client: httpx2.Client, define: Define) -> str:
    """Define orchards with trees, and trees with fruits; return their path."""
    child = {"deletionType": "cascade", "label": {"en_US": "Kids"}, "type": "oneToMany"}
    define("Pomelo")
    define(
        "Sapling",
        objectRelationships=[
            child
            | {"name": "fruits", "objectDefinitionExternalReferenceCode2": "POMELO"}
        ],
    )
    define(
        "Orchard",
        objectRelationships=[
            child
            | {"name": "trees", "objectDefinitionExternalReferenceCode2": "SAPLING"}
        ],
    )
    for plural, code, body in (
        ("orchards", "O", {}),
        ("saplings", "S", {"r_trees_c_orchardERC": "O"}),
        ("pomelos", "Q", {"r_fruits_c_saplingERC": "S"}),
    ):
        path = f"/o/c/{plural}/by-external-reference-code/{code}"
        assert client.put(path, json=body | {"title": code}).status_code == 200
    return "/o/c/orchards"


def test_export_contains_the_nested_fields_that_it_names(
    client: httpx2.Client, orchard: str
) -> None:
    """Children are a list under the name of the relationship, as in the REST view."""
    path = f"{orchard}/export-batch"
    (plain,) = export(client, path)
    (nested,) = export(client, path, batchNestedFields="trees")
    (deep,) = export(
        client, path, batchNestedFields="trees,fruits", batchNestedFieldsDepth="2"
    )

    assert "trees" not in plain
    assert [tree["title"] for tree in nested.pop("trees")] == ["S"]
    assert nested == plain
    ((fruit,),) = [tree["fruits"] for tree in deep["trees"]]
    assert fruit["title"] == "Q"


@pytest.mark.usefixtures("orchard")
def test_nested_parent_is_exported_under_both_keys(client: httpx2.Client) -> None:
    """If the export names its fields, it has to name what is nested, too."""
    path = f"{ENGINE}/export-task/{ENTRY}/JSON"
    parameters = {"batchNestedFields": "trees", "taskItemDelegateName": "C_Sapling"}
    (tree,) = export(client, path, **parameters)
    (narrow,) = export(client, path, **parameters, fieldNames="title,trees")

    assert tree["trees"]["title"] == tree["r_trees_c_orchard"]["title"] == "O"
    assert narrow.keys() == {"title", "trees"}


def test_import_does_not_look_at_restricted_fields(
    client: httpx2.Client, define: Define
) -> None:
    """Not even where Liferay would refuse them."""
    define("Medlar")
    url = f"{ENGINE}/import-task/{ENTRY}"
    parameters = {
        "batchRestrictFields": "amount, unknown",
        "taskItemDelegateName": "C_Medlar",
    }
    items = [{"amount": "not a number", "title": "A", "unknown": 1}]

    task = wait_for_task(client, client.post(url, params=parameters, json=items).json())
    (entry,) = client.get("/o/c/medlars").json()["items"]

    assert (task["executeStatus"], task["failedItems"]) == ("COMPLETED", [])
    assert entry["title"] == "A"
    assert not entry.get("amount")


def test_restricted_property_of_a_definition_is_left_out(
    client: httpx2.Client,
) -> None:
    """An unknown property fails a definition otherwise."""
    item = {
        "externalReferenceCode": "BULLACE",
        "label": {"en_US": "Bullace"},
        "name": "Bullace",
        "novelty": True,
        "pluralLabel": {"en_US": "Bullaces"},
        "scope": "company",
    }
    path = f"{DEFINITIONS}/batch"
    refused = wait_for_task(client, client.post(path, json=[item]).json())
    parameters = {"batchRestrictFields": "novelty"}
    passed = client.post(path, params=parameters, json=[item]).json()

    assert refused["executeStatus"] == "FAILED"
    assert wait_for_task(client, passed)["executeStatus"] == "COMPLETED"
