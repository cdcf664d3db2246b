"""The folder that every server has makes no difference, and does not move."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, PackagePlan, Selection
from dmc_widgets.tasks.task_files import exported_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.factories import definition
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.imports.test_ignored_changes import field, write


@pytest.fixture
def center(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Center]:
    """A database and a server that hold one definition each, in no folder."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    thing = definition("Thing", field("title", "Text"))
    for name in ("database", "server"):
        installation = connect(f"sqlite:///{tmp_path / name}.db")
        write(installation, "ObjectDefinition", thing)
        installation.close()
    center = Center(workspace)
    center.installations.add("database", f"sqlite:///{tmp_path / 'database.db'}")
    center.installations.add("empty", f"sqlite:///{tmp_path / 'empty.db'}")
    with run_sandbox(tmp_path / "server.db") as server:
        center.installations.add("server", server.url, Access(user=SETTINGS.user))
        yield center


def test_server_and_database_are_equal(center: Center) -> None:
    for source, target in (("server", "database"), ("database", "server")):
        assert center.installations.compare(source, target).empty


def test_it_is_not_moved_and_not_packed(center: Center, workspace: Workspace) -> None:
    for names in (("ObjectDefinition",), ("ObjectDefinition", "ObjectFolder")):
        chosen = Selection(entity_types=names)
        plan = MigrationPlan(source="server", selection=chosen, name="test")
        task = workspace.tasks.add("empty", plan)
        run_task(workspace, task.id)
        counts = workspace.tasks.get(task.id).counts
        assert counts.failed == 0
        assert counts.total == 1

    package = workspace.tasks.add(
        "server", PackagePlan(selection=Selection(), name="test")
    )
    run_task(workspace, package.id)
    with zipfile.ZipFile(exported_path(workspace, package)) as archive:
        packed = [json.loads(archive.read(name)) for name in archive.namelist()]

    (items,) = [file["items"] for file in packed]
    assert [item["externalReferenceCode"] for item in items] == ["THING"]
    assert center.installations.compare("server", "empty").empty
