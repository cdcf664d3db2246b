"""Keywords and categories: what is taken, kept and given out."""

from __future__ import annotations

from typing import Any

import pytest
from orjson import dumps

from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.entries.item_builder import EntryRow, ItemBuilder
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.system_properties import read_categorization

BODY: dict[str, Any] = {"name": "Note", "objectFields": []}
NAMES = ["keywords", "taxonomyCategoryBriefs"]


def brief(number: int, name: str | None) -> dict[str, Any]:
    return {"taxonomyCategoryId": number, "taxonomyCategoryName": name}


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        ({}, {}),
        ({"keywords": ["b", " a ", "b", ""]}, {"keywords": ["b", "a"]}),
        ({"keywords": 'b, "a,c",=1'}, {"keywords": ["b", "a,c", "=1"]}),
        ({"keywords": []}, {"keywords": None}),
        ({"keywords": None}, {"keywords": None}),
        (
            {"taxonomyCategoryIds": [7, "8", 7]},
            {"taxonomyCategoryBriefs": [brief(7, None), brief(8, None)]},
        ),
        (
            {"taxonomyCategoryBriefs": [brief(7, "Red")]},
            {"taxonomyCategoryBriefs": [brief(7, "Red")]},
        ),
        (
            {"taxonomyCategoryIds": [8], "taxonomyCategoryBriefs": [brief(8, "Blue")]},
            {"taxonomyCategoryBriefs": [brief(8, "Blue")]},
        ),
        (
            {"taxonomyCategoryIds": [], "taxonomyCategoryBriefs": [brief(8, "Blue")]},
            {"taxonomyCategoryBriefs": None},
        ),
        (
            {"taxonomyCategoryIds": None, "taxonomyCategoryBriefs": [brief(8, "Blue")]},
            {"taxonomyCategoryBriefs": [brief(8, "Blue")]},
        ),
    ],
    ids=[
        "nothing",
        "keywords",
        "keywords-of-a-cell",
        "no-keywords",
        "null-keywords",
        "ids",
        "briefs",
        "ids-and-names",
        "no-ids-win",
        "null-ids-do-not",
    ],
)
def test_lists_are_stored_without_duplicates(
    item: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert read_categorization(item) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keywords", ["a", [5]]),
        ("keywords", ["a", None]),
        ("keywords", ["\ud800"]),
        ("keywords", {"a": 1}),
        ("taxonomyCategoryIds", 7),
        ("taxonomyCategoryIds", ["seven"]),
        ("taxonomyCategoryIds", [True]),
        ("taxonomyCategoryIds", [0]),
        ("taxonomyCategoryIds", [[7]]),
        ("taxonomyCategoryIds", [2**63]),
        ("taxonomyCategoryBriefs", [7]),
        ("taxonomyCategoryBriefs", [{"taxonomyCategoryName": "Red"}]),
        (
            "taxonomyCategoryBriefs",
            [{"taxonomyCategoryId": 7, "taxonomyCategoryName": [5]}],
        ),
    ],
)
def test_other_shapes_are_refused(name: str, value: Any) -> None:
    found = compile_entry_rules(7, BODY, {}, {}).check({name: value}).problem

    assert isinstance(found, Problem)
    assert (found.code, found.field) == ("invalid-value", name)
    assert found.as_liferay == f'The value is invalid for object field "{name}"'


def given_out(body: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    row = EntryRow(4, "T", 0, dumps(kept), 0, 0)
    (item,) = ItemBuilder(compile_entry_rules(7, body, {}, {}), NAMES).items(
        [row], lambda *_: {}, lambda *_: {}
    )
    return item


def test_output_has_lists_even_where_nothing_is_stored() -> None:
    kept = {"keywords": ["a"], "taxonomyCategoryBriefs": [brief(7, "Red")]}

    assert given_out(BODY, kept) == kept
    assert given_out(BODY, {}) == {"keywords": [], "taxonomyCategoryBriefs": []}


def test_definition_without_categorization_has_neither() -> None:
    body = BODY | {"enableCategorization": False}
    checked = compile_entry_rules(7, body, {}, {}).check({"keywords": None})

    assert (checked.problem, checked.values) == (None, {})
    assert given_out(body, {}) == {"keywords": None, "taxonomyCategoryBriefs": None}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keywords", "red"),
        ("keywords", ["red"]),
        ("taxonomyCategoryIds", [7]),
        ("taxonomyCategoryBriefs", [brief(7, "Red")]),
    ],
)
def test_without_categorization_keywords_and_categories_are_refused(
    name: str, value: Any
) -> None:
    """Liferay would drop them without a word."""
    body = BODY | {"enableCategorization": False}
    found = compile_entry_rules(7, body, {}, {}).check({name: value}).problem

    assert found is not None
    assert (found.code, found.field) == ("invalid-value", name)
    assert found.message == (
        "Categorization of the definition is off (enableCategorization), so its "
        f'entries have no {name}. Turn it on, or leave out "{name}". The value is '
        f'invalid for object field "{name}"'
    )


@pytest.mark.parametrize("value", [[], "", "[]", None])
def test_without_categorization_an_empty_list_is_accepted(value: Any) -> None:
    body = BODY | {"enableCategorization": False}

    assert (
        compile_entry_rules(7, body, {}, {}).check({"keywords": value}).problem is None
    )


def test_number_is_a_keyword_by_its_digits() -> None:
    assert read_categorization({"keywords": [2024, "b"]}) == {"keywords": ["2024", "b"]}
    assert read_categorization({"keywords": 2024}) == {"keywords": ["2024"]}
