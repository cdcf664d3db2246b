"""Entries as lines of JSON: byte for byte the items that are built of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.formats.json.values import to_json
from dmc_widgets.model.item_pages import ItemColumns, JsonLines
from dmc_widgets.objects.entries.item_builder import EntryRow, ItemBuilder
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.fields.relationship import ParentDefinition

TYPES = {
    "title": "Text",
    "essay": "LongText",
    "size": "Integer",
    "weight": "Decimal",
    "exact": "PrecisionDecimal",
    "open": "Boolean",
    "day": "Date",
    "moment": "DateTime",
    "state": "Picklist",
    "tags": "MultiselectPicklist",
    "r_owner_c_personId": "Relationship",
    "r_user_userId": "Relationship",
}
FIELDS: list[dict[str, Any]] = [
    {
        "name": name,
        "businessType": type_,
        "listTypeDefinitionExternalReferenceCode": "STATES",
        "objectDefinitionExternalReferenceCode1": (
            "L_USER" if name == "r_user_userId" else "PERSON"
        ),
    }
    for name, type_ in TYPES.items()
]
RULES = compile_entry_rules(
    7,
    {"name": "Ticket", "scope": "site", "objectFields": FIELDS},
    {"STATES": {"open": "Open", "shut": 'Shut "for good"'}},
    {"PERSON": ParentDefinition(id=9)},
)
IDS = {"P": 5, "Q": 6}

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
STATES = st.sampled_from(["open", "shut", "gone"])
STORED = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXTS,
        "essay": TEXTS,
        "size": st.integers(-(2**53), 2**53),
        "weight": st.floats(allow_nan=False, allow_infinity=False),
        "exact": st.decimals(allow_nan=False, allow_infinity=False).map(str),
        "open": st.booleans(),
        "day": st.dates().map(str),
        "moment": st.just("2026-01-01T00:00:00.000Z"),
        "state": STATES,
        "tags": st.lists(STATES),
        "r_owner_c_personERC": st.sampled_from(["P", "Q", "gone"]),
        "r_user_userERC": TEXTS,
        "keywords": st.lists(TEXTS),
        "left over": st.just({"creator": 1}),
    },
)
NAMES = [
    *ItemBuilder(RULES).items(
        [EntryRow(1, "", 0, b"{}", 0, 0)], lambda *_: {}, lambda *_: {}
    )[0]
]


def ids_of(_parent: ParentDefinition, codes: Collection[str]) -> Mapping[str, int]:
    return {code: IDS[code] for code in codes if code in IDS}


def encode(names: list[str] | None, rows: list[EntryRow]) -> JsonLines | None:
    encoder = ItemBuilder(RULES, names).encoder()
    assert encoder
    parent = ParentDefinition(id=9)
    return encoder.lines(rows, {"r_owner_c_personId": lambda c: ids_of(parent, c)})


def read_columns(names: list[str] | None, rows: list[EntryRow]) -> ItemColumns | None:
    reader = ItemBuilder(RULES, names).column_reader()
    assert reader
    parent = ParentDefinition(id=9)
    return reader.columns(rows, {"r_owner_c_personId": lambda c: ids_of(parent, c)})


@given(
    st.lists(
        st.tuples(TEXTS, st.sampled_from([0, 2, 9, 77]), STORED, st.integers(0, 2**40)),
        min_size=1,
        max_size=4,
    ),
    st.none() | st.lists(st.sampled_from([*NAMES, "ghost"]), unique=True),
)
def test_lines_and_columns_are_the_items(
    entries: list[tuple[str, int, dict[str, Any], int]], names: list[str] | None
) -> None:
    rows = [
        EntryRow(at, erc, status, orjson.dumps(body), moment, moment + 1, "north")
        for at, (erc, status, body, moment) in enumerate(entries, start=1)
    ]
    items = ItemBuilder(RULES, names).items(rows, ids_of, lambda *_: {})

    assert encode(names, rows) == JsonLines(
        b"".join(to_json(item) + b"\n" for item in items), len(rows)
    )
    columns = read_columns(names, rows)
    assert columns is not None
    assert list(map(repr, columns.items())) == list(map(repr, items))


@pytest.mark.parametrize(
    "body",
    [b'{"open":null}', b'{"r_owner_c_personERC":5}', b"[]", b'{"title":', b'{"day":7}'],
)
def test_page_with_an_entry_of_another_kind_is_left_alone(body: bytes) -> None:
    rows = [EntryRow(1, "A", 0, b"{}", 0, 0), EntryRow(2, "B", 0, body, 0, 0)]

    assert encode(None, rows) is None
    assert read_columns(None, rows) is None


@pytest.mark.parametrize("names", [["title", 'a "quoted" name'], ["broken\n"]])
def test_name_that_no_line_can_hold_is_left_alone(names: list[str]) -> None:
    assert ItemBuilder(RULES, names).encoder() is None


@pytest.mark.parametrize(
    ("type_", "settings"),
    [
        ("Formula", {}),
        ("Encrypted", {}),
        ("Attachment", {}),
        ("Text", {"localized": True}),
    ],
)
def test_definition_with_computed_fields_is_left_alone(
    type_: str, settings: dict[str, Any]
) -> None:
    field = {"name": "total", "businessType": type_, **settings}
    body = {"name": "Sum", "enableLocalization": True, "objectFields": [field]}
    rules = compile_entry_rules(7, body, {}, {})

    assert ItemBuilder(rules, ["externalReferenceCode"]).encoder()
    assert ItemBuilder(rules).encoder() is None
