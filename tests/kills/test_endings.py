"""Whatever ends an import: its counts add up, are true, and its reason is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ImportStrategy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.kills.killing import (
    Kill,
    faults,
    make_target,
    read_truth,
    run_worker,
    start_import,
)
from tests.sandbox.conftest import SETTINGS, run_sandbox

WHOLE = 4_500
IMPORT = Kill(
    ImportStrategy.UPSERT,
    has_codes=False,
    stops=False,
    records=WHOLE,
    bad=frozenset({5, 1_234, 4_000}),
    stored=frozenset(),
    point="",
    count=0,
    delay_ms=0,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    opened.save_setting("furnished", "yes")
    make_target(url(tmp_path), IMPORT)
    opened.connections.put("target", url(tmp_path))
    yield opened
    opened.close()


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'target.db'}"


def ended(workspace: Workspace, tmp_path: Path, fault: str) -> Task:
    """Carry out an import to which something happens; nothing is asked afterwards.

    Its batches go one after the other, so that it is certain which one is met.
    """
    file = tmp_path / "tickets.jsonl"
    task = start_import(workspace, "target", IMPORT, file, RunOptions())
    run_worker(workspace, task, ("tests.kills.faulty", fault))
    return Center(workspace).tasks.get(task.id)


def true_of(workspace: Workspace, task: Task, tmp_path: Path) -> list[str]:
    truth = read_truth(url(tmp_path))
    return faults(IMPORT, workspace, task, truth, whole=False)


def test_error_before_a_batch_skips_its_records(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = ended(workspace, tmp_path, "mapping-fails")

    assert (task.status, task.counts) == (
        TaskStatus.FAILED,
        Counts(created=999, failed=1, skipped=1_000),
    )
    assert task.error.startswith("Unexpected Error (RuntimeError: nobody foresaw this)")
    assert true_of(workspace, task, tmp_path) == []


def test_error_after_a_batch_does_not_hide_that_it_is_stored(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = ended(workspace, tmp_path, "write-fails-afterwards")

    assert task.counts == Counts(created=1_998, failed=2)
    assert task.error.startswith("Unexpected Error (RuntimeError: nobody foresaw this)")
    assert true_of(workspace, task, tmp_path) == []


def test_records_read_before_memory_ran_out_are_written(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = ended(workspace, tmp_path, "memory-ends")

    assert task.counts == Counts(created=1_697, failed=2)
    assert task.error.startswith("Unexpected Error (MemoryError: )")
    assert true_of(workspace, task, tmp_path) == []


def test_an_error_after_the_end_of_a_task_leaves_it_as_it_ended(
    workspace: Workspace,
) -> None:
    task = workspace.tasks.add("target", ImportPlan(entity_type="Ticket", name="x"))

    def end_and_fail(run: TaskRun) -> None:
        run.finish(TaskStatus.COMPLETED)
        raise KeyError(run.task.id)

    assert run_task(workspace, task.id, end_and_fail)

    ended = workspace.tasks.get(task.id)
    assert (ended.status, ended.error) == (TaskStatus.COMPLETED, "")


def test_a_cancelled_import_counts_what_it_has_written(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = ended(workspace, tmp_path, "cancelled")

    assert task.status is TaskStatus.CANCELLED
    assert true_of(workspace, task, tmp_path) == []


def test_worker_of_a_task_ended_elsewhere_stops_writing(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = ended(workspace, tmp_path, "ended-elsewhere")

    assert task.status is TaskStatus.CANCELLED
    assert len(read_truth(url(tmp_path))) == 1_998


def test_full_disk_uses_the_reserve_for_the_end(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = ended(workspace, tmp_path, "workspace-full-until-room")

    assert (task.status, task.error_code) == (TaskStatus.FAILED, "disk-full")
    assert not workspace.tasks.is_unfinished(task.id)
    assert true_of(workspace, task, tmp_path) == []


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        ("workspace-full", "disk-full", "the disk is full"),
        ("workspace-locked", "workspace-unusable", "another program keeps"),
    ],
)
def test_unrecorded_end_is_reported_from_last_words(
    workspace: Workspace, tmp_path: Path, fault: str, code: str, told: str
) -> None:
    """Reason and counts are kept beside the task until they can be recorded."""
    task = ended(workspace, tmp_path, fault)

    assert (task.status, task.error_code) == (TaskStatus.FAILED, code)
    assert told in task.error
    assert task.counts.successful == len(read_truth(url(tmp_path)))
    assert workspace.tasks.is_unfinished(task.id)

    recovered_task = Center(workspace).tasks.recover(task.id)

    assert (recovered_task.status, recovered_task.error) == (
        TaskStatus.FAILED,
        task.error,
    )
    assert faults(IMPORT, workspace, recovered_task, read_truth(url(tmp_path))) == []
    assert not list(workspace.task_folder(task.id).glob("last-words"))


@pytest.mark.parametrize("size_kib", [260, 340, 400, 540, 800, 1100])
def test_full_disk_ends_an_import_with_correct_counts(
    workspace: Workspace, tmp_path: Path, size_kib: int
) -> None:
    """Whichever file is the first that does not fit on the disk."""
    task = ended(workspace, tmp_path, str(size_kib * 1024))

    assert task.status in {TaskStatus.FAILED, TaskStatus.PARTIALLY_COMPLETED}
    assert task.error or task.counts.total == WHOLE
    assert "The worker process ended" not in task.error
    recovered_task = Center(workspace).tasks.recover(task.id)
    assert recovered_task.error == task.error
    assert true_of(workspace, recovered_task, tmp_path) == []


def test_batch_whose_changes_cannot_be_read_is_asked_for_again(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server went away right after it; without them, no undo could take it back."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    center = Center(workspace)
    with run_sandbox(tmp_path / "target.db") as server:
        center.installations.add("target", server.url, Access(user=SETTINGS.user))
        task = ended(workspace, tmp_path, "changes-are-lost")
        resumed = center.tasks.wait(center.tasks.resume(task.id))

    changed = [x.index for x in workspace.changes.read(task.id)]
    assert (task.status, task.counts.unknown) == (TaskStatus.FAILED, 1_000)
    assert resumed.counts == Counts(created=WHOLE - 3, failed=3)
    assert changed == [n for n in range(1, WHOLE + 1) if n not in IMPORT.bad]


@pytest.mark.parametrize("fault", ["mapping-fails", "cancelled", "answer-is-lost"])
def test_records_read_ahead_for_a_server_are_counted(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """While a batch is under way the next one is read; it is skipped, or known."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(tmp_path / "target.db") as server:
        access = Access(user=SETTINGS.user)
        Center(workspace).installations.add("target", server.url, access)
        task = ended(workspace, tmp_path, fault)

    counts = task.counts
    assert true_of(workspace, task, tmp_path) == []
    told = {
        "mapping-fails": (TaskStatus.FAILED, Counts(999, failed=1, skipped=1_000)),
        "cancelled": (TaskStatus.CANCELLED, Counts(1_998, failed=2, skipped=1_000)),
        "answer-is-lost": (
            TaskStatus.FAILED,
            Counts(999, failed=1, unknown=1_000, skipped=1_000),
        ),
    }
    assert (task.status, counts) == told[fault]
