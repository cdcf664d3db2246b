"""Relationships, declared by the parent or by the field of the child."""

from __future__ import annotations

import itertools

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.objects.documents.change_set import PLACEHOLDER_STATUS, DocumentChange
from tests.objects.memory_documents import (
    CAMPAIGN,
    CAMPAIGN_TOKENS,
    TITLE,
    TOKEN,
    TOKEN_FIELD,
    Item,
    MemoryDocuments,
    definition,
)


def test_parent_declares_and_the_child_gets_a_field() -> None:
    store = MemoryDocuments().holding(TOKEN, CAMPAIGN)

    assert store.names("URLTOKEN") == ["title", "r_tokens_c_campaignId"]
    assert store.field("URLTOKEN", "r_tokens_c_campaignId") == {
        "DBType": "Long",
        "businessType": "Relationship",
        "indexed": True,
        "indexedAsKeyword": False,
        "indexedLanguageId": "",
        "label": {"en_US": "Tokens"},
        "localized": False,
        "name": "r_tokens_c_campaignId",
        "objectDefinitionExternalReferenceCode1": "CAMPAIGN",
        "objectFieldSettings": [
            {"name": "objectDefinition1ShortName", "value": "Campaign"},
            {
                "name": "objectRelationshipERCObjectFieldName",
                "value": "r_tokens_c_campaignERC",
            },
        ],
        "readOnly": "false",
        "readOnlyConditionExpression": "",
        "relationshipType": "oneToMany",
        "required": False,
        "state": False,
        "system": False,
        "type": "Long",
    }


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations([CAMPAIGN, TOKEN])),
    ids=["parent first", "child first"],
)
def test_order_of_definitions_does_not_matter(order: tuple[Item, ...]) -> None:
    store = MemoryDocuments().holding(*order)

    assert store.bodies() == MemoryDocuments().holding(TOKEN, CAMPAIGN).bodies()
    assert all(isinstance(store.change(item), DocumentChange) for item in order)
    assert [store.change(item) for item in order] == [
        DocumentChange(OutcomeKind.UNCHANGED, item["externalReferenceCode"])
        for item in order
    ]


@pytest.mark.parametrize("parent_first", [True, False])
def test_child_may_declare_the_relationship_by_its_field(
    parent_first: bool,
) -> None:
    child = definition("UrlToken", objectFields=[TOKEN_FIELD, TITLE])
    parent = definition("Campaign")
    store = MemoryDocuments().holding(
        *([parent, child] if parent_first else [child, parent])
    )

    assert store.relationships("CAMPAIGN") == [
        {
            "deletionType": "prevent",
            "externalReferenceCode": "tokens-code",
            "label": {"en_US": "Belongs to"},
            "name": "tokens",
            "objectDefinitionExternalReferenceCode1": "CAMPAIGN",
            "objectDefinitionExternalReferenceCode2": "URLTOKEN",
            "objectDefinitionName2": "UrlToken",
            "reverse": False,
            "system": False,
            "type": "oneToMany",
        }
    ]
    assert store.names("URLTOKEN") == ["r_tokens_c_campaignId", "title"]


@pytest.mark.parametrize("parent_first", [True, False])
def test_childs_own_attributes_of_the_field_are_kept(parent_first: bool) -> None:
    child = definition("UrlToken", objectFields=[TOKEN_FIELD, TITLE])
    items = [CAMPAIGN, child] if parent_first else [child, CAMPAIGN]
    store = MemoryDocuments().holding(*items)

    field = store.field("URLTOKEN", "r_tokens_c_campaignId")
    assert field["label"] == {"en_US": "Belongs to"}
    assert field["required"] is True
    assert field["externalReferenceCode"] == "its-own-code"
    assert field["objectRelationshipExternalReferenceCode"] == "tokens-code"
    assert store.names("URLTOKEN") == ["r_tokens_c_campaignId", "title"]
    assert [store.change(item) for item in items] == [
        DocumentChange(OutcomeKind.UNCHANGED, item["externalReferenceCode"])
        for item in items
    ]


def test_field_without_its_parents_code_waits_for_its_relationship() -> None:
    waiting = {"name": "r_tokens_c_campaignId", "businessType": "Relationship"}
    child = definition("UrlToken", objectFields=[waiting | {"required": True}, TITLE])

    store = MemoryDocuments().holding(child, CAMPAIGN)

    assert store.names("URLTOKEN") == ["r_tokens_c_campaignId", "title"]
    field = store.field("URLTOKEN", "r_tokens_c_campaignId")
    assert field["required"] is True
    assert field["objectDefinitionExternalReferenceCode1"] == "CAMPAIGN"


def test_replacing_a_child_keeps_its_relationship_fields() -> None:
    store = MemoryDocuments().holding(TOKEN, CAMPAIGN)

    change = store.change(TOKEN | {"enableComments": True})

    assert isinstance(change, DocumentChange)
    assert [document.erc for document in change.documents] == ["URLTOKEN"]
    assert store.names("URLTOKEN") == ["title", "r_tokens_c_campaignId"]


def test_removing_a_relationship_removes_the_childs_field() -> None:
    store = MemoryDocuments().holding(TOKEN, CAMPAIGN)

    change = store.change(definition("Campaign"))

    assert isinstance(change, DocumentChange)
    assert [document.erc for document in change.documents] == ["CAMPAIGN", "URLTOKEN"]
    assert store.names("URLTOKEN") == ["title"]


def test_update_keeps_the_child_of_a_relationship() -> None:
    """Liferay changes labels and deletion types of a relationship, nothing else."""
    store = MemoryDocuments().holding(TOKEN, CAMPAIGN)
    moved = CAMPAIGN_TOKENS | {
        "deletionType": "cascade",
        "objectDefinitionExternalReferenceCode2": "VISIT",
        "objectDefinitionName2": "Visit",
        "type": "manyToMany",
    }

    store.holding(
        definition("Visit"), definition("Campaign", objectRelationships=[moved])
    )

    assert store.names("URLTOKEN") == ["title", "r_tokens_c_campaignId"]
    assert store.names("VISIT") == ["title"]
    (kept,) = store.relationships("CAMPAIGN")
    assert kept["type"] == "oneToMany"
    assert kept["objectDefinitionExternalReferenceCode2"] == "URLTOKEN"
    assert kept["objectDefinitionName2"] == "UrlToken"
    assert kept["deletionType"] == "cascade"


def test_missing_child_gets_a_placeholder_of_the_stated_name() -> None:
    store = MemoryDocuments()

    change = store.change(CAMPAIGN)

    assert isinstance(change, DocumentChange)
    assert change.note == "placeholder"
    placeholder = store.definition("URLTOKEN")
    assert (placeholder.name, placeholder.status) == ("UrlToken", PLACEHOLDER_STATUS)
    assert store.names("URLTOKEN") == ["r_tokens_c_campaignId"]


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        pytest.param({}, "URLTOKEN", id="none"),
        pytest.param({"objectDefinitionName2": "no name"}, "URLTOKEN", id="bad"),
        pytest.param({"objectDefinitionName2": "Campaign"}, "URLTOKEN", id="taken"),
    ],
)
def test_placeholder_without_a_usable_name_is_named_after_its_code(
    stated: Item, name: str
) -> None:
    bare = {k: v for k, v in CAMPAIGN_TOKENS.items() if k != "objectDefinitionName2"}
    store = MemoryDocuments().holding(
        definition("Campaign", objectRelationships=[bare | stated])
    )

    assert store.definition("URLTOKEN").name == name

    store.holding(TOKEN)
    assert store.definition("URLTOKEN").name == "UrlToken"
    assert store.relationships("CAMPAIGN")[0]["objectDefinitionName2"] == "UrlToken"


def test_fields_are_renamed_when_the_parents_name_becomes_known() -> None:
    """A placeholder's name is a guess; what was named after it is named anew."""
    field = TOKEN_FIELD | {"name": "r_tokens_c_guessId"}
    store = MemoryDocuments().holding(definition("UrlToken", objectFields=[field]))
    assert store.definition("CAMPAIGN").name == "Guess"
    assert store.names("URLTOKEN") == ["r_tokens_c_guessId"]

    store.holding(definition("Campaign"))

    assert store.names("URLTOKEN") == ["r_tokens_c_campaignId"]
    settings = store.field("URLTOKEN", "r_tokens_c_campaignId")["objectFieldSettings"]
    assert [setting["value"] for setting in settings] == [
        "Campaign",
        "r_tokens_c_campaignERC",
    ]
    assert store.relationships("CAMPAIGN")[0]["name"] == "tokens"


def test_fields_are_renamed_with_their_draft() -> None:
    draft = CAMPAIGN | {"status": {"code": 2}}
    store = MemoryDocuments().holding(TOKEN, draft)

    store.holding(draft | {"name": "Action"})

    assert store.names("URLTOKEN") == ["title", "r_tokens_c_actionId"]


@pytest.mark.parametrize("by_field", [False, True], ids=["declared", "by its field"])
def test_definition_may_be_its_own_parent(by_field: bool) -> None:
    part_of = CAMPAIGN_TOKENS | {
        "name": "partOf",
        "objectDefinitionExternalReferenceCode2": "CAMPAIGN",
    }
    field = TOKEN_FIELD | {"name": "r_partOf_c_campaignId"}
    item = (
        definition("Campaign", objectFields=[TITLE, field])
        if by_field
        else definition("Campaign", objectRelationships=[part_of])
    )
    store = MemoryDocuments().holding(item)

    assert store.names("CAMPAIGN") == ["title", "r_partOf_c_campaignId"]
    (relationship,) = store.relationships("CAMPAIGN")
    assert relationship["objectDefinitionExternalReferenceCode2"] == "CAMPAIGN"
    assert relationship["objectDefinitionName2"] == "Campaign"


def test_system_parent_is_stored_without_a_lookup() -> None:
    field = TOKEN_FIELD | {
        "name": "r_userToToken_userId",
        "objectDefinitionExternalReferenceCode1": "L_USER",
        "objectFieldSettings": [
            {"name": "objectDefinition1ShortName", "value": "User"},
            {
                "name": "objectRelationshipERCObjectFieldName",
                "value": "r_userToToken_userERC",
            },
        ],
    }
    store = MemoryDocuments().holding(
        definition("UrlToken", objectFields=[TITLE, field])
    )

    assert list(store.bodies()) == ["URLTOKEN"]
    kept = store.field("URLTOKEN", "r_userToToken_userId")
    assert kept["objectFieldSettings"] == field["objectFieldSettings"]

    store.holding(TOKEN)
    assert store.names("URLTOKEN") == ["title", "r_userToToken_userId"]


def test_system_child_is_stored_and_gets_no_field() -> None:
    to_users = CAMPAIGN_TOKENS | {"objectDefinitionExternalReferenceCode2": "L_USER"}
    store = MemoryDocuments().holding(
        definition("Campaign", objectRelationships=[to_users])
    )

    assert list(store.bodies()) == ["CAMPAIGN"]
    assert store.relationships("CAMPAIGN") == [to_users]


def test_many_to_many_is_stored_in_the_parent_and_creates_no_field() -> None:
    both = CAMPAIGN_TOKENS | {"type": "manyToMany"}
    store = MemoryDocuments().holding(
        TOKEN, definition("Campaign", objectRelationships=[both])
    )

    assert store.names("URLTOKEN") == ["title"]
    assert store.relationships("CAMPAIGN") == [both]


BOTH = CAMPAIGN_TOKENS | {"type": "manyToMany"}
BACK = BOTH | {
    "reverse": True,
    "objectDefinitionExternalReferenceCode1": "URLTOKEN",
    "objectDefinitionExternalReferenceCode2": "CAMPAIGN",
}


def test_reverse_side_of_many_to_many_is_not_a_second_relationship() -> None:
    """Newer exports hold it in the other definition."""
    store = MemoryDocuments().holding(
        definition("Campaign", objectRelationships=[BOTH]),
        definition("UrlToken", objectRelationships=[BACK]),
    )

    assert store.relationships("URLTOKEN") == [BACK]
    assert store.linking_to("CAMPAIGN") == []
    assert store.linking_to("URLTOKEN") == [("CAMPAIGN", "tokens")]


def test_one_to_one_creates_a_field_as_one_to_many_does() -> None:
    one = CAMPAIGN_TOKENS | {"type": "oneToOne"}
    store = MemoryDocuments().holding(
        TOKEN, definition("Campaign", objectRelationships=[one])
    )

    field = store.field("URLTOKEN", "r_tokens_c_campaignId")
    assert field["relationshipType"] == "oneToOne"


def test_ids_of_another_installation_are_left_out() -> None:
    ids = {
        "actions": {},
        "id": 1,
        "objectDefinitionId1": 2,
        "objectDefinitionId2": 3,
        "objectField": {"id": 4, "required": True, "label": {"en_US": "Campaign"}},
    }
    item = definition("Campaign", objectRelationships=[CAMPAIGN_TOKENS | ids])

    store = MemoryDocuments().holding(TOKEN, item)

    (kept,) = store.relationships("CAMPAIGN")
    assert kept == CAMPAIGN_TOKENS | {
        "objectField": {"required": True, "label": {"en_US": "Campaign"}}
    }
    field = store.field("URLTOKEN", "r_tokens_c_campaignId")
    assert (field["required"], field["label"]) == (True, {"en_US": "Campaign"})


def test_field_under_two_names_of_its_parent_is_stored_once() -> None:
    old = TOKEN_FIELD | {"name": "r_tokens_c_guessId"}
    child = definition("UrlToken", objectFields=[old, TOKEN_FIELD, TITLE])

    store = MemoryDocuments().holding(CAMPAIGN, child)

    assert store.names("URLTOKEN") == ["r_tokens_c_campaignId", "title"]
