"""Packages of entries that refer to each other, and their links."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import PackagePlan
from dmc_widgets.model.strategies import (
    LIFERAY_UPDATE_STRATEGIES,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.tasks.packages.reader import package_units
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition, link, read
from tests.tasks.migration.test_migration_task import write as write_items

ERC = "externalReferenceCode"
INSIDE = "r_inside_c_teamERC"
DOCUMENTS = {
    "ObjectDefinition": [
        definition("Skill"),
        definition(
            "Team",
            link("inside", "TEAM", "TEAM"),
            link("skills", "TEAM", "SKILL", "manyToMany"),
        ),
    ]
}
LINKED: dict[str, list[dict[str, Any]]] = {
    "C_Skill": [{ERC: "S1", "title": "Singing"}],
    "C_Team": [{ERC: "T1"}, {ERC: "T2", INSIDE: "T1", "skills": [{ERC: "S1"}]}],
}
INSERT = Policy(import_strategy=ImportStrategy.INSERT)


@pytest.fixture
def teams(workspace: Workspace, tmp_path: Path) -> Center:
    """A center over a *source* with a team in a team, and an empty *target*."""
    fill(tmp_path / "source.db", {**DOCUMENTS, **LINKED})
    center = Center(workspace)
    for name in ("source", "target"):
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")
    return center


def packed(workspace: Workspace, path: Path, policy: Policy = Policy()) -> Path:
    task = workspace.tasks.add("source", PackagePlan(policy=policy, name="test"))
    run_task(workspace, task.id)
    path.write_bytes(Center(workspace).tasks.file(task.id).read_bytes())
    return path


def take_in(workspace: Workspace, path: Path, without: str = "") -> list[TaskStatus]:
    """Import a package into *target*, in this process, but for one of its files."""
    center, found = Center(workspace), []
    with package_units(path, workspace.path) as units:
        for unit in units:
            name, file = unit.name, unit.path
            assert file is not None
            if Path(name).name.partition(".")[0] == without:
                continue
            head = center.files.read_head(file, Path(name).name)
            plan = center.files.plan_from_file("target", head)
            task = workspace.tasks.add("target", plan, Path(name).name)
            copy_into_workspace(file, original_path(workspace, task), consume=False)
            run_task(workspace, task.id)
            found.append(workspace.tasks.get(task.id).status)
    return found


def unpacked(path: Path, name: str) -> Any:
    with zipfile.ZipFile(path) as package:
        return orjson.loads(package.read(f"{name}.batch-engine-data.json"))


@pytest.mark.parametrize("policy", [Policy(), INSERT], ids=["upsert", "insert"])
def test_imported_package_restores_links(
    teams: Center, workspace: Workspace, tmp_path: Path, policy: Policy
) -> None:
    """The second pass finds the entries of the first, whatever the strategy."""
    path = packed(workspace, tmp_path / "package.zip", policy)

    assert take_in(workspace, path) == [TaskStatus.COMPLETED] * 4
    team = read(teams, "target", "Team")["T2"]
    assert (team[INSIDE], [skill[ERC] for skill in team["skills"]]) == ("T1", ["S1"])


@pytest.mark.parametrize("update_strategy", LIFERAY_UPDATE_STRATEGIES)
def test_package_removes_links_removed_in_the_source(
    teams: Center, workspace: Workspace, tmp_path: Path, update_strategy: UpdateStrategy
) -> None:
    """As they do in a migration: who takes the package in has what the source has."""
    take_in(workspace, packed(workspace, tmp_path / "first.zip"))
    write_items(
        f"sqlite:///{tmp_path / 'source.db'}",
        "Team",
        [{ERC: "T2", INSIDE: "", "skills": []}],
    )
    policy = Policy(update_strategy=update_strategy)
    path = packed(workspace, tmp_path / "second.zip", policy)

    take_in(workspace, path)

    team = read(teams, "target", "Team")["T2"]
    assert (team[INSIDE], team["skills"]) == ("", [])


@pytest.mark.parametrize(
    ("policy", "codes"), [(Policy(), ["T1", "T2"]), (INSERT, ["T2"])]
)
@pytest.mark.usefixtures("teams")
def test_only_entries_that_may_lose_links_come_without_links(
    workspace: Workspace, tmp_path: Path, policy: Policy, codes: list[str]
) -> None:
    """New entries have none, so there only those with links come twice."""
    path = packed(workspace, tmp_path / "package.zip", policy)

    found = unpacked(path, "06-team-relationships")

    assert [item[ERC] for item in found["items"]] == codes
    assert found["configuration"]["parameters"]["createStrategy"] == "UPSERT"
    assert found["configuration"]["parameters"]["updateStrategy"] == "PARTIAL_UPDATE"


def test_second_pass_of_a_package_creates_no_entries(
    teams: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """Those of an entry that did not come fail; a bare entry would look like it."""
    path = packed(workspace, tmp_path / "package.zip")

    found = take_in(workspace, path, without="05-team")

    assert found[-1] is TaskStatus.FAILED
    assert read(teams, "target", "Team") == {}
