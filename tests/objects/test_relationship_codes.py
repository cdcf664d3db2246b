"""A Relationship field names its relationship by code, and Liferay follows the code."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.documents.definition_notes import (
    describe_definitions,
    list_parent_codes,
)
from dmc_widgets.objects.parts.part_changes import evaluate_item
from tests.objects.memory_documents import (
    Item,
    MemoryDocuments,
    definition,
    kind_of,
    message_of,
    text_field,
    without,
)

REL: Item = {
    "externalReferenceCode": "REL",
    "label": {"en_US": "Kids"},
    "name": "kids",
    "objectDefinitionExternalReferenceCode2": "KID_OLD",
    "type": "oneToMany",
}
FIELD: Item = {
    "businessType": "Relationship",
    "label": {"en_US": "Parent"},
    "name": "r_kids_c_parentId",
    "objectDefinitionExternalReferenceCode1": "PARENT",
    "objectRelationshipExternalReferenceCode": "REL",
}
PARENT = definition("Parent", objectRelationships=[REL])
KID = definition("Kid", objectFields=[FIELD, text_field()])


def test_relationship_of_that_code_is_taken_as_it_is_whatever_its_child() -> None:
    store = MemoryDocuments().holding(PARENT)

    assert kind_of(store.change(KID)) is OutcomeKind.CREATED

    assert store.names("KID") == ["title"]
    assert store.names("KID_OLD") == ["r_kids_c_parentId"]
    (relationship,) = store.relationships("PARENT")
    assert relationship["objectDefinitionExternalReferenceCode2"] == "KID_OLD"
    assert kind_of(store.change(PARENT)) is OutcomeKind.UNCHANGED
    assert kind_of(store.change(KID)) is OutcomeKind.UNCHANGED


@pytest.mark.parametrize(
    ("relationship", "field"),
    [
        pytest.param({"name": "others"}, {}, id="of another name"),
        pytest.param({"type": "manyToMany"}, {}, id="many to many"),
        pytest.param(
            {"type": "manyToMany", "objectDefinitionExternalReferenceCode2": "KID"},
            {},
            id="many to many to the same child",
        ),
        pytest.param({"type": "oneToOne"}, {}, id="one to one"),
    ],
)
def test_code_counts_and_not_the_name_or_type(
    relationship: dict[str, Any], field: dict[str, Any]
) -> None:
    parent = definition("Parent", objectRelationships=[REL | relationship])
    kid = definition("Kid", objectFields=[FIELD | field, text_field()])
    store = MemoryDocuments().holding(parent, kid)

    assert store.names("KID") == ["title"]
    assert len(store.relationships("PARENT")) == 1
    assert kind_of(store.change(kid)) is OutcomeKind.UNCHANGED


@pytest.mark.parametrize("code", ["OTHER", ""])
def test_second_relationship_of_a_name_is_refused_as_before(code: str) -> None:
    store = MemoryDocuments().holding(PARENT)
    field = FIELD | {"objectRelationshipExternalReferenceCode": code}

    refusal = store.change(definition("Kid", objectFields=[field, text_field()]))

    assert message_of(refusal) == (
        "There is already an object relationship with this name in the object "
        'definition "Parent"'
    )


def test_parent_that_comes_later_keeps_the_child_of_the_field() -> None:
    """Its relationship is there already, made by the field, and keeps its child."""
    store = MemoryDocuments().holding(KID, PARENT)

    assert store.names("KID") == ["r_kids_c_parentId", "title"]
    (relationship,) = store.relationships("PARENT")
    assert relationship["objectDefinitionExternalReferenceCode2"] == "KID"
    assert [kind_of(store.change(item)) for item in (KID, PARENT)] == [
        OutcomeKind.UNCHANGED,
        OutcomeKind.UNCHANGED,
    ]


def test_code_finds_the_relationship_before_a_name_does() -> None:
    other = REL | {
        "externalReferenceCode": "OTHER",
        "objectDefinitionExternalReferenceCode2": "KID",
    }
    parent = definition("Parent", objectRelationships=[other, REL | {"name": "old"}])
    store = MemoryDocuments().holding(parent)
    waiting = FIELD | {"objectRelationshipExternalReferenceCode": "REL"}

    store.holding(definition("Kid", objectFields=[waiting, text_field()]))

    codes = [
        relationship["objectDefinitionExternalReferenceCode2"]
        for relationship in store.relationships("PARENT")
    ]
    assert codes == ["KID", "KID_OLD"]


def test_relationship_belongs_to_the_definition_that_lists_it() -> None:
    """Liferay ignores the code of the first definition in a list of relationships."""
    user = REL | {
        "name": "userToKid",
        "objectDefinitionExternalReferenceCode1": "L_USER",
        "objectDefinitionExternalReferenceCode2": "KID",
    }
    kid = definition("Kid", objectRelationships=[user])
    store = MemoryDocuments().holding(kid)

    assert store.names("KID") == ["title", "r_userToKid_c_kidId"]
    (relationship,) = store.relationships("KID")
    assert relationship["objectDefinitionExternalReferenceCode1"] == "KID"
    assert without(relationship, "deletionType") == {
        "externalReferenceCode": "REL",
        "label": {"en_US": "Kids"},
        "name": "userToKid",
        "objectDefinitionExternalReferenceCode1": "KID",
        "objectDefinitionExternalReferenceCode2": "KID",
        "objectDefinitionName2": "Kid",
        "type": "oneToMany",
    }
    assert kind_of(store.change(kid)) is OutcomeKind.UNCHANGED


def test_field_in_a_file_of_its_own_takes_the_relationship_as_it_is() -> None:
    """Nothing changes, however often it is imported."""
    store = MemoryDocuments().holding(PARENT, definition("Kid"))
    field = FIELD | {"objectDefinitionExternalReferenceCode": "KID"}

    outcome, change = evaluate_item("ObjectField", field, store, Policy(), str)

    assert outcome.kind is OutcomeKind.UNCHANGED
    assert change is not None
    assert change.documents == ()
    parents = {"PARENT": store.definition("PARENT").body}
    assert list_parent_codes("ObjectField", field, "KID/x") == {"PARENT"}
    assert [*describe_definitions("ObjectField", field, "KID/x", parents)] == [
        "ObjectDefinition KID: REL leads to KID_OLD, not to KID. This relationship of "
        "Parent is taken as it is, as in Liferay, so KID has no field "
        "r_kids_c_parentId."
    ]
