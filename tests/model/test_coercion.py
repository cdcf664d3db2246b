"""Public values take words for choices and a name for a tuple, and refuse the rest."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan, UnknownChoice
from dmc_widgets.model import coercion
from dmc_widgets.model.access import Access
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.field_mapping import FieldMapping, OtherValues
from dmc_widgets.model.mapping import Mapping
from dmc_widgets.model.plan import (
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Selection,
)
from dmc_widgets.model.reading_options import Escapes, ReadingOptions, ShortRows
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.value_conversion import BooleanFormat
from dmc_widgets.ports import Query

Make = Callable[..., Any]


def field_mapping(**choices: Any) -> FieldMapping:
    return FieldMapping("a", "b", **{"values": {"x": "y"}, **choices})


def export_plan(**choices: Any) -> ExportPlan:
    return ExportPlan(**{"entity_type": "Ticket", **choices})


def import_plan(**choices: Any) -> ImportPlan:
    return ImportPlan(**{"entity_type": "Ticket", **choices})


def migration_plan(**choices: Any) -> MigrationPlan:
    return MigrationPlan(**{"source": "Staging", **choices})


TICKET = EntityType(name="C_Ticket", label="Ticket", class_name="x.Entry")

CHOICES: list[tuple[Make, str, dict[str, Any], str]] = [
    (
        Policy,
        "import_strategy",
        {word: ImportStrategy(word) for word in ("INSERT", "UPDATE", "UPSERT")},
        "an import strategy. Choose one of: 'INSERT', 'UPDATE', 'UPSERT'.",
    ),
    (
        Policy,
        "update_strategy",
        {word: UpdateStrategy(word) for word in ("PARTIAL_UPDATE", "UPDATE", "MERGE")},
        "an update strategy. Choose one of: 'PARTIAL_UPDATE', 'UPDATE', 'MERGE'.",
    ),
    (
        Policy,
        "error_strategy",
        {
            "stop": ErrorStrategy.STOP,
            "continue": ErrorStrategy.CONTINUE,
            "ON_ERROR_FAIL": ErrorStrategy.STOP,
            "ON_ERROR_CONTINUE": ErrorStrategy.CONTINUE,
        },
        "an error strategy. Choose one of: 'ON_ERROR_FAIL', 'ON_ERROR_CONTINUE', "
        "'stop', 'continue'.",
    ),
    (
        ReadingOptions,
        "short_rows",
        {"refuse": ShortRows.REFUSE, "empty": ShortRows.EMPTY, "": None},
        "a choice for short rows. Choose one of: 'refuse', 'empty'.",
    ),
    (
        ReadingOptions,
        "escapes",
        {"keep": Escapes.KEEP, "undo": Escapes.UNDO, "": None},
        "a choice for escapes. Choose one of: 'keep', 'undo'.",
    ),
    (
        field_mapping,
        "other_values",
        {"keep": OtherValues.KEEP, "refuse": OtherValues.REFUSE},
        "a choice of other values. Choose one of: 'keep', 'refuse'.",
    ),
]
IDS = [name for _make, name, _words, _message in CHOICES]


@pytest.mark.parametrize(("make", "name", "words", "message"), CHOICES, ids=IDS)
def test_word_becomes_a_member_of_its_enumeration(
    make: Make, name: str, words: dict[str, Any], message: str
) -> None:
    made = {word: getattr(make(**{name: word}), name) for word in words}

    assert len(message) > 0
    assert made == words
    assert {type(value) for value in made.values()} == set(map(type, words.values()))


@pytest.mark.parametrize(("make", "name", "words", "message"), CHOICES, ids=IDS)
def test_member_is_taken_as_it_is(
    make: Make, name: str, words: dict[str, Any], message: str
) -> None:
    members = [member for member in words.values() if member is not None]

    assert len(message) > 0
    assert members
    assert all(getattr(make(**{name: each}), name) is each for each in members)


@pytest.mark.parametrize("wrong", ["MIX", "insert", 1, Escapes, b"UPDATE"], ids=repr)
@pytest.mark.parametrize(("make", "name", "words", "message"), CHOICES, ids=IDS)
def test_other_word_is_refused_with_the_known_ones(
    make: Make, name: str, words: dict[str, Any], message: str, wrong: Any
) -> None:
    with pytest.raises(UnknownChoice) as caught:
        make(**{name: wrong})

    assert str(caught.value) == f"{wrong!r} is not {message}"
    assert caught.value.known == tuple(word for word in words if word) or name == (
        "error_strategy"
    )


def test_member_of_another_enumeration_is_refused_though_its_word_is_known() -> None:
    with pytest.raises(UnknownChoice):
        Policy(import_strategy=UpdateStrategy.UPDATE)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (Selection, "entity_types"),
        (Selection, "sites"),
        (export_plan, "fields"),
        (Query, "fields"),
    ],
)
def test_single_name_stands_for_a_tuple_of_one(make: Make, name: str) -> None:
    given = ("title", ["title"], iter(["title"]), ("title",))

    made = [getattr(make(**{name: value}), name) for value in given]

    assert made == [("title",)] * 4


def test_spelling_of_a_boolean_may_stand_alone() -> None:
    assert BooleanFormat(true="yes", false="no") == BooleanFormat(("yes",), ("no",))  # type: ignore[arg-type]


def test_dict_stands_for_pairs() -> None:
    selection = Selection(filters={"Ticket": "a gt 3"})
    mapping = FieldMapping("a", "b", values={"x": 1})

    assert selection.filters == (("Ticket", "a gt 3"),)
    assert mapping.values == (("x", 1),)


@pytest.mark.parametrize("given", ["a=b", ["a=b"], FieldMapping("a", "b")], ids=repr)
def test_pairs_of_a_mapping_may_be_texts_or_stand_alone(given: Any) -> None:
    assert Mapping(given).pairs == (FieldMapping("a", "b"),)


def test_plan_takes_an_entity_type_for_its_key() -> None:
    assert ExportPlan(entity_type=TICKET).entity_type == "x.Entry"
    assert ImportPlan(entity_type=TICKET).entity_type == "x.Entry"


@pytest.mark.parametrize(
    ("make", "choices", "message"),
    [
        (Selection, {"entity_types": 3}, "entity_types holds 3."),
        (Selection, {"entity_types": None}, "entity_types holds None."),
        (Selection, {"filters": "a gt 3"}, "filters is 'a gt 3'."),
        (Selection, {"filters": [("a",)]}, "filters holds ('a',)."),
        (Selection, {"filters": {"a": 3}}, "filters holds 3."),
        (Selection, {"with_needed": "no"}, "with_needed is 'no'."),
        (export_plan, {"fields": [1]}, "fields holds 1."),
        (export_plan, {"include_headers": "no"}, "include_headers is 'no'."),
        (export_plan, {"filter": 3}, "filter is 3."),
        (export_plan, {"entity_type": 3}, "entity_type is 3."),
        (import_plan, {"policy": "UPSERT"}, "policy is 'UPSERT'."),
        (import_plan, {"mapping": {"a": "b"}}, "mapping is {'a': 'b'}."),
        (import_plan, {"reading": "UTF-8"}, "reading is 'UTF-8'."),
        (import_plan, {"new_sites": 1}, "new_sites is 1."),
        (migration_plan, {"selection": "Ticket"}, "selection is 'Ticket'."),
        (migration_plan, {"dry_run": "no"}, "dry_run is 'no'."),
        (PackagePlan, {"policy": None}, "policy is None."),
        (Query, {"fields": 3}, "fields holds 3."),
        (Query, {"sort": ["title"]}, "sort is ['title']."),
        (Access, {"at_once": "2"}, "at_once is '2'."),
        (Access, {"user": 3}, "user is 3."),
        (Access, {"insecure_http": "no"}, "insecure_http is 'no'."),
        (ReadingOptions, {"headers": "no"}, "headers is 'no'."),
        (ReadingOptions, {"skip_lines": "1"}, "skip_lines is '1'."),
        (Mapping, {"pairs": [3]}, "pairs holds 3."),
        (Mapping, {"same_names": "no"}, "same_names is 'no'."),
        (field_mapping, {"values": "x=y"}, "values is 'x=y'."),
        (field_mapping, {"values": {1: "y"}}, "A source value is 1."),
        (field_mapping, {"format": "%d.%m.%Y"}, "format is '%d.%m.%Y'."),
        (BooleanFormat, {"true": 1, "false": "no"}, "true holds 1."),
    ],
)
def test_value_of_another_kind_is_refused_at_birth(
    make: Make, choices: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidPlan) as caught:
        make(**choices)

    assert str(caught.value).startswith(f"{message} Give ")


def test_none_stands_for_an_empty_text() -> None:
    assert export_plan(filter=None, sort=None, name=None) == export_plan()


def test_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(
        coercion, extraglobs={"ImportStrategy": ImportStrategy}
    ) == doctest.TestResults(0, 1)
