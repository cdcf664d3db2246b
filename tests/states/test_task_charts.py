"""The charts of a task state its counts over time, its rate and its errors."""

from __future__ import annotations

from dmc_widgets.center.task_course import Sample
from dmc_widgets.model.failure_group import FailureGroup
from dmc_widgets.model.task import Counts
from dmc_widgets.states.task_charts import (
    build_outcome_series,
    build_rate_series,
    count_errors,
)

SAMPLES = [
    Sample(1.0, Counts(created=100)),
    Sample(2.0, Counts(created=150, failed=50)),
    Sample(4.0, Counts(created=150, failed=150)),
]


def test_records_grow_from_none_by_outcome() -> None:
    series = build_outcome_series(SAMPLES)

    assert series.seconds == [0.0, 1.0, 2.0, 4.0]
    assert series.values == {
        "created": [0.0, 100.0, 150.0, 150.0],
        "failed": [0.0, 0.0, 50.0, 150.0],
    }
    assert series.summary == ("300 records after 4.0 seconds: 150 created, 150 failed.")


def test_rate_is_that_since_the_sample_before() -> None:
    series = build_rate_series(SAMPLES)

    assert series.values == {"rate": [100.0, 100.0, 50.0]}
    assert series.summary == "75 records a second on average, 100 at most."


def test_task_without_samples_has_no_series() -> None:
    assert build_outcome_series([]).seconds == []
    assert build_rate_series([]).values == {}


def test_rate_never_falls_below_zero() -> None:
    """A dry run that is resumed counts from the beginning."""
    again = [Sample(1.0, Counts(created=100)), Sample(2.0, Counts(created=5))]

    assert build_rate_series(again).values == {"rate": [100.0, 0.0]}


def test_errors_are_counted_by_their_code_and_field() -> None:
    groups = [
        FailureGroup(5, "required", "title", None, "The field title is required."),
        FailureGroup(2, "no-key", "state", '"x"', "There is no key x."),
        FailureGroup(4, "no-key", "state", '"y"', "There is no key y."),
    ]

    assert count_errors(groups) == [
        ("There is no key x.", 6),
        ("The field title is required.", 5),
    ]
