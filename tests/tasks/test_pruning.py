"""Pruning: what old tasks have left goes, and nothing that is still needed."""

from __future__ import annotations

import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.installations.sql.installation import SqlInstallation
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.pruning import PruneReport
from dmc_widgets.testing.samples import (
    CREATED,
    UPDATED,
    field,
    kinds,
    read,
    type_named,
    write,
)
from dmc_widgets.workspace import Workspace
from tests.tasks.conftest import RunImport

LETTER: dict[str, Any] = {
    "externalReferenceCode": "LETTER",
    "name": "Letter",
    "label": {"en_US": "Letter"},
    "pluralLabel": {"en_US": "Letters"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field("title", "Text"),
        field(
            "scan",
            "Attachment",
            settings={
                "acceptedFileExtensions": "pdf",
                "fileSource": "userComputer",
                "maximumFileSize": 100,
            },
        ),
    ],
}


def ticket(number: int) -> dict[str, Any]:
    return {"externalReferenceCode": f"T-{number}", "title": "A" if number else None}


def letter(code: str, content: bytes) -> dict[str, Any]:
    file = {"name": f"{code}.pdf", "fileBase64": b64encode(content).decode()}
    return {"externalReferenceCode": code, "title": code, "scan": file}


def count(path: Path, table: str) -> int:
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        number = connection.scalar(sqlalchemy.text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return int(number or 0)


@pytest.fixture
def old_task(run_import: RunImport) -> Task:
    return run_import([ticket(1), ticket(2), ticket(0)])


def prune_all(center: Center, *, dry_run: bool = False) -> PruneReport:
    time.sleep(0.01)  # an age of no second ends before the last millisecond
    return center.prune("0s", dry_run=dry_run)


def test_pruned_task_keeps_its_counts_and_history_and_loses_the_rest(
    center: Center, workspace: Workspace, old_task: Task, tmp_path: Path
) -> None:
    marks = count(tmp_path / "target.db", "batch_mark")
    assert workspace.task_folder(old_task.id).is_dir()
    events = [event.event for event in center.history.events(old_task)]
    report = prune_all(center)

    assert [task.id for task in report.tasks] == [old_task.id]
    assert report.storage["target"].marks == 1
    assert report.file_bytes > 0
    assert report.record_bytes > 0
    task = center.tasks.get(old_task.id)
    assert (task.status, task.counts) == (
        old_task.status,
        Counts(2, skipped=0, failed=1),
    )
    assert task.pruned
    assert center.tasks.failures(task) == []
    assert center.tasks.outcomes(task).empty
    with pytest.raises(NotSupported, match="were pruned on"):
        center.tasks.resume(task)
    assert not workspace.task_folder(task.id).exists()
    assert count(tmp_path / "target.db", "batch_mark") == marks - 1
    assert [e.event for e in center.history.events(task)] == ["Prune", *events]
    assert prune_all(center).tasks == ()


def test_dry_run_reports_the_same_and_removes_nothing(
    center: Center, workspace: Workspace, old_task: Task
) -> None:
    foreseen = prune_all(center, dry_run=True)
    assert len(center.tasks.failures(old_task)) == 1
    assert workspace.task_folder(old_task.id).is_dir()
    assert prune_all(center) == foreseen


def test_marks_of_repairs_go_with_those_of_their_task(
    workspace: Workspace, old_task: Task, tmp_path: Path
) -> None:
    """Of rounds and of added keys; another task may begin with the same letters."""
    mark = workspace.tasks.mark(old_task.id)
    target = connect(f"sqlite:///{tmp_path / 'target.db'}")
    assert isinstance(target, SqlInstallation)
    for task in (f"{mark}.r1", f"{mark}.r12", f"{mark}.key.state.new", f"{mark}x"):
        batch = Batch(task=task, number=1, items=[ticket(1)], policy=Policy())
        target.write(type_named(target, "C_Ticket"), batch)
    before = count(tmp_path / "target.db", "batch_mark")

    removed = target.prune([mark], 0, dry_run=False)
    target.close()

    assert removed.marks == 4
    assert count(tmp_path / "target.db", "batch_mark") == before - 4


def test_tasks_that_are_young_or_not_at_their_end_stay(
    center: Center, workspace: Workspace, old_task: Task
) -> None:
    queued = workspace.tasks.add("target", old_task.plan)

    assert center.prune("1d").tasks == ()
    assert [task.id for task in prune_all(center).tasks] == [old_task.id]
    assert workspace.tasks.get(queued.id).pruned == ""


def test_missing_installation_is_not_created_and_keeps_nothing_back(
    center: Center, workspace: Workspace, old_task: Task, tmp_path: Path
) -> None:
    workspace.connections.put("gone", f"sqlite:///{tmp_path / 'gone.db'}")
    report = prune_all(center)

    assert [task.id for task in report.tasks] == [old_task.id]
    assert not (tmp_path / "gone.db").exists()


@pytest.fixture
def letters(tmp_path: Path) -> SqlInstallation:
    installation = connect(f"sqlite:///{tmp_path / 'letters.db'}")
    assert isinstance(installation, SqlInstallation)
    write(installation, "ObjectDefinition", LETTER)
    return installation


def contents(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in folder.glob("*/??/*") if path.is_file()}


def put(installation: SqlInstallation, task: str, *items: dict[str, Any]) -> None:
    """Write letters as the batch of a task that keeps a journal."""
    letters = type_named(installation, "C_Letter")
    batch = Batch(task=task, number=1, items=items, policy=Policy(), journal=True)
    outcomes = installation.write(letters, batch)
    assert set(kinds(outcomes)) <= {CREATED, UPDATED}


def prune(installation: SqlInstallation, *tasks: str, dry_run: bool = False) -> int:
    """Prune what is older than a day from now; return the number of attachments."""
    before_ms = int((time.time() + 24 * 3600) * 1000)
    return installation.prune(tasks, before_ms, dry_run=dry_run).attachments


def test_replaced_attachment_goes_with_the_journal_that_could_restore_it(
    letters: SqlInstallation, tmp_path: Path
) -> None:
    """As long as the update can be undone, the file that it replaced is needed."""
    put(letters, "first", letter("L-1", b"old"), letter("L-2", b"other"))
    put(letters, "second", letter("L-1", b"new"))

    assert prune(letters, "first") == 0
    assert contents(tmp_path) == {b"old", b"new", b"other"}
    assert prune(letters, "second", dry_run=True) == 1
    assert contents(tmp_path) == {b"old", b"new", b"other"}
    assert prune(letters, "second") == 1
    assert contents(tmp_path) == {b"new", b"other"}
    files = {item["externalReferenceCode"]: item["scan"] for item in read_all(letters)}
    assert {code: file["fileBase64"] for code, file in files.items()} == {
        "L-1": b64encode(b"new").decode(),
        "L-2": b64encode(b"other").decode(),
    }


def test_content_that_two_files_share_stays_until_the_last_is_gone(
    letters: SqlInstallation, tmp_path: Path
) -> None:
    put(letters, "first", letter("L-1", b"same"), letter("L-2", b"same"))
    put(letters, "second", letter("L-1", b"new"))
    assert prune(letters, "first", "second") == 1
    assert contents(tmp_path) == {b"same", b"new"}


def test_young_attachments_stay(letters: SqlInstallation, tmp_path: Path) -> None:
    """An import that is under way stores contents before the entries name them."""
    put(letters, "first", letter("L-1", b"old"))
    put(letters, "second", letter("L-1", b"new"))
    hour_ago_ms = int((time.time() - 3600) * 1000)

    assert (
        letters.prune(["first", "second"], hour_ago_ms, dry_run=False).attachments == 0
    )
    assert contents(tmp_path) == {b"old", b"new"}


def read_all(installation: SqlInstallation) -> list[dict[str, Any]]:
    return read(installation, "C_Letter", "externalReferenceCode", "scan")
