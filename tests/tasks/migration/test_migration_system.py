"""Out of a server that lists definitions of Liferay's own among its objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_DEFINITION, EntityType
from dmc_widgets.model.plan import MigrationPlan, PackagePlan
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Installation, Item, Query
from dmc_widgets.tasks.exports.package_task import run_package_export
from dmc_widgets.tasks.migration.migration_task import run_migration
from dmc_widgets.tasks.migration.site_filter import SiteFilter
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.workspace import Workspace
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition

TOLD = (
    "Definitions of Liferay's own were left alone, with whatever was added to them: "
    "Account, User."
)
OWN = [
    definition(name, externalReferenceCode=f"L_{name.upper()}", system=True, id=number)
    for number, name in enumerate(("User", "Account"), start=1)
]


class Server(SiteFilter):
    """An installation as a Liferay server shows it: with what is Liferay's own."""

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        if entity_type.key == OBJECT_DEFINITION:
            yield from OWN
        yield from super().read(entity_type, query)


@pytest.fixture
def source(tmp_path: Path, workspace: Workspace) -> Iterator[Installation]:
    center = Center(workspace)
    fill(tmp_path / "source.db", {"ObjectDefinition": [definition("Note")]})
    for name in ("source", "target"):
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")
    with closing(connect(f"sqlite:///{tmp_path / 'source.db'}")) as opened:
        yield Server(opened, ())


@pytest.mark.parametrize("dry_run", [True, False])
def test_system_definitions_are_left_out_and_others_move(
    source: Installation, workspace: Workspace, tmp_path: Path, *, dry_run: bool
) -> None:
    """System definitions need not be deselected, and a note names them."""
    plan = MigrationPlan(source="source", name="test", dry_run=dry_run)
    run = begun(workspace, "target", plan)
    with closing(connect(f"sqlite:///{tmp_path / 'target.db'}")) as target:
        run_migration(run, plan, source, target)

    task = workspace.tasks.get(run.task.id)
    assert (task.status, task.counts.created) == (TaskStatus.COMPLETED, 1)
    assert task.notes[-1] == TOLD


def test_package_leaves_system_definitions_out(
    source: Installation, workspace: Workspace
) -> None:
    """The installation that imports the package has them."""
    run = begun(workspace, "source", PackagePlan(name="test"))
    run_package_export(run, PackagePlan(name="test"), source)

    task = workspace.tasks.get(run.task.id)
    assert (task.counts.total, task.notes) == (1, (TOLD,))


def begun(
    workspace: Workspace, installation: str, plan: MigrationPlan | PackagePlan
) -> TaskRun:
    task: Task = workspace.tasks.add(installation, plan)
    workspace.tasks.start(task.id, 1.0)
    return TaskRun(workspace, workspace.tasks.get(task.id))
