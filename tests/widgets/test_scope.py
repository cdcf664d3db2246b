"""The Scope select in the forms, over an installation with sites."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.export_form import ExportForm
from dmc_widgets.widgets.forms.import_form import ImportForm
from tests.tasks.migration.test_migration_task import definition

ERC = "externalReferenceCode"
SHOP = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Shop"
BICYCLE = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Bicycle"


@pytest.fixture(scope="module")
def shops(center: Center, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name an installation with a shop in the north and one in Guest."""
    folder: Path = tmp_path_factory.mktemp("shops")
    center.installations.add("Shops", f"sqlite:///{folder / 'shops.db'}")
    for entity, records in (
        ("ObjectDefinition", [definition("Shop", scope="site")]),
        (
            "Shop",
            [
                {ERC: "S1", "title": "First", "scopeKey": "north"},
                {ERC: "S2", "title": "Second", "scopeKey": "Guest"},
            ],
        ),
    ):
        path = folder / "records.json"
        path.write_text(json.dumps(records))
        plan = dmc.ImportPlan(entity_type=entity, new_sites=True)
        done = center.tasks.wait(center.tasks.start_import("Shops", plan, path).id)
        assert done.status is TaskStatus.COMPLETED, done.error
    return "Shops"


def is_shown(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


def options(widget: Any) -> list[tuple[str, str]]:
    return list(widget.options)


def test_export_contains_the_entries_of_the_selected_site(
    page: Dashboard, shops: str, finish: Callable[[], Task], center: Center
) -> None:
    page.session.select_installation(shops)
    page.task_list.new.choose("export")
    form: ExportForm = page.pages[DashboardPage.EXPORT]
    assert not is_shown(form.inputs["scope"])

    form.inputs["entity"].value = SHOP
    assert is_shown(form.inputs["scope"])
    assert options(form.inputs["scope"]) == [
        ("All Sites", ""),
        ("Global", "Global"),
        ("Guest", "Guest"),
        ("north", "north"),
    ]
    form.inputs["format"].value = "JSON"
    form.inputs["scope"].value = "north"
    form.export.click()
    done = finish()

    assert done.status is TaskStatus.COMPLETED
    with zipfile.ZipFile(center.tasks.file(done.id)) as archive:
        entries = json.loads(archive.read("export.json"))
    assert [entry[ERC] for entry in entries] == ["S1"]


def test_import_writes_to_the_selected_site(
    page: Dashboard,
    shops: str,
    upload: Callable[[str, Any], None],
    finish: Callable[[], Task],
    center: Center,
) -> None:
    page.session.select_installation(shops)
    page.task_list.new.choose("import")
    form: ImportForm = page.pages[DashboardPage.IMPORT]
    inputs = form.inputs
    assert not any(map(is_shown, (inputs["scope"], inputs["new_sites"])))

    inputs["entity"].value = SHOP
    upload("shops.json", [{ERC: "S3", "title": "Third", "scopeKey": "Guest"}])
    assert all(map(is_shown, (inputs["scope"], inputs["new_sites"], form.site_help)))
    assert options(inputs["scope"])[0] == ("The Site That Each Record Names", "")
    assert is_shown(inputs["lazy_references"])
    inputs["lazy_references"].value = True
    inputs["scope"].value = "north"
    form.review.click()
    preview = page.pages[DashboardPage.PREVIEW]
    assert page.session.file is not None
    checked = center.files.check_import(
        shops, page.session.import_form.plan(), page.session.file.head
    )
    assert "Records of the file name other sites" in " ".join(checked.warnings)
    preview.start.click()
    done = finish()

    assert (done.status, done.counts.created) == (TaskStatus.COMPLETED, 1)
    plan = dmc.ExportPlan(entity_type="Shop", format="JSON", scope="north")
    exported = center.tasks.wait(center.tasks.start_export(shops, plan).id)
    with zipfile.ZipFile(center.tasks.file(exported.id)) as archive:
        entries = json.loads(archive.read("export.json"))
    assert [entry[ERC] for entry in entries] == ["S1", "S3"]


def test_scope_is_hidden_for_an_entity_type_without_sites(page: Dashboard) -> None:
    page.task_list.new.choose("import")
    form: ImportForm = page.pages[DashboardPage.IMPORT]

    form.inputs["entity"].value = BICYCLE

    assert not is_shown(form.inputs["scope"])
