"""Values at the limits of a database: each kind stores and finds them as the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.model.outcome import Outcome
from dmc_widgets.model.record import LargeText
from dmc_widgets.ports import Batch, Item, Query, UndoBatch, WrittenItem
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    FAILED,
    UNCHANGED,
    UPDATED,
    field,
    kinds,
    type_named,
    write,
)
from tests.factories import definition
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database

ERC = "externalReferenceCode"
UNIQUE = {"uniqueValues": True}
DOC = definition(
    "Doc",
    field("title", "Text", settings=UNIQUE),
    field("story", "LongText", settings=UNIQUE),
    field("page", "RichText"),
    field("size", "LongInteger"),
    field("weight", "Decimal"),
    field("price", "PrecisionDecimal"),
    field("at", "DateTime", settings={"timeStorage": "convertToUTC"}),
    field("day", "Date"),
)
STORY = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(20_000))
"""A text that no compression makes short."""


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    assert kinds(write(installation, "ObjectDefinition", DOC)) == [CREATED]
    yield installation
    installation.close()


def found(desk: SqlInstallation, expression: str = "", **more: Any) -> list[str]:
    query = Query(fields=(ERC,), filter=expression, **more)
    return [item[ERC] for item in desk.read(type_named(desk, "C_Doc"), query)]


def docs(name: str, *values: Any) -> list[Item]:
    """Return items with a value each, whose codes are 1, 2 and so on."""
    return [{ERC: str(n), name: value} for n, value in enumerate(values, 1)]


def stored(desk: SqlInstallation, name: str) -> list[Any]:
    items = desk.read(type_named(desk, "C_Doc"), Query(fields=(name,)))
    return [_whole(item[name]) for item in items]


def _whole(value: Any) -> Any:
    return value.whole() if isinstance(value, LargeText) else value


def test_long_texts_are_unique_to_their_last_character(desk: SqlInstallation) -> None:
    """No index of PostgreSQL takes a value of that length."""
    other = STORY + "x"
    made = write(desk, "C_Doc", *docs("story", STORY, other, STORY))
    again = write(desk, "C_Doc", *docs("story", STORY, STORY, other + "x"))

    assert kinds(made) == [CREATED, CREATED, FAILED]
    assert kinds(again) == [UNCHANGED, FAILED, CREATED]
    assert found(desk, f"story eq '{STORY}'") == ["1"]
    assert found(desk, f"story in ('{other}', '{STORY}')") == ["1", "2"]


def test_a_long_text_that_was_given_up_is_free_and_can_be_restored(
    desk: SqlInstallation,
) -> None:
    docs_type = type_named(desk, "C_Doc")

    def put(task: str, **item: Any) -> Sequence[Outcome]:
        batch = Batch(task=task, number=1, items=[item], policy=CONTINUE, journal=True)
        return desk.write(docs_type, batch)

    def undo(task: str, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        items = [
            WrittenItem(each.kind, each.key, each.change)
            for each in outcomes
            if each.change is not None
        ]
        return desk.undo(docs_type, UndoBatch(task=task, number=1, items=items))

    one = {ERC: "1"}
    put("a", **one, story=STORY)
    changed = put("b", **one, story="short")
    assert kinds(put("c", externalReferenceCode="2", story=STORY)) == [CREATED]
    assert kinds(undo("d", changed)) == [FAILED]
    put("e", externalReferenceCode="2", story=STORY + "2")
    assert kinds(undo("f", changed)) == [UPDATED]

    assert kinds(put("g", externalReferenceCode="3", story=STORY)) == [FAILED]
    assert kinds(put("h", externalReferenceCode="3", story="short")) == [CREATED]
    assert stored(desk, "story") == [STORY, STORY + "2", "short"]


@pytest.mark.parametrize(
    ("name", "values", "kept"),
    [
        ("page", ["a\0b", "\uffff", "é" * 2_000_000], [0, 1, 2]),
        ("page", ["a\ud800b", "\udfff"], []),
        ("title", ["a\0b", "a\ud800", "x" * 281, "😀" * 141], []),
        ("title", ["x" * 280, "😀" * 140, "\U0010ffff", "\u2028"], [0, 1, 2, 3]),
        ("size", [2**53 - 1, -(2**53) + 1, 2**53, 2**63], [0, 1]),
        ("weight", [1.7976931348623157e308, 5e-324, "NaN", "1e400"], [0, 1]),
        ("price", ["9" * 16 + "." + "9" * 16, "0." + "0" * 15 + "1"], [0, 1]),
        (
            "at",
            [
                "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999Z",
                "2024-03-31T02:30:00.000+14:00",
                "2016-12-31T23:59:60Z",
            ],
            [0, 1, 2],
        ),
        ("day", ["0001-01-01", "9999-12-31", "2023-02-29"], [0, 1]),
    ],
    ids=["text", "surrogate", "refused", "longest", "whole", "double", "exact", *"ad"],
)
def test_a_value_is_kept_as_it_came_or_fails_alone(
    desk: SqlInstallation, name: str, values: list[Any], kept: list[int]
) -> None:
    made = write(desk, "C_Doc", *docs(name, *values))

    assert [n for n, kind in enumerate(kinds(made)) if kind is CREATED] == kept
    again = write(desk, "C_Doc", *docs(name, *values))
    assert [n for n, kind in enumerate(kinds(again)) if kind is UNCHANGED] == kept
    if name in {"page", "title"}:
        assert stored(desk, name) == [values[n] for n in kept]


KEYS = ["key", "Key", "key ", " key", "é", "e\u0301", "ß", "ss", *"İiIı%"]


def test_codes_are_told_apart_by_case_blanks_and_form(desk: SqlInstallation) -> None:
    """However the database sorts, also where it takes some of them for equal."""
    codes = [{ERC: code, "title": code} for code in KEYS]

    assert kinds(write(desk, "C_Doc", *codes)) == [CREATED] * len(KEYS)
    assert kinds(write(desk, "C_Doc", *codes)) == [UNCHANGED] * len(KEYS)
    assert set(desk.fetch(type_named(desk, "C_Doc"), KEYS)) == set(KEYS)
    for name in ("title", ERC):
        assert [found(desk, f"{name} eq '{key}'") for key in KEYS] == [
            [key] for key in KEYS
        ]
        assert found(desk, sort=f"{name}:asc") == sorted(KEYS, key=str.casefold)
        assert found(desk, f"{name} gt 'e'") == [key for key in KEYS if key > "e"]
