"""The parts of definitions and picklists: listed, found by id, added, changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, PICKLISTS, Define, field

pytestmark = pytest.mark.each_database

ADMIN = "/o/object-admin/v1.0"

ACTION = {
    "active": True,
    "conditionExpression": "",
    "label": {"en_US": "Notify"},
    "name": "notify",
    "objectActionExecutorKey": "notification",
    "objectActionTriggerKey": "onAfterAdd",
    "parameters": {"notificationTemplateExternalReferenceCode": "MAIL"},
}
LAYOUT = {
    "defaultObjectLayout": True,
    "name": {"en_US": "Default"},
    "objectLayoutTabs": [{"name": {"en_US": "Tab"}, "priority": 0}],
}
RULE = {
    "active": True,
    "engine": "ddm",
    "errorLabel": {"en_US": "Too small"},
    "name": {"en_US": "Size"},
    "script": "amount > 3",
}
VIEW = {
    "defaultObjectView": True,
    "name": {"en_US": "All"},
    "objectViewColumns": [{"objectFieldName": "title", "priority": 0}],
}
PARTS = {
    "object-actions": ("objectActions", ACTION),
    "object-layouts": ("objectLayouts", LAYOUT),
    "object-validation-rules": ("objectValidationRules", RULE),
    "object-views": ("objectViews", VIEW),
}


@pytest.fixture(scope="module")
def number(define: Define) -> int:
    """Create a definition with every kind of parts, and return its id."""
    parts = {array: [part] for array, part in PARTS.values()}
    definition_id: int = define("Lathe", **parts)["id"]
    return definition_id


@pytest.mark.parametrize(("path", "array"), [(k, v[0]) for k, v in PARTS.items()])
def test_part_is_listed_with_its_definition(
    client: httpx2.Client, number: int, path: str, array: str
) -> None:
    """A part is the same by the keys of its definition and by its own id."""
    whole = client.get(f"{DEFINITIONS}/{number}").json()
    coded = f"{DEFINITIONS}/by-external-reference-code/LATHE/{path}"

    (part,) = client.get(f"{DEFINITIONS}/{number}/{path}").json()["items"]
    (same,) = client.get(coded).json()["items"]
    alone = client.get(f"{ADMIN}/{path}/{part['id']}").json()

    assert [part] == [same] == [alone] == whole[array]
    assert part.items() >= PARTS[path][1].items()
    if path in {"object-layouts", "object-validation-rules", "object-views"}:
        assert part["objectDefinitionId"] == number
        assert part["objectDefinitionExternalReferenceCode"] == "LATHE"


@pytest.mark.parametrize("path", PARTS)
def test_parts_can_be_added_changed_and_deleted(
    client: httpx2.Client, define: Define, path: str
) -> None:
    """PUT replaces a part; PATCH, if Liferay supports it, changes single values."""
    array, part = PARTS[path]
    name = f"Mill{array[6:]}"
    owner = define(name)["id"]

    added = client.post(f"{DEFINITIONS}/{owner}/{path}", json=part).json()
    one = f"{ADMIN}/{path}/{added['id']}"
    renamed = {**added, "name": "other" if path == "object-actions" else {"en_US": "B"}}
    replaced = client.put(one, json=renamed).json()
    patched = client.patch(one, json={"active": False})
    stored = client.get(f"{DEFINITIONS}/{owner}").json()[array]
    deleted = client.delete(one)

    assert added.items() >= part.items()
    assert replaced["name"] == renamed["name"]
    expected = part_after_patch(patched, replaced)
    assert [drop_dates(part) for part in stored] == [drop_dates(expected)]
    assert patched.status_code == (
        200 if path in {"object-actions", "object-validation-rules"} else 405
    )
    assert deleted.status_code == 204
    assert client.get(one).status_code == 404
    assert client.get(f"{DEFINITIONS}/{owner}").json()[array] == []


def part_after_patch(
    patched: httpx2.Response, replaced: dict[str, Any]
) -> dict[str, Any]:
    """Return the part after a PATCH that may have been refused."""
    return replaced | ({"active": False} if patched.status_code == 200 else {})


def drop_dates(part: dict[str, Any]) -> dict[str, Any]:
    """Remove the date of change, which differs between requests."""
    return {name: value for name, value in part.items() if name != "dateModified"}


def test_actions_and_rules_have_server_set_properties(
    client: httpx2.Client, number: int
) -> None:
    """The server adds read-only properties to both."""
    path = f"{DEFINITIONS}/{number}"

    (action,) = client.get(f"{path}/object-actions").json()["items"]
    (rule,) = client.get(f"{path}/object-validation-rules").json()["items"]

    owner = client.get(path).json()
    for name in ("dateCreated", "dateModified"):
        assert action[name] == rule[name] == owner[name]
    assert action["status"]["label"] == "never-ran"
    assert rule["engineLabel"] == "Expression Builder"
    assert rule["outputType"] == "fullValidation"


def test_view_can_be_copied(client: httpx2.Client, define: Define) -> None:
    """The copy is not the default view."""
    owner = define("Plane", objectViews=[VIEW])["id"]
    path = f"{DEFINITIONS}/{owner}/object-views"
    (view,) = client.get(path).json()["items"]

    copied = client.post(f"{ADMIN}/object-views/{view['id']}/copy").json()

    assert copied["name"] == {"en_US": "All (Copy)"}
    assert (view["defaultObjectView"], copied["defaultObjectView"]) == (True, False)
    assert client.get(path).json()["totalCount"] == 2
    assert copied["externalReferenceCode"] != view["externalReferenceCode"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("object-fields", "ObjectField"),
        ("object-relationships", "ObjectRelationship"),
        ("object-actions", "ObjectAction"),
    ],
)
def test_unknown_property_is_rejected(
    client: httpx2.Client, number: int, path: str, name: str
) -> None:
    response = client.post(f"{DEFINITIONS}/{number}/{path}", json={"colour": "red"})

    assert response.status_code == 400
    title = f'The property "colour" is not defined in {name}.'
    assert response.json()["title"] == title


@pytest.mark.parametrize(
    ("path", "name", "class_name"),
    [
        ("object-actions", {"en_US": "Notify"}, "String"),
        ("object-layouts", "Default", "Map"),
        ("object-validation-rules", 7, "Map"),
        ("object-views", ["All"], "Map"),
    ],
)
def test_value_of_wrong_type_is_rejected(
    client: httpx2.Client, number: int, path: str, name: Any, class_name: str
) -> None:
    """Names of actions are texts; other names have a text for each language."""
    response = client.post(f"{DEFINITIONS}/{number}/{path}", json={"name": name})

    assert response.status_code == 400
    assert response.json()["title"].startswith('Unable to map JSON path "name" with')
    assert response.json()["title"].endswith(f'to class "{class_name}"')


Names = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def names(client: httpx2.Client, define: Define) -> Names:
    """Return a function that lists the names of the fields that match a query."""
    fields = [
        field("title", "Text", label={"en_US": "Headline"}, required=True),
        field(
            "code",
            "Text",
            label={"en_US": "Code of the part"},
            objectFieldSettings=[{"name": "uniqueValues", "value": True}],
        ),
        field("weight", "Decimal", label={"en_US": "Mass"}),
    ]
    number = define("Trammel", objectFields=fields)["id"]

    def list_names(query: str) -> list[str]:
        path = f"{DEFINITIONS}/{number}/object-fields?pageSize=50&{query}"
        response = client.get(path)
        assert response.status_code == 200, response.text
        return [item["name"] for item in response.json()["items"]]

    return list_names


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter=system eq false", ["title", "code", "weight"]),
        ("filter=label eq 'Mass'", ["weight"]),
        ("filter=unique eq true", ["code"]),
        ("filter=state eq true", []),
        ("filter=system eq false&sort=name:desc", ["weight", "title", "code"]),
        ("filter=system eq false&sort=label", ["code", "title", "weight"]),
        ("search=headLINE", ["title"]),
        ("search=of the part", ["code"]),
        ("search=Text", []),
        ("filter=system eq false&sort=name&page=2", []),
    ],
)
def test_fields_are_filtered_sorted_and_searched(
    names: Names, query: str, expected: list[str]
) -> None:
    """A search considers names and labels."""
    assert names(query) == expected


def test_invalid_filter_of_fields_is_rejected(
    client: httpx2.Client, number: int
) -> None:
    path = f"{DEFINITIONS}/{number}/object-fields"

    assert client.get(f"{path}?filter=name eq").status_code == 400
    assert client.get(f"{path}?sort=nothing").status_code == 400
    assert client.get(f"{path}?filter=objectFieldSettings eq 1").status_code == 400


def test_list_of_actions_ignores_filters(client: httpx2.Client, number: int) -> None:
    """Their list has no such parameter, and ignores it."""
    path = f"{DEFINITIONS}/{number}/object-actions?filter=active eq false"

    assert client.get(path).json()["totalCount"] == 1


def test_relationship_describes_its_child(
    client: httpx2.Client, define: Define
) -> None:
    """It states ids, name and scope of the child, and the field in it."""
    child = define("Gimbal")["id"]
    relationship = {
        "deletionType": "prevent",
        "label": {"en_US": "Gyro"},
        "name": "gyro",
        "objectDefinitionExternalReferenceCode2": "GIMBAL",
        "type": "oneToMany",
    }
    parent = define("Gyro", objectRelationships=[relationship])["id"]
    path = f"{DEFINITIONS}/{parent}/object-relationships"

    (list_names,) = client.get(f"{path}?filter=edge eq false&sort=name").json()["items"]
    code = list_names["externalReferenceCode"]
    label = {**relationship, "label": {"en_US": "Rim"}}
    coded = f"{ADMIN}/object-relationships/by-external-reference-code/{code}"
    again = client.put(coded, json=label).json()

    assert (
        list_names.items()
        >= {
            "objectDefinitionExternalReferenceCode1": "GYRO",
            "objectDefinitionId1": parent,
            "objectDefinitionId2": child,
            "objectDefinitionName2": "Gimbal",
            "objectDefinitionScope2": "company",
            "reverse": False,
        }.items()
    )
    assert list_names["objectField"]["name"] == "r_gyro_c_gyroId"
    assert (again["id"], again["label"]) == (list_names["id"], {"en_US": "Rim"})
    assert again["externalReferenceCode"] == code
    assert client.get(path).json()["totalCount"] == 1


def test_entries_of_a_picklist_are_filtered_sorted_and_searched(
    client: httpx2.Client,
) -> None:
    entries = [
        {"key": key, "name_i18n": {"en-US": name}}
        for key, name in (("s", "Small"), ("m", "Medium"), ("xs", "Smaller"))
    ]
    body = {"name": "Sizes of anvils", "listTypeEntries": entries}
    number = client.post(PICKLISTS, json=body).json()["id"]

    def keys(query: str) -> list[str]:
        path = f"{PICKLISTS}/{number}/list-type-entries?{query}"
        return [item["key"] for item in client.get(path).json()["items"]]

    assert keys("filter=startswith(name,'Small')&sort=key:desc") == ["xs", "s"]
    assert keys("search=med") == ["m"]
    assert keys("sort=name") == ["m", "s", "xs"]
    assert keys("filter=key in ('m','s')&pageSize=1&page=2") == ["m"]


def test_lists_of_documents_are_filtered_sorted_and_searched(
    client: httpx2.Client,
) -> None:
    """Lists of picklists and folders work like those of fields."""
    folders = f"{ADMIN}/object-folders"
    for name in ("Zulu", "Zola"):
        client.post(PICKLISTS, json={"name": name})
        client.post(folders, json={"name": name, "label": {"en_US": f"The {name}"}})

    def list_names(path: str, query: str) -> list[str]:
        return [item["name"] for item in client.get(f"{path}?{query}").json()["items"]]

    assert list_names(PICKLISTS, "filter=contains(name,'Z')&sort=name") == [
        "Zola",
        "Zulu",
    ]
    assert list_names(PICKLISTS, "search=zul") == ["Zulu"]
    assert list_names(folders, "search=the z&sort=name:desc") == ["Zulu", "Zola"]
    assert list_names(folders, "filter=label eq 'The Zola'") == ["Zola"]
