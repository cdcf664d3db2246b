"""Packages of objects whose entries belong to sites: one file a site."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan, PackagePlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition, link

ERC = "externalReferenceCode"
INSIDE = "r_inside_c_shopERC"
SHOPS = [
    {ERC: "S1", "scopeKey": "Guest", "title": "First"},
    {ERC: "S1", "scopeKey": "Global", "title": "Third"},
    {ERC: "S2", "scopeKey": "Guest", "title": "Second", INSIDE: "S1"},
]


@pytest.fixture
def shops(workspace: Workspace, tmp_path: Path) -> Center:
    kinds = [definition("Shop", link("inside", "SHOP", "SHOP"), scope="site")]
    fill(tmp_path / "source.db", {"ObjectDefinition": kinds, "C_Shop": SHOPS})
    center = Center(workspace)
    center.installations.add("source", f"sqlite:///{tmp_path / 'source.db'}")
    return center


def written(workspace: Workspace, plan: ExportPlan | PackagePlan) -> dict[str, Any]:
    """Return the files of an export by name."""
    task = workspace.tasks.add("source", plan)
    run_task(workspace, task.id)
    done = workspace.tasks.get(task.id)
    assert (done.status, done.error) == (TaskStatus.COMPLETED, "")
    with zipfile.ZipFile(Center(workspace).tasks.file(task.id)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def sites_and_codes(files: dict[str, Any]) -> list[tuple[str, Any, Any, list[str]]]:
    found = []
    for name, content in files.items():
        parameters = content["configuration"]["parameters"]
        codes = [item[ERC] for item in content["items"]]
        found.append(
            (
                name.removesuffix(".batch-engine-data.json"),
                parameters.get("scopeKey"),
                parameters.get("siteId"),
                codes,
            )
        )
    return found


def test_package_has_a_file_for_each_site_that_names_it(
    shops: Center, workspace: Workspace
) -> None:
    """Liferay takes the site of a file, and no site of an item."""
    assert shops.installations.list()
    plan = PackagePlan(name="test")

    assert sites_and_codes(written(workspace, plan)) == [
        ("03-object-definition", None, None, ["SHOP"]),
        ("04-shop-global", "Global", "Global", ["S1"]),
        ("04-shop-guest", "Guest", "Guest", ["S1", "S2"]),
        ("05-shop-relationships-global", "Global", "Global", ["S1"]),
        ("05-shop-relationships-guest", "Guest", "Guest", ["S1", "S2"]),
    ]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("Guest", ("export", "Guest", "Guest", ["S1", "S2"])),
        ("", ("export", None, None, ["S1", "S1", "S2"])),
    ],
)
def test_export_of_one_site_names_it(
    shops: Center, workspace: Workspace, scope: str, expected: tuple[Any, ...]
) -> None:
    key = shops.installations.entity_type("source", "Shop").key
    plan = ExportPlan(entity_type=key, format="JSONT", scope=scope, name="test")

    assert sites_and_codes(written(workspace, plan)) == [expected]
    (task,) = shops.tasks.list()
    assert task.notes == (
        ()
        if scope
        else (
            "The entries belong to sites, and the file names none. Liferay imports "
            "such a file into one site only: export each site by itself, or export a "
            "package.",
        )
    )
