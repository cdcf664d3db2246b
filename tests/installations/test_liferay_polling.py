"""When tasks of a server are polled."""

from __future__ import annotations

import math
from itertools import islice

import pytest

from dmc_widgets.installations.liferay.batch_task import (
    PollSchedule,
    expected_remaining_s,
)


def looks(pace: PollSchedule, number: int) -> list[float]:
    return [round(pause, 3) for pause in islice(pace.pauses(), number)]


def test_first_task_is_polled_less_and_less_often() -> None:
    pace = PollSchedule(0.04, 0.1)

    assert looks(pace, 7) == [0.04, 0.05, 0.062, 0.078, 0.098, 0.1, 0.1]


def test_next_task_is_polled_shortly_before_its_expected_end() -> None:
    pace = PollSchedule(0.05, 3)
    pace.record_duration(2)

    assert looks(pace, 4) == [1.6, 0.2, 0.25, 0.312]


def test_late_poll_does_not_delay_the_polls_of_later_tasks() -> None:
    """After one late poll, the next tasks of the same length are polled in time."""
    pace = PollSchedule(0.05, 10)
    pace.record_duration(5)
    met = []
    for _ in range(12):
        at = 0.0
        pauses = pace.pauses()
        while at < 1:
            at += next(pauses)
        pace.record_duration(at)
        met.append(round(at, 2))

    assert met[:3] == [4.0, 3.2, 2.56]
    assert max(met[8:]) < 1.2


def test_pauses_stay_below_the_longest_pause() -> None:
    pace = PollSchedule(0.05, 3)
    pace.record_duration(600)

    assert looks(pace, 3) == [3, 3, 3]


@pytest.mark.parametrize(
    ("gone_s", "done", "total", "left_s"),
    [
        (3.0, 100, 400, 9.0),
        (3.0, 300, 400, 1.0),
        (60.0, 99_999, 100_000, 3.0),
        (3.0, 400, 400, math.inf),
        (3.0, 0, 400, math.inf),
        (3.0, 7, 0, math.inf),
        (0.0, 1, 2, 0.0),
    ],
    ids=["quarter", "most", "nearly", "all", "none", "no total", "at once"],
)
def test_remaining_time_follows_from_progress(
    gone_s: float, done: int, total: int, left_s: float
) -> None:
    """A task may stay close to its end for a while."""
    assert expected_remaining_s(gone_s, done, total) == pytest.approx(left_s)
