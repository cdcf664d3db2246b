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
from tests.objects.memory_documents import (
    MemoryDocuments,
    change_of,
    problem_of,
    text_field,
    ticket,
)

INSERT = Policy(import_strategy=ImportStrategy.INSERT)
UPSERT = Policy()
ONLY_UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


def test_referenced_picklist_and_folder_become_placeholders() -> None:
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
    store = MemoryDocuments()
    item = ticket(objectFields=[field], objectFolderExternalReferenceCode="my-folder")

    change = change_of(store.change(item))

    assert change.note == "placeholder"
    assert [document.erc for document in change.documents] == [
        "TICKET",
        "PROGRESS",
        "my-folder",
    ]
    picklist = store.documents[PICKLIST, "PROGRESS"]
    keys = [entry["key"] for entry in picklist.body["listTypeEntries"]]
    assert (picklist.status, keys) == (PLACEHOLDER_STATUS, ["open", "done", "new"])
    folder = store.documents[FOLDER, "my-folder"]
    assert (folder.status, folder.name) == (PLACEHOLDER_STATUS, "Myfolder")


def test_folder_that_every_installation_has_needs_no_placeholder() -> None:
    item = ticket(objectFolderExternalReferenceCode="default")

    change = change_of(MemoryDocuments().change(item))

    assert (len(change.documents), change.note) == (1, "")


@pytest.fixture
def make_placeholder() -> Callable[[MemoryDocuments], MemoryDocuments]:
    def make(store: MemoryDocuments) -> MemoryDocuments:
        relationship = {
            "name": "cards",
            "objectDefinitionExternalReferenceCode2": "CARD",
            "objectDefinitionName2": "Card",
            "type": "oneToMany",
        }
        return store.holding(ticket(objectRelationships=[relationship]))

    return make


@pytest.mark.parametrize(
    "policy", [INSERT, UPSERT, PATCH], ids=["INSERT", "PUT", "PATCH"]
)
def test_placeholder_counts_as_missing(
    policy: Policy, make_placeholder: Callable[[MemoryDocuments], MemoryDocuments]
) -> None:
    store = make_placeholder(MemoryDocuments())
    assert store.definition("CARD").status == PLACEHOLDER_STATUS

    change = change_of(
        store.change(ticket(externalReferenceCode="CARD", name="Card"), policy)
    )

    assert change.kind is OutcomeKind.CREATED
    names = [field["name"] for field in store.definition("CARD").body["objectFields"]]
    assert names == ["title", "r_cards_c_ticketId"]


def test_placeholder_cannot_be_updated(
    make_placeholder: Callable[[MemoryDocuments], MemoryDocuments],
) -> None:
    store = make_placeholder(MemoryDocuments())

    problem = problem_of(
        store.change(ticket(externalReferenceCode="CARD", name="Card"), ONLY_UPDATE)
    )

    assert problem.message == (
        "No ObjectDefinition exists with the external reference code CARD"
    )


def test_placeholder_gives_its_name_up_to_a_definition(
    make_placeholder: Callable[[MemoryDocuments], MemoryDocuments],
) -> None:
    store = make_placeholder(MemoryDocuments())

    store.holding(ticket(externalReferenceCode="OTHER", name="Card"))

    assert store.definition("OTHER").name == "Card"
    assert store.definition("CARD").name == "CARD"
    (relationship,) = store.definition("TICKET").body["objectRelationships"]
    assert relationship["objectDefinitionName2"] == "CARD"
