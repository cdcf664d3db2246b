"""The digest of what an installation holds, of the values that were sent alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.installations import connect
from dmc_widgets.model.entry_digests import digest_entries
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.objects.entries.canonical_columns import CanonicalColumns
from dmc_widgets.objects.entries.canonical_values import CanonicalEntries, digest_values
from dmc_widgets.objects.entries.validation import EntryRules
from dmc_widgets.tasks.checkers.compiled_rules import compile_rules
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.verification.record_digests import SentEntries
from dmc_widgets.tasks.verification.stored_entries import StoredValueReader
from tests.objects.test_typed_entries import RELATED, rules_of
from tests.tasks.gallery import ERC, FULL, PICKLIST, PICTURE, ROOM, write

SENT = {name: value for name, value in FULL.items() if name != "secret"}
"""Encrypted values are not compared."""


class Stored(NamedTuple):
    """An entry with a value of every type, and what compares it."""

    rules: EntryRules
    entries: CanonicalEntries
    item: dict[str, Any]
    values: dict[str, Any]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    path: Path = tmp_path_factory.mktemp("stored")
    installation = connect(f"sqlite:///{path}/gallery.db")
    assert isinstance(installation, StoredValueReader)
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", ROOM, PICTURE)
    write(installation, "Room", {ERC: "R-1", "name": "One"}, {ERC: "R-2"})
    write(installation, "Picture", SENT)
    types = installation.entity_types()
    entity_type = find_entity_type(types, "Picture")
    rules = compile_rules(installation, types, entity_type).rules
    item = installation.fetch(entity_type, ["P-1"])["P-1"]
    names = [name for name, _ in rules.checks]
    found = installation.stored_values(entity_type, ["P-1", "P-2"], "", names)
    assert [*found] == ["P-1"]
    values = dict(zip(names, found["P-1"], strict=True))
    yield Stored(rules, CanonicalEntries(rules), item, values)
    installation.close()


NESTED = {"pictures": {ERC: "R-1"}}
"""How a server may state a parent in place of its properties of their own."""


@given(
    names=st.sets(st.sampled_from(sorted(SENT))),
    replaces=st.booleans(),
    nested=st.booleans(),
)
def test_it_is_that_of_the_same_values_of_the_whole_entry(
    stored: Stored,
    names: set[str],
    replaces: bool,
    nested: bool,
) -> None:
    entries, item = stored.entries, stored.item
    if nested:
        item = {x: y for x, y in item.items() if not x.startswith("r_")} | NESTED
    expected = entries.expected({x: SENT[x] for x in names}, replaces=replaces)
    sent = tuple(expected)

    digest = entries.digest_actual(item, sent)

    assert digest == digest_values(sent, entries.actual(item))


DEPENDENT = {"caption", "caption_i18n", "keywords", "r_pictures_c_roomERC", "scan"}
PLAIN = sorted(SENT.keys() - {ERC, "shownIn"} - DEPENDENT)
"""The fields whose values depend on nothing but themselves."""

VALUES = st.one_of(
    st.sampled_from([*SENT.values(), "", " ", "red", "no colour", "yes", "1e3", 2**70]),
    st.sampled_from(["2026-01-02T00:00:00.000Z", "2026-1-2", "\ud800", "\0", -0.0]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
)


@given(
    names=st.lists(st.sampled_from(PLAIN), min_size=1, max_size=5, unique=True),
    data=st.data(),
)
def test_columns_have_the_digests_of_single_entries(
    stored: Stored, names: list[str], data: st.DataObject
) -> None:
    """Also of values that the rules refuse."""
    item = st.fixed_dictionaries(dict.fromkeys(names, VALUES))
    items = data.draw(st.lists(item, min_size=1, max_size=4))
    columns = CanonicalColumns(stored.rules)
    layout = columns.names([ERC, *names])
    assert layout == tuple(names)

    digests = [*columns.digest_items(layout, items)]

    expected = [stored.entries.expected(item, replaces=True) for item in items]
    assert digests == [digest_values(names, values) for values in expected]


def test_stored_values_have_the_digest_of_the_entry(stored: Stored) -> None:
    """Both are of the same values, read in two ways."""
    columns, names = CanonicalColumns(stored.rules), tuple(PLAIN)

    (digest,) = columns.digest_items(names, [stored.values])

    assert digest == stored.entries.digest_actual(stored.item, names)


@pytest.mark.parametrize(
    "name", ["caption", "caption_i18n", "keywords", "scan", "secret", "shownIn"]
)
def test_values_that_depend_on_others_are_left_to_single_entries(
    stored: Stored, name: str
) -> None:
    assert CanonicalColumns(stored.rules).names(["title", name]) is None


def test_digests_of_entries_name_the_values_that_digests_of_values_do() -> None:
    """Parents and translations among them: the report says what was compared."""
    item = {
        ERC: "E-1",
        "number": "7",
        "name": "One",
        "name_i18n": {"en_US": "One", "de_DE": "Eins"},
        "r_owner_c_oneERC": "C-1",
        "r_owner_c_oneId": 501,
        "keywords": ["a"],
        "status": {"code": 0},
        "other": 1,
    }
    sent = SentEntries(rules_of(RELATED), ImportPlan(entity_type="C_Ticket", name="x"))

    names = sent.stored_digests([item], [b"0" * 16]).names

    assert names == tuple(sorted(sent.digest(item).names))
    expected = {"keywords", "name_i18n", "number", "r_owner_c_oneERC", "status"}
    assert {*names} == expected


def test_the_digest_of_an_entry_is_of_its_status_and_its_values() -> None:
    bodies, statuses = [b"{}", b"{}", b'{"a":1}', b"{}"], [0, 2, 0, 0]

    digests = digest_entries(bodies, statuses)

    assert len({*digests}) == 3
    assert digests[0] == digests[3]
    assert digests[0].hex() == "dc7048f8f8747f561349cde127705c16"
