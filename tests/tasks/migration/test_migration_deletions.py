"""Over definitions that have more in the target, and values in that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import (
    KIND_FIELD,
    KINDS,
    definition,
    read,
)

ERC = "externalReferenceCode"
MINE = {"name": "mine", "businessType": "Text", "label": {"en_US": "Mine"}}
MORE = [*KINDS["listTypeEntries"], {"key": "b", "name": "B"}]
LOST = (
    "Overwriting deletes what only the target has, with the values of its entries: "
    "ListTypeDefinition Kinds (keys b: 1 entry); "
    "ObjectDefinition Note (fields mine: 1 entry)."
)
CHOICE = (
    " Allow it (--allow-deletions), choose 'Merge Records' to keep it, or leave the "
    "documents out."
)


@pytest.fixture
def notes(workspace: Workspace, tmp_path: Path) -> Center:
    """A center over a *source* and a *target* of which the target has more."""
    note = definition("Note", fields=[KIND_FIELD])
    fuller = definition("Note", fields=[KIND_FIELD, MINE])
    fill(
        tmp_path / "source.db",
        {"ListTypeDefinition": [KINDS], "ObjectDefinition": [note]},
    )
    fill(
        tmp_path / "target.db",
        {
            "ListTypeDefinition": [{**KINDS, "listTypeEntries": MORE}],
            "ObjectDefinition": [fuller],
            "C_Note": [{ERC: "N1", "mine": "precious", "kind": "b"}],
        },
    )
    center = Center(workspace)
    for name in ("source", "target"):
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")
    return center


def migrate(workspace: Workspace, **choices: Any) -> Task:
    plan = MigrationPlan(source="source", name="test", **choices)
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def test_deletions_need_permission_of_the_plan(
    notes: Center, workspace: Workspace
) -> None:
    """A dry run notes it, the run refuses it, and notes it once it is allowed."""
    with pytest.raises(InvalidPlan) as caught:
        notes.tasks.start_migration("target", MigrationPlan(source="source"))
    rehearsed = migrate(workspace, dry_run=True)
    refused = migrate(workspace)
    kept = read(notes, "target", "Note")["N1"]
    allowed = migrate(workspace, allow_deletions=True)

    assert str(caught.value) == LOST + CHOICE
    assert (refused.status, refused.error) == (TaskStatus.FAILED, LOST + CHOICE)
    assert kept["mine"] == "precious"
    assert (rehearsed.status, rehearsed.notes[-1]) == (TaskStatus.COMPLETED, LOST)
    assert (allowed.status, allowed.notes) == (TaskStatus.COMPLETED, (LOST,))
    assert "mine" not in read(notes, "target", "Note")["N1"]


@pytest.mark.parametrize(
    "choices",
    [
        {"policy": Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)},
        {"policy": Policy(update_strategy=UpdateStrategy.MERGE)},
        {"policy": Policy(import_strategy=ImportStrategy.INSERT)},
        {"selection": Selection(entity_types=("C_Note",), with_needed=True)},
    ],
    ids=["changed-fields", "merge", "new-only", "needed"],
)
def test_migration_without_overwriting_needs_no_permission(
    notes: Center, workspace: Workspace, choices: dict[str, Any]
) -> None:
    """Definitions stay as they are, or get more."""
    task = migrate(workspace, **choices)

    assert not any("Overwriting" in each for each in (*task.notes, task.error))
    assert read(notes, "target", "Note")["N1"]["mine"] == "precious"
