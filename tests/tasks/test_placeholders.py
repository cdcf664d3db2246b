"""What definitions name: told where it has not come, and only there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.migration import Selection
from dmc_widgets.model.plan import ImportPlan, MigrationPlan
from dmc_widgets.tasks.files import original_path
from dmc_widgets.tasks.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.tasks.test_migrating import KIND_FIELD, KINDS, definition, link
from tests.tasks.test_migrating_namesakes import fill

FIRST = definition("First", link("next", "FIRST", "SECOND"), fields=[KIND_FIELD])
SECOND = definition("Second", link("user", "L_USER", "SECOND"))
KINDS_MISSING = (
    "Named by others, but not here yet: ListTypeDefinition KINDS. Empty ones were "
    "made, to be filled when they come."
)
DRY_RUN = (
    "This was a dry run: nothing was written, and the counts say what would become of "
    "the records."
)


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("chosen", "told"),
    [((), ()), (("ObjectDefinition",), (KINDS_MISSING,))],
    ids=["all", "definitions"],
)
def test_a_migration_tells_what_has_not_come(
    workspace: Workspace,
    tmp_path: Path,
    *,
    dry_run: bool,
    chosen: tuple[str, ...],
    told: tuple[str, ...],
) -> None:
    """A definition that comes later in the same task is no news."""
    fill(
        tmp_path / "source.db",
        {"ListTypeDefinition": [KINDS], "ObjectDefinition": [FIRST, SECOND]},
    )
    center = Center(workspace)
    for name in ("source", "target"):
        center.connect(name, f"sqlite:///{tmp_path / name}.db")
    plan = MigrationPlan(
        source="source",
        chosen=Selection(entity_types=chosen),
        dry_run=dry_run,
        name="test",
    )
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)

    notes = workspace.tasks.get(task.id).notes
    assert notes == ((DRY_RUN, *told) if dry_run else told)


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([FIRST, SECOND], (KINDS_MISSING,)),
        (
            [FIRST],
            (
                "Named by others, but not here yet: ListTypeDefinition KINDS, "
                "ObjectDefinition SECOND. Empty ones were made, to be filled when they "
                "come.",
            ),
        ),
    ],
    ids=["both", "one"],
)
def test_an_import_tells_what_has_not_come(
    workspace: Workspace,
    tmp_path: Path,
    items: list[dict[str, Any]],
    told: tuple[str, ...],
) -> None:
    """A file may bring what it names."""
    center = Center(workspace)
    center.connect("target", f"sqlite:///{tmp_path / 'target.db'}")
    key = center.entity_type("target", "ObjectDefinition").key
    task = workspace.tasks.add(
        "target", ImportPlan(entity_type=key, name="x"), "x.json"
    )
    original_path(workspace, task).parent.mkdir(parents=True, exist_ok=True)
    original_path(workspace, task).write_text(json.dumps(items))
    run_task(workspace, task.id)

    assert workspace.tasks.get(task.id).notes == told
