"""What a definition is kept as, and what an export shows of it."""

from __future__ import annotations

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.comparison.differences import find_differences
from dmc_widgets.objects.documents.change_set import DocumentChange
from dmc_widgets.objects.documents.definitions import DEFINITION_KIND
from tests.factories import field_settings
from tests.objects.memory_documents import (
    PUBLISHED,
    Item,
    MemoryDocuments,
    text_field,
    ticket,
    without,
)

UPSERT = Policy()


@pytest.mark.parametrize(
    ("stated", "business_type", "db_type"),
    [
        ({"DBType": "BigDecimal"}, "PrecisionDecimal", "BigDecimal"),
        ({"DBType": "Boolean"}, "Boolean", "Boolean"),
        ({"DBType": "Clob"}, "LongText", "Clob"),
        ({"DBType": "Date"}, "Date", "Date"),
        ({"DBType": "DateTime"}, "DateTime", "DateTime"),
        ({"DBType": "Double"}, "Decimal", "Double"),
        ({"DBType": "Integer"}, "Integer", "Integer"),
        ({"DBType": "Long"}, "LongInteger", "Long"),
        ({"DBType": "String"}, "Text", "String"),
        ({"type": "Clob"}, "LongText", "Clob"),
        ({"businessType": "LongText", "DBType": "String"}, "LongText", "Clob"),
        (
            {
                "businessType": "Attachment",
                "objectFieldSettings": field_settings(
                    acceptedFileExtensions="pdf",
                    fileSource="userComputer",
                    maximumFileSize=1,
                ),
            },
            "Attachment",
            "Long",
        ),
        (
            {
                "businessType": "AutoIncrement",
                "objectFieldSettings": [{"name": "initialValue", "value": "1"}],
            },
            "AutoIncrement",
            "String",
        ),
        ({"businessType": "Encrypted"}, "Encrypted", "Clob"),
        ({"businessType": "EmailAddress"}, "EmailAddress", "String"),
        ({"businessType": "Assignee", "DBType": "Long"}, "Assignee", "Long"),
    ],
    ids=str,
)
def test_business_type_and_db_type_are_derived(
    stated: Item, business_type: str, db_type: str
) -> None:
    field = {"name": "amount", "label": {"en_US": "Amount"}} | stated
    store = MemoryDocuments().holding(ticket(objectFields=[field]))

    (kept,) = store.definition("TICKET").body["objectFields"]
    assert (kept["businessType"], kept["DBType"], kept["type"]) == (
        business_type,
        db_type,
        db_type,
    )


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        pytest.param({}, "false", id="default"),
        pytest.param({"readOnly": "conditional"}, "conditional", id="as it came"),
        pytest.param({"readOnly": True}, "true", id="a boolean"),
        pytest.param(
            {
                "readOnly": "false",
                "businessType": "Formula",
                "objectFieldSettings": field_settings(output="Integer", script="1"),
            },
            "true",
            id="formula",
        ),
        pytest.param(
            {
                "businessType": "Aggregation",
                "objectFieldSettings": field_settings(
                    function="COUNT", objectRelationshipName="tickets"
                ),
            },
            "true",
            id="aggregation",
        ),
    ],
)
def test_read_only_is_a_text_and_forced_for_computed_fields(
    stated: Item, kept: str
) -> None:
    store = MemoryDocuments().holding(ticket(objectFields=[text_field(**stated)]))

    assert store.definition("TICKET").body["objectFields"][0]["readOnly"] == kept


def test_system_fields_are_skipped_by_name_and_not_by_their_flag() -> None:
    fields = [
        {"name": "creator", "system": True},
        {"name": "status", "DBType": "String"},
        {"name": "displayDate", "system": True, "businessType": "DateTime"},
        text_field(system=True),
    ]
    store = MemoryDocuments().holding(ticket(objectFields=fields))

    kept = store.definition("TICKET").body["objectFields"]
    assert [(f["name"], f["system"]) for f in kept] == [("title", False)]


def test_export_has_the_six_system_fields_first() -> None:
    (exported,) = MemoryDocuments().holding(ticket()).exported()

    assert [
        (f["name"], f["label"]["en_US"], f["businessType"], f["DBType"], f["readOnly"])
        for f in exported["objectFields"]
        if f["system"]
    ] == [
        ("creator", "Author", "Text", "String", "true"),
        ("createDate", "Create Date", "Date", "Date", "true"),
        (
            "externalReferenceCode",
            "External Reference Code",
            "Text",
            "String",
            "false",
        ),
        ("id", "ID", "LongInteger", "Long", "true"),
        ("modifiedDate", "Modified Date", "Date", "Date", "true"),
        ("status", "Status", "Text", "Integer", "true"),
    ]


def test_export_has_the_installations_own_properties() -> None:
    store = MemoryDocuments().holding(ticket())

    exported = DEFINITION_KIND.export(
        store.definition("TICKET"), 42, 1_709_618_828_000, 1_709_618_829_999
    )

    assert exported["id"] == 42
    assert exported["dateCreated"] == "2024-03-05T06:07:08Z"
    assert exported["dateModified"] == "2024-03-05T06:07:09Z"
    assert exported["restContextPath"] == "/o/c/tickets"
    assert exported["parameterRequired"] is False
    assert exported["status"] == PUBLISHED


def test_server_set_properties_in_a_file_are_ignored() -> None:
    untrusted = {
        "actions": {"get": {}},
        "creator": {"name": "Somebody"},
        "dateCreated": "1999-01-01T00:00:00Z",
        "dateModified": "1999-01-01T00:00:00Z",
        "id": 1,
        "parameterRequired": True,
        "restContextPath": "/o/c/nonsense",
    }
    field = text_field(
        id=2,
        actions={},
        objectFieldSettings=[
            {"id": 3, "name": "showCounter", "objectFieldId": 2, "value": False}
        ],
    )
    store = MemoryDocuments().holding(ticket(objectFields=[field], **untrusted))

    body = store.definition("TICKET").body
    assert not body.keys() & untrusted.keys()
    (kept,) = body["objectFields"]
    assert kept["objectFieldSettings"] == [{"name": "showCounter", "value": False}]
    assert not kept.keys() & {"id", "actions"}


@pytest.mark.parametrize(
    ("stated", "settings", "unique"),
    [
        pytest.param(True, {}, False, id="stated without the setting"),
        pytest.param(False, {"uniqueValues": True}, True, id="denied with it"),
        pytest.param(True, {"uniqueValues": "true"}, True, id="setting as a text"),
        pytest.param(True, {"uniqueValues": "false"}, False, id="setting denies it"),
    ],
)
def test_unique_is_computed_from_the_setting(
    stated: bool, settings: Item, unique: bool
) -> None:
    field = text_field(unique=stated, objectFieldSettings=field_settings(**settings))
    silent = without(field, "unique")
    store = MemoryDocuments().holding(ticket(objectFields=[field]))

    (exported,) = store.exported()
    assert exported["objectFields"][-1]["unique"] is unique
    other = MemoryDocuments().holding(ticket(objectFields=[silent])).exported()
    assert list(find_differences("ObjectDefinition", [exported], other)) == []


def test_unknown_parts_are_exported_as_they_came() -> None:
    parts = {
        "objectActions": [{"name": "a", "parameters": {"deep": [1, None, {"x": 2.5}]}}],
        "objectLayouts": [{"objectDefinitionExternalReferenceCode": "stale"}],
        "objectValidationRules": [{"script": "a == 'b'", "unknown": True}],
        "objectViews": [{"name": {"en_US": "All"}}],
        "somethingNew": {"of": ["tomorrow"]},
        "workflowDefinitionLinks": [{"workflowDefinitionName": "Approve"}],
    }
    (exported,) = MemoryDocuments().holding(ticket(**parts)).exported()

    assert {name: exported[name] for name in parts} == parts


def test_export_imported_elsewhere_and_exported_again_is_the_same() -> None:
    store = MemoryDocuments().holding(
        ticket(
            objectRelationships=[
                {
                    "label": {"en_US": "Cards"},
                    "name": "cards",
                    "objectDefinitionExternalReferenceCode2": "CARD",
                    "type": "oneToMany",
                },
                {
                    "label": {"en_US": "Part of"},
                    "name": "partOf",
                    "objectDefinitionExternalReferenceCode2": "TICKET",
                    "type": "oneToMany",
                },
            ]
        ),
        ticket(externalReferenceCode="CARD", name="Card", active=False),
        without(ticket(externalReferenceCode="DRAFT", name="Draft"), "status"),
    )
    exported = store.exported()

    assert MemoryDocuments().holding(*exported).exported() == exported
    assert MemoryDocuments().holding(*exported, *exported).exported() == exported


def test_export_changes_nothing_where_it_came_from() -> None:
    """An export holds null for properties that only other definitions have."""
    store = MemoryDocuments().holding(ticket(friendlyURLSeparator="t"))
    nulls = {"className": None, "description": None, "friendlyURLSeparator": None}
    (exported,) = store.exported()

    change = store.change(exported | nulls | {"active": None, "novelty": None})

    assert change == DocumentChange(OutcomeKind.UNCHANGED, "TICKET")
