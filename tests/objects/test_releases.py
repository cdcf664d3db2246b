"""The published versions of Liferay, and what items lose for each of them."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.errors import UnknownName
from dmc_widgets.model.fitting import Loss
from dmc_widgets.objects.versions.item_schemas import ItemSchemas, Property
from dmc_widgets.objects.versions.releases import (
    LIST_TYPE,
    OBJECT_ADMIN,
    OBJECT_REST,
    find_release,
    identify_release,
    list_releases,
)

DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"


def test_the_known_versions_are_eleven_published_builds_from_the_oldest() -> None:
    assert [release.name for release in list_releases()] == [
        "7.4.0",
        "7.4.1",
        "7.4.1-1",
        "7.4.3.4",
        "7.4.13",
        "7.4.3.9",
        "7.4.3.28",
        "7.4.3.51",
        "7.4.13.u70",
        "7.4.13.u77",
        "7.4.3.112",
    ]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("7.4.3.112", "7.4.3.112"),
        ("7.4.3.112-ga112", "7.4.3.112"),
        ("GA112", "7.4.3.112"),
        ("u77", "7.4.13.u77"),
        (" 7.4.13 ", "7.4.13"),
    ],
)
def test_a_version_goes_by_its_number_and_its_short_names(
    name: str, version: str
) -> None:
    assert find_release(name).name == version


def test_an_unknown_version_names_the_known_ones() -> None:
    with pytest.raises(UnknownName) as error:
        find_release("7.4.3.120")

    assert str(error.value) == (
        "There is no Liferay version named '7.4.3.120'. Known: 7.4.0, 7.4.1, 7.4.1-1, "
        "7.4.3.4, 7.4.13, 7.4.3.9, 7.4.3.28, 7.4.3.51, 7.4.13.u70, 7.4.13.u77, "
        "7.4.3.112."
    )


@pytest.mark.parametrize(
    ("version", "schema", "name", "known"),
    [
        ("7.4.3.112", "ObjectDefinition", "enableObjectEntryDraft", "writable"),
        ("7.4.3.112", "ObjectDefinition", "enableFormContainer", "absent"),
        ("7.4.3.112", "ObjectDefinition", "objectDefinitionSettings", "absent"),
        (
            "7.4.3.112",
            "ObjectField",
            "objectDefinitionExternalReferenceCode1",
            "absent",
        ),
        ("7.4.3.112", "ObjectField", "unique", "read-only"),
        ("7.4.3.112", "ObjectAction", "status", "read-only"),
        ("7.4.13.u77", "ObjectDefinition", "enableObjectEntryDraft", "absent"),
        ("7.4.13.u77", "ObjectRelationship", "edge", "absent"),
        ("7.4.3.28", "ObjectDefinition", "externalReferenceCode", "absent"),
    ],
)
def test_each_version_knows_its_own_properties(
    version: str, schema: str, name: str, known: str
) -> None:
    found = find_release(version).schemas(OBJECT_ADMIN).schemas[schema].get(name)

    access = "absent" if not found else "read-only" if found.read_only else "writable"
    assert access == known


def test_versions_before_objects_have_no_definitions() -> None:
    assert not find_release("7.4.1").has_class(DEFINITION)
    assert find_release("7.4.3.4").has_class(DEFINITION)


def test_what_a_version_lacks_is_left_out_at_any_depth_and_told() -> None:
    item = {
        "name": "Orchard",
        "enableIndexSearch": False,
        "objectFields": [
            {
                "name": "owner",
                "businessType": "EmailAddress",
                "objectDefinitionExternalReferenceCode1": "FARMER",
                "unique": True,
                "objectFieldSettings": [{"id": 3, "name": "a", "value": {"b": 1}}],
            },
            {"name": "note", "objectDefinitionExternalReferenceCode1": ""},
        ],
    }

    fitted = (
        find_release("7.4.3.112").schemas(OBJECT_ADMIN).fit("ObjectDefinition", item)
    )

    assert fitted.item == {
        "name": "Orchard",
        "objectFields": [
            {
                "name": "owner",
                "objectFieldSettings": [{"name": "a", "value": {"b": 1}}],
            },
            {"name": "note"},
        ],
    }
    assert fitted.losses == (
        Loss("enableIndexSearch", False),
        Loss("objectFields[].businessType", "EmailAddress", is_value=True),
        Loss("objectFields[].objectDefinitionExternalReferenceCode1", "FARMER"),
    )


def test_the_system_mark_of_a_picklist_entry_is_unknown_to_7_4_3_112() -> None:
    schemas = find_release("7.4.3.112").schemas(LIST_TYPE)
    picklist = {"listTypeEntries": [{"key": "a"}, {"key": "b", "system": False}]}

    unknown = schemas.find_unknown("ListTypeDefinition", picklist)

    assert unknown is not None
    assert (unknown.path, unknown.schema, unknown.name) == (
        "listTypeEntries[1].system",
        "ListTypeEntry",
        "system",
    )


def test_entries_keep_unknown_properties_at_the_top_and_not_below() -> None:
    schemas = find_release("7.4.3.112").schemas(OBJECT_REST)
    entry = {"title": "Ada", "status": {"code": 0, "colour": "red"}}

    fitted = schemas.fit("ObjectEntry", entry)

    assert fitted.item == {"title": "Ada", "status": {"code": 0}}
    assert fitted.losses == (Loss("status.colour", "red"),)


@pytest.mark.parametrize("version", ["7.4.3.4", "7.4.13.u77", "7.4.3.112"])
def test_a_version_is_identified_by_the_properties_of_its_definitions(
    version: str,
) -> None:
    schemas = find_release(version).schemas(OBJECT_ADMIN).schemas

    found = identify_release(schemas)

    assert found is not None
    assert found.schemas(OBJECT_ADMIN).schemas == schemas


def test_definitions_with_other_properties_are_of_no_known_version() -> None:
    newer: dict[str, Any] = dict(
        find_release("7.4.3.112").schemas(OBJECT_ADMIN).schemas
    )
    newer["ObjectDefinition"] = {**newer["ObjectDefinition"], "colour": Property()}

    assert identify_release(newer) is None
    assert identify_release({}) is None


def test_an_unknown_schema_leaves_an_item_as_it_is() -> None:
    schemas = ItemSchemas({})

    assert schemas.fit("Orchard", {"trees": 3}).item == {"trees": 3}
    assert schemas.find_unknown("Orchard", {"trees": 3}) is None
