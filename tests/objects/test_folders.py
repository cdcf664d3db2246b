from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import OutcomeKind, Problem
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.documents import EMPTY, FOLDER, Change, Desk, StoredDocument
from dmc_widgets.objects.folders import change_folder, ensure_folder

Item = dict[str, Any]

INSERT = Policy(on_existing=ImportStrategy.INSERT)
ONLY_UPDATE = Policy(on_existing=ImportStrategy.UPDATE)
PATCH = Policy(on_update=UpdateStrategy.PARTIAL_UPDATE)


class Shelf:
    """An installation in memory: it holds folders and applies changes."""

    def __init__(self) -> None:
        self.documents: dict[str, StoredDocument] = {}

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        assert kind == FOLDER
        return self.documents.get(erc)

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        assert kind == FOLDER
        found = [each for each in self.documents.values() if each.name == name]
        return found[0] if found else None

    def change(self, item: Item, policy: Policy | None = None) -> Change | Problem:
        decision = change_folder(item, self, policy or Policy(), lambda: "generated")
        if isinstance(decision, Change):
            self.documents |= {each.erc: each for each in decision.documents}
        return decision

    def name(self, erc: str) -> None:
        desk = Desk(self)
        ensure_folder(desk, erc)
        self.documents |= {each.erc: each for each in desk.changed((FOLDER, erc))}


def folder(**more: Any) -> Item:
    return {
        "externalReferenceCode": "DESK",
        "label": {"en_US": "Help Desk"},
        "name": "HelpDesk",
        "objectFolderItems": [],
        **more,
    }


def kind_of(decision: Change | Problem) -> OutcomeKind:
    assert isinstance(decision, Change)
    return decision.kind


def message_of(decision: Change | Problem) -> str:
    assert isinstance(decision, Problem)
    return decision.message


def test_a_folder_is_created_updated_and_unchanged() -> None:
    shelf = Shelf()

    assert kind_of(shelf.change(folder())) is OutcomeKind.CREATED
    assert kind_of(shelf.change(folder())) is OutcomeKind.UNCHANGED
    assert kind_of(shelf.change(folder(label={"en_US": "Desk"}))) is OutcomeKind.UPDATED


def test_the_items_of_a_folder_are_kept_as_they_came() -> None:
    items = [{"linkedObjectDefinition": True, "positionX": 7, "unknown": {"a": None}}]
    shelf = Shelf()

    shelf.change(folder(objectFolderItems=items, id=1, dateCreated="", actions={}))

    assert shelf.documents["DESK"].body == folder(objectFolderItems=items)


def test_replacing_empties_absent_items_and_patching_keeps_them() -> None:
    items = [{"positionX": 7}]
    shelf = Shelf()
    shelf.change(folder(objectFolderItems=items))

    shelf.change({"externalReferenceCode": "DESK", "label": {"en_US": "New"}}, PATCH)
    assert shelf.documents["DESK"].body == folder(
        label={"en_US": "New"}, objectFolderItems=items
    )

    shelf.change({k: v for k, v in folder().items() if k != "objectFolderItems"})
    assert shelf.documents["DESK"].body == folder()


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
        pytest.param(folder(name=None), Policy(), "Name is null", id="name"),
        pytest.param(
            folder(name=7),
            Policy(),
            'Unable to map JSON path "name" with value "7" to class "String"',
            id="name that is no text",
        ),
        pytest.param(
            folder(name="Help Desk"),
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
def test_a_folder_is_refused(item: Item, policy: Policy, message: str) -> None:
    shelf = Shelf()
    shelf.change(folder())

    assert message_of(shelf.change(item, policy)) == message


def test_a_named_folder_is_filled_by_the_one_that_comes() -> None:
    shelf = Shelf()
    shelf.name("DESK")
    assert shelf.documents["DESK"].status == EMPTY

    assert kind_of(shelf.change(folder(), INSERT)) is OutcomeKind.CREATED
    assert shelf.documents["DESK"].body == folder()


def test_a_named_folder_gives_its_name_to_one_that_is_there() -> None:
    shelf = Shelf()
    shelf.name("HelpDesk")

    assert kind_of(shelf.change(folder())) is OutcomeKind.CREATED
    assert shelf.documents["HelpDesk"].name == "HelpDesk2"
