"""What programs and scripts made for Liferay's object-admin and list-type APIs do."""

from __future__ import annotations

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

ADMIN = "/o/object-admin/v1.0"
FOLDERS = f"{ADMIN}/object-folders"
ENTRIES = "/o/headless-admin-list-type/v1.0/list-type-entries"


def test_publishing_activates(client: httpx2.Client) -> None:
    draft = client.post(DEFINITIONS, json=definition("Gasket", status=None)).json()

    published = client.post(f"{DEFINITIONS}/{draft['id']}/publish").json()

    assert (draft["active"], draft["status"]["code"]) == (False, 2)
    assert (published["active"], published["status"]["code"]) == (True, 0)


def test_relationship_names_its_child_by_id_alone(
    client: httpx2.Client, define: Define
) -> None:
    parent, child = define("Hangar"), define("Glider")

    added = client.post(
        f"{DEFINITIONS}/{parent['id']}/object-relationships",
        json={
            "label": {"en_US": "Planes"},
            "name": "planes",
            "objectDefinitionId2": child["id"],
            "type": "oneToMany",
        },
    )
    unknown = client.post(
        f"{DEFINITIONS}/{parent['id']}/object-relationships",
        json={
            "label": {"en_US": "Others"},
            "name": "others",
            "objectDefinitionId2": 987654321,
            "type": "oneToMany",
        },
    )

    assert added.status_code == 200, added.text
    assert added.json()["objectDefinitionExternalReferenceCode2"] == "GLIDER"
    assert added.json()["objectDefinitionId2"] == child["id"]
    assert (unknown.status_code, unknown.json()["title"]) == (
        404,
        "No ObjectDefinition exists with the primary key 987654321",
    )


@pytest.mark.parametrize("is_part", [False, True], ids=["definition", "field"])
def test_field_names_its_picklist_by_id_alone(
    client: httpx2.Client, define: Define, is_part: bool
) -> None:
    code = f"SHADES{is_part:d}"
    picklist = client.post(
        PICKLISTS, json={"externalReferenceCode": code, "name": "Shades"}
    ).json()
    shade = field("shade", "Picklist", listTypeDefinitionId=picklist["id"])

    if is_part:
        owner = define("Blind")
        path = f"{DEFINITIONS}/{owner['id']}/object-fields"
        added = client.post(path, json=shade).json()
    else:
        curtain = definition("Curtain")
        curtain["objectFields"].append(shade)
        fields = client.post(DEFINITIONS, json=curtain).json()["objectFields"]
        added = next(each for each in fields if each["name"] == "shade")

    assert added["listTypeDefinitionExternalReferenceCode"] == code
    assert added["listTypeDefinitionId"] == picklist["id"]


def test_definition_names_the_children_of_its_relationships_by_id_alone(
    define: Define,
) -> None:
    child = define("Sprout")
    garden = define(
        "Garden",
        objectRelationships=[
            {
                "label": {"en_US": "Sprouts"},
                "name": "sprouts",
                "objectDefinitionId2": child["id"],
                "type": "oneToMany",
            }
        ],
    )

    (relationship,) = garden["objectRelationships"]
    assert relationship["objectDefinitionExternalReferenceCode2"] == "SPROUT"


def test_put_of_a_picklist_entry_keeps_its_key_and_code(client: httpx2.Client) -> None:
    picklist = client.post(PICKLISTS, json={"name": "Sizes"}).json()
    path = f"{PICKLISTS}/{picklist['id']}/list-type-entries"
    entry = client.post(
        path, json={"key": "small", "name": "Small", "externalReferenceCode": "S"}
    ).json()

    changed = client.put(
        f"{ENTRIES}/{entry['id']}", json={"key": "tiny", "name": "Tiny"}
    )

    assert changed.status_code == 200
    kept: dict[str, Any] = changed.json()
    assert (kept["key"], kept["name"], kept["externalReferenceCode"], kept["id"]) == (
        "small",
        "Tiny",
        "S",
        entry["id"],
    )


def test_default_folder_is_there_and_stays(
    client: httpx2.Client, define: Define
) -> None:
    path = f"{FOLDERS}/by-external-reference-code/default"

    folder = client.get(path).json()
    deleted = client.delete(f"{FOLDERS}/{folder['id']}")
    renamed = client.put(path, json={"label": {"en_US": "Mine"}, "name": "Default"})
    again = client.post(FOLDERS, json={"label": {"en_US": "D"}, "name": "Default"})

    assert (folder["name"], folder["label"]) == ("Default", {"en_US": "Default"})
    assert sorted(folder["actions"]) == ["get", "permissions", "update"]
    assert (deleted.status_code, deleted.json()["title"]) == (
        400,
        "Default cannot be deleted",
    )
    assert renamed.json()["label"] == {"en_US": "Default"}
    assert again.json()["title"] == "Duplicate name Default"
    homeless = define("Homeless")
    assert homeless["objectFolderExternalReferenceCode"] == "default"
    listed = client.get(
        DEFINITIONS,
        params={
            "filter": "objectFolderExternalReferenceCode eq 'default' and "
            "name eq 'Homeless'"
        },
    ).json()
    assert [item["name"] for item in listed["items"]] == ["Homeless"]


def test_languages_are_taken_in_both_ways_and_given_out_as_liferay_does(
    client: httpx2.Client,
) -> None:
    """Definitions and folders with ``en_US``, picklists with ``en-US``."""
    picklist = client.post(
        PICKLISTS,
        json={
            "listTypeEntries": [
                {"key": "a", "name_i18n": {"en_US": "A", "de_DE": "Ä"}},
                {"key": "b", "name": "B"},
            ],
            "name": "Letters",
        },
    ).json()
    letter = definition(
        "Letter",
        label={"en-US": "Letter", "de-DE": "Brief"},
        pluralLabel={"en-US": "L"},
    )
    letter["objectFields"][0]["label"] = {"en-US": "Title"}
    created = client.post(DEFINITIONS, json=letter).json()
    folder = client.post(
        FOLDERS, json={"label": {"en-US": "Post"}, "name": "Post"}
    ).json()

    assert picklist["name_i18n"] == {"en-US": "Letters"}
    assert [entry["name_i18n"] for entry in picklist["listTypeEntries"]] == [
        {"de-DE": "Ä", "en-US": "A"},
        {"en-US": "B"},
    ]
    assert created["label"] == {"de_DE": "Brief", "en_US": "Letter"}
    assert created["pluralLabel"] == {"en_US": "L"}
    fields = {field["name"]: field["label"] for field in created["objectFields"]}
    assert fields["title"] == {"en_US": "Title"}
    assert folder["label"] == {"en_US": "Post"}


def test_patch_of_translations_changes_the_name(client: httpx2.Client) -> None:
    picklist = client.post(PICKLISTS, json={"name": "Before"}).json()
    folder = client.post(
        FOLDERS, json={"label": {"en_US": "Before"}, "name": "Patched"}
    ).json()
    draft = client.post(DEFINITIONS, json=definition("Patched", status=None)).json()

    named = client.patch(
        f"{PICKLISTS}/{picklist['id']}", json={"name_i18n": {"en_US": "After"}}
    ).json()
    label = {"label": {"en-US": "After"}}
    shelved = client.patch(f"{FOLDERS}/{folder['id']}", json=label).json()
    labelled = client.patch(f"{DEFINITIONS}/{draft['id']}", json=label).json()

    assert (named["name"], named["name_i18n"]) == ("After", {"en-US": "After"})
    assert shelved["label"] == labelled["label"] == {"en_US": "After"}


@pytest.mark.parametrize("number", [0, -1, 2**63, True, "7", 1.5, None, [], {"id": 7}])
def test_ids_that_name_nothing_are_refused_as_a_missing_code_is(
    client: httpx2.Client, number: Any
) -> None:
    body = definition("Nameless")
    body["objectFields"].append(field("hue", "Picklist", listTypeDefinitionId=number))

    response = client.post(DEFINITIONS, json=body)

    assert response.status_code == 400
    assert "List type definition ID is 0" in response.json()["title"]


@pytest.mark.parametrize("texts", [{"en_US": []}, {"en-US": 7}, {"": {}}, {"x": None}])
def test_texts_of_other_types_are_no_server_errors(
    client: httpx2.Client, texts: Any
) -> None:
    letters = {"key": "a", "name": "A", "name_i18n": texts}
    bodies = (
        (PICKLISTS, {"name": "Odd", "name_i18n": texts, "listTypeEntries": [letters]}),
        (FOLDERS, {"label": texts, "name": "Odd"}),
        (DEFINITIONS, definition("Odd", label=texts, description=texts)),
    )
    for path, body in bodies:
        added = client.post(path, json=body)
        assert added.status_code in {200, 400}, added.text
        if added.status_code == 200:
            assert client.get(f"{path}/{added.json()['id']}").status_code == 200
            assert client.delete(f"{path}/{added.json()['id']}").status_code == 204
