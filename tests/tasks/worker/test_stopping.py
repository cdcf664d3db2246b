"""Cancelling and pausing: the task stops, and says which records are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported
from dmc_widgets.model.plan import (
    BackupPlan,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    Plan,
    UndoPlan,
    VerificationPlan,
)
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.tasks import task_run
from dmc_widgets.tasks.stop_messages import stop_message
from dmc_widgets.workspace import Failure, Workspace
from dmc_widgets.workspace.outcomes import OutcomeBatch
from tests.tasks.conftest import RunImport

Stop = Callable[[int], object]


def tickets(number: int) -> list[dict[str, Any]]:
    return [
        {"externalReferenceCode": f"T-{n}", "title": f"Ticket {n}"}
        for n in range(1, number + 1)
    ]


@pytest.fixture
def stop_after_batch(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Stop], None]:
    """Call a function with the task's id as soon as one batch is recorded."""
    monkeypatch.setattr(task_run, "_REPORT_INTERVAL_S", 0.0)
    add = workspace.outcomes.add

    def arrange(stop: Stop) -> None:
        def add_and_stop(
            task_id: int, batch: OutcomeBatch, failures: Sequence[Failure]
        ) -> None:
            add(task_id, batch, failures)
            stop(task_id)

        monkeypatch.setattr(workspace.outcomes, "add", add_and_stop)

    return arrange


def test_paused_import_leaves_the_rest_of_its_records_uncounted(
    center: Center, stop_after_batch: Callable[[Stop], None], run_import: RunImport
) -> None:
    """They are read again when the task goes on, so nothing is counted as skipped."""
    stop_after_batch(center.tasks.pause)
    task = run_import(tickets(3_500))

    assert (task.status, task.counts) == (TaskStatus.PAUSED, Counts(created=1_000))
    assert task.error == (
        "Paused after record 1,000. Resume the task to go on with the next record."
    )


def test_cancelled_import_names_the_last_record_that_is_in(
    center: Center, stop_after_batch: Callable[[Stop], None], run_import: RunImport
) -> None:
    stop_after_batch(center.tasks.cancel)
    task = run_import(tickets(3_500))

    assert (task.status, task.counts) == (TaskStatus.CANCELLED, Counts(created=1_000))
    assert task.error == (
        "Cancelled after record 1,000. What was written before, stays."
    )


def test_paused_task_can_be_cancelled_without_a_worker(
    center: Center, stop_after_batch: Callable[[Stop], None], run_import: RunImport
) -> None:
    stop_after_batch(center.tasks.pause)
    paused = run_import(tickets(2_500))
    task = center.tasks.cancel(paused.id)

    assert (task.status, task.counts) == (TaskStatus.CANCELLED, paused.counts)
    assert task.error == (
        "Cancelled after record 1,000. What was written before, stays."
    )


@pytest.mark.parametrize(
    ("plan", "counts", "message"),
    [
        (
            ImportPlan(entity_type="T"),
            Counts(unknown=2, skipped=9),
            "Cancelled. Records 1 to 2 were being written: what became of them is not "
            "known.",
        ),
        (
            UndoPlan(task=1),
            Counts(updated=5),
            "Cancelled after record 5. What was taken back before, stays so.",
        ),
        (
            UndoPlan(task=1),
            Counts(),
            "Cancelled before the first record was taken back.",
        ),
        (
            UndoPlan(task=1, dry_run=True),
            Counts(updated=5),
            "Cancelled. Nothing was written.",
        ),
        (
            VerificationPlan(task=1),
            Counts(),
            "Cancelled. The comparison is not complete, and has no report.",
        ),
        (
            BackupPlan(),
            Counts(created=5),
            "Cancelled. The copy is not complete and cannot be restored.",
        ),
        (
            ExportPlan(entity_type="T"),
            Counts(skipped=5),
            "Cancelled. The file was not complete and was removed.",
        ),
    ],
)
def test_cancelled_task_says_what_became_of_its_work(
    workspace: Workspace, plan: Plan, counts: Counts, message: str
) -> None:
    """In the words of its kind: an undo takes back, a verification writes nothing."""
    task = workspace.tasks.add("target", plan)

    assert stop_message(task, counts, (), TaskStatus.CANCELLED) == message


def test_cancelling_and_pausing_an_ended_task_changes_nothing(
    center: Center, run_import: RunImport
) -> None:
    ended = run_import(tickets(2))

    assert center.tasks.cancel(ended.id) == ended
    assert center.tasks.pause(ended.id) == ended


def test_cancelling_wins_over_pausing(center: Center, workspace: Workspace) -> None:
    task = workspace.tasks.add("target", ImportPlan(entity_type="Ticket", name="A"))
    center.tasks.pause(task.id)
    assert workspace.tasks.requested_status(task.id) is TaskStatus.PAUSED
    center.tasks.cancel(task.id)
    assert workspace.tasks.requested_status(task.id) is TaskStatus.CANCELLED


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (
            ExportPlan(entity_type="Ticket", name="A"),
            "Task 1 is an export, which cannot be paused: it shows its installation as "
            "it was at one moment. Cancel it, and run it again later.",
        ),
        (
            MigrationPlan(source="target", dry_run=True, name="A"),
            "Task 1 is a dry run, which cannot be paused: it shows its installation as "
            "it was at one moment. Cancel it, and run it again later.",
        ),
    ],
    ids=["export", "dry-run"],
)
def test_exports_and_dry_runs_cannot_be_paused(
    center: Center, workspace: Workspace, plan: ExportPlan, message: str
) -> None:
    task = workspace.tasks.add("target", plan)
    with pytest.raises(NotSupported) as caught:
        center.tasks.pause(task.id)
    assert str(caught.value) == message
