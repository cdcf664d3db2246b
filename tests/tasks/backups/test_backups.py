"""A backup holds everything, is only read, and brings back what it holds."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.backups import build_restore_plan
from dmc_widgets.errors import InvalidPlan, NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import BackupPlan, MigrationPlan, Plan, VerificationPlan
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.tasks.gallery import ERC, FULL

ROOM_ONLY = {ERC: "P-2", "title": "Hill", "r_pictures_c_roomERC": "R-2"}
CHANGED: dict[str, Any] = {
    ERC: "P-1",
    "title": "Other",
    "rank": None,
    "price": "1",
    "colour": "blue",
    "tones": [],
    "scan": {"fileBase64": "b3RoZXI=", "name": "b.png"},
    "caption_i18n": {"en_US": "Changed"},
    "r_pictures_c_roomERC": "R-2",
    "shownIn": [{ERC: "R-2"}],
    "keywords": [],
    "number": "12",
}


def _run(workspace: Workspace, installation: str, plan: Plan) -> Task:
    task = workspace.tasks.add(installation, plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def _write(center: Center, *items: Item) -> None:
    installation = connect(center._workspace.connections.get("gallery").url)
    pictures = find_entity_type(installation.entity_types(), "Picture")
    batch = Batch(task=str(items), number=1, items=items, policy=Policy())
    outcomes = installation.write(pictures, batch)
    installation.close()
    assert [x for x in outcomes if x.kind is OutcomeKind.FAILED] == []


def _entries(center: Center, name: str) -> dict[str, Item]:
    """Return the pictures of an installation without what differs everywhere."""
    installation = connect(center._workspace.connections.get(name).url)
    pictures = find_entity_type(installation.entity_types(), "Picture")
    own = {"id", "dateCreated", "dateModified", "scan", "r_pictures_c_roomId"}
    items = {
        item[ERC]: {name: item[name] for name in item if name not in own}
        | {"file": (item["scan"] or {}).get("fileBase64")}
        for item in installation.read(pictures, Query())
    }
    installation.close()
    return items


@pytest.fixture
def backup(gallery: Center, workspace: Workspace) -> Task:
    _write(gallery, FULL, ROOM_ONLY)
    return _run(workspace, "gallery", BackupPlan(name="backup"))


def _restore(workspace: Workspace, backup: Task, **choices: Any) -> Task:
    plan = build_restore_plan(backup, (), {}, **choices)
    return _run(workspace, "gallery", plan)


def test_a_backup_holds_what_the_installation_holds(
    gallery: Center, backup: Task, workspace: Workspace
) -> None:
    report = gallery.tasks.verification(backup)

    assert (backup.status, backup.error) == (TaskStatus.COMPLETED, "")
    assert report is not None
    assert report.summary == f"8 items are in Backup {backup.id} as expected."
    name = f"Backup {backup.id}"
    assert _entries(gallery, name) == _entries(gallery, "gallery")
    plan = VerificationPlan(source=name, name="x")
    assert _run(workspace, "gallery", plan).status is TaskStatus.COMPLETED


def test_what_was_changed_since_is_as_it_was(
    gallery: Center, backup: Task, workspace: Workspace
) -> None:
    before = _entries(gallery, "gallery")
    _write(gallery, CHANGED)
    assert _entries(gallery, "gallery") != before

    restored = _restore(workspace, backup)

    assert (restored.status, restored.error) == (TaskStatus.COMPLETED, "")
    assert _entries(gallery, "gallery") == before


def test_what_was_added_since_stays(
    gallery: Center, backup: Task, workspace: Workspace
) -> None:
    _write(gallery, {ERC: "P-9", "title": "New"})

    restored = _restore(workspace, backup)

    assert restored.status is TaskStatus.COMPLETED
    assert set(_entries(gallery, "gallery")) == {"P-1", "P-2", "P-9"}


def test_a_dry_run_of_a_restore_writes_nothing(
    gallery: Center, backup: Task, workspace: Workspace
) -> None:
    _write(gallery, CHANGED)
    changed = _entries(gallery, "gallery")

    shown = _restore(workspace, backup, dry_run=True)

    assert shown.counts.updated >= 1
    assert _entries(gallery, "gallery") == changed


def test_a_backup_is_not_listed_and_not_written_to(
    gallery: Center, backup: Task
) -> None:
    name = f"Backup {backup.id}"
    assert [x.name for x in gallery.installations.list()] == ["gallery"]
    plan = MigrationPlan(source="gallery", name="x")

    with pytest.raises(InvalidPlan) as caught:
        gallery.tasks.start_migration(name, plan)

    assert str(caught.value) == (
        f"{name} is a backup, which is only read. Choose another."
    )


def test_only_a_complete_backup_is_brought_back(
    gallery: Center, workspace: Workspace
) -> None:
    migration = workspace.tasks.add("gallery", MigrationPlan(source="x", name="y"))
    queued = workspace.tasks.add("gallery", BackupPlan(name="z"))
    assert gallery.tasks.list()

    with pytest.raises(NotSupported) as other:
        build_restore_plan(migration, (), {})
    with pytest.raises(NotSupported) as early:
        build_restore_plan(queued, (), {})

    assert str(other.value).startswith(f"Task {migration.id} (Migration) is not a ")
    assert str(early.value).startswith(f"Backup {queued.id} is not complete (Queued)")


def test_a_backup_is_pruned_only_where_that_is_said(
    gallery: Center, backup: Task
) -> None:
    later = "2999-01-01"

    assert gallery.prune(later).tasks == ()
    assert [task.id for task in gallery.prune(later, backups=True).tasks] == [backup.id]
    with pytest.raises(NotSupported) as caught:
        build_restore_plan(gallery.tasks.get(backup.id), (), {})
    assert str(caught.value).startswith(f"Backup {backup.id} was pruned")
