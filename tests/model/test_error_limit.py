"""Error limits: their forms, and when they are reached."""

from __future__ import annotations

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.error_limit import ErrorLimit
from dmc_widgets.model.plan import ImportPlan, plan_from_dict
from dmc_widgets.model.run_options import RunOptions, run_options_from_dict
from dmc_widgets.model.strategies import Policy


@pytest.mark.parametrize(
    ("given", "records", "percent", "text", "title"),
    [
        (50, 50, 0, "50", "50 failed records"),
        ("1", 1, 0, "1", "1 failed record"),
        ("2%", 0, 2, "2%", "more than 2 % of the records failed"),
        (" 2.5 % ", 0, 2.5, "2.5%", "more than 2.5 % of the records failed"),
        ("50,2%", 50, 2, "50,2%", "50 failed records or more than 2 % of all"),
        ("2% 1000", 1000, 2, "1000,2%", "1,000 failed records or more than 2 % of all"),
    ],
)
def test_limit_is_a_number_a_share_or_both(
    given: str | int, records: int, percent: float, text: str, title: str
) -> None:
    limit = ErrorLimit.parse(given)

    assert limit == ErrorLimit(records=records, percent=percent)
    assert (str(limit), limit.title) == (text, title)
    assert ErrorLimit.parse(str(limit)) == limit


@pytest.mark.parametrize(
    "given", ["", "0", "0%", "-5", "100%", "2%3%", "5 6", "1.5", "many", True, "5x"]
)
def test_other_forms_are_refused_with_the_right_ones(given: str | int) -> None:
    with pytest.raises(InvalidPlan) as caught:
        ErrorLimit.parse(given)
    assert str(caught.value).endswith(
        "is neither a number of records nor a share of them. Give a number above 0, a "
        "percentage below 100, or both, such as 50, 2% or 50,2%."
    )


@pytest.mark.parametrize(
    ("limit", "failed", "tried", "is_reached"),
    [
        ("50", 49, 10_000, False),
        ("50", 50, 50, True),
        ("2%", 99, 99, False),
        ("2%", 2, 100, False),
        ("2%", 3, 100, True),
        ("2%", 20, 1_000, False),
        ("2%", 21, 1_000, True),
        ("5,50%", 5, 20, True),
        ("500,1%", 2, 150, True),
    ],
)
def test_share_is_checked_from_the_hundredth_record_on(
    limit: str, failed: int, tried: int, *, is_reached: bool
) -> None:
    assert ErrorLimit.parse(limit).is_reached(failed, tried) is is_reached


def test_plan_keeps_its_limit_and_older_plans_have_none() -> None:
    options = RunOptions(error_limit="50,2%")
    plan = ImportPlan(
        entity_type="Ticket",
        policy=Policy(error_strategy="continue"),
        options=options,
        name="A",
    )

    assert plan_from_dict(plan.as_dict()) == plan
    assert run_options_from_dict({}).error_limit is None


def test_limit_contradicts_a_plan_that_stops_at_the_first_error() -> None:
    with pytest.raises(InvalidPlan) as caught:
        ImportPlan(entity_type="Ticket", options=RunOptions(error_limit=5))
    assert str(caught.value) == (
        "An error limit is given, but the plan stops at the first error. Choose the "
        "error strategy 'continue', or leave the limit out."
    )
