"""Documents for an older version of Liferay lose what it lacks, and say so first."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported, UnknownName
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import (
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
)
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.full_documents import CHILD, HUES, PARENT
from tests.tasks.migration.test_migration_name_matches import fill

OLD = "7.4.3.112"
KINDS = ("ListTypeDefinition", "ObjectDefinition")
LOST = (
    "does not know all of ObjectDefinition, so this is left out: "
    "enableFormContainer (1), enableFriendlyURLCustomization (1), "
    "enableIndexSearch (1), enableObjectEntrySchedule (1), "
    "enableObjectEntrySubscription (1), enableObjectEntryVersioning (1), "
    "friendlyURLSeparator (1), objectDefinitionSettings (1), "
    "objectFields[].businessType EmailAddress (1), "
    "objectFields[].description (1), "
    "objectFields[].objectDefinitionExternalReferenceCode1 (1), "
    "objectFields[].objectRelationshipExternalReferenceCode (1), "
    "objectLayouts[].objectLayoutTabs[].objectLayoutBoxes[].type seo (1), "
    "objectViews[].externalReferenceCode (1)."
)


@pytest.fixture
def full(workspace: Workspace, tmp_path: Path) -> Center:
    """A center over a *source* with documents that have every property."""
    path = tmp_path / "source.db"
    fill(path, {"ListTypeDefinition": [HUES], "ObjectDefinition": [PARENT, CHILD]})
    center = Center(workspace)
    center.installations.add("source", f"sqlite:///{path}")
    return center


@pytest.fixture
def old_target(
    full: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Center]:
    """The same center, and a *target*: a server that plays 7.4.3.112."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    settings = replace(SETTINGS, version=OLD)
    with run_sandbox(tmp_path / "target.db", settings) as server:
        access = Access(user=SETTINGS.user)
        full.installations.add("target", server.url, access)
        yield full


def run(center: Center, installation: str, plan: Plan) -> Task:
    workspace = center._workspace
    task = workspace.tasks.add(installation, plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def exported(center: Center, task: Task) -> list[Any]:
    with zipfile.ZipFile(center.tasks.file(task.id)) as archive:
        return [orjson.loads(archive.read(name)) for name in archive.namelist()]


def test_an_export_for_a_version_holds_what_it_knows_and_tells_the_rest(
    full: Center,
) -> None:
    plan = ExportPlan(
        entity_type="ObjectDefinition", for_version=OLD, name="definitions"
    )

    task = run(full, "source", plan)

    (items,) = exported(full, task)
    child = next(item for item in items if item["name"] == "FullChild")
    assert task.status is TaskStatus.COMPLETED
    assert "enableIndexSearch" not in child
    assert all(
        "objectDefinitionExternalReferenceCode1" not in x for x in child["objectFields"]
    )
    lost, idle = task.notes
    assert lost == f"Liferay {OLD} {LOST}"
    assert idle.startswith(
        "Also left out of ObjectDefinition, without a loss, since the values are the "
        "defaults: enableFormContainer (1), "
    )


def test_a_package_for_a_version_tells_what_each_kind_loses(
    full: Center,
) -> None:
    plan = PackagePlan(
        selection=Selection(entity_types=KINDS), for_version=OLD, name="package"
    )

    task = run(full, "source", plan)

    picklists, definitions = exported(full, task)
    (entry,) = picklists["items"][0]["listTypeEntries"]
    assert entry == {
        "externalReferenceCode": "FULL_RED",
        "key": "red",
        "name": "Red",
        "name_i18n": {"en-US": "Red"},
        "type": "colour",
    }
    assert task.notes[0] == (
        f"Liferay {OLD} does not know all of ListTypeDefinition, so this is left out: "
        "listTypeEntries[].system (1)."
    )
    assert task.notes[1] == f"Liferay {OLD} {LOST}"
    assert not {"id", "dateCreated", "actions", "permissions"} & {
        name for item in definitions["items"] for name in item
    }


def test_a_package_holds_nothing_that_is_null_or_that_only_servers_set(
    full: Center,
) -> None:
    plan = PackagePlan(selection=Selection(entity_types=KINDS), name="package")

    task = run(full, "source", plan)

    _, definitions = exported(full, task)
    found = {name for item in definitions["items"] for name in _all_names(item)}
    assert not found & {"id", "dateCreated", "restContextPath", "unique", "reverse"}
    assert b"null" not in orjson.dumps(definitions["items"])


def _all_names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            yield from _all_names(part)


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "run"])
def test_a_migration_to_an_older_server_leaves_out_what_it_lacks_and_tells_it(
    old_target: Center, dry_run: bool
) -> None:
    plan = MigrationPlan(
        source="source",
        selection=Selection(entity_types=KINDS),
        dry_run=dry_run,
        name="old",
    )

    task = run(old_target, "target", plan)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert (task.counts.created, task.counts.failed) == (3, 0)
    assert f"The target (Liferay {OLD}) {LOST}" in task.notes


def test_what_an_older_server_took_comes_back_without_what_it_lacks(
    old_target: Center,
) -> None:
    run(
        old_target,
        "target",
        MigrationPlan(
            source="source", selection=Selection(entity_types=KINDS), name="there"
        ),
    )

    task = run(
        old_target,
        "target",
        ExportPlan(entity_type="ObjectDefinition", name="back"),
    )

    (items,) = exported(old_target, task)
    child = next(item for item in items if item["name"] == "FullChild")
    fields = {item["name"]: item for item in child["objectFields"]}
    assert fields["mail"]["businessType"] == "Text"
    assert fields["title"]["readOnlyConditionExpression"] == "title == 'x'"
    assert child["enableObjectEntryDraft"] is True
    assert child["objectActions"][0]["errorMessage"] == {"en_US": "It failed"}
    (layout,) = child["objectLayouts"]
    assert len(layout["objectLayoutTabs"][0]["objectLayoutBoxes"]) == 2
    assert "enableIndexSearch" not in child


def test_a_package_leaves_out_kinds_that_the_version_lacks(full: Center) -> None:
    plan = PackagePlan(
        selection=Selection(entity_types=("ObjectFolder", *KINDS)),
        for_version="7.4.13.u77",
        name="package",
    )

    task = run(full, "source", plan)

    assert task.status is TaskStatus.COMPLETED
    assert task.notes[0] == (
        "Liferay 7.4.13.u77 has no ObjectFolder: they are left out of the package."
    )


def test_a_package_for_a_version_without_any_of_its_kinds_is_refused(
    full: Center,
) -> None:
    plan = PackagePlan(
        selection=Selection(entity_types=KINDS), for_version="7.4.1", name="package"
    )

    task = run(full, "source", plan)

    assert task.status is TaskStatus.FAILED
    assert task.error.startswith("Liferay 7.4.1 has no ObjectDefinition.")


def test_the_check_of_an_import_tells_what_an_older_server_lacks(
    old_target: Center, tmp_path: Path
) -> None:
    path = tmp_path / "picklists.json"
    path.write_bytes(orjson.dumps([HUES]))
    plan = ImportPlan(entity_type="ListTypeDefinition")

    check = old_target.files.check_import("target", plan, path)

    assert check.problems == ()
    assert check.warnings == (
        f"The target (Liferay {OLD}) does not know all of ListTypeDefinition, so this "
        "is left out: listTypeEntries[].system (1).",
    )


def test_a_part_for_an_older_server_is_sent_without_what_it_lacks(
    old_target: Center, tmp_path: Path
) -> None:
    chosen = Selection(entity_types=KINDS)
    run(
        old_target,
        "target",
        MigrationPlan(source="source", selection=chosen, name="part"),
    )
    field = {
        "externalReferenceCode": "FULL_EXTRA",
        "objectDefinitionExternalReferenceCode1": "FULL_PARENT",
        "businessType": "Text",
        "label": {"en_US": "Extra"},
        "name": "extra",
        "objectFieldSettings": [{"name": "showCounter", "value": False, "note": "x"}],
    }
    path = tmp_path / "fields.json"
    path.write_bytes(orjson.dumps([field]))

    plan = ImportPlan(entity_type="ObjectField")
    check = old_target.files.check_import("target", plan, path)
    task = old_target.tasks.wait(old_target.tasks.start_import("target", plan, path).id)

    assert check.warnings[-1] == (
        f"The target (Liferay {OLD}) does not know all of ObjectField, so this is left "
        "out: objectDefinitionExternalReferenceCode1 (1), objectFieldSettings[].note "
        "(1)."
    )
    assert (task.error, task.counts.created) == ("", 1)


def test_an_unknown_version_is_refused_before_the_start(full: Center) -> None:
    plan = ExportPlan(entity_type="ObjectDefinition", for_version="8.0")

    with pytest.raises(UnknownName, match=r"no Liferay version named '8\.0'"):
        full.tasks.start_export("source", plan)


def test_a_version_without_folders_is_refused_for_folders(full: Center) -> None:
    plan = ExportPlan(entity_type="ObjectFolder", for_version="7.4.13.u77")

    with pytest.raises(NotSupported) as error:
        full.tasks.start_export("source", plan)

    assert str(error.value) == (
        "Liferay 7.4.13.u77 has no ObjectFolder. These versions have it: 7.4.3.112."
    )
