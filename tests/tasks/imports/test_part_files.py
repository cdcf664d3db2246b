"""Batch files of parts: what a file says of their definition, and what it is for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ExportPlan, ImportPlan, PackagePlan, Selection
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.task_files import exported_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.tasks.conftest import RunImport

ADMIN = "com.liferay.object.admin.rest.dto.v1_0"
Item = dict[str, Any]

DUE: Item = {"businessType": "Date", "label": {"en_US": "Due"}, "name": "due"}
REPLIES: Item = {
    "label": {"en_US": "Replies"},
    "name": "replies",
    "objectDefinitionExternalReferenceCode1": "TICKET",
    "objectDefinitionExternalReferenceCode2": "TICKET",
    "type": "oneToMany",
}
PARENT = "objectDefinitionExternalReferenceCode"
ADDED = {"createStrategy": "INSERT"}


def batch_file(
    folder: Path, kind: str, items: list[Item], **parameters: str
) -> tuple[Path, bytes]:
    """Write a batch file of parts; return its path and its content."""
    content = {
        "configuration": {
            "className": f"{ADMIN}.{kind}",
            "parameters": {"onErrorFail": "ON_ERROR_FAIL", **parameters},
            "taskItemDelegateName": "DEFAULT",
        },
        "items": items,
    }
    path = folder / f"1-{kind}.batch-engine-data.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path, path.read_bytes()


def import_file(
    center: Center, run_import: RunImport, file: tuple[Path, bytes]
) -> Task:
    """Import a file with the choices that it states."""
    path, content = file
    head = center.files.read_head(path)
    plan = center.files.plan_from_file("target", head)
    return run_import(content, plan, path.name)


def counts(task: Task) -> tuple[int, int, int]:
    """Return how many records were created, unchanged and failed."""
    return task.counts.created, task.counts.unchanged, task.counts.failed


def test_file_names_the_definition_of_its_fields(
    center: Center, run_import: RunImport, tmp_path: Path
) -> None:
    """The plan holds the definition as a constant; a second import changes nothing."""
    file = batch_file(
        tmp_path, "ObjectField", [DUE], externalReferenceCode="TICKET", **ADDED
    )

    head = center.files.read_head(file[0])
    plan = center.files.plan_from_file("target", head)
    check = center.files.check_import("target", plan, head)
    preview = center.files.preview_records("target", plan, head)
    first = import_file(center, run_import, file)
    second = import_file(center, run_import, file)

    assert plan.mapping == Mapping(
        (FieldMapping("", PARENT, constant="TICKET"),), same_names=True
    )
    assert check.problems == ()
    assert [record.expected for record in preview.records] == ["created"]
    assert [counts(first), counts(second)] == [(1, 0, 0), (0, 1, 0)]


def test_relationships_name_their_definitions_themselves(
    center: Center, run_import: RunImport, tmp_path: Path
) -> None:
    """With UPSERT the parameter is for those that name none, as in Liferay."""
    nameless = {name: REPLIES[name] for name in REPLIES if not name.endswith("1")}
    file = batch_file(
        tmp_path,
        "ObjectRelationship",
        [REPLIES, nameless | {"name": "copies"}],
        createStrategy="UPSERT",
        externalReferenceCode="TICKET",
    )

    task = import_file(center, run_import, file)

    assert counts(task) == (2, 0, 0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {},
            "You must map at least one field and all required fields before "
            "continuing. Nothing fills: 'objectDefinitionExternalReferenceCode'.",
        ),
        ({"externalReferenceCode": "GONE"}, ""),
    ],
)
def test_file_without_a_known_definition_imports_nothing(
    center: Center,
    run_import: RunImport,
    tmp_path: Path,
    parameters: dict[str, str],
    message: str,
) -> None:
    """No definition is found before the start, an unknown one by the first record."""
    file = batch_file(tmp_path, "ObjectField", [DUE], **ADDED, **parameters)
    head = center.files.read_head(file[0])
    plan = center.files.plan_from_file("target", head)

    check = center.files.check_import("target", plan, head)
    task = import_file(center, run_import, file)

    assert [problem[: len(message)] for problem in check.problems] == (
        [message] if message else []
    )
    assert counts(task) == (0, 0, 1)
    if not message:
        assert task.error == (
            "Record 1: No ObjectDefinition exists with the external reference code "
            "GONE. Nothing was imported."
        )


def test_parent_is_chosen_for_records_that_name_none(
    center: Center, run_import: RunImport
) -> None:
    """Another mapping keeps it; what stands alone has no parent."""
    field_type = center.installations.entity_type("target", "ObjectField")
    plan = center.files.with_mapping(
        ImportPlan(entity_type=field_type), Mapping(same_names=True), "TICKET"
    )
    kept = center.files.with_mapping(plan, Mapping(["Name=name"], same_names=True))

    task = run_import([{**DUE, "name": None, "Name": "due"}], kept, "fields.json")

    assert counts(task) == (1, 0, 0)
    with pytest.raises(InvalidPlan) as caught:
        center.files.with_mapping(ImportPlan(entity_type="C_Ticket"), None, "TICKET")
    assert str(caught.value) == (
        "C_Ticket stands alone, so it has no parent. Leave the parent out; it is for "
        "fields, relationships and other parts of definitions and picklists."
    )


def test_export_of_one_definition_is_a_file_that_liferay_takes(
    center: Center, workspace: Workspace
) -> None:
    """The parameters name the definition; no part has to, and no value is null."""
    plan = ExportPlan(entity_type=f"{ADMIN}.ObjectField", format="JSONT")

    task = workspace.tasks.add("target", center.files.of_parent(plan, "TICKET"), "")
    run_task(workspace, task.id)
    with zipfile.ZipFile(exported_path(workspace, task)) as archive:
        content = orjson.loads(archive.read(archive.namelist()[0]))

    assert content["configuration"]["parameters"]["externalReferenceCode"] == "TICKET"
    assert [item["name"] for item in content["items"]] == ["title", "priority"]
    assert not any(PARENT in item or None in item.values() for item in content["items"])


def test_parts_move_within_their_definitions(center: Center) -> None:
    """A package of everything holds them once; one of fields alone is refused."""
    plan = PackagePlan(selection=Selection(entity_types="ObjectField"))

    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_package("target", plan)

    assert str(caught.value) == (
        "ObjectField moves within ObjectDefinition. Choose ObjectDefinition, or export "
        "ObjectField into a file of its own."
    )
