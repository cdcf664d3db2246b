"""Permissions, standalone actions and the history of entries."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import SETTINGS, Define, SandboxServer

pytestmark = pytest.mark.each_database

CODE = "externalReferenceCode"
INVALID = 'The value is invalid for object field "permissions"'
OWNER = {
    "actionIds": [
        "DELETE",
        "OBJECT_ENTRY_HISTORY",
        "PERMISSIONS",
        "UPDATE",
        "VIEW",
        "approve",
    ],
    "roleName": "Owner",
    "roleType": "regular",
}
AUTHOR = {
    "additionalName": "",
    "contentType": "UserAccount",
    "familyName": "Test",
    "givenName": "Test",
    "id": 20123,
    "name": "Test Test",
}


def action(name: str, trigger: str, *, active: bool = True) -> dict[str, Any]:
    return {
        "active": active,
        CODE: f"ACTION-{name}",
        "label": {"en_US": name},
        "name": name,
        "objectActionExecutorKey": "webhook",
        "objectActionTriggerKey": trigger,
        "parameters": {"url": "http://127.0.0.1:9/never"},
    }


@pytest.fixture(scope="module")
def contract(client: httpx2.Client, define: Define) -> dict[str, Any]:
    """Create an entry of an object with history and actions."""
    actions = [
        action("approve", "standalone"),
        action("retired", "standalone", active=False),
        action("afterwards", "onAfterAdd"),
    ]
    created = define("Contract", enableObjectEntryHistory=True, objectActions=actions)
    body = {CODE: "C 1", "title": "Rent"}
    entry = client.post("/o/c/contracts", json=body)
    assert entry.status_code == 200, entry.text
    return {**entry.json(), "definition": created["id"]}


def test_entry_without_stated_permissions_belongs_to_its_owner(
    sandbox: SandboxServer, client: httpx2.Client, contract: dict[str, Any]
) -> None:
    path = f"/o/c/contracts/{contract['id']}/permissions"
    href = f"{sandbox.url}{path}"

    assert client.get(path).json() == {
        "actions": {
            "get": {"href": href, "method": "GET"},
            "replace": {"href": href, "method": "PUT"},
        },
        "facets": [],
        "items": [OWNER],
        "lastPage": 1,
        "page": 1,
        "pageSize": 1,
        "totalCount": 1,
    }
    coded = "/o/c/contracts/by-external-reference-code/C%201/permissions"
    assert client.get(coded).json()["items"] == [OWNER]


def test_put_replaces_all_permissions(
    client: httpx2.Client, contract: dict[str, Any]
) -> None:
    assert contract
    number = client.post("/o/c/contracts", json={"title": "Loan"}).json()["id"]
    path = f"/o/c/contracts/{number}/permissions"
    stated = [
        {"actionIds": ["VIEW", "approve"], "roleName": "Site Member"},
        {"actionIds": ["UPDATE"], "roleName": "Clerk", "roleType": "regular"},
        {"actionIds": [], "roleName": "Guest"},
    ]
    clerk = {"actionIds": ["UPDATE"], "roleName": "Clerk", "roleType": "regular"}
    member = {
        "actionIds": ["VIEW", "approve"],
        "roleName": "Site Member",
        "roleType": "site",
    }

    put = client.put(path, json=stated)

    assert (put.status_code, put.json()["items"]) == (200, [clerk, member])
    assert client.get(path).json()["items"] == [clerk, member]
    one = client.get(path, params={"roleNames": "Guest,Clerk"}).json()
    assert (one["items"], one["totalCount"]) == ([clerk], 1)
    nested = client.get(f"/o/c/contracts/{number}?nestedFields=permissions").json()
    assert nested["permissions"] == [clerk, member]
    listed = client.get("/o/c/contracts?nestedFields=permissions").json()["items"]
    assert [entry["permissions"] for entry in listed] == [[OWNER], [clerk, member]]
    assert client.put(path, json=[]).json()["items"] == []
    assert client.get(path).json()["items"] == []
    assert client.delete(f"/o/c/contracts/{number}").status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({}, "They are a list."),
        ([7], "Each names a role by its roleName."),
        ([{"actionIds": ["VIEW"]}], "Each names a role by its roleName."),
        (
            [{"roleName": "\ud800", "actionIds": ["VIEW"]}],
            "Each names a role by its roleName.",
        ),
        (
            [{"roleName": "x" * 76, "actionIds": ["VIEW"]}],
            "Each names a role by its roleName.",
        ),
        ([{"roleName": "Guest"}], "Each has a list of actionIds."),
        (
            [{"roleName": "Guest", "actionIds": ["VIEW", "FLY"]}],
            "The actions are DELETE, OBJECT_ENTRY_HISTORY, PERMISSIONS, UPDATE, VIEW, "
            "approve.",
        ),
        (
            [{"roleName": "Guest", "actionIds": [["VIEW"]]}],
            "The actions are DELETE, OBJECT_ENTRY_HISTORY, PERMISSIONS, UPDATE, VIEW, "
            "approve.",
        ),
    ],
)
def test_wrong_permissions_are_400(
    client: httpx2.Client, contract: dict[str, Any], body: Any, cause: str
) -> None:
    path = f"/o/c/contracts/{contract['id']}/permissions"
    headers = {"Content-Type": "application/json"}
    response = client.put(path, content=json.dumps(body), headers=headers)

    assert (response.status_code, response.json()) == (
        400,
        {
            "detail": f"{cause} {INVALID}",
            "status": "BAD_REQUEST",
            "title": INVALID,
        },
    )
    assert client.get(path).json()["items"] == [OWNER]


def test_unknown_role_and_unknown_entry_are_404(
    client: httpx2.Client, contract: dict[str, Any]
) -> None:
    path = f"/o/c/contracts/{contract['id']}/permissions"
    role = client.get(path, params={"roleNames": "Nobody"})
    entry = client.get("/o/c/contracts/-1/permissions")

    assert (role.status_code, role.json()["title"]) == (
        404,
        "No Role exists with the key {companyId=20096, name=Nobody}",
    )
    assert (entry.status_code, entry.json()["title"]) == (
        404,
        "No ObjectEntry exists with the primary key -1",
    )


def test_user_who_may_only_read_cannot_set_permissions(
    sandbox: SandboxServer, contract: dict[str, Any]
) -> None:
    user, password = SETTINGS.read_only_user, SETTINGS.read_only_password
    with sandbox.client(user, password) as reader:
        path = f"/o/c/contracts/{contract['id']}/permissions"
        assert reader.put(path, json=[]).status_code == 403
        assert list(reader.get(path).json()["actions"]) == ["get"]


def test_standalone_action_is_found_and_not_carried_out(
    sandbox: SandboxServer, client: httpx2.Client, contract: dict[str, Any]
) -> None:
    coded = "/o/c/contracts/by-external-reference-code/C%201/object-actions/approve"
    links = client.get(f"/o/c/contracts/{contract['id']}").json()["actions"]

    assert links["approve"] == {"href": f"{sandbox.url}{coded}", "method": "PUT"}
    assert "retired" not in links
    assert "afterwards" not in links
    for path in (coded, f"/o/c/contracts/{contract['id']}/object-actions/approve"):
        response = client.put(path)
        assert (response.status_code, response.content) == (204, b"")
        assert response.headers["warning"] == (
            "199 - \"The sandbox did not carry out the webhook action 'approve'\""
        )


@pytest.mark.parametrize("name", ["nothing", "retired", "afterwards"])
def test_unknown_action_is_404(
    client: httpx2.Client, contract: dict[str, Any], name: str
) -> None:
    path = f"/o/c/contracts/{contract['id']}/object-actions/{name}"
    response = client.put(path)

    assert (response.status_code, response.json()["title"]) == (
        404,
        "No ObjectAction exists with the key {objectDefinitionId="
        f"{contract['definition']}, active=true, name={name}, "
        "objectActionTriggerKey=standalone}",
    )


def test_history_of_entries_is_given_as_audit_events(
    client: httpx2.Client, define: Define
) -> None:
    """The most recent event comes first; what changes nothing leaves none."""
    define("Deed", enableObjectEntryHistory=True)
    path = "/o/c/deeds/by-external-reference-code/D"
    for body in ({"title": "a"}, {"title": "b", "amount": 2}, {"title": "b"}):
        assert client.put(path, json=body).status_code == 200
    assert client.patch(path, json={"title": "b"}).status_code == 200

    events = client.get(path, params={"nestedFields": "auditEvents"}).json()
    listed = client.get("/o/c/deeds?nestedFields=auditEvents").json()["items"][0]

    assert "auditEvents" not in client.get(path).json()
    assert listed["auditEvents"] == events["auditEvents"]
    assert all(event.pop("dateCreated") for event in events["auditEvents"])
    assert events["auditEvents"] == [
        {
            "auditFieldChanges": [{"name": "amount", "oldValue": 2}],
            "creator": AUTHOR,
            "eventType": "UPDATE",
        },
        {
            "auditFieldChanges": [
                {"name": "amount", "newValue": 2},
                {"name": "title", "newValue": "b", "oldValue": "a"},
            ],
            "creator": AUTHOR,
            "eventType": "UPDATE",
        },
        {
            "auditFieldChanges": [{"name": "title", "newValue": "a"}],
            "creator": AUTHOR,
            "eventType": "ADD",
        },
    ]


def test_objects_without_history_have_no_audit_events(
    client: httpx2.Client, define: Define
) -> None:
    define("Memo")
    number = client.post("/o/c/memos", json={"title": "x"}).json()["id"]

    entry = client.get(f"/o/c/memos/{number}?nestedFields=auditEvents").json()

    assert "auditEvents" not in entry
