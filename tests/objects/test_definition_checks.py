"""What a definition is refused for, in the words of Liferay."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.documents.change_set import APPROVED
from dmc_widgets.objects.documents.definitions import DEFINITION_SHAPE
from dmc_widgets.objects.documents.document_kind import check_shape, convert_scalars
from tests.objects.memory_documents import (
    Item,
    MemoryDocuments,
    problem_of,
    text_field,
    ticket,
    without,
)

UPSERT = Policy()


@pytest.mark.parametrize(
    ("item", "message"),
    [
        pytest.param(ticket(name=None), "Name is null", id="name"),
        pytest.param(
            ticket(name="ticket"),
            "The first character of a name must be an upper case letter",
            id="name in lower case",
        ),
        pytest.param(
            ticket(system=True),
            "Forbidden modifiable system object definition name Ticket",
            id="system",
        ),
        pytest.param(
            ticket(label={}),
            "Label is null for locale English (United States)",
            id="label",
        ),
        pytest.param(
            ticket(defaultLanguageId="de_DE", label={"de_DE": "Karte"}),
            "Plural label is null for locale German (Germany)",
            id="plural label in the default language",
        ),
        pytest.param(ticket(scope=None), "Scope is null", id="scope"),
        pytest.param(
            ticket(scope="galaxy"),
            "No object scope provider found with key galaxy",
            id="unknown scope",
        ),
        pytest.param(
            ticket(scope="depot", panelCategoryKey="control_panel.object"),
            'Scope "depot" cannot be associated with a panel category key',
            id="depot in a panel",
        ),
        pytest.param(
            ticket(storageType="salesforce"),
            "Storage type salesforce is not supported",
            id="storage type",
        ),
        pytest.param(
            ticket(externalReferenceCode="E" * 76),
            "External reference code must be less than 75 characters",
            id="76 characters of code",
        ),
        pytest.param(
            ticket(externalReferenceCode="L_TICKET"),
            "External reference code must not start with L_",
            id="code of a system object",
        ),
        pytest.param(
            ticket(objectFields=[]),
            "At least one object field must be added when publishing the object "
            "definition",
            id="published without a field",
        ),
        pytest.param(
            ticket(status={"code": 2}, active=True),
            "Object definitions must be published before being activated",
            id="active draft",
        ),
        pytest.param(
            ticket(active="yes"),
            'Unable to map JSON path "active" with value "yes" to class "Boolean"',
            id="wrong type",
        ),
        pytest.param(
            ticket(objectFields=["title"]),
            'Unable to map JSON path "objectFields[0]" with value "title" '
            'to class "Map"',
            id="field that is no object",
        ),
        pytest.param(
            ticket(status="approved"),
            'Unable to map JSON path "status" with value "approved" to class "Map"',
            id="status that is no object",
        ),
    ],
)
def test_invalid_definition_is_refused_with_one_message(
    item: Item, message: str
) -> None:
    store = MemoryDocuments()

    assert problem_of(store.change(item)).message == message
    assert store.documents == {}


def test_code_of_75_characters_is_accepted() -> None:
    MemoryDocuments().holding(ticket(externalReferenceCode="E" * 75))


@pytest.mark.parametrize(
    ("item", "message"),
    [
        pytest.param(
            ticket(status={"code": 2}),
            "Modifying the status of a published object definition is not allowed",
            id="back to draft",
        ),
        pytest.param(
            ticket(objectFields=[]),
            "At least one custom field must be added",
            id="its last field",
        ),
    ],
)
def test_published_definition_cannot_become_a_draft(item: Item, message: str) -> None:
    store = MemoryDocuments().holding(ticket())

    assert problem_of(store.change(item)).message == message


def test_published_definition_stays_published_without_a_stated_status() -> None:
    store = MemoryDocuments().holding(ticket())

    store.holding(without(ticket(), "status"))

    assert store.definition("TICKET").status == APPROVED


def test_publishing_a_draft_activates_it_unless_the_item_states_otherwise() -> None:
    draft = without(ticket(), "status")
    store = MemoryDocuments().holding(draft)
    assert store.definition("TICKET").body["active"] is False

    store.holding(ticket())
    assert store.definition("TICKET").body["active"] is True

    store.holding(ticket(active=False))
    assert store.definition("TICKET").body["active"] is False


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param(
            [text_field("Title")],
            "The first character of a name must be a lower case letter",
            id="upper case",
        ),
        pytest.param([text_field(), text_field()], "Duplicate name title", id="twice"),
        pytest.param([text_field("groupId")], "Reserved name groupId", id="reserved"),
        pytest.param(
            [text_field("createdate")], "Reserved name createdate", id="reserved, lower"
        ),
        pytest.param(
            [text_field(label=None)],
            "Label is null for locale English (United States)",
            id="label",
        ),
        pytest.param(
            [text_field(businessType="Colour")],
            "Invalid business type Colour",
            id="business type",
        ),
        pytest.param(
            [text_field(businessType=None, DBType="Blob")],
            "Invalid DB type Blob",
            id="DB type",
        ),
        pytest.param(
            [text_field(businessType="Picklist", listTypeDefinitionId=7)],
            "List type definition ID is 0",
            id="picklist without its code",
        ),
        pytest.param(
            [text_field(businessType="MultiselectPicklist")],
            "List type definition ID is 0",
            id="multiselect without its code",
        ),
        pytest.param(
            [text_field(state=True, required=False)],
            "Object field must be required when the state is true",
            id="state",
        ),
        pytest.param(
            [text_field(businessType="Formula", indexed=True)],
            "Formula business type is not indexable",
            id="indexed formula",
        ),
        pytest.param(
            [text_field(businessType="Integer", indexedLanguageId="en_US")],
            'Indexed language ID can only be applied with type "Clob" or "String" '
            "that is not indexed as a keyword",
            id="language of a number",
        ),
        pytest.param(
            [text_field(businessType="Integer", localized=True)],
            None,
            id="localized number",
        ),
        pytest.param(
            [text_field(businessType="AutoIncrement", localized=True)],
            "Only Attachment, Boolean, Date, DateTime, Decimal, Integer, LongInteger, "
            "LongText, MultiselectPicklist, Picklist, PrecisionDecimal, RichText and "
            "Text business types support localization",
            id="localized counter",
        ),
        pytest.param(
            [text_field(readOnly="maybe")],
            'Unable to map JSON path "objectFields.title.readOnly" with value "maybe" '
            'to class "ReadOnly"',
            id="read only",
        ),
    ],
)
def test_invalid_field_is_refused(fields: list[Item], message: str | None) -> None:
    decision = MemoryDocuments().change(ticket(objectFields=fields))

    assert (decision.message if isinstance(decision, Problem) else None) == message


def test_field_and_a_relationship_of_one_name_are_refused() -> None:
    relationship = {
        "name": "title",
        "objectDefinitionExternalReferenceCode2": "CARD",
        "type": "oneToMany",
    }

    problem = problem_of(
        MemoryDocuments().change(ticket(objectRelationships=[relationship]))
    )

    assert problem.message == (
        "There is already an object relationship with this name in the object "
        'definition "Ticket." Object fields and object relationships cannot have '
        "the same name."
    )


@pytest.mark.parametrize(
    ("kind", "stated", "names"),
    [
        (
            "Attachment",
            {"fileSource": "userComputer"},
            "acceptedFileExtensions, maximumFileSize",
        ),
        ("Formula", {"output": "Integer", "script": ""}, "script"),
        ("Aggregation", {}, "function, objectRelationshipName"),
    ],
)
def test_field_without_the_settings_of_its_type_is_refused(
    kind: str, stated: dict[str, Any], names: str
) -> None:
    """Liferay would refuse them, so a dry run must not let them pass."""
    settings = [{"name": name, "value": value} for name, value in stated.items()]
    given = text_field(businessType=kind, objectFieldSettings=settings)

    problem = MemoryDocuments().change(ticket(objectFields=[given]))

    assert isinstance(problem, Problem)
    assert problem.message == (
        f"The settings {names} are required for object field title"
    )


@pytest.mark.parametrize(
    ("stated", "stored"),
    [
        pytest.param({"portlet": "false"}, {"portlet": False}, id="false"),
        pytest.param({"enableComments": " TRUE "}, {"enableComments": True}, id="TRUE"),
        pytest.param({"portlet": True}, {"portlet": True}, id="boolean"),
    ],
)
def test_texts_of_booleans_are_taken_as_by_liferays_reader(
    stated: dict[str, Any], stored: dict[str, Any]
) -> None:
    """Files made by hand have them; another text is refused."""
    item = {**stated, "status": {"code": "0"}, "objectFields": [{"state": "false"}]}

    converted = convert_scalars(item, DEFINITION_SHAPE)

    assert converted == {
        **stored,
        "status": {"code": 0},
        "objectFields": [{"state": False}],
    }
    assert check_shape(converted, DEFINITION_SHAPE) is None
    assert item["status"] == {"code": "0"}


@pytest.mark.parametrize("text", ["yes", "1", "", "tRUE"])
def test_another_text_is_no_boolean(text: str) -> None:
    item = {"portlet": text}

    problem = check_shape(convert_scalars(item, DEFINITION_SHAPE), DEFINITION_SHAPE)

    assert problem is not None
    assert problem.message == (
        f'Unable to map JSON path "portlet" with value "{text}" to class "Boolean"'
    )
