"""Typed entries from columns: the same as those from the records of the table."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from dmc_widgets.model.line_items import LineFields
from dmc_widgets.model.record import DateCell
from dmc_widgets.objects.entries.typed_entries import TypedEntries
from dmc_widgets.objects.entries.validation import EntryRules
from tests.objects.test_typed_entries import (
    RICH,
    Items,
    items,
    make_related_items,
    make_related_rules,
    rules_of,
)

ERC = "externalReferenceCode"
RULES = rules_of([{**field, "required": field["name"] == "title"} for field in RICH])


def compile_rules(rules: EntryRules = RULES) -> TypedEntries:
    typed = TypedEntries.compile(rules)
    assert typed is not None
    return typed


def make_table(rows: Items) -> tuple[Items, dict[str, list[Any]]]:
    """Return items as rows of a table, which have all columns, and the columns."""
    names = sorted({name for row in rows for name in row})
    full = [{name: row.get(name) for name in names} for row in rows]
    columns = {
        name: [
            str(value) if type(value) is DateCell else value
            for value in (row[name] for row in full)
        ]
        for name in names
    }
    return full, columns


def assert_alike(typed: TypedEntries, rows: Items) -> None:
    """Read columns, and their items: both have the same entries, or neither has."""
    full, columns = make_table(rows)
    fields = LineFields({name: name for name in columns})

    read = typed.read_columns(columns, fields, list)
    expected = typed.read(full)

    assert (read is None) == (expected is None)
    if read is None or expected is None:
        return
    entries = read.take_entries()
    assert entries is not None
    assert read.codes == expected.codes
    assert repr([*map(astuple, entries)]) == repr([*map(astuple, expected.entries)])
    typed.complete(entries)
    typed.complete(expected.entries)
    assert typed.dump(entries) == typed.dump(expected.entries)
    assert fields.seen == {*columns}


@settings(max_examples=300)
@given(rows=items())
def test_columns_are_read_as_their_records(rows: Items) -> None:
    assert_alike(compile_rules(), rows)


@settings(max_examples=200)
@given(seed=st.integers(0, 2**64))
def test_columns_that_name_other_entries_are_read_as_their_records(seed: int) -> None:
    """So are translations, states, and values that are unique or read-only."""
    random = Random(seed)
    rules = make_related_rules(random)

    assert_alike(compile_rules(rules), make_related_items(random)[:4])


COLUMNS: dict[str, list[Any]] = {
    ERC: ["A", "B"],
    "title": ["One", "Two"],
    "weight": [2, None],
    "more": [1, None],
}


def read(columns: dict[str, list[Any]], targets: dict[str, str]) -> Any:
    """Return what is stored of columns; None if they are read record by record."""
    typed = compile_rules()
    items = typed.read_columns(columns, LineFields(targets), list)
    return None if items is None else typed.dump(items.take_entries() or [])


def test_columns_fill_fields_of_other_names_and_others_nothing() -> None:
    targets = {ERC: ERC, "title": "title", "more": "weight"}

    assert read(COLUMNS, targets) == [
        b'{"title":"One","weight":1.0}',
        b'{"title":"Two"}',
    ]


def test_columns_without_a_code_are_left_to_the_reader_of_records() -> None:
    assert read(COLUMNS, {"title": "title"}) is None


def test_two_columns_of_one_field_are_left_to_the_reader_of_records() -> None:
    """The mapping decides which of them counts."""
    targets = {ERC: ERC, "title": "title", "weight": "weight", "more": "weight"}

    assert read(COLUMNS, targets) is None


def test_a_value_that_is_refused_is_left_to_the_reader_of_records() -> None:
    targets = {name: name for name in COLUMNS}

    assert read(COLUMNS, targets) is not None
    assert read({**COLUMNS, "weight": [2, "heavy"]}, targets) is None


def test_other_columns_are_read_as_what_they_are() -> None:
    """The columns of one batch say nothing of those of the next."""
    typed = compile_rules()
    fields = LineFields({name: name for name in COLUMNS})
    without = {name: COLUMNS[name] for name in (ERC, "title")}

    both = [typed.read_columns(x, fields, list) for x in (COLUMNS, without)]

    bodies = [typed.dump(x.take_entries() or []) for x in both if x is not None]
    assert bodies == [
        [b'{"title":"One","weight":2.0}', b'{"title":"Two"}'],
        [b'{"title":"One"}', b'{"title":"Two"}'],
    ]
