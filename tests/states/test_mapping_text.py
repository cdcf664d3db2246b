"""How a mapping is told in the table, and how typed texts are read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dmc_widgets.model.field_mapping import FieldMapping, OtherValues
from dmc_widgets.model.value_conversion import BooleanFormat, DateFormat, NumberFormat
from dmc_widgets.states.mapping.mapping_text import (
    describe_mapping,
    format_json,
    format_spellings,
    parse_spellings,
)


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        pytest.param(FieldMapping("a", "b"), "", id="plain"),
        pytest.param(
            FieldMapping("", "b", constant="import"), "constant 'import'", id="constant"
        ),
        pytest.param(FieldMapping("", "b", constant=None), "constant null", id="null"),
        pytest.param(FieldMapping("", "b", expression="a"), "expression", id="cel"),
        pytest.param(
            FieldMapping("a", "b", values=(("x", 1), ("y", 2), ("z", 3))),
            "3 values mapped",
            id="values",
        ),
        pytest.param(
            FieldMapping("a", "b", values=(("x", 1),), other_values=OtherValues.REFUSE),
            "1 value mapped, others refused",
            id="refuse",
        ),
        pytest.param(
            FieldMapping("a", "b", format=DateFormat("%d.%m.%Y")),
            "date dd.mm.yyyy",
            id="date",
        ),
        pytest.param(
            FieldMapping("a", "b", format=DateFormat("%Y-%m-%d %H:%M", with_time=True)),
            "date and time yyyy-mm-dd HH:MM",
            id="moment",
        ),
        pytest.param(
            FieldMapping("a", "b", format=NumberFormat(",", ".")),
            "numbers like 1.234,5",
            id="number",
        ),
        pytest.param(
            FieldMapping("a", "b", format=BooleanFormat(("ja",), ("nein", ""))),
            "yes and no as ja/nein",
            id="boolean",
        ),
        pytest.param(
            FieldMapping("a", "b", if_missing="DE", if_empty=None),
            "'DE' if missing, null if empty",
            id="defaults",
        ),
        pytest.param(
            FieldMapping("a", "b", lookup="email"), "looked up by email", id="lookup"
        ),
    ],
)
def test_mapping_is_summarized_in_words(pair: FieldMapping, words: str) -> None:
    assert describe_mapping(pair) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("a<b", '"a<b"', id="text"),
        pytest.param(None, "null", id="null"),
        pytest.param(
            Decimal("0.10000000000000000001"), "0.10000000000000000001", id="x"
        ),
        pytest.param({"ü": [1, True]}, '{"ü": [1, true]}', id="nested"),
        pytest.param("x" * 200, '"' + "x" * 119 + "…", id="long-ones-are-cut"),
    ],
)
def test_previews_are_json(value: object, text: str) -> None:
    assert format_json(value) == text


@pytest.mark.parametrize(
    ("typed", "spellings"),
    [
        pytest.param("yes, y ,1", ("yes", "y", "1"), id="spaces-do-not-count"),
        pytest.param('no, ""', ("no", ""), id="the-empty-text"),
        pytest.param("no, , ", ("no",), id="nothing-between-commas-is-nothing"),
        pytest.param('"a, b", "c ""d"""', ("a, b", 'c "d"'), id="quoted"),
        pytest.param("x, x", ("x",), id="once"),
    ],
)
def test_spellings_are_joined_in_one_line(
    typed: str, spellings: tuple[str, ...]
) -> None:
    assert parse_spellings(typed) == spellings
    assert parse_spellings(format_spellings(spellings)) == spellings
