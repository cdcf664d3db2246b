"""Causes of problems that a server reports without a cause."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.installations.liferay.batch_plan import PreparedItem
from dmc_widgets.installations.liferay.problems import CauseFinder
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.outcome import Outcome, OutcomeKind, Problem
from dmc_widgets.model.strategies import ImportStrategy, Policy
from dmc_widgets.objects.entries.entity_type import build_entry_entity_type

LAMP: EntityType = build_entry_entity_type(
    {
        "name": "Lamp",
        "objectFields": [
            {"name": "count", "businessType": "LongInteger"},
            {"name": "size", "businessType": "LongInteger"},
            {"name": "due", "businessType": "Date"},
            {
                "name": "token",
                "businessType": "Text",
                "label": {"en_US": "Token of it"},
            },
        ],
    }
)
THERE = {"L": ""}


def explain(
    problem: Problem,
    item: dict[str, Any],
    before: dict[str, str],
    import_strategy: ImportStrategy = ImportStrategy.UPSERT,
) -> Problem:
    causes = CauseFinder(LAMP, Policy(import_strategy=import_strategy))
    outcome = Outcome(OutcomeKind.FAILED, "L", problem)
    outcomes = causes.explain_all(
        {0: outcome}, [PreparedItem(0, "L", b"", item)], before
    )
    assert outcomes[0].problem is not None
    return outcomes[0].problem


def test_cause_names_the_field_that_the_server_does_not_name() -> None:
    text = "Object entry value exceeds long field allowed size"
    item = {"count": 5, "size": "abc"}

    problem = explain(Problem("exceeds-long-size", text), item, {})

    assert problem == Problem(
        "exceeds-long-size",
        f'"abc" in the field "size" is not a whole number. {text}',
        "size",
        '"abc"',
        text,
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Unique value constraint violation for O_1_Lamp.token_ with value a", "token"),
        ("The Token of it is already in use. Please choose another", ""),
    ],
    ids=["batch", "rest"],
)
def test_unique_value_is_explained_with_the_label_of_its_field(
    text: str, field: str
) -> None:
    problem = Problem("unique-value-constraint-violation", text, field)

    problem = explain(problem, {"token": "a"}, THERE, ImportStrategy.INSERT)

    assert problem.field == "token"
    assert problem.message == (
        'An entry with the external reference code "L" exists already, and "Only Add '
        'New Records" changes none. An entry has the value "a" of the field "Token of '
        f'it" (token) already, and no two entries may have the same. {text}'
    )
    assert problem.as_liferay == text


@pytest.mark.parametrize(
    ("code", "item"),
    [("exceeds-long-size", {"size": 5}), ("refused", {"size": "abc"})],
    ids=["nothing-at-fault", "unknown"],
)
def test_problem_without_a_visible_cause_stays_unchanged(
    code: str, item: dict[str, Any]
) -> None:
    problem = Problem(code, "It went wrong")

    assert explain(problem, item, {}) == problem
