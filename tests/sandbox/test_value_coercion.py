"""Values in other forms than Liferay's own, by POST, PUT, PATCH and batch."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import (
    ENGINE,
    ENTRY,
    PICKLISTS,
    Define,
    field,
    wait_for_task,
)

pytestmark = pytest.mark.each_database

HUES: dict[str, Any] = {
    "externalReferenceCode": "HUES",
    "name": "Hues",
    "name_i18n": {"en-US": "Hues"},
    "listTypeEntries": [
        {"key": "red", "name": "Red", "name_i18n": {"en-US": "Red", "de-DE": "Rot"}},
        {"key": "navy", "name": "Blue", "name_i18n": {"en-US": "Blue"}},
        {"key": "sky", "name": "Blue", "name_i18n": {"en-US": "Blue"}},
    ],
}
PATH = "/o/c/lamps"
LIFERAY = 'Object field name "hue" is not mapped to a valid list type entry'


@pytest.fixture(scope="module", autouse=True)
def lamp(client: httpx2.Client, define: Define) -> None:
    assert client.post(PICKLISTS, json=HUES).status_code == 200
    picklist = {"listTypeDefinitionExternalReferenceCode": "HUES"}
    define(
        "Lamp",
        objectFields=[
            field("title", "Text"),
            field("amount", "LongInteger"),
            field("hue", "Picklist", **picklist),
            field("extras", "MultiselectPicklist", **picklist),
        ],
        objectRelationships=[
            {
                "deletionType": "prevent",
                "label": {"en_US": "Bulbs"},
                "name": "bulbs",
                "objectDefinitionExternalReferenceCode1": "LAMP",
                "objectDefinitionExternalReferenceCode2": "TUBE",
                "objectDefinitionName2": "Tube",
                "type": "oneToMany",
            }
        ],
    )
    define("Tube")


def send(client: httpx2.Client, method: str, values: dict[str, Any]) -> httpx2.Response:
    """Send an entry by POST as a new one, or by PUT and PATCH to an existing one."""
    if method == "POST":
        return client.post(PATH, json=values)
    path = f"{PATH}/by-external-reference-code/L"
    stored = {"externalReferenceCode": "L", "hue": "red", "extras": ["red"]}
    assert client.put(path, json=stored).status_code == 200
    return client.request(method, path, json=values)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_picklist_entry_is_found_by_its_name(
    client: httpx2.Client, method: str
) -> None:
    values = {"hue": {"name": "Rot"}, "extras": [{"name": "Red"}]}
    response = send(client, method, values)

    assert response.status_code == 200, response.text
    assert response.json()["hue"]["key"] == "red"
    assert [extra["key"] for extra in response.json()["extras"]] == ["red"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (
            {"name": "Green"},
            'The picklist of the field "hue" has no entry named "Green". Its entries: '
            "red (Red), navy (Blue), sky (Blue).",
        ),
        (
            {"name": "Blue"},
            '2 entries of the picklist of the field "hue" are named "Blue": navy, sky. '
            "Give the key of the one that is meant.",
        ),
    ],
    ids=["none", "two"],
)
def test_unknown_or_ambiguous_name_is_rejected(
    client: httpx2.Client, method: str, value: Any, cause: str
) -> None:
    """The title is Liferay's text, to the letter; the detail states the cause."""
    response = send(client, method, {"hue": value})

    assert response.status_code == 400
    assert response.json() == {
        "detail": f"{cause} {LIFERAY}",
        "status": "BAD_REQUEST",
        "title": LIFERAY,
    }
    if method != "POST":
        entry = client.get(f"{PATH}/by-external-reference-code/L").json()
        assert entry["hue"] == {"key": "red", "name": "Red"}


def test_batch_resolves_names_and_fails_unknown_ones(
    client: httpx2.Client,
) -> None:
    items = [
        {"externalReferenceCode": "B1", "hue": {"name": "Red"}},
        {"externalReferenceCode": "B2", "hue": {"name": "Green"}},
        {"externalReferenceCode": 4711, "title": 159001810629457000.0},
        {"externalReferenceCode": "B4", "amount": "abc"},
    ]
    parameters = {
        "importStrategy": "ON_ERROR_CONTINUE",
        "createStrategy": "UPSERT",
        "taskItemDelegateName": "C_Lamp",
    }
    started = client.post(
        f"{ENGINE}/import-task/{ENTRY}", params=parameters, json=items
    )
    task = wait_for_task(client, started.json())

    assert task["executeStatus"] == "COMPLETED"
    values = "com.liferay.object.exception.ObjectEntryValuesException$"
    failures = [(item["itemIndex"], item["message"]) for item in task["failedItems"]]
    assert failures == [
        (2, f"{values}ListTypeEntry: {LIFERAY}"),
        (
            4,
            f"{values}ExceedsLongSize: Object entry value exceeds long field allowed "
            "size",
        ),
    ]
    base = f"{PATH}/by-external-reference-code"
    assert client.get(f"{base}/B1").json()["hue"]["key"] == "red"
    assert client.get(f"{base}/4711").json()["title"] == "159001810629457000"


def test_numeric_erc_equals_its_digits(
    client: httpx2.Client,
) -> None:
    path = f"{PATH}/by-external-reference-code/815"
    made = client.put(path, json={"externalReferenceCode": 815, "title": "old"})
    assert made.status_code == 200, made.text

    parameters = {"updateStrategy": "PARTIAL_UPDATE", "taskItemDelegateName": "C_Lamp"}
    started = client.put(
        f"{ENGINE}/import-task/{ENTRY}",
        params=parameters,
        json=[{"externalReferenceCode": 815, "title": "new"}],
    )

    assert wait_for_task(client, started.json())["executeStatus"] == "COMPLETED"
    assert client.get(path).json()["title"] == "new"
    gone = client.request(
        "DELETE",
        f"{ENGINE}/import-task/{ENTRY}",
        params={"taskItemDelegateName": "C_Lamp"},
        json=[{"externalReferenceCode": 815}],
    )
    assert wait_for_task(client, gone.json())["executeStatus"] == "COMPLETED"
    assert client.get(path).status_code == 404
