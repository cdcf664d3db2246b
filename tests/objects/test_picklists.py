"""What the strategies make of a picklist and its entries."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.documents.change_set import (
    APPROVED,
    PICKLIST,
    PLACEHOLDER_STATUS,
    ChangeSet,
    DocumentChange,
)
from dmc_widgets.objects.documents.picklists import change_picklist
from dmc_widgets.objects.documents.placeholders import ensure_picklist
from tests.objects.shelf import Item, Shelf, kind_of, message_of

INSERT = Policy(import_strategy=ImportStrategy.INSERT)
ONLY_UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


def body(shelf: Shelf) -> Item:
    return shelf.documents[PICKLIST, "COLORS"].body


def entry(key: str, **more: Any) -> Item:
    name = key.capitalize()
    return {"key": key, "name": name, "name_i18n": {"en-US": name}, **more}


def colors(*entries: Item, **more: Any) -> Item:
    return {
        "externalReferenceCode": "COLORS",
        "listTypeEntries": list(entries),
        "name": "Colors",
        "name_i18n": {"en-US": "Colors"},
        **more,
    }


def test_a_picklist_is_created_updated_and_unchanged() -> None:
    shelf = Shelf(change_picklist)

    assert kind_of(shelf.change(colors(entry("red")))) is OutcomeKind.CREATED
    assert kind_of(shelf.change(colors(entry("red")))) is OutcomeKind.UNCHANGED
    assert kind_of(shelf.change(colors(entry("blue")))) is OutcomeKind.UPDATED
    assert shelf.documents[PICKLIST, "COLORS"].status == APPROVED


def test_two_picklists_may_bear_one_name() -> None:
    shelf = Shelf(change_picklist)
    shelf.change(colors())

    shelf.change(colors(externalReferenceCode="OTHER"))

    assert [document.name for document in shelf.documents.values()] == [
        "COLORS",
        "OTHER",
    ]


def test_replacing_deletes_entries_that_are_absent_and_keeps_codes_by_key() -> None:
    shelf = Shelf(change_picklist)
    shelf.change(colors(entry("red", externalReferenceCode="RED"), entry("blue")))

    shelf.change(colors(entry("green"), entry("red", name="Crimson")))

    entries = body(shelf)["listTypeEntries"]
    assert [(e["key"], e["name"], e.get("externalReferenceCode")) for e in entries] == [
        ("green", "Green", None),
        ("red", "Crimson", "RED"),
    ]


def test_patching_changes_only_what_is_present() -> None:
    shelf = Shelf(change_picklist)
    shelf.change(colors(entry("red", externalReferenceCode="RED"), entry("blue")))
    item = {
        "externalReferenceCode": "COLORS",
        "listTypeEntries": [{"key": "red", "name": "Crimson"}, entry("green")],
    }

    shelf.change(item, PATCH)

    assert body(shelf) == colors(
        entry("red", externalReferenceCode="RED") | {"name": "Crimson"},
        entry("blue"),
        entry("green"),
    )


@pytest.mark.parametrize(
    ("erc", "policy", "message"),
    [
        pytest.param(
            "COLORS",
            INSERT,
            "Duplicate list type definition with external reference code COLORS and "
            "company 20096",
            id="INSERT",
        ),
        pytest.param(
            "OTHER",
            ONLY_UPDATE,
            "No ListTypeDefinition exists with the external reference code OTHER",
            id="UPDATE",
        ),
    ],
)
def test_the_import_strategy_refuses(erc: str, policy: Policy, message: str) -> None:
    shelf = Shelf(change_picklist)
    shelf.change(colors())

    item = colors(externalReferenceCode=erc)
    assert message_of(shelf.change(item, policy)) == message


@pytest.mark.parametrize(
    ("item", "message"),
    [
        pytest.param(
            colors(name="", name_i18n=None),
            "Name is null for locale English (United States)",
            id="name",
        ),
        pytest.param(colors({"name": "Red"}), "Key is null", id="key"),
        pytest.param(
            colors(entry("dark-red")),
            "Key must only contain letters and digits",
            id="hyphen in a key",
        ),
        pytest.param(
            colors(entry("red"), entry("red")), "Duplicate key red", id="key twice"
        ),
        pytest.param(
            colors(
                entry("red", externalReferenceCode="A"),
                entry("blue", externalReferenceCode="A"),
            ),
            "Duplicate external reference code A",
            id="code twice",
        ),
        pytest.param(
            colors({"key": "red"}),
            "Name is null for locale English (United States)",
            id="name of an entry",
        ),
        pytest.param(
            colors(listTypeEntries="red"),
            'Unable to map JSON path "listTypeEntries" with value "red" '
            'to class "List"',
            id="entries that are no list",
        ),
    ],
)
def test_a_bad_picklist_is_refused(item: Item, message: str) -> None:
    assert message_of(Shelf(change_picklist).change(item)) == message


def test_a_key_that_stands_twice_in_a_patch_is_refused() -> None:
    shelf = Shelf(change_picklist)
    shelf.change(colors(entry("red")))

    decision = shelf.change(colors(entry("blue"), entry("blue")), PATCH)

    assert message_of(decision) == "Duplicate key blue"


def test_a_long_key_is_accepted() -> None:
    assert (
        kind_of(Shelf(change_picklist).change(colors(entry("k" * 60))))
        is OutcomeKind.CREATED
    )


def test_names_are_taken_from_the_translations_where_only_they_are_there() -> None:
    shelf = Shelf(change_picklist)

    shelf.change(colors({"key": "red", "name_i18n": {"en_US": "Red"}}, name=None))

    found = body(shelf)
    assert (found["name"], found["listTypeEntries"][0]["name"]) == ("Colors", "Red")


def test_what_another_installation_says_of_itself_is_left_out() -> None:
    untrusted = {"actions": {}, "dateCreated": "", "dateModified": "", "id": 1}
    shelf = Shelf(change_picklist)

    shelf.change(colors(entry("red", **untrusted), unknown=[1], **untrusted))

    assert body(shelf) == colors(entry("red"), unknown=[1])


def test_a_picklist_without_a_code_gets_one() -> None:
    shelf = Shelf(change_picklist)

    change = shelf.change(colors(externalReferenceCode=None))

    assert isinstance(change, DocumentChange)
    assert (change.key, change.note) == ("generated-1", "generated-key")


def test_a_placeholder_gathers_keys_until_the_picklist_comes() -> None:
    shelf = Shelf(change_picklist)
    for keys in (["red"], ["red", "blue"]):
        desk = ChangeSet(shelf)
        ensure_picklist(desk, "COLORS", keys)
        shelf.keep(desk.changed_documents((PICKLIST, "")))

    assert shelf.documents[PICKLIST, "COLORS"].status == PLACEHOLDER_STATUS
    assert body(shelf)["listTypeEntries"] == [
        {"key": "red", "name": "red"},
        {"key": "blue", "name": "blue"},
    ]

    assert kind_of(shelf.change(colors(entry("green")), INSERT)) is OutcomeKind.CREATED
    assert body(shelf) == colors(entry("green"))


def test_a_picklist_that_is_there_is_left_alone() -> None:
    shelf = Shelf(change_picklist)
    shelf.change(colors(entry("red")))
    desk = ChangeSet(shelf)

    ensure_picklist(desk, "COLORS", ["blue"])

    assert desk.changed_documents((PICKLIST, "COLORS")) == ()
