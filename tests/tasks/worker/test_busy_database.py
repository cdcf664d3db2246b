"""A busy database does not end a task, which waits until it is cancelled."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import Unreachable, WorkspaceUnusable
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_FOLDER
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.ports import Batch
from dmc_widgets.storage.sqlite_lock import LockWait
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace
from tests.at_once import count_entries, import_at_once
from tests.tasks.conftest import RunImport


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Keep the write lock of a file from now on, for some seconds."""
    taken = threading.Event()

    def keep() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            taken.set()
            time.sleep(seconds)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=keep)
    thread.start()
    taken.wait()
    yield
    thread.join()


def ticket(number: int) -> dict[str, object]:
    return {"externalReferenceCode": f"T-{number}", "title": f"Ticket {number}"}


def test_concurrent_imports_all_complete(tmp_path: Path) -> None:
    """The smaller version of ``python -m tests.at_once``."""
    found = import_at_once(tmp_path, imports=6, records=1_500, processes=3)

    assert [(each.status, each.created) for each in found] == [("Completed", 1_500)] * 6
    assert count_entries(tmp_path) == (9_000, 9_000)


def test_task_waits_long_for_a_lock(run_import: RunImport, tmp_path: Path) -> None:
    """Interactive callers give up after 5 seconds; a task does not."""
    with locked(tmp_path / "target.db", seconds=5.5):
        task = run_import([ticket(1)])

    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts(created=1))


def test_task_waiting_for_a_lock_is_cancelled_within_a_second(
    center: Center, workspace: Workspace, run_import: RunImport, tmp_path: Path
) -> None:
    asked: list[float] = []

    def cancel() -> None:
        time.sleep(0.7)
        asked.append(time.monotonic())
        center.tasks.cancel(max(each.id for each in workspace.tasks.unfinished()))

    canceller = threading.Thread(target=cancel)
    with locked(tmp_path / "target.db", seconds=4):
        canceller.start()
        task = run_import([ticket(1), ticket(2)])
        ended = time.monotonic()
    canceller.join()

    assert (task.status, task.counts) == (TaskStatus.CANCELLED, Counts(skipped=2))
    assert task.error == "Cancelled before the first record was written."
    assert ended - asked[0] < 1.0


def test_interactive_call_fails_after_a_few_seconds_of_lock(
    target: str, tmp_path: Path
) -> None:
    assert target == "target"
    with closing(connect(f"sqlite:///{tmp_path / 'target.db'}")) as installation:
        folder = find_entity_type(installation.entity_types(), OBJECT_FOLDER)
        batch = Batch(task="t", number=1, items=[{"name": "F"}], policy=Policy())
        with locked(tmp_path / "target.db", seconds=6):
            began = time.monotonic()
            with pytest.raises(Unreachable, match="Another program is writing to the"):
                installation.write(folder, batch)
            waited = time.monotonic() - began

    assert 5.0 <= waited < 6.0


def test_worker_waits_for_a_locked_workspace_and_interactive_call_fails(
    workspace: Workspace,
) -> None:
    """A worker reports to a workspace in which many others report, too."""
    path = workspace.path
    with (
        closing(Workspace(path, LockWait(limit_s=None))) as patient,
        closing(Workspace(path, LockWait(limit_s=0.2))) as brief,
        locked(path / "workspace.db", seconds=1),
    ):
        with pytest.raises(WorkspaceUnusable, match="keeps the workspace locked"):
            brief.save_setting("told", "yes")
        patient.save_setting("told", "late")

    assert workspace.setting("told") == "late"


def test_many_writers_of_one_workspace_all_succeed(workspace: Workspace) -> None:
    """Ten connections that write without a pause, each fifty times."""

    def report(number: int) -> None:
        with closing(Workspace(workspace.path, LockWait(limit_s=None))) as opened:
            for each in range(50):
                opened.save_setting(f"{number} {each}", "written")

    writers = [threading.Thread(target=report, args=(each,)) for each in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    names = [f"{number} {each}" for number in range(10) for each in range(50)]
    assert [workspace.setting(name) for name in names] == ["written"] * 500
