"""Definitions, their parts, folders and picklists over HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import (
    DEFINITIONS,
    PICKLISTS,
    Define,
    definition,
    field,
)

pytestmark = pytest.mark.each_database

ADMIN = "/o/object-admin/v1.0"
FOLDERS = f"{ADMIN}/object-folders"


def test_definition_has_path_status_and_ids(
    client: httpx2.Client, define: Define
) -> None:
    """Liferay adds properties to a posted definition."""
    created = define("Bolt")
    fields = {field["name"]: field for field in created["objectFields"]}

    assert created["restContextPath"] == "/o/c/bolts"
    assert created["status"] == {
        "code": 0,
        "label": "approved",
        "label_i18n": "Approved",
    }
    assert list(fields)[:6] == [
        "creator",
        "createDate",
        "externalReferenceCode",
        "id",
        "modifiedDate",
        "status",
    ]
    assert len({field["id"] for field in fields.values()}) == len(fields)
    again = client.get(f"{DEFINITIONS}/{created['id']}").json()
    coded = client.get(f"{DEFINITIONS}/by-external-reference-code/BOLT").json()
    assert again == coded == created


def test_draft_can_be_published_once(client: httpx2.Client) -> None:
    """Its entries are served after that."""
    draft = client.post(DEFINITIONS, json=definition("Nut", status={"code": 2})).json()
    publish = draft["actions"]["publish"]["href"]
    before = client.get("/o/c/nuts").status_code

    first, second = client.post(publish), client.post(publish)

    assert (draft["status"]["label"], before) == ("draft", 404)
    assert first.json()["status"]["code"] == 0
    assert "publish" not in first.json()["actions"]
    assert client.get("/o/c/nuts").status_code == 200
    assert second.status_code == 400
    assert second.json()["title"] == "The object definition is already published"


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"name": None}, "Name is null"),
        (
            {"name": "washer"},
            "The first character of a name must be an upper case letter",
        ),
        ({"label": {}}, "Label is null for locale English (United States)"),
        (
            {"colour": "red"},
            'The property "colour" is not defined in ObjectDefinition.',
        ),
        (
            {"scope": 7},
            'Unable to map JSON path "scope" with value "7" to class "String"',
        ),
        (
            {"objectFields": []},
            "At least one object field must be added when "
            "publishing the object definition",
        ),
    ],
)
def test_refused_definition_has_liferays_message(
    client: httpx2.Client, change: dict[str, Any], title: str
) -> None:
    """The messages are those of Liferay."""
    response = client.post(DEFINITIONS, json=definition("Washer") | change)

    assert response.status_code == 400
    assert response.json() == {"status": "BAD_REQUEST", "title": title}


def test_put_deletes_omitted_fields_and_patch_keeps_them(
    client: httpx2.Client, define: Define
) -> None:
    """The two most surprising rules of definitions."""
    created = define("Screw")
    path = f"{DEFINITIONS}/{created['id']}"
    label = {"label": {"en_US": "Screws"}}

    patched = client.patch(path, json=label | {"objectFields": []}).json()
    fewer = [field("title", "Text", required=True)]
    replaced = client.put(path, json=definition("Screw", objectFields=fewer)).json()

    assert patched["label"] == {"en_US": "Screws"}
    assert len(patched["objectFields"]) == len(created["objectFields"])
    names = [e["name"] for e in replaced["objectFields"] if not e.get("system")]
    assert names == ["title"]


def test_published_definition_keeps_name_scope_and_types(
    client: httpx2.Client, define: Define
) -> None:
    """Liferay applies the rest of a PUT, and answers 200 without a warning."""
    define("Sprocket")
    teeth = {
        "name": "teeth",
        "label": {"en_US": "Teeth"},
        "type": "oneToMany",
        "deletionType": "prevent",
        "objectDefinitionExternalReferenceCode2": "SPROCKET",
    }
    wheel = define("Bogie", objectRelationships=[teeth])
    fields = [field("title", "LongText"), field("amount", "Text"), field("due", "Date")]
    body = definition(
        "Bogie",
        label={"en_US": "Gear"},
        objectFields=fields,
        objectRelationships=[
            {**teeth, "type": "manyToMany", "deletionType": "cascade"}
        ],
        scope="site",
    )

    response = client.put(f"{DEFINITIONS}/{wheel['id']}", json={**body, "name": "Gear"})

    created = response.json()
    types = {field["name"]: field["businessType"] for field in created["objectFields"]}
    (link,) = created["objectRelationships"]
    assert response.status_code == 200
    assert (created["name"], created["scope"]) == ("Bogie", "company")
    assert created["label"] == {"en_US": "Gear"}
    assert (types["title"], types["amount"]) == ("Text", "Integer")
    assert (link["type"], link["deletionType"]) == ("oneToMany", "cascade")


def test_folder_imports_its_definitions(client: httpx2.Client) -> None:
    """As Liferay's Objects page exports and imports it; PUT keeps the folder's name."""
    listed = {
        "linkedObjectDefinition": False,
        "objectDefinition": definition("Lever"),
        "objectDefinitionExternalReferenceCode": "LEVER",
    }
    body = {
        "externalReferenceCode": "BENCH",
        "name": "Bench",
        "label": {"en_US": "Bench"},
        "objectFolderItems": [listed],
    }

    added = client.post(FOLDERS, json=body)
    renamed = client.put(
        f"{FOLDERS}/by-external-reference-code/BENCH", json={**body, "name": "Desk"}
    )

    lever = client.get(f"{DEFINITIONS}/by-external-reference-code/LEVER").json()
    assert (added.status_code, renamed.status_code) == (200, 200)
    assert renamed.json()["name"] == "Bench"
    assert lever["objectFolderExternalReferenceCode"] == "BENCH"
    assert lever["status"]["code"] == 0


def test_package_placeholder_is_refused(client: httpx2.Client) -> None:
    labels = {"[$FOR_EACH_LANGUAGE_ID$]": "crank"}

    response = client.post(DEFINITIONS, json=definition("Crank", label=labels))

    assert response.status_code == 400
    assert response.json()["title"].startswith(
        "The placeholder [$FOR_EACH_LANGUAGE_ID$] is not supported"
    )


def test_error_contains_only_liferays_text(client: httpx2.Client) -> None:
    """The cause that precedes it elsewhere is not for clients of Liferay."""
    fields = [field("hue", "Picklist", listTypeDefinitionId=4711)]

    response = client.post(DEFINITIONS, json=definition("Hue", objectFields=fields))

    assert response.status_code == 400
    assert response.json()["title"] == "List type definition ID is 0"


def test_put_by_unknown_erc_adds_a_definition(client: httpx2.Client) -> None:
    """An ERC in the body has to equal that of the path."""
    path = f"{DEFINITIONS}/by-external-reference-code/NAIL"

    added = client.put(path, json=definition("Nail"))
    other = client.put(path, json=definition("Nail", externalReferenceCode="X"))

    assert (added.status_code, added.json()["name"]) == (200, "Nail")
    assert other.json()["title"] == (
        "The external reference code NAIL cannot be changed here"
    )


def test_definitions_are_filtered_sorted_and_paged(
    client: httpx2.Client, define: Define
) -> None:
    """Lists of definitions work like every list."""
    for name in ("Zinc", "Zebra"):
        define(name)
    query = "filter=startswith(name,'Z')&sort=name:asc&pageSize=1"

    first = client.get(f"{DEFINITIONS}?{query}").json()
    second = client.get(f"{DEFINITIONS}?{query}&page=2").json()

    assert (first["totalCount"], first["lastPage"]) == (2, 2)
    names = [e["name"] for page in (first, second) for e in page["items"]]
    assert names == ["Zebra", "Zinc"]
    assert client.get(f"{DEFINITIONS}?filter=name eq").status_code == 400
    assert client.get(f"{DEFINITIONS}?sort=nothing").status_code == 400


def test_field_is_part_of_its_definition(client: httpx2.Client, define: Define) -> None:
    """It is added, changed and deleted under the rules of the definition."""
    number = define("Gear")["id"]
    path = f"{DEFINITIONS}/{number}/object-fields"

    added = client.post(path, json=field("teeth", "Integer")).json()
    one = f"{ADMIN}/object-fields/{added['id']}"
    patched = client.patch(one, json={"label": {"en_US": "Number of teeth"}}).json()
    twice = client.post(path, json=field("teeth", "Text"))
    listed = client.get(f"{path}?search=TEETH").json()
    deleted = client.delete(one)

    assert (added["name"], added["DBType"]) == ("teeth", "Integer")
    assert patched["label"] == {"en_US": "Number of teeth"}
    assert (patched["id"], patched["businessType"]) == (added["id"], "Integer")
    assert twice.json()["title"] == "Duplicate name teeth"
    assert [item["name"] for item in listed["items"]] == ["teeth"]
    assert deleted.status_code == 204
    assert client.get(one).status_code == 404


def test_system_field_cannot_be_changed_or_deleted(
    client: httpx2.Client, define: Define
) -> None:
    """Both requests are refused."""
    created = define("Belt")
    number = created["objectFields"][0]["id"]
    path = f"{ADMIN}/object-fields/{number}"

    assert client.delete(path).json()["title"] == "System fields cannot be deleted"
    response = client.put(path, json=field("creator", "Text"))
    assert response.json()["title"] == "System fields cannot be changed"


def test_relationship_can_be_added_and_deleted(
    client: httpx2.Client, define: Define
) -> None:
    """The field of the child is created and deleted with it."""
    define("Motor")
    child = define("Piston")["id"]
    body = {
        "deletionType": "prevent",
        "label": {"en_US": "Motor"},
        "name": "motor",
        "objectDefinitionExternalReferenceCode1": "MOTOR",
        "objectDefinitionExternalReferenceCode2": "PISTON",
        "type": "oneToMany",
    }
    path = f"{ADMIN}/object-relationships"

    def names() -> set[str]:
        fields = client.get(f"{DEFINITIONS}/{child}").json()["objectFields"]
        return {field["name"] for field in fields}

    put = client.put(f"{path}/by-external-reference-code/REL", json=body).json()
    with_it = names()
    again = client.get(f"{path}/{put['id']}").json()
    deleted = client.delete(f"{path}/{put['id']}")

    assert (put["name"], put["externalReferenceCode"]) == ("motor", "REL")
    assert again == put
    assert deleted.status_code == 204
    assert with_it - names() == {"r_motor_c_motorId"}


def test_folders_have_the_same_verbs(client: httpx2.Client) -> None:
    """Folders group definitions."""
    body = {"name": "Tools", "label": {"en_US": "Tools"}}

    added = client.post(FOLDERS, json=body | {"externalReferenceCode": "TOOLS"})
    path = f"{FOLDERS}/{added.json()['id']}"
    patched = client.patch(path, json={"label": {"en_US": "All tools"}})
    listed = client.get(f"{FOLDERS}?search=all").json()

    assert added.status_code == patched.status_code == 200
    assert [item["name"] for item in listed["items"]] == ["Tools"]
    assert client.delete(path).status_code == 204
    assert client.get(path).json() == {
        "status": "NOT_FOUND",
        "title": f"No ObjectFolder exists with the primary key {added.json()['id']}",
    }


def test_picklist_entry_is_part_of_its_picklist(client: httpx2.Client) -> None:
    """Its key cannot change; its names can."""
    low = {"key": "low", "name": "Low", "name_i18n": {"en-US": "Low"}}
    body = {"externalReferenceCode": "SIZES", "name": "Sizes", "listTypeEntries": [low]}
    created = client.post(PICKLISTS, json=body).json()
    path = f"{PICKLISTS}/{created['id']}/list-type-entries"

    added = client.post(path, json={"key": "high", "name": "High"}).json()
    one = f"/o/headless-admin-list-type/v1.0/list-type-entries/{added['id']}"
    renamed = client.put(one, json={"name": "Tall"}).json()
    moved = client.put(one, json={"key": "tall", "name": "Tall"})
    twice = client.post(path, json={"key": "low", "name": "Low"})
    coded = f"{PICKLISTS}/by-external-reference-code/SIZES/list-type-entries"
    keys = [item["key"] for item in client.get(coded).json()["items"]]

    assert (added["key"], renamed["name"]) == ("high", "Tall")
    assert (moved.status_code, moved.json()["key"]) == (200, "high")
    assert twice.json()["title"] == "Duplicate key low"
    assert keys == ["low", "high"]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_picklists_and_folders_that_a_definition_names_are_created(
    client: httpx2.Client,
) -> None:
    """Missing picklists and folders are created empty."""
    states = {"listTypeDefinitionExternalReferenceCode": "VISE STATES"}
    settings = [
        {"name": "defaultValueType", "value": "inputAsValue"},
        {"name": "defaultValue", "value": "open"},
    ]
    body = definition(
        "Vise",
        objectFields=[
            field("state", "Picklist", objectFieldSettings=settings, **states)
        ],
        objectFolderExternalReferenceCode="VISE FOLDER",
    )
    coded = "by-external-reference-code/VISE%20"

    assert client.post(DEFINITIONS, json=body).status_code == 200
    picklist = client.get(f"{PICKLISTS}/{coded}STATES").json()
    folder = client.get(f"{FOLDERS}/{coded}FOLDER").json()
    more = client.post(
        f"{PICKLISTS}/{coded}STATES/list-type-entries", json={"key": "a", "name": "A"}
    )
    entry = client.post("/o/c/vises", json={"state": "a"})

    assert picklist["name"] == "VISE STATES"
    assert [entry["key"] for entry in picklist["listTypeEntries"]] == ["open"]
    assert folder["label"] == {"en_US": "VISE FOLDER"}
    assert (more.status_code, entry.status_code) == (200, 200)


BROKEN = {
    "externalReferenceCode": "BROKEN",
    "label": {},
    "name": "broken",
    "objectFields": [
        {"DBType": "String", "businessType": "Text", "label": {"en_US": "A"}},
        {"businessType": "Text", "label": {"en_US": "B"}, "name": "Upper"},
        {"businessType": "Text", "label": {}, "name": "bare"},
        {"businessType": "Gas", "label": {"en_US": "C"}, "name": "strange"},
    ],
    "pluralLabel": {"en_US": "Broken"},
}
MODEL = "com.liferay.object.model.ObjectDefinition"
FIELD_MODEL = "com.liferay.object.model.ObjectField"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_all_errors_of_a_definition_can_be_asked_for(
    client: httpx2.Client, method: str
) -> None:
    """``accumulateError``: the detail is an array as text, in the order of checks."""
    coded = f"{DEFINITIONS}/by-external-reference-code/BROKEN"
    path = DEFINITIONS if method == "POST" else coded

    first = client.request(method, path, json=BROKEN)
    every = client.request(method, f"{path}?accumulateError=true", json=BROKEN)
    errors = json.loads(every.json()["detail"])

    assert (first.status_code, every.status_code) == (400, 400)
    title = "The first character of a name must be an upper case letter"
    assert first.json()["title"] == title
    assert every.json().keys() == {"detail", "status", "type"}
    assert every.json()["type"] == (
        "com.liferay.object.exception.ObjectDefinitionValidationException"
    )
    assert [
        (
            error["entryClassName"],
            error.get("entryKey"),
            error.get("propertyName"),
            error["errorMessage"],
        )
        for error in errors
    ] == [
        (MODEL, "BROKEN", "name", title),
        (MODEL, "BROKEN", "label", "Label is null for locale English (United States)"),
        (MODEL, "BROKEN", "scope", "Scope is null"),
        (FIELD_MODEL, None, "name", "Name is null"),
        (
            FIELD_MODEL,
            "Upper",
            "name",
            "The first character of a name must be a lower case letter",
        ),
        (
            FIELD_MODEL,
            "bare",
            "label",
            "Label is null for locale English (United States)",
        ),
        (FIELD_MODEL, "strange", None, "Invalid business type Gas"),
    ]
    assert errors[0]["exceptionClassName"] == (
        "com.liferay.object.exception.ObjectDefinitionNameException"
        "$MustBeginWithUpperCaseLetter"
    )
    assert errors[0]["propertyValue"] == "broken"
    assert client.get(coded).status_code == 404


def test_definition_without_errors_is_added_as_usual(client: httpx2.Client) -> None:
    """The parameter changes only the response to errors."""
    response = client.post(
        f"{DEFINITIONS}?accumulateError=true", json=definition("Rivet")
    )

    assert response.status_code == 200
