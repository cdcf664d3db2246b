"""Counts, progress and the judgement of a finished task."""

from __future__ import annotations

import pytest

from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.plan import Action
from dmc_widgets.model.task import Counts, Progress, TaskStatus, final_status


def test_every_record_has_one_fate() -> None:
    counts = Counts(created=1).plus([Outcome(kind) for kind in OutcomeKind])

    assert counts == Counts(2, 1, 1, 1, 1, 1)
    assert (counts.successful, counts.total) == (4, 7)


@pytest.mark.parametrize(
    ("action", "counts", "stopped", "status"),
    [
        (Action.IMPORT, Counts(created=3), False, TaskStatus.COMPLETED),
        (Action.IMPORT, Counts(), False, TaskStatus.COMPLETED),
        (Action.IMPORT, Counts(3, failed=1), False, TaskStatus.PARTIALLY_COMPLETED),
        (Action.IMPORT, Counts(failed=3), False, TaskStatus.FAILED),
        (Action.IMPORT, Counts(3, failed=1), True, TaskStatus.FAILED),
        (Action.EXPORT, Counts(created=3), False, TaskStatus.COMPLETED),
    ],
)
def test_the_status_follows_from_the_counts(
    action: Action, counts: Counts, *, stopped: bool, status: TaskStatus
) -> None:
    """The table of data-migration-center.md 1.2."""
    assert final_status(action, counts, stopped=stopped) is status


def test_time_left_follows_from_the_pace() -> None:
    progress = Progress(done=25, of=100, started=1000.0, updated=1010.0)

    assert (progress.percent, progress.elapsed_s, progress.left_s) == (25, 10.0, 30.0)


@pytest.mark.parametrize(
    "progress",
    [
        pytest.param(Progress(), id="not-started"),
        pytest.param(Progress(5, 0, 1000.0, 1010.0), id="the-whole-is-unknown"),
        pytest.param(Progress(5, 100, 1000.0, 1000.5), id="too-early"),
        pytest.param(Progress(1, 101, 1000.0, 1020.0), id="less-than-one-percent"),
    ],
)
def test_no_time_left_is_guessed(progress: Progress) -> None:
    assert progress.left_s is None
