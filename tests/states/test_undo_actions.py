"""Undo is offered for what wrote something and has ended, and asks before it acts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc_widgets.model.plan import ExportPlan, ImportPlan, MigrationPlan, Plan, UndoPlan
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.states.task_actions import list_task_actions
from dmc_widgets.states.task_actions.undo import UNDO

_WRITTEN = Task(
    id=7,
    name="x",
    installation="Target",
    plan=ImportPlan(entity_type="C_Ticket"),
    author="",
    created="",
    modified="",
    status=TaskStatus.CANCELLED,
    counts=Counts(created=1200, updated=3),
)


@pytest.mark.parametrize(
    ("plan", "status", "counts", "offered"),
    [
        (ImportPlan(entity_type="T"), TaskStatus.FAILED, Counts(created=1), True),
        (MigrationPlan(source="A"), TaskStatus.COMPLETED, Counts(updated=1), True),
        (UndoPlan(task=3), TaskStatus.COMPLETED, Counts(updated=1), True),
        (ImportPlan(entity_type="T"), TaskStatus.RUNNING, Counts(created=1), False),
        (ImportPlan(entity_type="T"), TaskStatus.COMPLETED, Counts(failed=1), False),
        (ExportPlan(entity_type="T"), TaskStatus.COMPLETED, Counts(created=1), False),
        (
            UndoPlan(task=3, dry_run=True),
            TaskStatus.COMPLETED,
            Counts(updated=1),
            False,
        ),
    ],
)
def test_undo_is_offered_for_what_was_written(
    plan: Plan, status: TaskStatus, counts: Counts, *, offered: bool
) -> None:
    task = replace(_WRITTEN, plan=plan, status=status, counts=counts)

    labels = {action.label for action in list_task_actions(task)}

    assert ({"Undo", "Undo (Dry Run)"} <= labels) is offered


def test_undo_asks_with_the_numbers_of_what_it_takes_back() -> None:
    assert UNDO.question(_WRITTEN).startswith(
        "Take task 7 back in Target? 1,200 created items are deleted and 3 updated "
        "ones restored."
    )
