"""Documents that definitions refer to are noted if they are missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, resuming
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import (
    BackupPlan,
    ImportPlan,
    MigrationPlan,
    Plan,
    Selection,
)
from dmc_widgets.model.strategies import UpdateStrategy
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.imports.test_ignored_changes import FOLDER, plan_of, preview_and_run
from tests.tasks.interrupted_worker import Interruption, Killed
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import (
    KIND_FIELD,
    KINDS,
    definition,
    link,
)

ERC = "externalReferenceCode"
FIRST = definition("First", link("next", "FIRST", "SECOND"), fields=[KIND_FIELD])
SECOND = definition("Second", link("user", "L_USER", "SECOND"))
KINDS_MISSING = (
    "Other documents refer to these, which do not exist yet: ListTypeDefinition KINDS. "
    "Empty ones were created, to be filled by a later import."
)
COMES_FROM_SECOND = (
    "ObjectDefinition Second: the relationship user is stated to come from L_USER. It "
    "becomes one of Second to itself, as in Liferay: a relationship comes from the "
    "definition that lists it."
)
DRY_RUN = (
    "This was a dry run: nothing was written, and the counts say what would become of "
    "the records."
)


DEFINITIONS = Selection(entity_types=("ObjectDefinition",))
KINDS_WOULD_BE_MISSING = KINDS_MISSING.replace("were created", "would be created")
KINDS_NOT_IN_BACKUP = (
    "Documents of the backup refer to these, which are not part of it: "
    "ListTypeDefinition KINDS. A restore leaves them as they are, and adds empty ones "
    "where they are missing."
)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (MigrationPlan(source="source"), ()),
        (MigrationPlan(source="source", dry_run=True), (DRY_RUN,)),
        (MigrationPlan(source="source", selection=DEFINITIONS), (KINDS_MISSING,)),
        (
            MigrationPlan(source="source", selection=DEFINITIONS, dry_run=True),
            (DRY_RUN, KINDS_WOULD_BE_MISSING),
        ),
        (BackupPlan(), ()),
        (BackupPlan(selection=DEFINITIONS), (KINDS_NOT_IN_BACKUP,)),
    ],
)
def test_migration_notes_missing_references(
    workspace: Workspace,
    tmp_path: Path,
    plan: MigrationPlan | BackupPlan,
    told: tuple[str, ...],
) -> None:
    """A definition that a later record creates is not missing.

    A dry run has made nothing; a backup says what a restore does.
    """
    fill(
        tmp_path / "source.db",
        {"ListTypeDefinition": [KINDS], "ObjectDefinition": [FIRST, SECOND]},
    )
    center = Center(workspace)
    for name in ("source", "target"):
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")
    target = "source" if isinstance(plan, BackupPlan) else "target"
    task = workspace.tasks.add(target, replace(plan, name="test"))
    run_task(workspace, task.id)

    assert workspace.tasks.get(task.id).notes == told


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([FIRST, SECOND], (COMES_FROM_SECOND, KINDS_MISSING)),
        (
            [FIRST],
            (
                "Other documents refer to these, which do not exist yet: "
                "ListTypeDefinition KINDS, ObjectDefinition SECOND. Empty ones were "
                "created, to be filled by a later import.",
            ),
        ),
    ],
    ids=["both", "one"],
)
def test_import_notes_missing_references(
    workspace: Workspace,
    tmp_path: Path,
    items: list[dict[str, Any]],
    told: tuple[str, ...],
) -> None:
    """A file may bring what it names."""
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    key = center.installations.entity_type("target", "ObjectDefinition").key
    task = workspace.tasks.add(
        "target", ImportPlan(entity_type=key, name="x"), "x.json"
    )
    original_path(workspace, task).parent.mkdir(parents=True, exist_ok=True)
    original_path(workspace, task).write_text(json.dumps(items))
    run_task(workspace, task.id)

    assert workspace.tasks.get(task.id).notes == told


SYSTEM_LIKE = definition(
    "Third",
    fields=[{**KIND_FIELD, "listTypeDefinitionExternalReferenceCode": "L_KINDS"}],
    objectFolderExternalReferenceCode="L_DESK",
)
SYSTEM_LIKE_MISSING = (
    "Other documents refer to these, which do not exist yet: ListTypeDefinition "
    "L_KINDS, ObjectFolder L_DESK. Empty ones were created, to be filled by a later "
    "import."
)


@pytest.fixture(params=["database", "server"])
def place(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    if request.param == "database":
        workspace.connections.put("place", f"sqlite:///{tmp_path / 'place.db'}")
        yield "place"
        return
    with run_sandbox(tmp_path / "place.db") as server:
        access = Access(user=SETTINGS.user)
        Center(workspace).installations.add("place", server.url, access)
        yield "place"


def test_system_prefix_matters_for_definitions_only(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    """Nor does a server tell what it made; the default folder is everywhere."""
    file = tmp_path / "third.json"
    fourth = definition("Fourth", objectFolderExternalReferenceCode="default")
    file.write_text(json.dumps([SYSTEM_LIKE, fourth]))

    plan = plan_of(UpdateStrategy.UPDATE)
    *_, task = preview_and_run(workspace, place, plan, file)

    assert task.notes == (SYSTEM_LIKE_MISSING,)


@pytest.mark.parametrize(
    ("selection", "before_outcomes"),
    [
        (DEFINITIONS, False),
        (DEFINITIONS, True),
        (Selection(entity_types=("Third",), with_needed=True), False),
        (None, False),
    ],
    ids=["chosen", "unrecorded", "needed", "import"],
)
def test_resumed_task_notes_what_was_missing_when_it_began(
    workspace: Workspace,
    tmp_path: Path,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
    selection: Selection | None,
    *,
    before_outcomes: bool,
) -> None:
    """What its first run has created does not count as having been there."""
    fill(tmp_path / "source.db", {"ObjectDefinition": [SYSTEM_LIKE]})
    workspace.connections.put("source", f"sqlite:///{tmp_path / 'source.db'}")
    center = Center(workspace)
    key = center.installations.entity_type(place, "ObjectDefinition").key
    plan: Plan = ImportPlan(entity_type=key, name="test")
    if selection is not None:
        plan = MigrationPlan(source="source", selection=selection, name="test")
    task = workspace.tasks.add(place, plan, "third.json")
    original = original_path(workspace, task)
    original.parent.mkdir(parents=True)
    original.write_text(json.dumps([SYSTEM_LIKE]))
    Interruption(workspace, monkeypatch).arrange(1, before_outcomes=before_outcomes)
    with pytest.raises(Killed):
        run_task(workspace, task.id)
    workspace.tasks.assign(task.id, NO_WORKER)
    monkeypatch.setattr(
        resuming, "launch_worker", lambda here, same: run_task(here, same.id)
    )

    resumed = center.tasks.resume(task.id)

    assert resumed.status is TaskStatus.COMPLETED
    assert SYSTEM_LIKE_MISSING in resumed.notes


@pytest.mark.parametrize("with_needed", [True, False])
def test_codes_with_system_prefix_are_dependencies(
    workspace: Workspace, tmp_path: Path, place: str, *, with_needed: bool
) -> None:
    """The dry run says what would be made, and the run what was."""
    kinds, desk = KINDS | {ERC: "L_KINDS"}, FOLDER | {ERC: "L_DESK"}
    fill(
        tmp_path / "source.db",
        {
            "ObjectFolder": [desk],
            "ListTypeDefinition": [kinds],
            "ObjectDefinition": [SYSTEM_LIKE],
        },
    )
    workspace.connections.put("source", f"sqlite:///{tmp_path / 'source.db'}")
    chosen = Selection(entity_types=("ObjectDefinition",), with_needed=with_needed)
    notes: list[str] = []
    for dry_run in (True, False):
        plan = MigrationPlan(
            source="source", selection=chosen, dry_run=dry_run, name="test"
        )
        task = workspace.tasks.add(place, plan)
        run_task(workspace, task.id)
        notes += workspace.tasks.get(task.id).notes

    rehearsed = SYSTEM_LIKE_MISSING.replace("were created", "would be created")
    missing = [DRY_RUN, rehearsed, SYSTEM_LIKE_MISSING]
    assert notes == ([DRY_RUN] if with_needed else missing)
