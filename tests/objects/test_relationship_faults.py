from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.definitions import change_definition
from dmc_widgets.objects.documents import (
    DEFINITION,
    Change,
    StoredDocument,
)

Item = dict[str, Any]


class Shelf:
    """An installation in memory: it holds documents and applies changes."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], StoredDocument] = {}

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        return self.documents.get((kind, erc))

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        for each in self.documents.values():
            if (each.kind, each.name) == (kind, name):
                return each
        return None

    def change(self, item: Item) -> Change | Problem:
        decision = change_definition(item, self, Policy(), lambda: "generated")
        if isinstance(decision, Change):
            self.documents |= {(e.kind, e.erc): e for e in decision.documents}
        return decision

    def holding(self, *items: Item) -> Shelf:
        for item in items:
            assert isinstance(self.change(item), Change), item
        return self

    def definition(self, erc: str) -> StoredDocument:
        return self.documents[DEFINITION, erc]

    def bodies(self) -> dict[str, Item]:
        return {erc: each.body for (_, erc), each in self.documents.items()}


def definition(name: str, **more: Any) -> Item:
    """Make a published definition with one field; its code is its name in capitals."""
    title = {"name": "title", "businessType": "Text", "label": {"en_US": "Title"}}
    return {
        "externalReferenceCode": name.upper(),
        "label": {"en_US": name},
        "name": name,
        "objectFields": [title],
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": {"code": 0},
        **more,
    }


TITLE = definition("Any")["objectFields"][0]

CAMPAIGN_TOKENS: Item = {
    "deletionType": "cascade",
    "label": {"en_US": "Tokens"},
    "name": "tokens",
    "objectDefinitionExternalReferenceCode1": "CAMPAIGN",
    "objectDefinitionExternalReferenceCode2": "URLTOKEN",
    "objectDefinitionName2": "UrlToken",
    "type": "oneToMany",
}

CAMPAIGN = definition("Campaign", objectRelationships=[CAMPAIGN_TOKENS])
TOKEN = definition("UrlToken")

TOKEN_FIELD: Item = {
    "DBType": "Long",
    "businessType": "Relationship",
    "externalReferenceCode": "its-own-code",
    "label": {"en_US": "Belongs to"},
    "name": "r_tokens_c_campaignId",
    "objectDefinitionExternalReferenceCode1": "CAMPAIGN",
    "objectRelationshipExternalReferenceCode": "tokens-code",
    "required": True,
}


def message_of(decision: Change | Problem) -> str:
    assert isinstance(decision, Problem)
    return decision.message


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
def test_a_bad_relationship_is_refused(relationships: list[Item], message: str) -> None:
    item = definition("Campaign", objectRelationships=relationships)

    assert message_of(Shelf().change(item)) == message


def test_a_relationship_cannot_have_the_name_of_a_field_of_the_child() -> None:
    child = definition("UrlToken", objectFields=[TITLE | {"name": "tokens"}])
    shelf = Shelf().holding(child)

    assert message_of(shelf.change(CAMPAIGN)) == (
        "There is already an object relationship with this name in the object "
        'definition "UrlToken." Object fields and object relationships cannot have '
        "the same name."
    )
    assert list(shelf.bodies()) == ["URLTOKEN"]


def test_a_field_cannot_claim_a_relationship_to_another_child() -> None:
    shelf = Shelf().holding(TOKEN, CAMPAIGN)
    other = definition("Visit", objectFields=[TOKEN_FIELD])

    assert message_of(shelf.change(other)) == (
        "There is already an object relationship with this name in the object "
        'definition "Campaign"'
    )


def test_a_parent_cannot_have_a_field_of_the_relationships_name() -> None:
    parent = definition("Campaign", objectFields=[TITLE | {"name": "tokens"}])
    shelf = Shelf().holding(parent)

    problem = message_of(
        shelf.change(definition("UrlToken", objectFields=[TOKEN_FIELD]))
    )

    assert problem == (
        "There is already an object relationship with this name in the object "
        'definition "Campaign." Object fields and object relationships cannot have '
        "the same name."
    )
    assert list(shelf.bodies()) == ["CAMPAIGN"]


def test_a_child_cannot_get_a_field_of_its_relationships_name() -> None:
    shelf = Shelf().holding(TOKEN, CAMPAIGN)
    named = definition("UrlToken", objectFields=[TITLE, TITLE | {"name": "tokens"}])

    assert message_of(shelf.change(named)) == (
        "There is already an object relationship with this name in the object "
        'definition "UrlToken." Object fields and object relationships cannot have '
        "the same name."
    )
