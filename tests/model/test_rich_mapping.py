"""Constants, defaults, value mappings and formats of a mapping."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.entity_type import EntityType, Field
from dmc_widgets.model.field_mapping import OtherValues
from dmc_widgets.model.mapping import FieldMapping, Mapping, mapping_from_dict
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.plan import ImportPlan, plan_from_dict
from dmc_widgets.model.record import DateCell

TICKET = EntityType(
    name="C_Ticket",
    label="Ticket",
    class_name="com.liferay.object.rest.dto.v1_0.ObjectEntry",
    fields=(Field(name="title"), Field(name="tags", type="MultiselectPicklist")),
)
STATES = {"open": "active", "1": "one", "true": True}


def made(told: Any, record: dict[str, Any], target: str = "title") -> Any:
    mapping = mapping_from_dict({"fields": {target: told}})
    return mapping.compile(TICKET)(record)


@pytest.mark.parametrize(
    ("told", "record", "item"),
    [
        pytest.param({"constant": "x"}, {"a": 1}, {"title": "x"}, id="constant"),
        pytest.param({"constant": None}, {}, {"title": None}, id="constant-null"),
        pytest.param(
            {"source": "a", "if_missing": 7}, {}, {"title": 7}, id="missing-default"
        ),
        pytest.param(
            {"source": "a", "if_missing": None}, {}, {"title": None}, id="missing-null"
        ),
        pytest.param(
            {"source": "a", "if_missing": 7},
            {"a": None},
            {"title": None},
            id="null-is-not-missing",
        ),
        pytest.param({"source": "a", "if_empty": 7}, {}, {}, id="missing-is-not-empty"),
        pytest.param(
            {"source": "a", "if_empty": 7},
            {"a": None},
            {"title": 7},
            id="null-is-empty",
        ),
        pytest.param(
            {"source": "a", "if_empty": 7}, {"a": " \t"}, {"title": 7}, id="spaces"
        ),
        pytest.param(
            {"source": "a", "if_empty": 7}, {"a": 0}, {"title": 0}, id="zero-is-a-value"
        ),
        pytest.param(
            {"source": "a", "if_missing": "", "if_empty": 7},
            {},
            {"title": ""},
            id="a-default-is-final",
        ),
    ],
)
def test_defaults_fill_what_a_record_leaves_open(
    told: Any, record: dict[str, Any], item: dict[str, Any]
) -> None:
    assert made(told, record) == item


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("open", "active"),
        (1, "one"),
        (True, True),
        ("other", "other"),
        (None, None),
        ({"key": "open", "name": "Open"}, "active"),
        (["open", "other"], ["active", "other"]),
        ("open, other", "open, other"),
    ],
)
def test_a_table_replaces_values_by_their_text(value: Any, result: Any) -> None:
    told = {"source": "a", "values": STATES}

    assert made(told, {"a": value}) == {"title": result}


def test_a_format_converts_what_the_table_does_not_list() -> None:
    """What was mended stands beside the format; another text still has to follow it."""
    told = {"source": "a", "values": {"soon": "2024-02-03"}, "date": "%d.%m.%Y"}

    assert made(told, {"a": "soon"}) == {"title": "2024-02-03"}
    assert made(told, {"a": "05.01.2024"}) == {"title": "2024-01-05"}
    refused = made(told, {"a": "later"})
    assert isinstance(refused, Problem)
    assert "expects a date like 31.12.2024" in refused.message


def test_text_with_commas_is_a_list_for_a_multiselect_picklist() -> None:
    told = {"source": "a", "values": STATES}

    assert made(told, {"a": "open, 1,other"}, "tags") == {
        "tags": ["active", "one", "other"]
    }


@pytest.mark.parametrize("value", ["shut", ["open", "shut"]])
def test_a_value_outside_the_table_can_be_refused(value: Any) -> None:
    told = {"source": "a", "values": STATES, "other_values": "refuse"}

    assert made(told, {"a": value}) == Problem(
        "mapping-error",
        "The field 'title' got \"shut\"; the mapping expects one of 'open', '1', "
        "'true'.",
        "title",
        '"shut"',
    )


@pytest.mark.parametrize(
    ("form", "text", "result"),
    [
        ({"date": "%d.%m.%Y"}, "05.01.2024", "2024-01-05"),
        ({"date": "%d.%m.%Y"}, " ", " "),
        ({"date": "%d.%m.%Y"}, None, None),
        (
            {"datetime": "%d.%m.%Y %H:%M"},
            "05.01.2024 15:04",
            "2024-01-05T15:04:00.000Z",
        ),
        (
            {"datetime": "%Y-%m-%d %H:%M:%S%z"},
            "2024-01-05 15:04:09+0200",
            "2024-01-05T15:04:09.000+02:00",
        ),
        ({"number": {"decimal": ",", "grouping": "."}}, "1.234,50", Decimal("1234.50")),
        ({"number": {"decimal": ",", "grouping": "."}}, "-1234", -1234),
        ({"number": {"decimal": ",", "grouping": " "}}, "1\u00a0234", 1234),
        ({"number": {"decimal": ".", "grouping": "'"}}, "1'234.5", Decimal("1234.5")),
        ({"number": {"decimal": "."}}, "-0.5", Decimal("-0.5")),
        ({"number": {"decimal": "."}}, 1.5, 1.5),
        (
            {"number": {"decimal": "."}},
            "0.12345678901234567890123",
            Decimal("0.12345678901234567890123"),
        ),
        ({"boolean": {"true": ["ja", 1], "false": ["nein", ""]}}, " JA ", True),
        ({"boolean": {"true": ["ja", 1], "false": ["nein", ""]}}, 1, True),
        ({"boolean": {"true": ["ja", 1], "false": ["nein", ""]}}, "", False),
        ({"boolean": {True: ["ja"], False: ["nein"]}}, "nein", False),
    ],
)
def test_a_format_reads_texts(form: Any, text: Any, result: Any) -> None:
    item = made({"source": "a", **form}, {"a": text})

    assert item == {"title": result}
    assert type(item["title"]) is type(result)


@pytest.mark.parametrize(
    ("form", "cell", "result"),
    [
        ({"date": "%d.%m.%Y"}, "2024-01-05", "2024-01-05"),
        ({"date": "%d.%m.%Y"}, "2024-01-05T06:07:08", "2024-01-05"),
        ({"datetime": "%d.%m.%Y %H:%M"}, "2024-01-05", "2024-01-05T00:00:00.000Z"),
        (
            {"datetime": "%d.%m.%Y %H:%M"},
            "2024-01-05T06:07:08",
            "2024-01-05T06:07:08.000Z",
        ),
    ],
)
def test_a_date_of_a_workbook_needs_no_pattern(
    form: dict[str, Any], cell: str, result: str
) -> None:
    """In many a column of dates some are texts, and the pattern is for them."""
    assert made({"source": "a", **form}, {"a": DateCell(cell)}) == {"title": result}


def test_a_time_of_day_of_a_workbook_is_no_date() -> None:
    problem = made({"source": "a", "date": "%d.%m.%Y"}, {"a": DateCell("06:07:08")})

    assert "a date like 31.12.2024" in problem.message


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ({"date": "%d.%m.%Y"}, "2024-01-05", "a date like 31.12.2024 (%d.%m.%Y)"),
        ({"date": "%d.%m.%Y"}, "31.02.2024", "a date like 31.12.2024 (%d.%m.%Y)"),
        ({"date": "%d.%m.%Y"}, 5, "a date like 31.12.2024 (%d.%m.%Y)"),
        (
            {"number": {"decimal": ",", "grouping": "."}},
            "12.34,5",
            "a number like 1.234,5",
        ),
        ({"number": {"decimal": ","}}, "1.5", "a number like 1234,5"),
        ({"number": {"decimal": "."}}, "1e5", "a number like 1234.5"),
        ({"number": {"decimal": "."}}, True, "a number like 1234.5"),
        (
            {"boolean": {"true": ["ja"], "false": ["nein"]}},
            "yes",
            "one of 'ja', 'nein'",
        ),
    ],
)
def test_a_text_that_does_not_fit_is_a_problem(
    form: Any, text: Any, expected: str
) -> None:
    problem = made({"source": "a", **form}, {"a": text})

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == ("mapping-error", "title")
    assert problem.message == (
        f"The field 'title' got {problem.value}; the mapping expects {expected}."
    )


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            {"sorce": "a"},
            "The field 'title' has a key 'sorce', which nothing reads. Known: boolean, "
            "constant, date, datetime, expression, if_empty, if_missing, lookup, "
            "number, other_values, source, values.",
        ),
        (
            {"if_empty": 1},
            "The field 'title' gets nothing. Give it a source, a constant or an "
            "expression.",
        ),
        (
            {"source": "a", "constant": 1},
            "The mapping of the field 'title' has a constant and more. Keep the "
            "constant, or the rest.",
        ),
        (
            {"source": "a", "boolean": {"true": [True], "false": ["n"]}},
            "Boolean of the field 'title' has True where a text belongs. Put it in "
            "quotation marks; YAML reads yes, no, on and off without them as true and "
            "false.",
        ),
        (
            {"source": "a", "date": "%d.%m."},
            "date of the field 'title': '%d.%m.' is not a pattern of a date. It has to "
            "hold year, month and day, such as %d.%m.%Y or %Y-%m-%d %H:%M.",
        ),
        (
            {"source": "a", "number": {"decimal": ",", "grouping": ","}},
            "number of the field 'title': ',' cannot separate groups of digits where "
            "',' is the decimal separator. Use a space, \"'\" or the other one of ',' "
            "and '.', or nothing.",
        ),
        (
            {
                "source": "a",
                "values": STATES,
                "other_values": "refuse",
                "date": "%d.%m.%Y",
            },
            "The mapping of the field 'title' has a format, and refuses values that it "
            "does not list. Keep one of them.",
        ),
        (
            {"source": "a", "other_values": "drop"},
            "Other_values of the field 'title' is 'drop'. Write keep or refuse.",
        ),
        (
            {"source": "a", "values": []},
            "Values of the field 'title' is []. Write a table of source and target "
            "values.",
        ),
        (
            {"source": "a", "date": "%d.%m.%Y", "datetime": "%d.%m.%Y"},
            "The field 'title' has date and datetime. Keep one of them.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(told: Any, message: str) -> None:
    with pytest.raises(InvalidPlan) as caught:
        mapping_from_dict({"fields": {"title": told}})

    assert str(caught.value) == message


def test_an_expression_needs_somebody_who_computes_it() -> None:
    mapping = Mapping((FieldMapping("", "title", expression="a"),))

    assert mapping.compile(TICKET, lambda text, target: lambda _values: (text, target))(
        {}
    ) == {"title": ("a", "title")}
    with pytest.raises(InvalidPlan):
        mapping.compile(TICKET)


def test_other_fields_still_fill_their_namesakes() -> None:
    mapping = Mapping((FieldMapping("", "tags", constant=[]),), same_names=True)

    assert mapping.compile(TICKET)({"title": "x", "tags": ["old"]}) == {
        "title": "x",
        "tags": [],
    }


def test_a_constant_is_not_shared_between_items() -> None:
    compiled = Mapping((FieldMapping("", "tags", constant=[]),)).compile(TICKET)
    first = compiled({})
    assert isinstance(first, dict)
    first["tags"].append("x")

    assert compiled({}) == {"tags": []}


def test_added_pairs_win_over_those_of_their_targets() -> None:
    mapping = Mapping((FieldMapping("a", "title"), FieldMapping("b", "tags")))

    assert mapping.with_pairs([FieldMapping("c", "title")]) == Mapping(
        (FieldMapping("b", "tags"), FieldMapping("c", "title"))
    )


def test_plans_keep_everything_that_a_mapping_says() -> None:
    pair = FieldMapping(
        "a", "title", values=(("x", None),), other_values=OtherValues.REFUSE
    )
    plan = ImportPlan(
        entity_type="C_Ticket", mapping=Mapping((pair, FieldMapping("b", "tags")))
    )

    assert plan.as_dict()["mapping"] == [
        [
            "a",
            "title",
            {"source": "a", "values": {"x": None}, "other_values": "refuse"},
        ],
        ["b", "tags"],
    ]
    assert plan_from_dict(plan.as_dict()) == plan


def test_only_what_is_plain_takes_the_fast_path() -> None:
    """Renaming costs what it did before there was more to say."""
    plain = Mapping((FieldMapping("a", "title"),)).compile(TICKET)
    rich = Mapping((FieldMapping("a", "title", if_empty=1),)).compile(TICKET)

    assert plain.__qualname__ == "Mapping._plain.<locals>.<lambda>"
    assert rich.__qualname__ == "Mapping.compile.<locals>.compute"
