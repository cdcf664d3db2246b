"""What a batch file states besides its items, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.workspace import Workspace
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition, read
from tests.tasks.packages.batch_files import batch_file, import_file

pytestmark = pytest.mark.usefixtures("in_this_process")

ERC = "externalReferenceCode"
SHOP: dict[str, Any] = {ERC: "S1", "title": "First"}


@pytest.fixture
def shops(workspace: Workspace, tmp_path: Path) -> Center:
    """A center over *target*, where shops belong to sites and tills do not."""
    kinds = [definition("Shop", scope="site"), definition("Till")]
    fill(tmp_path / "target.db", {"ObjectDefinition": kinds})
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    return center


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '{"items" : [{"externalReferenceCode":"T1","title":"One"}],\n'
            '"configuration" : {"className":'
            '"com.liferay.object.rest.dto.v1_0.ObjectEntry",'
            '"taskItemDelegateName":"C_Till"}}',
            id="space-before-the-colon",
        ),
        pytest.param(
            '\ufeff{"facets":[],"lastPage":1,"page":1,"pageSize":20,"totalCount":1,'
            '"note":{"a":[1]},"actions":{},"configuration":{"version":1,"userId":"x",'
            '"companyId":"y","multiCompany":0,"className":'
            '"com.liferay.object.rest.dto.v1_0.ObjectEntry","parameters":{'
            '"containsHeaders":true,"onErrorFail":"ON_ERROR_FAIL","search":null,'
            '"taskItemDelegateName":"C_Till"}},'
            '"items":[{"externalReferenceCode":"T1","title":"One"}]}',
            id="byte-order-mark-and-other-keys",
        ),
    ],
)
def test_file_made_by_hand_is_taken(
    shops: Center, workspace: Workspace, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "1.batch-engine-data.json"
    path.write_text(text, encoding="utf-8")

    task = import_file(shops, workspace, path)

    assert (task.status, task.notes) == (TaskStatus.COMPLETED, ())
    assert read(shops, "target", "Till")["T1"]["title"] == "One"


def test_ignored_parameters_are_named_in_the_notes_of_the_task(
    shops: Center, workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "1.batch-engine-data.json"
    parameters = {"onErrorFail": "maybe", "featureFlag": "LPD-17564"}
    path.write_bytes(batch_file("Till", [{ERC: "T1"}], parameters, multiCompany=True))

    task = import_file(shops, workspace, path)

    assert task.status is TaskStatus.COMPLETED
    assert task.notes == (
        "The file states onErrorFail 'maybe', which Liferay ignores; ON_ERROR_FAIL is "
        "taken. Known: true, false, ON_ERROR_FAIL, ON_ERROR_CONTINUE.",
        "The configuration has keys that are not read: multiCompany.",
        "The file has parameters that are not read: featureFlag.",
    )


@pytest.mark.parametrize(
    ("parameters", "item"),
    [
        pytest.param({"scopeKey": "Guest"}, SHOP, id="scope-key"),
        pytest.param({"siteId": "Guest"}, SHOP, id="key"),
        pytest.param({"siteId": "L_GUEST"}, SHOP, id="code"),
        pytest.param({"siteExternalReferenceCode": "L_GUEST"}, SHOP, id="by-its-code"),
        pytest.param(
            {"siteId": "Guest"}, {**SHOP, "scopeKey": "Global"}, id="before-the-item's"
        ),
    ],
)
def test_file_names_the_site_of_its_entries(
    shops: Center,
    workspace: Workspace,
    tmp_path: Path,
    parameters: dict[str, Any],
    item: dict[str, Any],
) -> None:
    """As in Liferay, where the site of the task is that of each item."""
    path = tmp_path / "1.batch-engine-data.json"
    path.write_bytes(batch_file("Shop", [item], parameters))

    task = import_file(shops, workspace, path)

    assert task.status is TaskStatus.COMPLETED
    assert read(shops, "target", "Shop")["S1"]["scopeKey"] == "Guest"


def test_site_of_a_file_that_is_unknown_is_refused_with_the_known_ones(
    shops: Center, tmp_path: Path
) -> None:
    path = tmp_path / "1.batch-engine-data.json"
    path.write_bytes(batch_file("Shop", [SHOP], {"siteId": 20121}))
    head = shops.files.read_head(path)
    plan = shops.files.plan_from_file("target", head)

    check = shops.files.check_import("target", plan, head)

    assert check.problems == (
        "There is no site named '20121'. Known: Global, Guest. "
        "Check its key, or let the import add new sites (--new-sites).",
    )


@pytest.mark.parametrize(
    ("kind", "scope", "warning"),
    [
        pytest.param(
            "Shop",
            "Global",
            "The file names the site 'Guest'; the import brings its records into "
            "'Global'.",
            id="another-site-is-chosen",
        ),
        pytest.param(
            "Shop",
            "",
            "The file names the site 'Guest'; the import leaves it out, and each "
            "record states its own.",
            id="no-site-is-chosen",
        ),
        pytest.param("Shop", "Guest", "", id="the-same"),
        pytest.param(
            "Till",
            "",
            "The file names the site 'Guest'; C_Till belongs to no site, so it is "
            "left out.",
            id="company-scope",
        ),
    ],
)
def test_chosen_site_wins_over_that_of_the_file(
    shops: Center, tmp_path: Path, kind: str, scope: str, warning: str
) -> None:
    path = tmp_path / "1.batch-engine-data.json"
    path.write_bytes(batch_file(kind, [SHOP], {"siteId": "Guest"}))
    head = shops.files.read_head(path)
    stated = shops.files.plan_from_file("target", head)
    plan = replace(stated, scope=scope)

    check = shops.files.check_import("target", plan, head)

    assert check.problems == ()
    assert " ".join(check.warnings) == warning
