"""What the strategies make of a definition, new or known."""

from __future__ import annotations

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.documents.change_set import APPROVED, DRAFT, DocumentChange
from tests.objects.memory_documents import (
    Item,
    MemoryDocuments,
    change_of,
    problem_of,
    text_field,
    ticket,
    without,
)

INSERT = Policy(import_strategy=ImportStrategy.INSERT)
UPSERT = Policy()
ONLY_UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


# What becomes of an item, by strategies.


def test_new_definition_is_created_and_published() -> None:
    store = MemoryDocuments()

    change = change_of(store.change(ticket()))

    assert (change.kind, change.key, change.note) == (OutcomeKind.CREATED, "TICKET", "")
    stored = store.definition("TICKET")
    assert (stored.name, stored.status, stored.body["active"]) == (
        "Ticket",
        APPROVED,
        True,
    )


def test_definition_without_status_is_a_draft_that_is_not_active() -> None:
    store = MemoryDocuments().holding(without(ticket(), "status", "objectFields"))

    assert store.definition("TICKET").status == DRAFT
    assert store.definition("TICKET").body["active"] is False


def test_same_item_again_is_unchanged() -> None:
    store = MemoryDocuments().holding(ticket())

    change = change_of(store.change(ticket()))

    assert change == DocumentChange(OutcomeKind.UNCHANGED, "TICKET", (), "")


def test_item_without_a_code_gets_one_and_a_note() -> None:
    change = change_of(
        MemoryDocuments().change(without(ticket(), "externalReferenceCode"))
    )

    assert (change.key, change.note) == ("generated-1", "generated-key")
    assert change.documents[0].body["externalReferenceCode"] == "generated-1"


@pytest.mark.parametrize(
    ("item", "policy", "message"),
    [
        pytest.param(
            ticket(),
            INSERT,
            "Duplicate name C_Ticket",
            id="INSERT of a definition that is there: the name is judged first",
        ),
        pytest.param(
            ticket(name="Other"),
            INSERT,
            "Duplicate object definition with external reference code TICKET "
            "and company 20096",
            id="INSERT of its code under another name",
        ),
        pytest.param(
            ticket(externalReferenceCode="OTHER"),
            UPSERT,
            "Duplicate name C_Ticket",
            id="UPSERT of its name under another code",
        ),
        pytest.param(
            ticket(externalReferenceCode="OTHER", name="Other"),
            ONLY_UPDATE,
            "No ObjectDefinition exists with the external reference code OTHER",
            id="UPDATE of a definition that is missing",
        ),
        pytest.param(
            without(ticket(), "externalReferenceCode"),
            ONLY_UPDATE,
            "The record has no external reference code to find what to update by",
            id="UPDATE without a code",
        ),
    ],
)
def test_import_strategy_refuses_with_the_text_of_liferay(
    item: Item, policy: Policy, message: str
) -> None:
    store = MemoryDocuments().holding(ticket())

    assert problem_of(store.change(item, policy)).message == message


def test_update_changes_an_existing_definition_only() -> None:
    store = MemoryDocuments().holding(ticket())

    change = change_of(store.change(ticket(enableComments=True), ONLY_UPDATE))

    assert change.kind is OutcomeKind.UPDATED
    assert store.definition("TICKET").body["enableComments"] is True


# PUT: what is absent is deleted or falls back to its default.


def test_replacing_deletes_the_fields_that_the_item_leaves_out() -> None:
    store = MemoryDocuments().holding(
        ticket(objectFields=[text_field(), text_field("notes")])
    )

    store.holding(ticket(objectFields=[text_field("notes")]))

    assert [f["name"] for f in store.definition("TICKET").body["objectFields"]] == [
        "notes"
    ]


@pytest.mark.parametrize("name", ["objectActions", "objectValidationRules"])
def test_replacing_deletes_actions_and_rules_that_are_absent(name: str) -> None:
    parts = [{"externalReferenceCode": "A", "name": "notify"}]
    store = MemoryDocuments().holding(ticket(**{name: parts}))

    store.holding(ticket())

    assert store.definition("TICKET").body[name] == []


@pytest.mark.parametrize("name", ["objectLayouts", "objectViews"])
def test_replacing_keeps_layouts_and_views_unless_their_array_is_there(
    name: str,
) -> None:
    parts = [{"name": {"en_US": "Default"}}]
    store = MemoryDocuments().holding(ticket(**{name: parts}))

    store.holding(ticket())
    assert store.definition("TICKET").body[name] == parts

    store.holding(ticket(**{name: []}))
    assert store.definition("TICKET").body[name] == []


@pytest.mark.parametrize(
    ("name", "stated", "default"),
    [
        ("enableCategorization", False, True),
        ("enableComments", True, False),
        ("enableFormContainer", False, True),
        ("enableIndexSearch", False, True),
        ("enableObjectEntryDraft", True, False),
        ("enableObjectEntryHistory", True, False),
    ],
)
def test_replacing_returns_missing_switches_to_their_defaults(
    name: str, stated: bool, default: bool
) -> None:
    store = MemoryDocuments().holding(ticket(**{name: stated}))
    assert store.definition("TICKET").body[name] is stated

    store.holding(ticket())

    assert store.definition("TICKET").body[name] is default


def test_replacing_keeps_active_and_the_url_separator_when_absent() -> None:
    store = MemoryDocuments().holding(ticket(active=False, friendlyURLSeparator="t"))

    store.holding(ticket())

    body = store.definition("TICKET").body
    assert (body["active"], body["friendlyURLSeparator"]) == (False, "t")


def test_published_definition_keeps_the_properties_its_entries_depend_on() -> None:
    """Name, scope, and of fields type, localized, state and picklist stay."""
    flags = {"localized": False, "state": False}
    first = text_field(objectFieldSettings=[{"name": "uniqueValues", "value": True}])
    store = MemoryDocuments().holding(ticket(objectFields=[first | flags]))
    changed = text_field(
        businessType="Picklist",
        listTypeDefinitionExternalReferenceCode="COLORS",
        label={"en_US": "Subject"},
        localized=True,
        required=True,
        state=True,
    )

    store.holding(ticket(name="Card", scope="site", objectFields=[changed]))

    body = store.definition("TICKET").body
    assert (body["name"], body["scope"]) == ("Ticket", "company")
    assert body["objectFields"] == [
        {
            "DBType": "String",
            "businessType": "Text",
            "label": {"en_US": "Subject"},
            "localized": False,
            "name": "title",
            "objectFieldSettings": [{"name": "uniqueValues", "value": True}],
            "readOnly": "false",
            "required": True,
            "state": False,
            "system": False,
            "type": "String",
        }
    ]


def test_draft_may_change_these_properties() -> None:
    draft = without(ticket(), "status")
    store = MemoryDocuments().holding(draft)

    store.holding(draft | {"name": "Card", "scope": "site"})

    stored = store.definition("TICKET")
    assert (stored.name, stored.body["scope"]) == ("Card", "site")


# PATCH: single values and labels.


def test_patching_changes_values_and_labels_only() -> None:
    store = MemoryDocuments().holding(ticket(enableComments=True))
    item = {
        "externalReferenceCode": "TICKET",
        "label": {"en_US": "Card"},
        "objectDefinitionSettings": [{"id": 7, "name": "a", "value": "b"}],
        "panelCategoryKey": "control_panel.object",
    }

    change = change_of(store.change(item, PATCH))

    body = store.definition("TICKET").body
    assert (change.kind, change.note) == (OutcomeKind.UPDATED, "")
    assert body["label"] == {"en_US": "Card"}
    assert body["objectDefinitionSettings"] == [{"name": "a", "value": "b"}]
    assert body["panelCategoryKey"] == "control_panel.object"
    assert body["pluralLabel"] == {"en_US": "Tickets"}
    assert body["enableComments"] is True


@pytest.mark.parametrize(
    "nested",
    [
        pytest.param({"objectFields": []}, id="fields"),
        pytest.param({"objectRelationships": []}, id="relationships"),
        pytest.param({"status": {"code": 2}}, id="status"),
    ],
)
def test_patching_ignores_nested_parts_and_status_with_a_note(
    nested: Item,
) -> None:
    store = MemoryDocuments().holding(ticket())

    change = change_of(
        store.change({"externalReferenceCode": "TICKET"} | nested, PATCH)
    )

    assert (change.kind, change.note) == (OutcomeKind.UNCHANGED, "nested-kept")
    assert store.definition("TICKET").status == APPROVED


def test_patching_a_definition_that_is_missing_creates_it_whole() -> None:
    store = MemoryDocuments()

    change = change_of(store.change(ticket(), PATCH))

    assert (change.kind, change.note) == (OutcomeKind.CREATED, "")
    assert len(store.definition("TICKET").body["objectFields"]) == 1


def test_null_in_a_patch_returns_a_value_to_its_default() -> None:
    store = MemoryDocuments().holding(ticket(enableComments=True))

    store.change({"externalReferenceCode": "TICKET", "enableComments": None}, PATCH)

    assert store.definition("TICKET").body["enableComments"] is False


@pytest.mark.parametrize(
    ("stored", "coming", "kept"),
    [
        pytest.param([], [True], [], id="uniqueness does not come later"),
        pytest.param([True], [], [True], id="nor does it go"),
        pytest.param([True], [False], [True], id="nor change"),
    ],
)
def test_settings_that_entries_depend_on_stay_once_published(
    stored: list[bool], coming: list[bool], kept: list[bool]
) -> None:
    def unique(values: list[bool]) -> list[Item]:
        return [{"name": "uniqueValues", "value": value} for value in values]

    first = text_field(objectFieldSettings=unique(stored))
    store = MemoryDocuments().holding(ticket(objectFields=[first]))

    store.holding(ticket(objectFields=[text_field(objectFieldSettings=unique(coming))]))

    (field,) = store.definition("TICKET").body["objectFields"]
    assert field["objectFieldSettings"] == unique(kept)
