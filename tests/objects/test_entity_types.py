"""The entity types and fields that an installation offers."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.entity_type import EntityType, Field
from dmc_widgets.objects.documents.kinds import build_document_entity_types
from dmc_widgets.objects.entries.entity_type import build_entry_entity_type


def entity_type(name: str) -> EntityType:
    return next(each for each in build_document_entity_types() if each.name == name)


@pytest.mark.parametrize(
    ("name", "label", "key", "required"),
    [
        (
            "ObjectDefinition",
            "ObjectDefinition (v1.0 - Liferay Object Admin REST)",
            "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition",
            ["label", "name", "pluralLabel", "scope"],
        ),
        (
            "ListTypeDefinition",
            "ListTypeDefinition (v1.0 - Liferay Headless Admin List Type)",
            "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeDefinition",
            ["name"],
        ),
        (
            "ObjectFolder",
            "ObjectFolder (v1.0 - Liferay Object Admin REST)",
            "com.liferay.object.admin.rest.dto.v1_0.ObjectFolder",
            ["label", "name"],
        ),
    ],
)
def test_documents_are_open_entity_types_that_csv_cannot_hold(
    name: str, label: str, key: str, required: list[str]
) -> None:
    found = entity_type(name)

    assert (found.label, found.key, found.open) == (label, key, True)
    assert [field.name for field in found.fields if field.required] == required
    assert all(field.unsupported_formats == {"CSV", "XLSX"} for field in found.fields)
    assert [field.name for field in found.fields] == sorted(
        e.name for e in found.fields
    )


def test_import_cannot_fill_server_set_properties() -> None:
    definition = entity_type("ObjectDefinition")

    assert [field.name for field in definition.fields if field.read_only] == [
        "actions",
        "dateCreated",
        "dateModified",
        "id",
        "parameterRequired",
        "restContextPath",
        "rootObjectDefinitionExternalReferenceCode",
    ]
    assert len(definition.export_fields) - len(definition.import_fields) == 7


def test_properties_newer_than_the_lists_are_fields_too() -> None:
    (*_, definition) = build_document_entity_types(
        {"ObjectDefinition": {"newer", "name"}}
    )

    newer = next(field for field in definition.fields if field.name == "newer")
    assert newer == Field(
        name="newer", type="object", unsupported_formats=frozenset({"CSV", "XLSX"})
    )
    assert [field.name for field in definition.fields].count("name") == 1


def field(name: str, business_type: str, **more: Any) -> dict[str, Any]:
    label = {"de_DE": f"{name} auf Deutsch", "en_US": name.capitalize()}
    return {"name": name, "businessType": business_type, "label": label, **more}


TICKET = {
    "defaultLanguageId": "en_US",
    "name": "Ticket",
    "objectFields": [
        field("title", "Text", required=True),
        field("total", "Formula"),
        field("count", "Aggregation"),
        field("color", "Picklist", listTypeDefinitionExternalReferenceCode="COLORS"),
        field(
            "tags",
            "MultiselectPicklist",
            listTypeDefinitionExternalReferenceCode="COLORS",
        ),
        field("r_owner_c_personId", "Relationship", required=True),
        field(
            "r_userToTicket_userId",
            "Relationship",
            objectFieldSettings=[
                {
                    "name": "objectRelationshipERCObjectFieldName",
                    "value": "r_userToTicket_userERC",
                }
            ],
        ),
    ],
}

COLORS = {"listTypeEntries": [{"key": "red"}, {"key": "blue"}]}


def entry_field(name: str) -> Field:
    found = build_entry_entity_type(TICKET, {"COLORS": COLORS})
    return next(field for field in found.fields if field.name == name)


def test_entries_are_an_entity_type_of_their_own() -> None:
    found = build_entry_entity_type(TICKET)

    assert (found.name, found.delegate, found.open) == ("C_Ticket", "C_Ticket", False)
    assert found.label == "Ticket (v1.0 - Liferay Object REST)"
    assert found.key == "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"


def test_import_of_entries_fills_required_fields_first() -> None:
    found = build_entry_entity_type(TICKET)

    assert [field.name for field in found.import_fields] == [
        "owner",
        "r_owner_c_personERC",
        "r_owner_c_personId",
        "title",
        "color",
        "externalReferenceCode",
        "keywords",
        "r_userToTicket_userERC",
        "r_userToTicket_userId",
        "status",
        "tags",
        "taxonomyCategoryBriefs",
        "taxonomyCategoryIds",
        "userToTicket",
    ]


def test_export_of_entries_holds_no_nested_parents() -> None:
    found = build_entry_entity_type(TICKET)

    assert {field.name for field in found.export_fields} == {
        "color",
        "count",
        "creator",
        "dateCreated",
        "dateModified",
        "externalReferenceCode",
        "id",
        "keywords",
        "ownerERC",
        "r_owner_c_personERC",
        "r_owner_c_personId",
        "r_userToTicket_userERC",
        "r_userToTicket_userId",
        "status",
        "tags",
        "taxonomyCategoryBriefs",
        "title",
        "total",
        "userToTicketERC",
    }


@pytest.mark.parametrize(
    "expected",
    [
        Field(
            name="title",
            type="Text",
            label="Title",
            required=True,
            other_labels=(("de_DE", "title auf Deutsch"),),
            custom=True,
        ),
        Field(
            name="total",
            type="Formula",
            label="Total",
            read_only=True,
            other_labels=(("de_DE", "total auf Deutsch"),),
            custom=True,
        ),
        Field(
            name="count",
            type="Aggregation",
            label="Count",
            read_only=True,
            other_labels=(("de_DE", "count auf Deutsch"),),
            custom=True,
        ),
        Field(
            name="color",
            type="Picklist",
            label="Color",
            other_labels=(("de_DE", "color auf Deutsch"),),
            custom=True,
            parts=("key", "name"),
            choices=(("red", "red"), ("blue", "blue")),
        ),
        Field(
            name="tags",
            type="MultiselectPicklist",
            label="Tags",
            other_labels=(("de_DE", "tags auf Deutsch"),),
            custom=True,
            parts=("key_1", "name_1", "key_2", "name_2"),
            choices=(("red", "red"), ("blue", "blue")),
        ),
        Field(
            name="owner",
            type="object",
            label="R_owner_c_personid",
            required=True,
            write_only=True,
            any_of_group="owner",
            stays=True,
            custom=True,
            unsupported_formats=frozenset({"CSV", "XLSX"}),
        ),
        Field(
            name="r_owner_c_personId",
            type="integer",
            label="R_owner_c_personid",
            required=True,
            any_of_group="owner",
            stays=True,
            custom=True,
        ),
        Field(
            name="r_owner_c_personERC",
            type="string",
            label="R_owner_c_personid",
            required=True,
            any_of_group="owner",
            stays=True,
            custom=True,
        ),
        Field(
            name="r_userToTicket_userERC",
            type="string",
            label="R_usertoticket_userid",
            any_of_group="userToTicket",
            stays=True,
            custom=True,
        ),
        Field(
            name="creator",
            type="object",
            label="Author",
            read_only=True,
            parts=("familyName", "givenName", "id", "name"),
        ),
        Field(
            name="status",
            type="object",
            label="Status",
            parts=("code", "label", "label_i18n"),
        ),
    ],
    ids=lambda each: each.name,
)
def test_field_of_entries_is_made_from_its_definition(expected: Field) -> None:
    assert entry_field(expected.name) == expected


def test_labels_are_in_the_definitions_own_language() -> None:
    found = build_entry_entity_type(TICKET | {"defaultLanguageId": "de_DE"})

    labels = {field.name: field.label for field in found.fields}
    assert labels["title"] == "title auf Deutsch"


def test_only_entries_of_sites_have_a_scope_key() -> None:
    of_site = build_entry_entity_type(TICKET | {"scope": "site"})

    assert Field(name="scopeKey", label="Scope Key") in of_site.fields
    assert "scopeKey" not in {
        field.name for field in build_entry_entity_type(TICKET).fields
    }


def test_localized_field_also_has_a_map_of_languages() -> None:
    body = {
        "name": "Page",
        "objectFields": [
            field("title", "Text", required=True, localized=True),
            field("total", "Formula", localized=True),
        ],
    }

    found = {field.name: field for field in build_entry_entity_type(body).fields}

    shared: dict[str, Any] = {
        "label": "Title",
        "required": True,
        "any_of_group": "title",
        "custom": True,
    }
    others = (("de_DE", "title auf Deutsch"),)
    assert found["title"] == Field(
        name="title", type="Text", other_labels=others, **shared
    )
    assert found["title_i18n"] == Field(
        name="title_i18n", type="object", languages=("en_US",), **shared
    )
    assert "total_i18n" not in found


def test_read_only_field_is_described_as_such() -> None:
    """What comes by itself is read-only by nature, which is something else."""
    body = {
        "name": "Page",
        "objectFields": [
            field("title", "Text", localized=True, readOnly="true"),
            field("total", "Formula", readOnly="true"),
            field("note", "Text", readOnly="conditional"),
            field("r_owner_c_personId", "Relationship", readOnly="true"),
        ],
    }

    found = {field.name: field for field in build_entry_entity_type(body).fields}

    assert {each.name for each in found.values() if each.fixed} == {
        "title",
        "title_i18n",
        "r_owner_c_personId",
        "r_owner_c_personERC",
        "owner",
    }
    assert found["title"].description == "Read-only: keeps the value that it has"
    assert found["total"].description == ""
    assert found["note"].description == (
        "Read-only under a condition, which only Liferay evaluates"
    )


@pytest.mark.parametrize(
    ("extra", "has_default"),
    [
        ({}, False),
        ({"objectFieldSettings": [{"name": "defaultValue", "value": "a"}]}, True),
        ({"state": True, "defaultValue": "open"}, True),
        ({"defaultValue": "open"}, False),
        ({"businessType": "AutoIncrement"}, True),
    ],
)
def test_field_has_a_default_where_a_new_entry_gets_one(
    extra: dict[str, Any], *, has_default: bool
) -> None:
    body = {"name": "Page", "objectFields": [field("title", "Text") | extra]}

    found = {field.name: field for field in build_entry_entity_type(body).fields}

    assert found["title"].has_default is has_default
