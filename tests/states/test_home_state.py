"""Home shows the newest tasks, however many there were before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.states.navigation.home_state import HomeState, describe_absence

FAILED, COMPLETED = TaskStatus.FAILED, TaskStatus.COMPLETED


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    """A center with nine tasks, of which each third has failed."""
    with open_center(tmp_path / "workspace") as opened:
        for number in range(1, 10):
            plan = ExportPlan(entity_type="Customer", name=f"Task {number}")
            task = opened._workspace.tasks.add("Sample source", plan)
            opened._workspace.tasks.start(task.id, 1.0)
            status = COMPLETED if number % 3 else FAILED
            opened._workspace.tasks.finish(replace(task, status=status))
        yield opened


def test_newest_tasks_are_the_latest_ones(center: Center) -> None:
    home = HomeState()
    home.load(center)
    assert [task.id for task in home.latest] == [9, 8, 7, 6, 5, 4]
    assert [task.id for task in home.waiting] == [9, 6, 3]


def test_what_ended_meanwhile_is_found_behind_a_hundred_older_tasks(
    center: Center,
) -> None:
    workspace = center._workspace
    plan = ExportPlan(entity_type="Customer", name="Older")
    for _ in range(100):
        workspace.tasks.add("Sample source", plan)
    task = workspace.tasks.add("Sample source", replace(plan, name="Last"))
    workspace.tasks.start(task.id, 1.0)
    workspace.tasks.finish(replace(task, status=COMPLETED))
    ended = datetime.fromisoformat(center.tasks.get(task.id).modified).timestamp()
    assert describe_absence(center, ended) == (
        "Meanwhile the task Last has ended: Completed."
    )
