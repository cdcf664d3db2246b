"""What a task that has ended offers to do next, with the command for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dmc_widgets as dmc
from dmc_widgets.cli.running.next_steps import next_steps
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Task, TaskStatus
from tests.cli.test_following import TASK

RUN = ImportPlan(entity_type="C_Customer")
DRY_RUN = replace(RUN, dry_run=True)


@pytest.mark.parametrize(
    ("task", "steps"),
    [
        pytest.param(replace(TASK, counts=dmc.Counts(created=2)), [], id="all-is-in"),
        pytest.param(
            replace(
                TASK,
                status=TaskStatus.PARTIALLY_COMPLETED,
                counts=dmc.Counts(created=1, failed=1),
            ),
            ["1 record failed. Mend it: dmc failures 1 -o FILE"],
            id="a-record-failed",
        ),
        pytest.param(
            replace(
                TASK,
                status=TaskStatus.FAILED,
                error="It went away.",
                counts=dmc.Counts(unknown=1000),
            ),
            ["Go on with it: dmc resume 1"],
            id="the-server-went-away",
        ),
        pytest.param(
            replace(
                TASK,
                plan=DRY_RUN,
                status=TaskStatus.PARTIALLY_COMPLETED,
                counts=dmc.Counts(created=1, failed=2),
            ),
            [
                "2 records would fail. List them: dmc failures 1",
                "Run exactly this: dmc run 1",
            ],
            id="a-dry-run",
        ),
        pytest.param(
            replace(TASK, status=TaskStatus.RUNNING, counts=dmc.Counts(created=1)),
            [],
            id="at-work",
        ),
    ],
)
def test_steps_after_a_task(task: Task, steps: list[str]) -> None:
    """Failed records are mended, interrupted tasks resumed, dry runs run."""
    assert [*next_steps(task)] == steps
