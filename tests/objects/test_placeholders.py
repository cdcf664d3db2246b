from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.model.outcome import OutcomeKind, Problem
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.definitions import change_definition
from dmc_widgets.objects.documents import (
    DEFINITION,
    EMPTY,
    FOLDER,
    PICKLIST,
    Change,
    StoredDocument,
)

INSERT = Policy(on_existing=ImportStrategy.INSERT)
UPSERT = Policy()
ONLY_UPDATE = Policy(on_existing=ImportStrategy.UPDATE)
PATCH = Policy(on_update=UpdateStrategy.PARTIAL_UPDATE)

PUBLISHED = {"code": 0, "label": "approved", "label_i18n": "Approved"}

Item = dict[str, Any]


class Shelf:
    """An installation in memory: it holds documents and applies changes."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], StoredDocument] = {}
        self._numbers = itertools.count(1)

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        return self.documents.get((kind, erc))

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        for each in self.documents.values():
            if (each.kind, each.name) == (kind, name):
                return each
        return None

    def change(self, item: Item, policy: Policy = UPSERT) -> Change | Problem:
        decision = change_definition(item, self, policy, self._new_key)
        if isinstance(decision, Change):
            self.documents |= {(e.kind, e.erc): e for e in decision.documents}
        return decision

    def holding(self, *items: Item) -> Shelf:
        for item in items:
            assert isinstance(self.change(item), Change), item
        return self

    def definition(self, erc: str) -> StoredDocument:
        return self.documents[DEFINITION, erc]

    def _new_key(self) -> str:
        return f"generated-{next(self._numbers)}"


def text_field(name: str = "title", **more: Any) -> Item:
    label = {"en_US": name.capitalize()}
    return {"name": name, "businessType": "Text", "label": label, **more}


def ticket(**more: Any) -> Item:
    """Make a published definition with one field, changed by *more*."""
    return {
        "externalReferenceCode": "TICKET",
        "label": {"en_US": "Ticket"},
        "name": "Ticket",
        "objectFields": [text_field()],
        "pluralLabel": {"en_US": "Tickets"},
        "scope": "company",
        "status": PUBLISHED,
        **more,
    }


def problem_of(decision: Change | Problem) -> Problem:
    assert isinstance(decision, Problem)
    return decision


def change_of(decision: Change | Problem) -> Change:
    assert isinstance(decision, Change)
    return decision


def test_a_named_picklist_and_folder_are_made_empty_with_the_keys_needed() -> None:
    flow = {
        "objectStates": [
            {"key": "open", "objectStateTransitions": [{"key": "done"}]},
            {"key": "done", "objectStateTransitions": []},
        ]
    }
    field = text_field(
        "progress",
        businessType="Picklist",
        listTypeDefinitionExternalReferenceCode="PROGRESS",
        objectFieldSettings=[
            {"name": "stateFlow", "value": flow},
            {"name": "defaultValueType", "value": "inputAsValue"},
            {"name": "defaultValue", "value": "new"},
        ],
        required=True,
        state=True,
    )
    shelf = Shelf()
    item = ticket(objectFields=[field], objectFolderExternalReferenceCode="my-folder")

    change = change_of(shelf.change(item))

    assert change.note == "placeholder"
    assert [each.erc for each in change.documents] == [
        "TICKET",
        "PROGRESS",
        "my-folder",
    ]
    picklist = shelf.documents[PICKLIST, "PROGRESS"]
    keys = [each["key"] for each in picklist.body["listTypeEntries"]]
    assert (picklist.status, keys) == (EMPTY, ["open", "done", "new"])
    folder = shelf.documents[FOLDER, "my-folder"]
    assert (folder.status, folder.name) == (EMPTY, "Myfolder")


def test_the_folder_that_every_installation_has_needs_no_placeholder() -> None:
    item = ticket(objectFolderExternalReferenceCode="default")

    change = change_of(Shelf().change(item))

    assert (len(change.documents), change.note) == (1, "")


@pytest.fixture
def make_placeholder() -> Callable[[Shelf], Shelf]:
    def make(shelf: Shelf) -> Shelf:
        relationship = {
            "name": "cards",
            "objectDefinitionExternalReferenceCode2": "CARD",
            "objectDefinitionName2": "Card",
            "type": "oneToMany",
        }
        return shelf.holding(ticket(objectRelationships=[relationship]))

    return make


@pytest.mark.parametrize(
    "policy", [INSERT, UPSERT, PATCH], ids=["INSERT", "PUT", "PATCH"]
)
def test_a_placeholder_counts_as_missing(
    policy: Policy, make_placeholder: Callable[[Shelf], Shelf]
) -> None:
    shelf = make_placeholder(Shelf())
    assert shelf.definition("CARD").status == EMPTY

    change = change_of(
        shelf.change(ticket(externalReferenceCode="CARD", name="Card"), policy)
    )

    assert change.kind is OutcomeKind.CREATED
    names = [each["name"] for each in shelf.definition("CARD").body["objectFields"]]
    assert names == ["title", "r_cards_c_ticketId"]


def test_a_placeholder_is_nothing_to_update(
    make_placeholder: Callable[[Shelf], Shelf],
) -> None:
    shelf = make_placeholder(Shelf())

    problem = problem_of(
        shelf.change(ticket(externalReferenceCode="CARD", name="Card"), ONLY_UPDATE)
    )

    assert problem.message == (
        "No ObjectDefinition exists with the external reference code CARD"
    )


def test_a_placeholder_gives_its_name_to_a_definition_that_is_there(
    make_placeholder: Callable[[Shelf], Shelf],
) -> None:
    shelf = make_placeholder(Shelf())

    shelf.holding(ticket(externalReferenceCode="OTHER", name="Card"))

    assert shelf.definition("OTHER").name == "Card"
    assert shelf.definition("CARD").name == "CARD"
    (relationship,) = shelf.definition("TICKET").body["objectRelationships"]
    assert relationship["objectDefinitionName2"] == "CARD"
