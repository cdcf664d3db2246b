"""What the strategies make of a folder."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.documents.change_set import (
    FOLDER,
    PLACEHOLDER_STATUS,
    ChangeSet,
)
from dmc_widgets.objects.documents.folders import change_folder
from dmc_widgets.objects.documents.placeholders import ensure_folder
from tests.objects.memory_documents import Item, MemoryDocuments, kind_of, message_of

INSERT = Policy(import_strategy=ImportStrategy.INSERT)
ONLY_UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


def add_placeholder_for(store: MemoryDocuments, erc: str) -> None:
    """Let a definition name a folder that is not there."""
    changes = ChangeSet(store)
    ensure_folder(changes, erc)
    store.keep(changes.changed_documents((FOLDER, erc)))


def folder(**more: Any) -> Item:
    return {
        "externalReferenceCode": "DESK",
        "label": {"en_US": "Help Desk"},
        "name": "HelpDesk",
        "objectFolderItems": [],
        **more,
    }


def test_folder_is_created_updated_and_unchanged() -> None:
    store = MemoryDocuments(change_folder)

    assert kind_of(store.change(folder())) is OutcomeKind.CREATED
    assert kind_of(store.change(folder())) is OutcomeKind.UNCHANGED
    assert kind_of(store.change(folder(label={"en_US": "Desk"}))) is OutcomeKind.UPDATED


def test_items_of_a_folder_are_stored_as_they_came() -> None:
    items = [{"linkedObjectDefinition": True, "positionX": 7, "unknown": {"a": None}}]
    store = MemoryDocuments(change_folder)

    store.change(folder(objectFolderItems=items, id=1, dateCreated="", actions={}))

    assert store.documents[FOLDER, "DESK"].body == folder(objectFolderItems=items)


def test_neither_replacing_nor_patching_clears_the_items_of_a_folder() -> None:
    """Liferay's PUT looks at the items only where there are some."""
    items = [{"positionX": 7}]
    store = MemoryDocuments(change_folder)
    store.change(folder(objectFolderItems=items))

    store.change({"externalReferenceCode": "DESK", "label": {"en_US": "New"}}, PATCH)
    assert store.documents[FOLDER, "DESK"].body == folder(
        label={"en_US": "New"}, objectFolderItems=items
    )

    store.change({k: v for k, v in folder().items() if k != "objectFolderItems"})
    assert store.documents[FOLDER, "DESK"].body == folder(objectFolderItems=items)


@pytest.mark.parametrize(
    ("item", "policy", "message"),
    [
        pytest.param(
            folder(), INSERT, "Duplicate name HelpDesk", id="INSERT of the same"
        ),
        pytest.param(
            folder(name="Other"),
            INSERT,
            "Duplicate object folder with external reference code DESK and company "
            "20096",
            id="INSERT of its code",
        ),
        pytest.param(
            folder(externalReferenceCode="OTHER"),
            Policy(),
            "Duplicate name HelpDesk",
            id="its name under another code",
        ),
        pytest.param(
            folder(externalReferenceCode="OTHER", name="Other"),
            ONLY_UPDATE,
            "No ObjectFolder exists with the external reference code OTHER",
            id="UPDATE of a missing one",
        ),
        pytest.param(
            folder(externalReferenceCode="OTHER", name=None),
            Policy(),
            "Name is null",
            id="name",
        ),
        pytest.param(
            folder(name=7),
            Policy(),
            'Unable to map JSON path "name" with value "7" to class "String"',
            id="name that is no text",
        ),
        pytest.param(
            folder(externalReferenceCode="OTHER", name="Help Desk"),
            Policy(),
            "Name must only contain letters and digits",
            id="blank in the name",
        ),
        pytest.param(
            folder(label=None),
            Policy(),
            "Label is null for locale English (United States)",
            id="label",
        ),
    ],
)
def test_folder_is_refused(item: Item, policy: Policy, message: str) -> None:
    store = MemoryDocuments(change_folder)
    store.change(folder())

    assert message_of(store.change(item, policy)) == message


def test_placeholder_is_replaced_by_the_folder_that_comes() -> None:
    store = MemoryDocuments(change_folder)
    add_placeholder_for(store, "DESK")
    assert store.documents[FOLDER, "DESK"].status == PLACEHOLDER_STATUS

    assert kind_of(store.change(folder(), INSERT)) is OutcomeKind.CREATED
    assert store.documents[FOLDER, "DESK"].body == folder()


def test_placeholder_gives_its_name_up_to_a_folder() -> None:
    store = MemoryDocuments(change_folder)
    add_placeholder_for(store, "HelpDesk")

    assert kind_of(store.change(folder())) is OutcomeKind.CREATED
    assert store.documents[FOLDER, "HelpDesk"].name == "HelpDesk2"
