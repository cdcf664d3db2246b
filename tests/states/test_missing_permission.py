"""What forms show when the user of a server lacks a permission."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.plan import Selection
from dmc_widgets.states.task_state import format_headline
from tests.cli.driver import Driver, customer, jsonl
from tests.sandbox.conftest import (
    DEFINITIONS,
    SETTINGS,
    SandboxServer,
    definition,
    run_sandbox,
)

USER = SETTINGS.read_only_user
MESSAGE = (
    "The user 'reader@liferay.com' may not add {name}. "
    "Give the user a role with the permission {permission}."
)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with run_sandbox(tmp_path_factory.mktemp("server") / "sandbox.db") as sandbox:
        with sandbox.client() as client:
            answer = client.post(DEFINITIONS, json=definition("Customer"))
        assert answer.status_code == 200, answer.text
        yield sandbox


@pytest.fixture
def workspace(
    sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("DMC_PASSWORD", SETTINGS.read_only_password)
    with dmc.open_center(tmp_path / "workspace") as center:
        center.installations.add("Server", sandbox.url, dmc.Access(user=USER))
    return tmp_path / "workspace"


@pytest.fixture
def center(workspace: Path) -> Iterator[Center]:
    with dmc.open_center(workspace) as opened:
        yield opened


def nothing_is_there(sandbox: SandboxServer) -> bool:
    """Return True if there is no folder but the default one, and no customer."""
    with sandbox.client() as client:
        lists = [
            client.get(f"/o/object-admin/v1.0/{name}").json()["totalCount"]
            for name in ("object-folders", "object-definitions")
        ]
        return [*lists, client.get("/o/c/customers").json()["totalCount"]] == [1, 1, 0]


def test_import_without_permission_fails_before_writing(
    center: Center, sandbox: SandboxServer, tmp_path: Path
) -> None:
    """The task view shows the reason of the task."""
    file = jsonl(tmp_path / "a.jsonl", customer(1, title="a"))

    plan = dmc.ImportPlan(entity_type="Customer")
    task = center.tasks.wait(center.tasks.start_import("Server", plan, file).id)

    assert (task.status, task.counts.total) == ("Failed", 0)
    message = MESSAGE.format(name="Customer", permission="ADD_OBJECT_ENTRY")
    assert format_headline(task) == f"{sandbox.url}: {message}"
    assert nothing_is_there(sandbox)


@pytest.mark.parametrize("dry_run", [False, True], ids=["run", "dry-run"])
def test_migration_without_permission_fails_before_its_first_part(
    center: Center, sandbox: SandboxServer, dry_run: bool
) -> None:
    """Nothing of an earlier part has been brought then; a dry run says the same."""
    chosen = Selection(entity_types=("ObjectFolder", "ListTypeDefinition"))
    plan = dmc.MigrationPlan(source="Sample source", selection=chosen, dry_run=dry_run)

    task = center.tasks.wait(center.tasks.start_migration("Server", plan).id)

    message = MESSAGE.format(name="Object Folder", permission="ADD_OBJECT_FOLDER")
    assert format_headline(task) == f"{sandbox.url}: {message}"
    assert {part.counts.total for part in task.parts} == {0}
    assert nothing_is_there(sandbox)


def test_command_line_names_the_missing_permission(
    workspace: Path, sandbox: SandboxServer, tmp_path: Path
) -> None:
    """In one line, with the exit status of a failed task."""
    file = jsonl(tmp_path / "a.jsonl", customer(1, title="a"))

    done = Driver(workspace)("import", "Server", "Customer", file)

    message = MESSAGE.format(name="C_Customer", permission="ADD_OBJECT_ENTRY")
    assert done.exit_code == 1
    assert f"{sandbox.url}: {message}" in " ".join(done.output.split())
    assert done.output.count("reader@liferay.com") == 1
