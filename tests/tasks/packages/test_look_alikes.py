"""Packages as people make them for Liferay go in, out, and in elsewhere."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import PackagePlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks.packages.report import PackageReport
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.packages.batch_files import import_package, write_package, zip_package
from tests.tasks.packages.look_alikes import FILES, LEFT_OUT

OWN = {"id", "dateCreated", "dateModified", "creator", "actions", "link"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("packages") / "package", FILES)


def problems(workspace: Workspace, report: PackageReport) -> list[Any]:
    """Return whatever went wrong, of each file."""
    found: list[Any] = []
    for step in report:
        if step.task is None:
            found += [] if step.left_out else [(step.file, step.reason)]
            continue
        failures = workspace.outcomes.failures(step.task.id)
        if step.task.status is not TaskStatus.COMPLETED or failures:
            messages = [failure.problem.message for failure in failures]
            found.append((step.file, step.task.error, messages))
    return found


def without_own(value: Any) -> Any:
    """Return a value without ids, dates and links, which every installation has."""
    if isinstance(value, list):
        return [without_own(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_own(inner)
        for name, inner in value.items()
        if name not in OWN and not (name.startswith("r_") and name.endswith("Id"))
    }


def entries(database: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the entries of a database, without what is its own."""
    with closing(connect(f"sqlite:///{database}")) as opened:
        return {
            entity_type.name: [
                without_own(item) for item in opened.read(entity_type, Query())
            ]
            for entity_type in opened.entity_types()
            if entity_type.name.startswith("C_")
        }


def export_package(workspace: Workspace, source: str, path: Path) -> Path:
    task = workspace.tasks.add(source, PackagePlan(name="test"))
    run_task(workspace, task.id)
    done = workspace.tasks.get(task.id)
    assert (done.status, done.error) == (TaskStatus.COMPLETED, "")
    path.write_bytes(Center(workspace).tasks.file(task.id).read_bytes())
    return path


def test_package_of_twenty_files_goes_in_again_unchanged_and_elsewhere(
    workspace: Workspace, package: Path, tmp_path: Path
) -> None:
    center = Center(workspace)
    for name in ("first", "second"):
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")

    first = import_package(workspace, package, "first")
    again = import_package(workspace, zip_package(package), "first")

    assert problems(workspace, first) == []
    assert (len(first), len(first.left_out)) == (21, 3)
    assert [step.file for step in first.left_out] == [*LEFT_OUT]
    assert problems(workspace, again) == []
    assert [step.file for step in again if step.task and step.task.counts.updated] == []
    assert again.counts.unchanged == again.counts.total == first.counts.total
    exported = export_package(workspace, "first", tmp_path / "out.zip")
    moved = import_package(workspace, exported, "second")
    assert problems(workspace, moved) == []
    assert center.installations.differences("first", "second") == []
    assert entries(tmp_path / "second.db") == entries(tmp_path / "first.db")


def test_package_goes_through_two_servers_and_stays_equal(
    workspace: Workspace,
    package: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over HTTP: in, out, into another, and every item is the same."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    center = Center(workspace)
    with ExitStack() as servers:
        for name in ("first", "second"):
            server = run_sandbox(tmp_path / f"{name}.db")
            url = servers.enter_context(server).url
            center.installations.add(name, url, Access(user=SETTINGS.user))

        first = import_package(workspace, package, "first")
        assert problems(workspace, first) == []
        exported = export_package(workspace, "first", tmp_path / "out.zip")
        moved = import_package(workspace, exported, "second")
        assert problems(workspace, moved) == []
        assert center.installations.differences("first", "second") == []
    assert entries(tmp_path / "second.db") == entries(tmp_path / "first.db")


ADDING: Final[dict[str, dict[str, Any]]] = {
    "03": {"createStrategy": "INSERT", "onErrorFail": "x", "importStrategy": "y"},
    "04": {"createStrategy": "insert", "updateStrategy": "z"},
    "06": {"createStrategy": "INSERT", "onErrorFail": "ON_ERROR_FAIL"},
    "07": {"createStrategy": "INSERT", "externalReferenceCode": None},
    "11": {"createStrategy": None, "siteId": None, "scopeKey": "Guest"},
    "12": {"siteExternalReferenceCode": None, "siteId": "Global"},
    "14": {"createStrategy": "INSERT", "taskItemDelegateName": None},
}
"""Parameters in other words, by the number of the file."""


def test_files_that_only_add_go_in_however_they_state_their_choices(
    workspace: Workspace, tmp_path: Path
) -> None:
    """In turn and one by one: a task of their own, and no file is left behind."""
    center = Center(workspace)
    center.installations.add("first", f"sqlite:///{tmp_path / 'first.db'}")
    files = {name: content for name, content in FILES.items() if name not in LEFT_OUT}
    for name, content in files.items():
        changes = ADDING.get(Path(name).name[:2])
        if changes and name.endswith(".json"):
            data = json.loads(content)
            data["configuration"]["parameters"] |= changes
            files[name] = json.dumps(data).encode()

    report = import_package(workspace, write_package(tmp_path / "p", files), "first")

    assert problems(workspace, report) == []
    assert report.is_complete
    assert report.counts.created == report.counts.total == 24
