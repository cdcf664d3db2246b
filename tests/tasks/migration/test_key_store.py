"""Keys on disk: each once, in order, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from dmc_widgets.tasks.migration.key_store import KeyStore


@pytest.fixture
def store() -> Iterator[KeyStore]:
    opened = KeyStore()
    yield opened
    opened.close()


def test_duplicate_keys_count_once(store: KeyStore) -> None:
    """Many children name the same parent."""
    assert store.add("T", [("", "A"), ("", "B"), ("", "A")]) == 2
    assert store.add("T", [("", "B"), ("site", "B")]) == 1
    assert (store.count("T"), store.count("U")) == (3, 0)


def test_each_page_holds_codes_of_one_site(store: KeyStore) -> None:
    """An installation is asked for one site at a time."""
    store.add("T", [("s", f"{n:04}") for n in range(600)])
    store.add("T", [("", "x"), ("r", "y")])

    found = list(store.pages("T"))

    assert [(scope, len(codes)) for scope, codes in found] == [
        ("", 1),
        ("r", 1),
        ("s", 498),
        ("s", 102),
    ]
    assert [code for _, codes in found[2:] for code in codes] == [
        f"{n:04}" for n in range(600)
    ]


def test_taken_keys_are_not_taken_again(store: KeyStore) -> None:
    """Keys that come while others are taken are taken, too."""
    store.add("T", [("", "A")])
    taken = []
    for scope, codes in store.take_unvisited("T"):
        taken.append((scope, codes))
        if codes == ["A"]:
            store.add("T", [("", "A"), ("", "B")])

    assert taken == [("", ["A"]), ("", ["B"])]
    assert list(store.take_unvisited("T")) == []


def test_find_returns_stored_keys_only(store: KeyStore) -> None:
    """Of one site and entity type."""
    store.add("T", [("", "A"), ("s", "B")])

    assert store.find("T", "", ["A", "B", "C"]) == {"A"}


def test_items_come_back_as_they_were_and_in_their_order(store: KeyStore) -> None:
    """By code and site, and one after the other."""
    codes = [f"{n}" for n in range(250, 0, -1)]
    items = [{"code": code, "price": Decimal("0.10")} for code in codes]
    store.keep_items("T", (("s", str(item["code"]), item) for item in items))
    store.keep_items("U", [("s", "1", {"code": "of another group"})])

    assert list(store.items("T")) == items
    assert store.find_items("T", "s", ["7", "999"]) == {"7": items[243]}
    assert store.find_items("T", "", ["7"]) == {}
    assert (store.count_items("T"), store.count_items("V")) == (250, 0)
