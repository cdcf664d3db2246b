"""Import and export tasks of fields, relationships and other parts, over HTTP."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx2
import orjson
import pytest

from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    PICKLISTS,
    Define,
    wait_for_task,
)

ADMIN = "com.liferay.object.admin.rest.dto.v1_0"
LIST_TYPE = "com.liferay.headless.admin.list.type.dto.v1_0"
Item = dict[str, Any]

FIELD: Item = {
    "businessType": "Integer",
    "label": {"en_US": "Rank"},
    "name": "rank",
}
PARTS: dict[str, tuple[str, Item]] = {
    "ObjectAction": (
        "objectActions",
        {
            "active": True,
            "label": {"en_US": "Notify"},
            "name": "notify",
            "objectActionExecutorKey": "notification",
            "objectActionTriggerKey": "onAfterAdd",
        },
    ),
    "ObjectField": ("objectFields", FIELD),
    "ObjectLayout": (
        "objectLayouts",
        {"name": {"en_US": "Main"}, "objectLayoutTabs": []},
    ),
    "ObjectValidationRule": (
        "objectValidationRules",
        {"engine": "ddm", "name": {"en_US": "Size"}, "script": "rank > 3"},
    ),
    "ObjectView": ("objectViews", {"name": {"en_US": "All"}, "objectViewColumns": []}),
}


def run(
    client: httpx2.Client,
    class_name: str,
    items: list[Item],
    method: str = "POST",
    **query: str,
) -> Item:
    """Run an import task to its end."""
    url = f"{ENGINE}/import-task/{class_name}"
    response = client.request(method, url, params=query, json=items)
    assert response.status_code == 200, response.text
    task: Item = wait_for_task(client, response.json())
    return task


def export(client: httpx2.Client, class_name: str, **query: str) -> list[Item] | str:
    """Run an export task; return its items, or the message of its failure."""
    url = f"{ENGINE}/export-task/{class_name}/JSON"
    task = client.post(url, params=query).json()
    path = f"{ENGINE}/export-task/{task['id']}"
    ended = client.get(path).json()
    while ended["executeStatus"] not in {"COMPLETED", "FAILED"}:
        ended = client.get(path).json()
    if ended["executeStatus"] == "FAILED":
        return str(ended["errorMessage"])
    content = client.get(f"{path}/content").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        items: list[Item] = orjson.loads(archive.read(archive.namelist()[0]))
    return items


def load(client: httpx2.Client, code: str) -> Item:
    """Return a definition by its code."""
    definition: Item = client.get(
        f"{DEFINITIONS}/by-external-reference-code/{code}"
    ).json()
    return definition


@pytest.mark.parametrize("by", ["code", "id", "batchCode"])
@pytest.mark.parametrize("kind", PARTS)
def test_parts_are_added_to_the_definition_of_the_parameter(
    client: httpx2.Client, define: Define, kind: str, by: str
) -> None:
    """The parameter is an id or a code, for the task or for its items."""
    array, part = PARTS[kind]
    name = f"Kiln{kind[6:]}{by.capitalize()}"
    owner = define(name)
    parameters = {
        "batchCode": {
            "batchExternalReferenceCode": name.upper(),
            "externalReferenceCode": f"task of {name}",
        },
        "code": {"externalReferenceCode": name.upper()},
        "id": {"objectDefinitionId": str(owner["id"])},
    }[by]

    task = run(client, f"{ADMIN}.{kind}", [part], **parameters)

    assert (task["executeStatus"], task["failedItems"]) == ("COMPLETED", [])
    stored = load(client, name.upper())[array][-1]
    assert stored.items() >= part.items()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {},
            "One of the following parameters must be specified: [objectDefinitionId, "
            "externalReferenceCode]",
        ),
        (
            {"createStrategy": "UPSERT", "externalReferenceCode": "KILN"},
            'Create strategy "UPSERT" is not supported for ObjectField',
        ),
    ],
)
def test_task_without_owner_or_with_another_strategy_fails(
    client: httpx2.Client, query: Item, message: str
) -> None:
    """Liferay's engine only adds fields, and only to one definition."""
    task = run(client, f"{ADMIN}.ObjectField", [FIELD], **query)

    assert task["executeStatus"] == "FAILED"
    assert task["errorMessage"] == f"jakarta.ws.rs.NotSupportedException: {message}"
    assert task["processedItemsCount"] == 0


def test_second_field_of_a_name_is_refused(
    client: httpx2.Client, define: Define
) -> None:
    """The engine adds a field once; an unknown definition is named."""
    define("Trivet")
    first = run(
        client,
        f"{ADMIN}.ObjectField",
        [FIELD, FIELD],
        batchExternalReferenceCode="TRIVET",
    )
    unknown = run(
        client, f"{ADMIN}.ObjectField", [FIELD], externalReferenceCode="NO_TRIVET"
    )

    assert first["errorMessage"] == (
        "com.liferay.object.exception.ObjectFieldNameException$MustNotBeDuplicate: "
        "Duplicate name rank"
    )
    assert [x["itemIndex"] for x in first["failedItems"]] == [2]
    assert unknown["errorMessage"] == (
        "com.liferay.object.exception.NoSuchObjectDefinitionException: "
        "No ObjectDefinition exists with the external reference code NO_TRIVET"
    )


def test_relationships_are_put_by_their_own_definitions(
    client: httpx2.Client, define: Define
) -> None:
    """With UPSERT each relationship names its definition; a second task is in order."""
    parent = define("Forge")
    define("Spark")
    relationship = {
        "deletionType": "cascade",
        "label": {"en_US": "Sparks"},
        "name": "sparks",
        "objectDefinitionExternalReferenceCode1": "FORGE",
        "objectDefinitionExternalReferenceCode2": "SPARK",
        "type": "oneToMany",
    }
    by_id = relationship | {"name": "embers", "objectDefinitionId1": parent["id"]}
    del by_id["objectDefinitionExternalReferenceCode1"]

    tasks = [
        run(
            client,
            f"{ADMIN}.ObjectRelationship",
            [relationship, by_id],
            createStrategy="UPSERT",
        )
        for _ in range(2)
    ]

    assert [task["failedItems"] for task in tasks] == [[], []]
    names = [x["name"] for x in load(client, "FORGE")["objectRelationships"]]
    assert names == ["sparks", "embers"]
    fields = [x["name"] for x in load(client, "SPARK")["objectFields"]]
    assert fields[-2:] == ["r_sparks_c_forgeId", "r_embers_c_forgeId"]


def test_parts_are_replaced_patched_and_deleted_by_their_ids(
    client: httpx2.Client, define: Define
) -> None:
    """A layout cannot be patched, in a task as by its own resource."""
    define("Tongs")
    run(client, f"{ADMIN}.ObjectField", [FIELD], externalReferenceCode="TONGS")
    number = load(client, "TONGS")["objectFields"][-1]["id"]
    change = {"id": number, "label": {"en_US": "Order"}}

    patched = run(
        client,
        f"{ADMIN}.ObjectField",
        [change],
        method="PUT",
        updateStrategy="PARTIAL_UPDATE",
    )
    field = load(client, "TONGS")["objectFields"][-1]
    refused = run(
        client,
        f"{ADMIN}.ObjectLayout",
        [{"id": 1}],
        method="PUT",
        updateStrategy="PARTIAL_UPDATE",
    )
    unknown = run(client, f"{ADMIN}.ObjectField", [{"id": 5}], method="PUT")
    deleted = run(client, f"{ADMIN}.ObjectField", [{"id": number}], method="DELETE")

    assert patched["failedItems"] == deleted["failedItems"] == []
    assert (field["label"], field["businessType"]) == ({"en_US": "Order"}, "Integer")
    assert refused["errorMessage"] == (
        'jakarta.ws.rs.NotSupportedException: Update strategy "PARTIAL_UPDATE" is not '
        "supported for ObjectLayout"
    )
    assert unknown["errorMessage"].endswith(
        "No ObjectField exists with the primary key 5"
    )
    assert load(client, "TONGS")["objectFields"][-1]["name"] != "rank"


def test_entries_of_picklists_are_added_and_exported(client: httpx2.Client) -> None:
    """A picklist is the owner of its entries as a definition is of its fields."""
    picklist = client.post(
        PICKLISTS, json={"externalReferenceCode": "METALS", "name": "Metals"}
    ).json()
    entries = [{"key": "iron", "name": "Iron"}, {"key": "tin", "name": "Tin"}]
    class_name = f"{LIST_TYPE}.ListTypeEntry"

    task = run(client, class_name, entries, listTypeDefinitionId=str(picklist["id"]))
    again = run(client, class_name, entries[:1], externalReferenceCode="METALS")
    exported = export(client, class_name, listTypeDefinitionId=str(picklist["id"]))

    assert task["failedItems"] == []
    assert again["errorMessage"] == (
        "com.liferay.list.type.exception.DuplicateListTypeEntryException: "
        "Duplicate key iron"
    )
    assert isinstance(exported, list)
    assert [(entry["key"], entry["name"]) for entry in exported] == [
        ("iron", "Iron"),
        ("tin", "Tin"),
    ]


def test_export_holds_the_parts_as_the_api_shows_them(
    client: httpx2.Client, define: Define
) -> None:
    """An export is of one definition, which its id names."""
    owner = define("Bellows")

    exported = export(
        client, f"{ADMIN}.ObjectField", objectDefinitionId=str(owner["id"])
    )
    nameless = export(client, f"{ADMIN}.ObjectField")

    assert isinstance(exported, list)
    shown = load(client, "BELLOWS")["objectFields"]
    assert [part["name"] for part in exported] == [part["name"] for part in shown]
    assert [part["id"] for part in exported] == [part["id"] for part in shown]
    assert nameless == (
        "jakarta.ws.rs.NotSupportedException: One of the following parameters must be "
        "specified: [objectDefinitionId]"
    )


def test_batch_path_of_a_definition_adds_its_fields(
    client: httpx2.Client, define: Define
) -> None:
    """The path holds the id of the definition."""
    owner = define("Hammer")

    response = client.post(
        f"{DEFINITIONS}/{owner['id']}/object-fields/batch", json=[FIELD]
    )
    task = wait_for_task(client, response.json())

    assert response.status_code == 202
    assert task["failedItems"] == []
    assert load(client, "HAMMER")["objectFields"][-1]["name"] == "rank"
