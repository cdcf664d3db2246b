"""The calls of Liferay's tutorials on objects and picklists, with their own bodies.

*Managing Objects with Headless APIs*, *Picklists API Basics*, *Uploading and
Downloading Files*, *API Builder* and the steps that come with workspaces: each call
with the body that its script sends. Only names differ where two use the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, PICKLISTS, run_sandbox

ADMIN = "/o/object-admin/v1.0"
LIST_TYPE = "/o/headless-admin-list-type/v1.0"

Body = dict[str, Any]


def send(client: httpx2.Client, method: str, path: str, body: Body | None) -> Body:
    """Send a call, and return the answer of one that succeeded."""
    response = client.request(method, path, json=body)
    assert response.status_code == 200, (method, path, response.text)
    answer: Body = response.json()
    return answer


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of a sandbox of its own, because the names are not ours to choose."""
    database = tmp_path_factory.mktemp("documented") / "sandbox.db"
    with run_sandbox(database) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module")
def foo(client: httpx2.Client) -> Body:
    body = {
        "label": {"en_US": "Foo"},
        "name": "Foo",
        "pluralLabel": {"en_US": "Foos"},
        "scope": "company",
    }
    return send(client, "POST", DEFINITIONS, body)


def test_definition_is_added_as_a_draft(foo: Body) -> None:
    assert {
        name: foo[name]
        for name in (
            "active",
            "defaultLanguageId",
            "enableCategorization",
            "enableComments",
            "enableObjectEntryHistory",
            "label",
            "name",
            "objectActions",
            "pluralLabel",
            "restContextPath",
            "scope",
            "status",
            "system",
            "titleObjectFieldName",
        )
    } == {
        "active": False,
        "defaultLanguageId": "en_US",
        "enableCategorization": True,
        "enableComments": False,
        "enableObjectEntryHistory": False,
        "label": {"en_US": "Foo"},
        "name": "Foo",
        "objectActions": [],
        "pluralLabel": {"en_US": "Foos"},
        "restContextPath": "/o/c/foos",
        "scope": "company",
        "status": {"code": 2, "label": "draft", "label_i18n": "Draft"},
        "system": False,
        "titleObjectFieldName": "id",
    }


def test_fields_are_added_changed_replaced_and_deleted(
    client: httpx2.Client, foo: Body
) -> None:
    path = f"{DEFINITIONS}/{foo['id']}/object-fields"
    able = {
        "businessType": "Text",
        "label": {"en_US": "Able"},
        "name": "able",
        "required": False,
    }
    added = send(client, "POST", path, able)
    one = f"{ADMIN}/object-fields/{added['id']}"

    patched = send(client, "PATCH", one, {"label": {"en_US": "Baker"}, "name": "baker"})
    charlie = able | {"label": {"en_US": "Charlie"}, "name": "charlie"}
    older = {"indexed": False, "indexedAsKeyword": False, "listTypeDefinitionId": 0}
    replaced = send(client, "PUT", one, charlie | older)
    listed = client.get(path).json()
    got = send(client, "GET", one, None)

    assert (added["name"], added["DBType"], added["type"]) == (
        "able",
        "String",
        "String",
    )
    assert (patched["name"], patched["label"]) == ("baker", {"en_US": "Baker"})
    assert (replaced["name"], replaced["label"]) == ("charlie", {"en_US": "Charlie"})
    assert got["name"] == listed["items"][-1]["name"] == "charlie"
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_draft_is_changed_and_replaced_with_its_name(
    client: httpx2.Client, foo: Body
) -> None:
    one = f"{DEFINITIONS}/{foo['id']}"

    patched = send(
        client,
        "PATCH",
        one,
        {
            "label": {"en_US": "Bar"},
            "name": "Bar",
            "pluralLabel": {"en_US": "Bars"},
        },
    )
    goo = {
        "label": {"en_US": "Goo"},
        "name": "Goo",
        "pluralLabel": {"en_US": "Goos"},
        "scope": "company",
    }
    replaced = send(client, "PUT", one, goo)
    older = goo | {"active": False, "objectFields": [], "portlet": False}
    again = send(client, "PUT", one, older)

    assert (patched["name"], patched["restContextPath"]) == ("Bar", "/o/c/bars")
    assert (replaced["name"], replaced["restContextPath"]) == ("Goo", "/o/c/goos")
    assert again["portlet"] is False
    assert [field["name"] for field in again["objectFields"]][6:] == []
    listed = client.get(DEFINITIONS, params={"search": "Goo"}).json()["items"]
    assert "Goo" in {item["name"] for item in listed}
    assert client.delete(one).status_code == 204


def test_object_of_a_tutorial_is_built_step_by_step_and_published(
    client: httpx2.Client,
) -> None:
    """*API Builder*: a Student, its fields, and its publication."""
    student = send(
        client,
        "POST",
        DEFINITIONS,
        {
            "label": {"en_US": "Student"},
            "name": "Student",
            "panelCategoryKey": "control_panel.object",
            "pluralLabel": {"en_US": "Students"},
            "scope": "company",
        },
    )
    for label, name in (("First Name", "firstName"), ("Last Name", "lastName")):
        field = {
            "businessType": "Text",
            "label": {"en_US": label},
            "name": name,
            "required": False,
        }
        send(client, "POST", f"{DEFINITIONS}/{student['id']}/object-fields", field)

    published = send(client, "POST", f"{DEFINITIONS}/{student['id']}/publish", None)
    entry = send(client, "POST", "/o/c/students", {"firstName": "A", "lastName": "B"})

    assert (published["active"], published["panelCategoryKey"]) == (
        True,
        "control_panel.object",
    )
    assert (entry["firstName"], entry["lastName"]) == ("A", "B")


def attachment(number: int, name: str, **settings: Any) -> Body:
    stated = {"acceptedFileExtensions": "jpeg, jpg, pdf, png", "maximumFileSize": 100}
    return {
        "businessType": "Attachment",
        "externalReferenceCode": f"DOCUMENTED_ATTACHMENT_{number}",
        "indexed": True,
        "label": {"en_US": name},
        "localized": False,
        "name": name,
        "objectFieldSettings": [
            {"name": key, "value": value} for key, value in (stated | settings).items()
        ],
        "readOnly": "false",
        "required": False,
        "system": False,
        "unique": False,
    }


def test_published_object_with_attachments_is_added_in_one_call(
    client: httpx2.Client,
) -> None:
    """*Uploading and Downloading Files*: the status in the body publishes it."""
    body = {
        "active": True,
        "externalReferenceCode": "ABLE",
        "label": {"en_US": "Able"},
        "modifiable": True,
        "name": "Able",
        "objectFields": [
            attachment(
                1,
                "usersComputerAttachment1",
                fileSource="userComputer",
                showFilesInDocumentsAndMedia=False,
            ),
            attachment(
                2,
                "usersComputerAttachment2",
                fileSource="userComputer",
                showFilesInDocumentsAndMedia=True,
                storageDLFolderPath="/Able",
            ),
            attachment(3, "docsAndMediaAttachment", fileSource="documentsAndMedia"),
        ],
        "pluralLabel": {"en_US": "Ables"},
        "scope": "company",
        "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
        "system": False,
    }

    created = send(client, "POST", DEFINITIONS, body)

    assert (created["active"], created["restContextPath"]) == (True, "/o/c/ables")
    assert [field["DBType"] for field in created["objectFields"][6:]] == ["Long"] * 3
    coded = f"{DEFINITIONS}/by-external-reference-code/ABLE"
    assert send(client, "PUT", coded, body)["id"] == created["id"]


def test_picklists_are_added_changed_replaced_and_deleted(
    client: httpx2.Client,
) -> None:
    """*Picklists API Basics*."""
    foo = send(
        client, "POST", PICKLISTS, {"name": "Foo", "name_i18n": {"en_US": "Foo"}}
    )
    one = f"{PICKLISTS}/{foo['id']}"
    bar = {"name": "Bar", "name_i18n": {"en_US": "Bar"}}
    goo = {"name": "Goo", "name_i18n": {"en_US": "Goo"}}

    patched = send(client, "PATCH", one, bar)
    replaced = send(client, "PUT", one, goo)
    got = send(client, "GET", one, None)
    listed = client.get(PICKLISTS, params={"filter": "name eq 'Goo'"}).json()

    assert (foo["name"], foo["name_i18n"], foo["listTypeEntries"]) == (
        "Foo",
        {"en-US": "Foo"},
        [],
    )
    assert (patched["name"], patched["name_i18n"]) == ("Bar", {"en-US": "Bar"})
    assert replaced["name_i18n"] == got["name_i18n"] == {"en-US": "Goo"}
    assert [item["id"] for item in listed["items"]] == [foo["id"]]
    assert client.delete(one).status_code == 204


def test_entries_of_picklists_are_added_replaced_and_deleted(
    client: httpx2.Client,
) -> None:
    """*Picklists API Basics*; the calls of Liferay's own page send no names alone."""
    foo = send(
        client, "POST", PICKLISTS, {"name": "Fooz", "name_i18n": {"en_US": "Fooz"}}
    )
    path = f"{PICKLISTS}/{foo['id']}/list-type-entries"
    able = {"key": "able", "name": "Able", "name_i18n": {"en_US": "Able"}}

    added = send(client, "POST", path, able)
    one = f"{LIST_TYPE}/list-type-entries/{added['id']}"
    baker = {"name": "Baker", "name_i18n": {"en_US": "Baker"}}
    replaced = send(client, "PUT", one, baker)
    again = send(client, "PUT", one, baker | {"key": "baker"})
    page = send(client, "POST", path, {"key": "dog", "name_i18n": {"en_US": "Dog"}})
    paged = send(
        client,
        "PUT",
        f"{LIST_TYPE}/list-type-entries/{page['id']}",
        {
            "externalReferenceCode": page["externalReferenceCode"],
            "name_i18n": {"en_US": "Hound", "de_DE": "Hund"},
        },
    )

    assert added["name_i18n"] == {"en-US": "Able"}
    assert (replaced["key"], replaced["name"]) == ("able", "Baker")
    assert (again["key"], again["name_i18n"]) == ("able", {"en-US": "Baker"})
    assert (paged["name"], paged["name_i18n"]) == (
        "Hound",
        {"de-DE": "Hund", "en-US": "Hound"},
    )
    assert [item["key"] for item in client.get(path).json()["items"]] == ["able", "dog"]
    assert client.delete(one).status_code == 204


def test_picklist_with_entries_names_a_field_and_a_state_by_its_id(
    client: httpx2.Client,
) -> None:
    """An entry without its field gets the state that the settings name."""
    picklist = send(
        client,
        "POST",
        PICKLISTS,
        {
            "listTypeEntries": [
                {"key": "pending", "name": "Pending", "type": ""},
                {"key": "canceled", "name": "Canceled", "type": ""},
            ],
            "name": "Registration Status",
        },
    )
    body = {
        "externalReferenceCode": "REGISTRATION",
        "label": {"en_US": "Registration"},
        "name": "Registration",
        "objectFields": [
            {
                "businessType": "Text",
                "indexed": True,
                "label": {"en_US": "Attendee"},
                "name": "attendee",
                "required": True,
            },
            {
                "businessType": "Picklist",
                "label": {"en_US": "Status"},
                "listTypeDefinitionId": picklist["id"],
                "name": "registrationStatus",
                "objectFieldSettings": [
                    {"name": "defaultValue", "value": "pending"},
                    {"name": "defaultValueType", "value": "inputAsValue"},
                ],
                "required": True,
                "state": True,
            },
        ],
        "pluralLabel": {"en_US": "Registrations"},
        "scope": "company",
        "titleObjectFieldName": "attendee",
    }

    registration = send(client, "POST", DEFINITIONS, body)
    send(client, "POST", f"{DEFINITIONS}/{registration['id']}/publish", None)
    entry = send(client, "POST", "/o/c/registrations", {"attendee": "Ada"})
    refused = client.post(
        "/o/c/registrations", json={"attendee": "Bob", "registrationStatus": "gone"}
    )

    assert registration["titleObjectFieldName"] == "attendee"
    assert entry["registrationStatus"]["key"] == "pending"
    assert refused.status_code == 400
    assert refused.json()["title"] == (
        'Object field name "registrationStatus" is not mapped to a valid list type '
        "entry"
    )


def test_relationship_answers_with_its_field_and_an_aggregation_counts(
    client: httpx2.Client,
) -> None:
    """The child is named by id; the count is a text."""
    event, visit = (
        send(
            client,
            "POST",
            DEFINITIONS,
            {
                "label": {"en_US": name},
                "name": name,
                "objectFields": [
                    {
                        "businessType": "Text",
                        "label": {"en_US": "Title"},
                        "name": "title",
                        "required": False,
                    }
                ],
                "pluralLabel": {"en_US": f"{name}s"},
                "scope": "company",
            },
        )
        for name in ("Occasion", "Visit")
    )
    relationship = send(
        client,
        "POST",
        f"{DEFINITIONS}/{event['id']}/object-relationships",
        {
            "label": {"en_US": "Visits"},
            "name": "occasionVisits",
            "objectDefinitionId2": visit["id"],
            "type": "oneToMany",
        },
    )
    send(
        client,
        "POST",
        f"{DEFINITIONS}/{event['id']}/object-fields",
        {
            "businessType": "Aggregation",
            "label": {"en_US": "Visits"},
            "name": "visitCount",
            "objectFieldSettings": [
                {"name": "function", "value": "COUNT"},
                {"name": "objectRelationshipName", "value": "occasionVisits"},
            ],
            "required": False,
        },
    )
    for owner in (event, visit):
        send(client, "POST", f"{DEFINITIONS}/{owner['id']}/publish", None)
    parent = send(client, "POST", "/o/c/occasions", {"title": "Talk"})
    linked = {"title": "Ada", "r_occasionVisits_c_occasionId": parent["id"]}
    send(client, "POST", "/o/c/visits", linked)

    assert relationship["objectField"]["name"] == "r_occasionVisits_c_occasionId"
    settings = {
        setting["name"]: setting["value"]
        for setting in relationship["objectField"]["objectFieldSettings"]
    }
    assert settings == {
        "objectDefinition1ShortName": "Occasion",
        "objectRelationshipERCObjectFieldName": "r_occasionVisits_c_occasionERC",
    }
    counted = send(client, "GET", f"/o/c/occasions/{parent['id']}", None)
    assert counted["visitCount"] == "1"
    nested = f"/o/c/occasions/{parent['id']}/occasionVisits"
    assert client.get(nested).json()["totalCount"] == 1
    assert client.post(nested, json={"title": "Bob"}).status_code in {400, 405}


def test_parts_of_a_tree_name_both_of_their_definitions(
    client: httpx2.Client,
) -> None:
    """*Inheritance*: the body repeats the parent of the path by its id."""
    parent, child = (
        send(
            client,
            "POST",
            DEFINITIONS,
            {
                "label": {"en_US": name},
                "name": name,
                "pluralLabel": {"en_US": f"{name}s"},
                "scope": "company",
            },
        )
        for name in ("Trunk", "Twig")
    )

    edge = send(
        client,
        "POST",
        f"{DEFINITIONS}/{parent['id']}/object-relationships",
        {
            "deletionType": "cascade",
            "edge": True,
            "label": {"en_US": "My Children"},
            "name": "myChildren",
            "objectDefinitionId1": parent["id"],
            "objectDefinitionId2": child["id"],
            "type": "oneToMany",
        },
    )

    assert (edge["edge"], edge["objectDefinitionId1"], edge["objectDefinitionId2"]) == (
        True,
        parent["id"],
        child["id"],
    )
