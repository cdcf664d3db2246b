"""What the editor of one field knows, without a browser, a kernel or ipywidgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.field_mapping import ABSENT, FieldMapping, OtherValues
from dmc_widgets.model.value_conversion import BooleanFormat, DateFormat, NumberFormat
from dmc_widgets.states.mapping.field_choices import (
    Conversion,
    DefaultKind,
    ValueOrigin,
    list_conversions,
)
from dmc_widgets.states.mapping.field_mapping_state import FieldMappingState
from dmc_widgets.states.mapping.mapping_rows import MappingSample
from dmc_widgets.tasks.imports.mapping_suggestions import ValueSuggestion

FIELDS = {
    name: Field(name=name, type=kind)
    for name, kind in (
        ("title", "Text"),
        ("kind", "Picklist"),
        ("extras", "MultiselectPicklist"),
        ("due", "Date"),
        ("price", "PrecisionDecimal"),
        ("gears", "Integer"),
        ("active", "Boolean"),
    )
}
TICKET = EntityType(
    name="C_Ticket",
    label="Ticket",
    class_name=OBJECT_ENTRY,
    delegate="C_Ticket",
    fields=tuple(FIELDS.values()),
)
RECORDS = (
    {"art": "Rennrad", "am": "03.04.2024", "preis": "1.234,50", "ja": "x"},
    {"art": "city", "am": "17.11.2023", "preis": "n/a", "ja": ""},
    {"art": "Rennrad", "am": "", "ja": "x"},
)


def opened(
    target: str,
    pair: FieldMapping | None = None,
    records: tuple[dict[str, Any], ...] = RECORDS,
    default: FieldMapping | None = None,
) -> FieldMappingState:
    state = FieldMappingState()
    state.value_suggester = guesses
    sources = tuple(dict.fromkeys(key for record in records for key in record))
    state.open(FIELDS[target], pair, MappingSample(TICKET, sources, records), default)
    return state


def guesses(_field: Field, values: Iterable[str]) -> tuple[ValueSuggestion, ...]:
    return tuple(ValueSuggestion(x, x, "is a key") for x in values if x == "city")


def results(state: FieldMappingState) -> list[tuple[str, str]]:
    return [(row.before, row.after) for row in state.preview]


PAIRS = [
    pytest.param("title", FieldMapping("art", "title"), id="plain"),
    pytest.param("title", FieldMapping("", "title", constant="import"), id="constant"),
    pytest.param("gears", FieldMapping("", "gears", constant=7), id="number"),
    pytest.param("active", FieldMapping("", "active", constant=False), id="boolean"),
    pytest.param("title", FieldMapping("", "title", constant=None), id="null"),
    pytest.param("title", FieldMapping("", "title", constant=""), id="empty-text"),
    pytest.param("title", FieldMapping("", "title", constant=7), id="other-type"),
    pytest.param(
        "extras", FieldMapping("", "extras", constant=["a", "b"]), id="constant-list"
    ),
    pytest.param("title", FieldMapping("art", "title", lookup="code"), id="lookup"),
    pytest.param(
        "title",
        FieldMapping("art", "title", if_missing="a", if_empty=None),
        id="defaults",
    ),
    pytest.param(
        "kind",
        FieldMapping(
            "art",
            "kind",
            values=(("Rennrad", "road"), ("weg", None), ("1", 2)),
            other_values=OtherValues.REFUSE,
        ),
        id="values",
    ),
    pytest.param(
        "due", FieldMapping("am", "due", format=DateFormat("%d.%m.%Y")), id="date"
    ),
    pytest.param(
        "title",
        FieldMapping("am", "title", format=DateFormat("%d.%m.%Y", with_time=True)),
        id="moment",
    ),
    pytest.param(
        "price",
        FieldMapping("preis", "price", format=NumberFormat(",", ".")),
        id="number-format",
    ),
    pytest.param(
        "price",
        FieldMapping(
            "preis", "price", values=(("viel", 9.5),), format=NumberFormat(",", ".")
        ),
        id="number-format-with-mended-values",
    ),
    pytest.param(
        "active",
        FieldMapping("ja", "active", format=BooleanFormat(("x", "a, b"), ("", '"no"'))),
        id="boolean-format",
    ),
    pytest.param(
        "title",
        FieldMapping("", "title", expression='art + "!"', if_empty="none"),
        id="expression",
    ),
]


@pytest.mark.parametrize(("target", "pair"), PAIRS)
def test_unchanged_field_mapping_round_trips(target: str, pair: FieldMapping) -> None:
    """Whatever a mapping can say, the editor can hold."""
    assert opened(target, pair).pair() == pair


def test_unmapped_field_stays_unmapped() -> None:
    state = opened("title")

    assert (state.origin, state.pair(), state.problem) == (
        ValueOrigin.NOTHING,
        None,
        "",
    )
    assert state.preview == ()


def test_selecting_a_source_fills_the_field_from_it() -> None:
    """The first records show at once what comes of it."""
    state = opened("title")

    state.source = "am"

    assert state.origin is ValueOrigin.SOURCE
    assert state.pair() == FieldMapping("am", "title")
    assert results(state) == [
        ('"03.04.2024"', '"03.04.2024"'),
        ('"17.11.2023"', '"17.11.2023"'),
        ('""', '""'),
    ]


@pytest.mark.parametrize(
    ("target", "typed", "constant"),
    [
        pytest.param("title", "7", "7", id="a-text-field-gets-text"),
        pytest.param("gears", "7", 7, id="a-number-field-gets-a-number"),
        pytest.param("price", "7.5", 7.5, id="with-a-fraction"),
        pytest.param(
            "price",
            "0.12345678901234567890",
            "0.12345678901234567890",
            id="more-digits-than-a-float-holds-stay-text",
        ),
        pytest.param("active", "True", True, id="a-truth-value"),
        pytest.param("extras", '["a"]', ["a"], id="a-list"),
        pytest.param("title", "(null)", None, id="null-by-its-word"),
    ],
)
def test_constant_is_parsed_by_the_type_of_its_field(
    target: str, typed: str, constant: Any
) -> None:
    state = opened(target)
    state.origin = ValueOrigin.CONSTANT

    state.constant = typed

    pair = state.pair()
    assert pair is not None
    assert (type(pair.constant), pair.constant) == (type(constant), constant)


def test_null_default_differs_from_no_default() -> None:
    """Nothing, null and an empty text are three things."""
    state = opened("title", FieldMapping("am", "title"))

    state.empty_kind = DefaultKind.NULL
    state.missing_kind = DefaultKind.VALUE

    assert state.pair() == FieldMapping("am", "title", if_missing="", if_empty=None)
    assert results(state)[2] == ('""', "null")


def test_value_table_lists_values_by_frequency() -> None:
    """Suggestions are taken as a beginning, and what is left over is counted."""
    state = opened("kind", FieldMapping("art", "kind"))

    state.conversion = Conversion.TABLE

    rows = [
        (row.source, row.count, row.target, row.is_suggested)
        for row in state.value_rows
    ]
    assert rows == [("Rennrad", 2, ABSENT, False), ("city", 1, "city", True)]
    assert state.unmapped == "1 of 2 values is not mapped."

    state.map_value("Rennrad", "road")
    assert state.unmapped == "All 2 sampled values are mapped."
    assert state.pair() == FieldMapping(
        "art", "kind", values=(("city", "city"), ("Rennrad", "road"))
    )
    assert results(state)[0] == ('"Rennrad"', '"road"')

    state.map_value("Rennrad", None)
    assert state.pair() == FieldMapping("art", "kind", values=(("city", "city"),))


def test_other_values_can_be_refused() -> None:
    state = opened("kind", FieldMapping("art", "kind"))
    state.conversion = Conversion.TABLE

    state.other_values = OtherValues.REFUSE

    assert state.preview[0].problem == (
        "The field 'kind' got \"Rennrad\"; the mapping expects one of 'city'."
    )
    assert state.summary == (
        "The mapping cannot use 2 of the 3 records that were looked at. Record 1: "
        "The field 'kind' got \"Rennrad\"; the mapping expects one of 'city'."
    )


def test_existing_value_table_gets_no_suggestions() -> None:
    """Suggestions for further values wait until they are asked for."""
    pair = FieldMapping("art", "kind", values=(("Rennrad", "road"), ("alt", "old")))
    state = opened("kind", pair)

    rows = [(row.source, row.count, row.target) for row in state.value_rows]
    assert rows == [("Rennrad", 2, "road"), ("city", 1, ABSENT), ("alt", 0, "old")]

    state.apply_suggestions()
    assert [row.target for row in state.value_rows] == ["road", "city", "old"]


def test_value_outside_the_sample_can_be_added() -> None:
    state = opened("kind", FieldMapping("art", "kind"))
    state.conversion = Conversion.TABLE

    state.map_value("Lastenrad", "cargo")

    assert [row.source for row in state.value_rows] == ["Rennrad", "city", "Lastenrad"]
    assert ("Lastenrad", "cargo") in (state.pair() or FieldMapping("", "")).values


def test_values_of_lists_are_counted_one_by_one() -> None:
    """Text with commas is a list where the field takes several values."""
    records = ({"x": "lights, bell"}, {"x": ["bell", {"key": "lock"}]}, {"x": None})
    state = opened("extras", FieldMapping("x", "extras"), records)

    state.conversion = Conversion.TABLE

    rows = [(row.source, row.count) for row in state.value_rows]
    assert rows == [("bell", 2), ("lights", 1), ("lock", 1)]


def test_empty_value_table_is_refused() -> None:
    state = opened("title", FieldMapping("art", "title"))
    state.conversion = Conversion.TABLE
    state.map_value("city", None)

    assert state.problem == "Map at least one value, or take the values as they are."
    assert state.preview == ()
    with pytest.raises(InvalidPlan):
        state.pair()


def test_date_patterns_are_ranked_by_the_values_they_read() -> None:
    """The best one is chosen to begin with; the others stay to choose from."""
    state = opened("due", FieldMapping("am", "due"))

    state.conversion = Conversion.DATE

    assert state.pattern == "%d.%m.%Y"
    assert state.patterns[0] == ("%d.%m.%Y", 2)
    assert ("%Y-%m-%d", 0) in state.patterns
    assert results(state) == [
        ('"03.04.2024"', '"2024-04-03"'),
        ('"17.11.2023"', '"2023-11-17"'),
        ('""', '""'),
    ]

    state.pattern = "%m.%d"
    assert state.problem == (
        "'%m.%d' is not a pattern of a date. It has to hold year, month and day, "
        "such as %d.%m.%Y or %Y-%m-%d %H:%M."
    )


def test_unreadable_number_is_a_problem_of_its_record() -> None:
    state = opened("price", FieldMapping("preis", "price"))
    state.conversion = Conversion.NUMBER
    state.grouping = "."

    assert [row.after for row in state.preview] == ["1234.50", "", ""]
    assert state.preview[1].problem == (
        "The field 'price' got \"n/a\"; the mapping expects a number like 1.234,5."
    )

    state.grouping = ","
    assert "cannot separate groups of digits" in state.problem


def test_booleans_begin_with_common_spellings() -> None:
    """The empty text is one of no's; a comma within a spelling stands in quotes."""
    state = opened("active", FieldMapping("ja", "active"))

    state.conversion = Conversion.BOOLEAN

    assert [row.after for row in state.preview] == ["true", "false", "true"]
    assert state.false == 'no, n, false, 0, ""'


def test_expression_shows_its_result_or_its_error() -> None:
    state = opened("title")
    state.origin = ValueOrigin.EXPRESSION
    assert state.problem == (
        "Write an expression, or choose another way to fill the field."
    )

    state.expression = 'art + " " + am'
    assert state.preview[0].after == '"Rennrad 03.04.2024"'

    state.expression = 'art + " '
    assert state.problem.startswith(
        "The expression of the field 'title' cannot be read: "
    )
    assert "line 1, column 7" in state.problem

    state.expression = "preis"
    assert state.preview[2].problem.startswith(
        "The expression of the field 'title' cannot be computed. "
        "The record has no field 'preis'."
    )


def test_restoring_the_default_loads_the_forms_own_choice() -> None:
    default = FieldMapping("art", "title")
    state = opened("title", FieldMapping("", "title", constant="x"), default=default)

    state.restore_default()

    assert state.pair() == default
    assert (state.constant, state.constant_kind) == ("", DefaultKind.VALUE)


def test_opening_another_field_clears_the_choices_of_the_last() -> None:
    state = opened("kind", FieldMapping("art", "kind", values=(("Rennrad", "road"),)))
    sampled = MappingSample(TICKET, ("am",), ({"am": "3"},))

    state.open(FIELDS["gears"], None, sampled)

    assert (state.value_rows, state.examples, state.sources) == ((), (), ("am",))
    assert state.pair() is None


@pytest.mark.parametrize(
    ("target", "offered"),
    [
        pytest.param("kind", ["none", "table"], id="picklist"),
        pytest.param("due", ["none", "date", "table"], id="date"),
        pytest.param("active", ["none", "boolean", "table"], id="boolean"),
        pytest.param(
            "title",
            ["none", "table", "date", "datetime", "number", "boolean"],
            id="text-takes-everything",
        ),
    ],
)
def test_conversions_suit_the_type(target: str, offered: list[str]) -> None:
    conversions = list_conversions(FIELDS[target], Conversion.NONE)

    assert [conversion.value for conversion in conversions] == offered


def test_selected_conversion_is_an_option_for_any_type() -> None:
    assert Conversion.DATE in list_conversions(FIELDS["kind"], Conversion.DATE)


def test_parent_can_be_looked_up_by_one_of_its_fields() -> None:
    """What there is to be found is no matter of the mapping, and that is said."""
    state = FieldMappingState()
    state.open(
        Field(name="owner", parent="person"),
        FieldMapping("art", "owner"),
        MappingSample(TICKET, ("art",), (*RECORDS[:1], {"art": None}, {"art": " "})),
        parents=("email", "name"),
    )

    state.lookup = "email"

    assert state.parents == ("email", "name")
    assert state.pair() == FieldMapping("art", "owner", lookup="email")
    assert results(state) == [
        ('"Rennrad"', 'email = "Rennrad"'),
        ("null", "null"),
        ('" "', '" "'),
    ]
    assert state.summary.startswith("The parent is found by its email.")


def test_value_that_violates_its_type_is_a_problem() -> None:
    """What only the installation knows is left to the preview of the import."""
    state = opened("gears", FieldMapping("art", "gears"))

    assert [row.after for row in state.preview] == ["", "", ""]
    assert state.preview[0].problem == (
        '"Rennrad" in the field "gears" is not a whole number. '
        "Object entry value exceeds integer field allowed size"
    )
    assert state.failed


def test_part_of_a_nested_value_can_be_a_source() -> None:
    records: tuple[dict[str, Any], ...] = (
        {"address": {"city": "Kiel"}},
        {"address": None},
        {},
    )
    state = opened("title", None, records)

    state.source = "address.city"

    assert results(state) == [('"Kiel"', '"Kiel"'), ("null", "null"), ("", "")]
