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
from tests.objects.memory_documents import Item, MemoryDocuments, kind_of, message_of

INSERT = Policy(import_strategy=ImportStrategy.INSERT)
ONLY_UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)


def body(store: MemoryDocuments) -> Item:
    return store.documents[PICKLIST, "COLORS"].body


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


def test_picklist_is_created_updated_and_unchanged() -> None:
    store = MemoryDocuments(change_picklist)

    assert kind_of(store.change(colors(entry("red")))) is OutcomeKind.CREATED
    assert kind_of(store.change(colors(entry("red")))) is OutcomeKind.UNCHANGED
    assert kind_of(store.change(colors(entry("blue")))) is OutcomeKind.UPDATED
    assert store.documents[PICKLIST, "COLORS"].status == APPROVED


def test_two_picklists_may_have_the_same_name() -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors())

    store.change(colors(externalReferenceCode="OTHER"))

    assert [document.name for document in store.documents.values()] == [
        "COLORS",
        "OTHER",
    ]


def test_replacing_deletes_entries_that_are_absent_and_keeps_codes_by_key() -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors(entry("red", externalReferenceCode="RED"), entry("blue")))

    crimson = entry("red", name="Crimson", name_i18n={"en-US": "Crimson"})
    store.change(colors(entry("green"), crimson))

    entries = body(store)["listTypeEntries"]
    assert [(e["key"], e["name"], e.get("externalReferenceCode")) for e in entries] == [
        ("green", "Green", None),
        ("red", "Crimson", "RED"),
    ]


def test_patching_changes_only_what_is_present() -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors(entry("red", externalReferenceCode="RED"), entry("blue")))
    item = {
        "externalReferenceCode": "COLORS",
        "listTypeEntries": [{"key": "red", "name": "Crimson"}, entry("green")],
    }

    store.change(item, PATCH)

    assert body(store) == colors(
        entry(
            "red",
            externalReferenceCode="RED",
            name="Crimson",
            name_i18n={"en-US": "Crimson"},
        ),
        entry("blue"),
        entry("green"),
    )


@pytest.mark.parametrize(
    ("stated", "name", "names"),
    [
        pytest.param(
            {"name_i18n": {"en_US": "Hues"}},
            "Hues",
            {"en-US": "Hues"},
            id="translation",
        ),
        pytest.param({"name": "Hues"}, "Hues", {"en-US": "Hues"}, id="name"),
        pytest.param(
            {"name": "Shades", "name_i18n": {"en-US": "Hues"}},
            "Hues",
            {"en-US": "Hues"},
            id="both, and the translation counts",
        ),
        pytest.param(
            {"name_i18n": {"de_DE": "Farben"}},
            "Colors",
            {"de-DE": "Farben", "en-US": "Colors"},
            id="another language",
        ),
        pytest.param(
            {"name_i18n": {"en_US": "Hues", "zh_CN": "颜色"}},
            "Hues",
            {"en-US": "Hues", "zh-Hans-CN": "颜色"},
            id="a language with a script",
        ),
    ],
)
@pytest.mark.parametrize("is_entry", [False, True], ids=["picklist", "entry"])
def test_patch_keeps_name_and_translations_in_agreement(
    *, stated: Item, name: str, names: Item, is_entry: bool
) -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors(entry("red", name="Colors", name_i18n={"en-US": "Colors"})))
    code = {"externalReferenceCode": "COLORS"}
    part = {"listTypeEntries": [{"key": "red", **stated}]}

    store.change(code | (part if is_entry else stated), PATCH)

    after = body(store)["listTypeEntries"][0] if is_entry else body(store)
    assert (after["name"], after["name_i18n"]) == (name, names)


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
def test_import_strategy_refuses(erc: str, policy: Policy, message: str) -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors())

    item = colors(externalReferenceCode=erc)
    assert message_of(store.change(item, policy)) == message


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
def test_invalid_picklist_is_refused(item: Item, message: str) -> None:
    assert message_of(MemoryDocuments(change_picklist).change(item)) == message


def test_duplicate_key_in_a_patch_is_refused() -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors(entry("red")))

    decision = store.change(colors(entry("blue"), entry("blue")), PATCH)

    assert message_of(decision) == "Duplicate key blue"


def test_long_key_is_accepted() -> None:
    assert (
        kind_of(MemoryDocuments(change_picklist).change(colors(entry("k" * 60))))
        is OutcomeKind.CREATED
    )


def test_missing_name_is_filled_from_the_translations() -> None:
    store = MemoryDocuments(change_picklist)

    store.change(colors({"key": "red", "name_i18n": {"en_US": "Red"}}, name=None))

    found = body(store)
    assert (found["name"], found["listTypeEntries"][0]["name"]) == ("Colors", "Red")


def test_server_set_properties_are_left_out() -> None:
    untrusted = {"actions": {}, "dateCreated": "", "dateModified": "", "id": 1}
    store = MemoryDocuments(change_picklist)

    store.change(colors(entry("red", **untrusted), unknown=[1], **untrusted))

    assert body(store) == colors(entry("red"), unknown=[1])


def test_picklist_without_a_code_gets_one() -> None:
    store = MemoryDocuments(change_picklist)

    change = store.change(colors(externalReferenceCode=None))

    assert isinstance(change, DocumentChange)
    assert (change.key, change.note) == ("generated-1", "generated-key")


def test_placeholder_gathers_keys_until_the_picklist_comes() -> None:
    store = MemoryDocuments(change_picklist)
    for keys in (["red"], ["red", "blue"]):
        changes = ChangeSet(store)
        ensure_picklist(changes, "COLORS", keys)
        store.keep(changes.changed_documents((PICKLIST, "")))

    assert store.documents[PICKLIST, "COLORS"].status == PLACEHOLDER_STATUS
    assert body(store)["listTypeEntries"] == [
        {"key": "red", "name": "red"},
        {"key": "blue", "name": "blue"},
    ]

    assert kind_of(store.change(colors(entry("green")), INSERT)) is OutcomeKind.CREATED
    assert body(store) == colors(entry("green"))


def test_existing_picklist_is_left_unchanged() -> None:
    store = MemoryDocuments(change_picklist)
    store.change(colors(entry("red")))
    changes = ChangeSet(store)

    ensure_picklist(changes, "COLORS", ["blue"])

    assert changes.changed_documents((PICKLIST, "COLORS")) == ()
