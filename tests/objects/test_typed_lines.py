"""Typed entries from lines: the same as those from the records of the lines."""

from __future__ import annotations

import io
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from dmc_widgets.formats.json.lines_format import JsonLinesFormat
from dmc_widgets.model.line_items import LineFields, LineItems
from dmc_widgets.objects.entries.typed_entries import TypedEntries
from tests.objects.test_typed_entries import (
    RICH,
    USUAL,
    make_related_items,
    make_related_rules,
    rules_of,
)

ERC = "externalReferenceCode"
RULES = rules_of([{**field, "required": field["name"] == "title"} for field in RICH])
TARGETS = {name: name for name in [ERC, *USUAL, "status", "keywords"]}
RENAMED = {"Titel": "title", "Code": ERC, "Gewicht": "weight"}

ODD = [
    *["null", "true", "1", "1.0", "1e2", "-0", "-0.0", "0.10", "1E400", "1e-400"],
    *["123456789012345", "1234567890123456789", "0.1234567890123456789", "1" * 4301],
    *["12.345678901234567", "1e15", "999999999999999.9", "01", "1.", "NaN", ""],
    *['""', '"x"', '"\\ud800"', '"\\u0000"', '"\x01"', '"ä"', '"\U0001f600"', '"a'],
    *["[]", '{"key": "red"}', '{"key": 1.00000000000000001}', "{}", "[1e400]"],
    *["[" * 199 + "]" * 199, "[" * 201 + "]" * 201, '{"a":1,"a":2}', "1 2", "1}"],
]


@st.composite
def members(draw: st.DrawFn) -> dict[str, str]:
    """The members of a line as JSON texts: mostly ordinary, in about one order."""
    line = {ERC: json.dumps(f"CODE-{draw(st.integers(0, 99))}")}
    line |= {name: json.dumps(draw(values)) for name, values in USUAL.items()}
    if draw(st.integers(0, 3)) == 0:
        line[draw(st.sampled_from([*line, "other", "status"]))] = draw(
            st.sampled_from(ODD)
        )
    if draw(st.integers(0, 4)) == 0:
        del line[draw(st.sampled_from([*line]))]
    return line


@st.composite
def lines(draw: st.DrawFn) -> list[bytes]:
    """Lines of one file."""
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
    texts = []
    for line in draw(st.lists(members(), min_size=1, max_size=6)):
        parts = comma.join(f"{json.dumps(x)}{colon}{y}" for x, y in line.items())
        twice = draw(st.sampled_from(["", "", "", f'{comma}"title":"Again"']))
        end = draw(st.sampled_from(["", "", "", "\r", " ", " x", "{}"]))
        texts.append(f"{{{parts}{twice}}}{end}".encode())
    return texts


def _related_line(random: Random, item: dict[str, Any]) -> bytes:
    """Write an item that names others, mostly as it is."""
    texts = {name: json.dumps(value) for name, value in item.items()}
    if random.random() < 0.1:
        texts[random.choice([*texts, "r_owner_c_oneId", "name_i18n"])] = random.choice(
            [*ODD, "501.0", '{"id":501.0}', '{"en_US":"One","en_US":"Two"}']
        )
    return f"{{{','.join(f'{json.dumps(x)}:{y}' for x, y in texts.items())}}}".encode()


def _list_values(entries: list[Any]) -> list[tuple[Any, ...]]:
    return list(map(astuple, entries))


def _read_records(texts: list[bytes]) -> list[Any]:
    stream = io.BytesIO(b"\n".join(texts))
    return list(JsonLinesFormat().read(stream, source="entries.jsonl"))


@settings(max_examples=300)
@given(texts=lines())
def test_lines_are_read_as_their_records_or_not_at_all(texts: list[bytes]) -> None:
    typed = TypedEntries.compile(RULES)
    assert typed is not None

    assert_alike(typed, texts, LineFields(TARGETS, {"other"}))


@settings(max_examples=200)
@given(seed=st.integers(0, 2**64))
def test_lines_that_name_other_entries_are_read_as_their_records(seed: int) -> None:
    """So are translations, states, and values that are unique or read-only."""
    random = Random(seed)
    typed = TypedEntries.compile(make_related_rules(random))
    assert typed is not None
    items = make_related_items(random)[:4]
    targets = {name: name for item in items for name in item}

    texts = [_related_line(random, item) for item in items]

    assert_alike(typed, texts, LineFields(targets, {"r_owner_c_oneId", "name_i18n"}))


def assert_alike(typed: TypedEntries, texts: list[bytes], fields: LineFields) -> None:
    """Read lines, and their records; both have the same entries, or only records do."""
    read = typed.read_lines(texts, fields, list)
    if read is None:
        return
    records = _read_records(texts)
    assert {type(record) for record in records} == {dict}
    items = [
        {x: y for x, y in record.items() if x in fields.targets} for record in records
    ]
    expected = typed.read(items)
    assert expected is not None
    entries = read.take_entries()
    assert entries is not None
    assert read.codes == expected.codes
    values, expected_values = map(_list_values, (entries, expected.entries))
    assert repr(values) == repr(expected_values)
    typed.complete(entries)
    typed.complete(expected.entries)
    assert typed.dump(entries) == typed.dump(expected.entries)
    assert fields.seen == set().union(*records)


ORDINARY: dict[str, Any] = {
    ERC: "CODE-1",
    "title": "Ärger",
    "size": 7,
    "weight": 12.5,
    "price": "1.50",
    "open": True,
    "day": "2024-01-05",
    "colour": {"key": "red", "name": "Red"},
    "colours": ["red"],
    "status": {"code": 0, "label": "approved"},
    "keywords": [],
}


def _read(line: dict[str, Any] | bytes, fields: LineFields) -> Any:
    typed = TypedEntries.compile(RULES)
    assert typed is not None
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    return typed.read_lines([text], fields, list)


def _take(read: LineItems | None) -> list[Any]:
    entries = None if read is None else read.take_entries()
    assert entries is not None
    return entries


def test_ordinary_lines_are_read_and_their_fields_are_noted() -> None:
    fields = LineFields(TARGETS, {"id", "actions"})

    read = _read({**ORDINARY, "actions": {"get": {"href": "x"}}}, fields)

    assert read.codes == ["CODE-1"]
    assert fields.seen == {*ORDINARY, "actions"}


def test_fields_may_have_other_names_in_the_file() -> None:
    fields = LineFields(RENAMED, {"title"})

    typed = TypedEntries.compile(RULES)
    assert typed is not None
    line = {"Code": "A", "Titel": "One", "Gewicht": 2, "title": "not this"}

    read = typed.read_lines([json.dumps(line).encode()], fields, list)

    assert read is not None
    assert read.codes == ["A"]
    assert typed.dump(read.take_entries() or []) == [b'{"title":"One","weight":2.0}']


def test_fields_that_nothing_of_the_file_fills_are_stored_by_their_names() -> None:
    """They get a default value, or that of the stored entry."""
    typed = TypedEntries.compile(RULES)
    assert typed is not None
    line = json.dumps({ERC: "A", "title": "One"}).encode()
    targets = {ERC: ERC, "title": "title"}

    first, second = (
        _take(typed.read_lines([line], LineFields(targets), list)) for _ in range(2)
    )
    typed.complete(first)
    typed.merge(second, typed.load([b'{"price":"1.50","size":7}']) or [])

    assert typed.dump(first) == [b'{"size":3,"title":"One"}']
    assert typed.dump(second) == [b'{"price":"1.50","size":7,"title":"One"}']


def test_a_field_that_was_not_known_is_left_to_the_reader_of_records() -> None:
    """Its name belongs to what the end of an import tells of left-out fields."""
    assert _read({**ORDINARY, "new": 1}, LineFields(TARGETS)) is None


def test_digits_that_a_float_has_no_room_for_are_left_to_the_reader_of_records() -> (
    None
):
    line = json.dumps(ORDINARY).replace("12.5", "0.10000000000000000055").encode()

    assert _read(line, LineFields(TARGETS)) is None


def test_a_line_that_nests_too_deep_is_left_to_the_reader_of_records() -> None:
    """It is refused there, also where nothing of it is imported."""
    fields = LineFields(TARGETS, {"other"})
    line = json.dumps(ORDINARY).encode()

    def nested(depth: int) -> bytes:
        return line[:-1] + b', "other": ' + b"[" * depth + b"]" * depth + b"}"

    assert _read(nested(150), fields) is not None
    assert _read(nested(250), fields) is None


@pytest.mark.parametrize(
    ("name", "key"), [("status", b'"code": 0'), ("colour", b'"key": "red"')]
)
def test_a_value_that_nests_too_deep_is_left_to_the_reader_of_records(
    name: str, key: bytes
) -> None:
    """Also where it does so in what is not read of it."""
    line = {ERC: "CODE-1", "title": "One", name: None}
    begin, _, end = json.dumps(line).encode().partition(b"null")

    def stated(depth: int) -> bytes:
        value = b'{%b, "more": %b%b}' % (key, b"[" * depth, b"]" * depth)
        return begin + value + end

    fields = LineFields(TARGETS)

    assert _read(stated(150), fields) is not None
    assert _read(stated(250), fields) is None


def test_a_batch_that_is_decided_once_more_is_decided_by_its_items() -> None:
    """Deciding changes the entries, so those of the lines serve one try only."""
    typed = TypedEntries.compile(RULES)
    assert typed is not None
    line = json.dumps(ORDINARY).encode()
    read = typed.read_lines([line], LineFields(TARGETS), lambda: [ORDINARY])
    assert read is not None

    first, second = typed.read(read), typed.read(read)

    assert first is not None
    assert first.codes == ["CODE-1"]
    assert second is None
    assert [*read] == [ORDINARY]
