"""Whatever stands in an item, it is decided or refused, and nothing is raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.objects.documents.change_set import (
    DEFINITION,
    FOLDER,
    PICKLIST,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from dmc_widgets.objects.documents.definitions import DEFINITION_KIND, change_definition
from dmc_widgets.objects.documents.folders import change_folder
from dmc_widgets.objects.documents.picklists import change_picklist
from dmc_widgets.objects.entries.entity_type import build_entry_entity_type
from dmc_widgets.objects.fields.many_to_many import declared_relationships

Item = dict[str, Any]
Rule = Callable[
    [Item, DocumentReader, Policy, Callable[[], str]], DocumentChange | Problem
]

DEFINITION_ITEM: Item = {
    "active": True,
    "defaultLanguageId": "en_US",
    "enableComments": False,
    "externalReferenceCode": "TICKET",
    "label": {"en_US": "Ticket"},
    "name": "Ticket",
    "objectActions": [{"externalReferenceCode": "A"}],
    "objectDefinitionSettings": [{"name": "a", "value": 1}],
    "objectFields": [
        {
            "DBType": "String",
            "businessType": "Picklist",
            "indexed": True,
            "indexedLanguageId": "en_US",
            "label": {"en_US": "Progress"},
            "listTypeDefinitionExternalReferenceCode": "PROGRESS",
            "localized": False,
            "name": "progress",
            "objectFieldSettings": [
                {
                    "name": "stateFlow",
                    "value": {
                        "objectStates": [
                            {"key": "a", "objectStateTransitions": [{"key": "b"}]}
                        ]
                    },
                },
                {"name": "defaultValue", "value": "a"},
            ],
            "readOnly": "false",
            "required": True,
            "state": True,
            "system": False,
        },
        {
            "businessType": "Relationship",
            "name": "r_owner_c_personId",
            "objectDefinitionExternalReferenceCode1": "PERSON",
            "objectFieldSettings": [
                {"name": "objectDefinition1ShortName", "value": "Person"}
            ],
            "objectRelationshipExternalReferenceCode": "OWNER",
            "relationshipType": "oneToMany",
        },
    ],
    "objectFolderExternalReferenceCode": "FOLDER",
    "objectLayouts": [{}],
    "objectRelationships": [
        {
            "deletionType": "prevent",
            "externalReferenceCode": "R",
            "label": {"en_US": "Parts"},
            "name": "parts",
            "objectDefinitionExternalReferenceCode2": "TICKET",
            "objectDefinitionName2": "Ticket",
            "objectField": {"label": {"en_US": "Whole"}, "objectFieldSettings": []},
            "type": "oneToMany",
        }
    ],
    "pluralLabel": {"en_US": "Tickets"},
    "scope": "company",
    "status": {"code": 0},
    "storageType": "default",
}

PICKLIST_ITEM: Item = {
    "defaultLanguageId": "en_US",
    "externalReferenceCode": "COLORS",
    "listTypeEntries": [
        {
            "externalReferenceCode": "RED",
            "key": "red",
            "name": "Red",
            "name_i18n": {"en-US": "Red"},
        }
    ],
    "name": "Colors",
    "name_i18n": {"en-US": "Colors"},
}

FOLDER_ITEM: Item = {
    "externalReferenceCode": "DESK",
    "label": {"en_US": "Desk"},
    "name": "Desk",
    "objectFolderItems": [{"positionX": 1}],
}


class MemoryDocuments:
    """An installation in memory: it holds documents and applies changes."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], StoredDocument] = {}

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        return self.documents.get((kind, erc))

    def linking_to(self, erc: str) -> list[tuple[str, str]]:
        return [
            (document.erc, name)
            for document in self.documents.values()
            for name, other in declared_relationships(document.body)
            if other == erc
        ]

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        for document in self.documents.values():
            if (document.kind, document.name) == (kind, name):
                return document
        return None

    def change(
        self, rule: Rule, item: Item, policy: Policy
    ) -> DocumentChange | Problem:
        decision = rule(item, self, policy, lambda: "generated")
        if isinstance(decision, DocumentChange):
            self.documents |= {(e.kind, e.erc): e for e in decision.documents}
        return decision


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value within *value*."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    for key, inner in pairs:
        yield (*path, key)
        yield from places(inner, (*path, key))


def with_value(item: Item, path: tuple[Any, ...], value: Any) -> Item:
    changed = deepcopy(item)
    target: Any = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["key", "name", "en_US", "code"]), inner)
    ),
    max_leaves=4,
)

RULES = [
    pytest.param(change_definition, DEFINITION_ITEM, DEFINITION, id="definition"),
    pytest.param(change_picklist, PICKLIST_ITEM, PICKLIST, id="picklist"),
    pytest.param(change_folder, FOLDER_ITEM, FOLDER, id="folder"),
]


@pytest.mark.parametrize(("rule", "item", "kind"), RULES)
def test_items_of_this_test_are_valid(rule: Rule, item: Item, kind: str) -> None:
    change = MemoryDocuments().change(rule, item, Policy())

    assert isinstance(change, DocumentChange)
    assert change.documents[0].kind == kind


@pytest.mark.parametrize(("rule", "item", "kind"), RULES)
@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_value_anywhere_is_accepted_or_refused_without_raising(
    rule: Rule, item: Item, kind: str, data: st.DataObject
) -> None:
    """What was taken stands in the way of nothing that comes later."""
    path = data.draw(st.sampled_from(list(places(item))))
    bad = with_value(item, path, data.draw(JSON))
    store = MemoryDocuments()
    if data.draw(st.booleans()):
        store.change(rule, item, Policy())
    update_strategy = data.draw(st.sampled_from(list(UpdateStrategy)))

    decision = store.change(rule, bad, Policy(update_strategy=update_strategy))

    store.change(rule, item, Policy())
    if isinstance(decision, DocumentChange):
        stored = store.documents[kind, decision.key]
        if kind == DEFINITION:
            assert DEFINITION_KIND.export(stored, 1, 0, 0)["name"] == stored.name
            assert build_entry_entity_type(stored.body).name == f"C_{stored.name}"
    else:
        assert decision.message
        assert decision.code
