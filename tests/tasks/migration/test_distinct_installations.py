"""One installation under two names, and two that look like one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks.installation_comparison import same_server_warnings
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import field
from dmc_widgets.workspace import Connection, Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition

PLAN = MigrationPlan(source="source", name="test")
DOCUMENTS = {"ObjectDefinition": [definition("Note")]}
ALIKE = (
    "Source and target hold the same definitions, with the same ids and dates: either "
    "one is a copy of the other, or both are one and the same server."
)


def migrate(workspace: Workspace) -> Task:
    task = workspace.tasks.add("target", PLAN)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


@pytest.mark.parametrize("kind", ["relative", "symlink", "hardlink"])
def test_database_is_recognised_by_any_path(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    """However the path is written."""
    path, other = tmp_path / "one.db", tmp_path / "other.db"
    fill(path, DOCUMENTS)
    if kind == "relative":
        other = tmp_path / "workspace" / ".." / "one.db"
    elif kind == "symlink":
        other.symlink_to(path)
    else:
        other.hardlink_to(path)
    center = Center(workspace)
    center.installations.add("source", f"sqlite:///{path}")
    center.installations.add("target", f"sqlite:///{other}")

    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_migration("target", PLAN)

    assert str(caught.value) == (
        f"source (sqlite:///{path}) and target (sqlite:///{other}) are one and the "
        "same installation. Choose another one."
    )
    assert center.tasks.list() == []


def test_a_copied_file_is_another_installation(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A copied file gives no warning."""
    fill(tmp_path / "one.db", DOCUMENTS)
    shutil.copy(tmp_path / "one.db", tmp_path / "other.db")
    center = Center(workspace)
    center.installations.add("source", f"sqlite:///{tmp_path / 'one.db'}")
    center.installations.add("target", f"sqlite:///{tmp_path / 'other.db'}")

    assert migrate(workspace).notes == ()


def test_server_is_recognised_by_any_name(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names lead to one port, and what is there has the same ids."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    fill(tmp_path / "one.db", DOCUMENTS)
    center = Center(workspace)
    with run_sandbox(tmp_path / "one.db") as server:
        other = server.url.replace("127.0.0.1", "localhost")
        center.installations.add("source", server.url, Access(user=SETTINGS.user))
        center.installations.add("target", other, Access(user=SETTINGS.user))

        with pytest.raises(InvalidPlan) as caught:
            center.tasks.start_migration("target", PLAN)

    assert str(caught.value) == (
        f"source ({server.url}) and target ({other}) are one and the same "
        "installation. Choose another one."
    )


def test_possible_copy_of_a_server_gives_a_warning(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staging is often restored from production, so it is not refused."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    fill(tmp_path / "one.db", DOCUMENTS)
    shutil.copy(tmp_path / "one.db", tmp_path / "other.db")
    center = Center(workspace)
    with (
        run_sandbox(tmp_path / "one.db") as one,
        run_sandbox(tmp_path / "other.db") as other,
    ):
        center.installations.add("source", one.url, Access(user=SETTINGS.user))
        center.installations.add("target", other.url, Access(user=SETTINGS.user))
        task = migrate(workspace)

    assert (task.status, task.notes) == (TaskStatus.COMPLETED, (ALIKE,))


@pytest.mark.parametrize(
    ("fields", "warnings"),
    [
        pytest.param(["text", "phone"], (ALIKE,), id="the-same-fields"),
        pytest.param(["text", "vatNumber"], (), id="other-fields"),
    ],
)
def test_servers_that_have_grown_apart_are_two(
    fields: list[str], warnings: tuple[str, ...]
) -> None:
    """Even if a script set both up in one second, which gives equal ids and dates."""
    born = {"id": 7, "dateCreated": "2026-01-01", "dateModified": "2026-01-01"}
    ours, theirs = (
        definition("Note", fields=[field(name, "Text") for name in names]) | born
        for names in (["text", "phone"], fields)
    )
    one, other = (
        Connection(name, f"https://{name}.example.com") for name in ("one", "other")
    )

    assert (
        same_server_warnings(
            one, other, {"ObjectDefinition": [ours]}, {"ObjectDefinition": [theirs]}
        )
        == warnings
    )
