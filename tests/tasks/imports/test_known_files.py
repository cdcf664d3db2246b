"""A file is known by its content: what became of it is said before it is imported."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Task
from dmc_widgets.workspace import Workspace

pytestmark = pytest.mark.usefixtures("in_this_process")

CONTENT = json.dumps([{"title": "A"}, {"title": "B"}, {}]).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.json"
    path.write_bytes(CONTENT)
    return path


def import_file(center: Center, path: Path, *, dry_run: bool = False) -> Task:
    handle = center.import_file(
        "target", "Ticket", path, on_error="continue", dry_run=dry_run
    )
    return handle.state


def test_file_that_was_imported_before_is_said_with_what_became_of_it(
    center: Center, file: Path, tmp_path: Path
) -> None:
    first = import_file(center, file)
    copy = tmp_path / "another name.json"
    copy.write_bytes(CONTENT)
    expected = (
        "This file (the same content, by SHA-256) was imported into target before: "
        f"task {first.id} of {first.created[:10]} {first.created[11:16]} UTC, "
        "C_Ticket, Partially Completed: 2 created, 1 failed."
    )
    key = center.installations.entity_type("target", "Ticket").key
    check = center.files.check_import("target", ImportPlan(entity_type=key), copy)

    assert center.files.describe_earlier_import("target", copy) == (expected,)
    assert check.warnings[0] == expected
    assert import_file(center, copy).notes[0] == expected


def test_task_knows_the_digest_of_its_file(center: Center, file: Path) -> None:
    task = import_file(center, file)

    digest = hashlib.sha256(CONTENT).hexdigest()
    assert center.tasks.get(task.id).file_sha256 == digest


def test_other_files_and_other_targets_are_not_said(
    center: Center, workspace: Workspace, file: Path
) -> None:
    import_file(center, file, dry_run=True)
    assert center.files.describe_earlier_import("target", file) == ()
    import_file(center, file)
    file.write_bytes(CONTENT.replace(b"B", b"C"))
    assert center.files.describe_earlier_import("target", file) == ()
    file.write_bytes(CONTENT)
    workspace.connections.put("other", workspace.connections.get("target").url)
    assert center.files.describe_earlier_import("other", file) == ()


def test_task_that_can_go_on_is_offered_instead(
    center: Center, workspace: Workspace, file: Path
) -> None:
    """Importing the file a second time would add records without codes again."""
    key = center.installations.entity_type("target", "Ticket").key
    task = workspace.tasks.add("target", ImportPlan(entity_type=key, name="A"), "A")
    other = import_file(center, file)
    stored = workspace.tasks.with_file("target", len(CONTENT))
    assert [each.id for each in stored] == [other.id]
    workspace.tasks.discard(other.id)
    import_file(center, file)
    newest = workspace.tasks.all()[-1]
    workspace.tasks.discard(newest.id)
    workspace.tasks.identify_file(
        task.id,
        (newest.file_sha256, len(CONTENT)),  # type: ignore[arg-type]
    )

    assert center.files.describe_earlier_import("target", file)[0].endswith(
        "C_Ticket, Inactive: no records. Resume that task to bring in what is left."
    )
