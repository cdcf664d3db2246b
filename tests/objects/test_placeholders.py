"""What is named before it comes, and what becomes of it then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.documents.change_set import (
    FOLDER,
    PICKLIST,
    PLACEHOLDER_STATUS,
)
from tests.objects.shelf import Shelf, change_of, problem_of, text_field, ticket

INSERT = Policy(import_strategy=ImportStrategy.INSERT)
UPSERT = Policy()
ONLY_UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


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
    assert [document.erc for document in change.documents] == [
        "TICKET",
        "PROGRESS",
        "my-folder",
    ]
    picklist = shelf.documents[PICKLIST, "PROGRESS"]
    keys = [entry["key"] for entry in picklist.body["listTypeEntries"]]
    assert (picklist.status, keys) == (PLACEHOLDER_STATUS, ["open", "done", "new"])
    folder = shelf.documents[FOLDER, "my-folder"]
    assert (folder.status, folder.name) == (PLACEHOLDER_STATUS, "Myfolder")


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
    assert shelf.definition("CARD").status == PLACEHOLDER_STATUS

    change = change_of(
        shelf.change(ticket(externalReferenceCode="CARD", name="Card"), policy)
    )

    assert change.kind is OutcomeKind.CREATED
    names = [field["name"] for field in shelf.definition("CARD").body["objectFields"]]
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
