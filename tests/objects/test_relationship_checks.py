"""What a relationship is refused for."""

from __future__ import annotations

import pytest

from tests.objects.memory_documents import (
    CAMPAIGN,
    CAMPAIGN_TOKENS,
    TITLE,
    TOKEN,
    TOKEN_FIELD,
    Item,
    MemoryDocuments,
    definition,
    message_of,
    text_field,
)


@pytest.mark.parametrize(
    ("relationships", "message"),
    [
        pytest.param([CAMPAIGN_TOKENS | {"name": None}], "Name is null", id="name"),
        pytest.param(
            [CAMPAIGN_TOKENS | {"name": "my_tokens"}],
            "Name must only contain letters and digits",
            id="underscore",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS | {"name": "Tokens"}],
            "The first character of a name must be a lower case letter",
            id="upper case",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS | {"name": "t" * 42}],
            "Name must be less than 41 characters",
            id="long",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS, CAMPAIGN_TOKENS],
            "There is already an object relationship with this name in the object "
            'definition "Campaign"',
            id="twice",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS | {"type": "fewToMany"}],
            "Invalid type fewToMany",
            id="type",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS | {"type": "manyToMany", "edge": True}],
            "Object relationship must be one to many to be an edge of a root context",
            id="edge",
        ),
        pytest.param(
            [
                CAMPAIGN_TOKENS
                | {"objectDefinitionExternalReferenceCode2": "CAMPAIGN", "edge": "true"}
            ],
            "Object relationship must not be an edge between object definition "
            "Campaign and itself",
            id="edge to itself",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS | {"objectDefinitionExternalReferenceCode2": None}],
            "No ObjectDefinition exists with the external reference code null",
            id="no child",
        ),
        pytest.param(
            [CAMPAIGN_TOKENS | {"name": "title"}],
            "There is already an object relationship with this name in the object "
            'definition "Campaign." Object fields and object relationships cannot '
            "have the same name.",
            id="name of a field",
        ),
    ],
)
def test_invalid_relationship_is_refused(
    relationships: list[Item], message: str
) -> None:
    item = definition("Campaign", objectRelationships=relationships)

    assert message_of(MemoryDocuments().change(item)) == message


def test_relationship_cannot_have_the_name_of_a_field_of_the_child() -> None:
    child = definition("UrlToken", objectFields=[TITLE | {"name": "tokens"}])
    store = MemoryDocuments().holding(child)

    assert message_of(store.change(CAMPAIGN)) == (
        "There is already an object relationship with this name in the object "
        'definition "UrlToken." Object fields and object relationships cannot have '
        "the same name."
    )
    assert list(store.bodies()) == ["URLTOKEN"]


def test_field_cannot_claim_a_relationship_to_another_child() -> None:
    store = MemoryDocuments().holding(TOKEN, CAMPAIGN)
    other = definition("Visit", objectFields=[TOKEN_FIELD])

    assert message_of(store.change(other)) == (
        "There is already an object relationship with this name in the object "
        'definition "Campaign"'
    )


def test_parent_cannot_have_a_field_of_the_relationships_name() -> None:
    parent = definition("Campaign", objectFields=[TITLE | {"name": "tokens"}])
    store = MemoryDocuments().holding(parent)

    problem = message_of(
        store.change(definition("UrlToken", objectFields=[TOKEN_FIELD]))
    )

    assert problem == (
        "There is already an object relationship with this name in the object "
        'definition "Campaign." Object fields and object relationships cannot have '
        "the same name."
    )
    assert list(store.bodies()) == ["CAMPAIGN"]


def test_child_cannot_get_a_field_of_its_relationships_name() -> None:
    store = MemoryDocuments().holding(TOKEN, CAMPAIGN)
    named = definition("UrlToken", objectFields=[TITLE, TITLE | {"name": "tokens"}])

    assert message_of(store.change(named)) == (
        "There is already an object relationship with this name in the object "
        'definition "UrlToken." Object fields and object relationships cannot have '
        "the same name."
    )


BOTH = CAMPAIGN_TOKENS | {"type": "manyToMany"}
LINKING = definition("Campaign", objectRelationships=[BOTH])
TAKEN = (
    "There is already an object relationship with this name in the object definition"
)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        pytest.param(
            {"objectFields": [text_field("tokens")]},
            f'{TAKEN} "UrlToken." Object fields and object relationships cannot have '
            "the same name.",
            id="field",
        ),
        pytest.param(
            {
                "objectFields": [
                    TOKEN_FIELD | {"objectDefinitionExternalReferenceCode1": "OTHER"},
                    TITLE,
                ]
            },
            f'{TAKEN} "UrlToken"',
            id="relationship to another parent",
        ),
    ],
)
def test_name_of_a_many_to_many_relationship_is_taken_on_both_sides(
    token: Item, message: str
) -> None:
    """Items bear their links under it, whichever side they are on."""
    other = definition("UrlToken", **token)

    later = MemoryDocuments().holding(LINKING).change(other)
    earlier = MemoryDocuments().holding(other).change(LINKING)

    assert [message_of(later), message_of(earlier)] == [message, message]


def test_many_to_many_is_declared_by_one_side_only() -> None:
    back = BOTH | {
        "objectDefinitionExternalReferenceCode1": "URLTOKEN",
        "objectDefinitionExternalReferenceCode2": "CAMPAIGN",
    }
    store = MemoryDocuments().holding(LINKING)

    decision = store.change(definition("UrlToken", objectRelationships=[back]))

    assert message_of(decision) == f'{TAKEN} "UrlToken"'


def test_two_definitions_cannot_link_to_a_third_under_one_name() -> None:
    store = MemoryDocuments().holding(TOKEN, LINKING)

    decision = store.change(definition("Market", objectRelationships=[BOTH]))

    assert message_of(decision) == f'{TAKEN} "UrlToken"'
