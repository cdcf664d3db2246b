"""An installation is renamed everywhere it is named, or nowhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, NameTaken, NotPermitted, NotSupported
from dmc_widgets.installations.secret_store import SERVICE
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.roles import Role
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.cli.driver import Driver
from tests.installations.test_liferay_auth import MemoryKeyring

SOURCE, TARGET = "Sample source", "Sample target"
URL = "https://x.example.com"
MIGRATION = MigrationPlan(
    source=SOURCE, selection=Selection(entity_types=("C_Customer",)), name="Weekly"
)


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    with dmc.open_center(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    monkeypatch.delenv("DMC_PASSWORD", raising=False)
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def add_task(center: Center, status: TaskStatus = TaskStatus.COMPLETED) -> Task:
    """Add a migration from the source into the target that has ended, or waits."""
    workspace: Workspace = center._workspace
    task = workspace.tasks.add(TARGET, MIGRATION)
    if status.is_final:
        workspace.tasks.start(task.id, 1.0)
        workspace.tasks.finish(replace(task, status=status))
    return center.tasks.get(task.id)


def test_tasks_history_and_search_follow(center: Center) -> None:
    task = add_task(center)

    renamed = center.installations.rename(SOURCE, "Öffentlich")
    center.installations.rename(TARGET, "Rehearsal")

    assert (renamed.name, renamed.url) == ("Öffentlich", renamed.url)
    names = [installation.name for installation in center.installations]
    assert names == ["Öffentlich", "Rehearsal"]
    found = center.tasks.get(task.id)
    assert isinstance(found.plan, MigrationPlan)
    assert (found.installation, found.plan.source) == ("Rehearsal", "Öffentlich")
    assert found.plan == MigrationPlan(
        source="Öffentlich", selection=MIGRATION.selection, name="Weekly"
    )
    assert [x.id for x in center.tasks.list("öffentlich rehearsal")] == [task.id]
    assert center.tasks.list(SOURCE) == []
    assert center.installations.use("Öffentlich").tasks == 1
    events = [*center.history.events(task.id)]
    assert {event.installation for event in events} == {"Rehearsal"}


@pytest.mark.own_file
def test_history_takes_no_other_name_than_that_of_a_rename(center: Center) -> None:
    add_task(center)
    center.installations.rename(TARGET, "Rehearsal")
    path = center._workspace.path / "workspace.db"
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="is append-only"),
    ):
        connection.execute("UPDATE history SET installation = 'Elsewhere'")


def test_draft_follows(center: Center) -> None:
    number = center._workspace.drafts.add("Import", TARGET, "page")
    center.installations.rename(TARGET, "Rehearsal")
    assert center._workspace.drafts.get(number).installation == "Rehearsal"


@pytest.mark.parametrize("name", [SOURCE, TARGET], ids=["its-source", "its-target"])
def test_nothing_is_renamed_while_a_task_waits(center: Center, name: str) -> None:
    task = add_task(center, TaskStatus.QUEUED)
    with pytest.raises(NotSupported) as caught:
        center.installations.rename(name, "Other")
    assert str(caught.value) == (
        f"Task {task.id} uses {name}, and has not ended. Wait for its end, or cancel "
        "it."
    )
    assert [x.name for x in center.installations] == [SOURCE, TARGET]


def test_name_of_another_one_is_refused(center: Center) -> None:
    """Also that of a removed one, whose tasks would be mixed with those of this one."""
    with pytest.raises(NameTaken):
        center.installations.rename(SOURCE, TARGET)
    add_task(center)
    center.installations.remove(TARGET)
    with pytest.raises(NameTaken):
        center.installations.rename(SOURCE, TARGET)


@pytest.mark.parametrize("name", ["", "*", " x", "x" * 76])
def test_name_that_cannot_be_one_is_refused(center: Center, name: str) -> None:
    with pytest.raises(InvalidPlan):
        center.installations.rename(SOURCE, name)


def test_roles_follow_and_only_administrators_rename(center: Center) -> None:
    users = center._workspace.users
    users.add("ada", "correct horse battery", {TARGET: Role.IMPORT, "*": Role.LOOK})
    with (
        Center(Workspace(center._workspace.path, user="ada")) as other,
        pytest.raises(NotPermitted),
    ):
        other.installations.rename(TARGET, "Rehearsal")
    assert users.find("ada").roles == {TARGET: Role.IMPORT, "*": Role.LOOK}  # type: ignore[union-attr]

    center.installations.rename(TARGET, "Rehearsal")

    assert users.find("ada").roles == {"Rehearsal": Role.IMPORT, "*": Role.LOOK}  # type: ignore[union-attr]


def test_stored_secret_follows(center: Center, ring: MemoryKeyring) -> None:
    center._workspace.connections.put("Live", URL, Access(user="ada"))
    ring.set_password(SERVICE, f"Live ({URL})", "hunter2")

    center.installations.rename("Live", "Production")

    assert ring.get_password(SERVICE, f"Production ({URL})") == "hunter2"
    assert ring.get_password(SERVICE, f"Live ({URL})") is None


@pytest.mark.usefixtures("ring")
def test_secret_in_the_environment_of_the_old_name_is_told(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    center._workspace.connections.put("Live", URL, Access(user="ada"))
    monkeypatch.setenv("DMC_PASSWORD_LIVE", "hunter2")
    with pytest.raises(NotSupported) as caught:
        center.installations.rename("Live", "Production")
    assert str(caught.value) == (
        "The password of Live stands in DMC_PASSWORD_LIVE. Set DMC_PASSWORD_PRODUCTION "
        "to it first, everywhere DMC_PASSWORD_LIVE is."
    )
    monkeypatch.setenv("DMC_PASSWORD_PRODUCTION", "hunter2")
    assert center.installations.rename("Live", "Production").name == "Production"


def test_command_renames(tmp_path: Path) -> None:
    run = Driver(tmp_path / "workspace")
    done = run("installation", "rename", TARGET, "Rehearsal")
    assert done.output == "Renamed Sample target to Rehearsal.\n"
    assert "Rehearsal" in run("installations").output
