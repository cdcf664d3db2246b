"""What the buttons of Liferay's Objects page export is imported as it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.formats.json.document_files import document_class
from dmc_widgets.model.strategies import ImportStrategy
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.tasks.packages.reader import package_units
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.tasks.imports.test_folder_imports import items

ORCHARD: dict[str, Any] = {
    "accountEntryRestricted": False,
    "accountEntryRestrictedObjectFieldName": "",
    "actions": {
        "get": {
            "href": "http://localhost:8080/o/object-admin/v1.0/object-definitions/41",
            "method": "GET",
        }
    },
    "active": True,
    "className": "com.liferay.object.model.ObjectDefinition#D9Z8",
    "defaultLanguageId": "en_US",
    "enableCategorization": True,
    "enableComments": False,
    "externalReferenceCode": "ORCHARD",
    "label": {"en_US": "Orchard"},
    "modifiable": True,
    "name": "Orchard",
    "objectActions": [],
    "objectFields": [
        {
            "DBType": "String",
            "businessType": "Text",
            "externalReferenceCode": "orchard-creator",
            "label": {"en_US": "Author"},
            "name": "creator",
            "readOnly": "true",
            "system": True,
        },
        {
            "DBType": "String",
            "businessType": "Text",
            "externalReferenceCode": "orchard-keeper",
            "indexed": True,
            "indexedAsKeyword": False,
            "indexedLanguageId": "en_US",
            "label": {"en_US": "Keeper"},
            "listTypeDefinitionId": 0,
            "localized": False,
            "name": "keeper",
            "objectFieldSettings": [],
            "readOnly": "false",
            "required": True,
            "state": False,
            "system": False,
            "unique": False,
        },
    ],
    "objectFolderExternalReferenceCode": "default",
    "objectLayouts": [],
    "objectRelationships": [],
    "objectValidationRules": [],
    "objectViews": [],
    "panelCategoryKey": "",
    "parameterRequired": False,
    "pluralLabel": {"en_US": "Orchards"},
    "portlet": True,
    "restContextPath": "/o/c/orchards",
    "scope": "company",
    "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
    "system": False,
    "titleObjectFieldName": "keeper",
}
LINKED = {
    "linkedObjectDefinition": True,
    "objectDefinitionExternalReferenceCode": "L_USER",
    "positionX": 0,
    "positionY": 0,
}
GROUNDS: dict[str, Any] = {
    "actions": {},
    "externalReferenceCode": "GROUNDS",
    "label": {"en_US": "Grounds"},
    "name": "Grounds",
    "objectFolderItems": [
        {
            "linkedObjectDefinition": False,
            "objectDefinition": ORCHARD
            | {"objectFolderExternalReferenceCode": "GROUNDS"},
            "objectDefinitionExternalReferenceCode": "ORCHARD",
            "positionX": 120,
            "positionY": 40,
        },
        LINKED,
    ],
}
FRUITS = {
    "externalReferenceCode": "FRUITS",
    "listTypeEntries": [{"key": "plum", "name": "Plum"}],
    "name": "Fruits",
}


@pytest.fixture
def center(workspace: Workspace, tmp_path: Path) -> Center:
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    return center


@pytest.mark.parametrize(
    ("name", "document", "kind"),
    [
        ("Object_Definition_Orchard_41_20251128.json", ORCHARD, "ObjectDefinition"),
        ("Object_Folder_Grounds_40_20251128.json", GROUNDS, "ObjectFolder"),
        ("fruits.json", FRUITS, "ListTypeDefinition"),
    ],
)
def test_file_says_what_it_holds(
    center: Center,
    workspace: Workspace,
    tmp_path: Path,
    *,
    name: str,
    document: dict[str, Any],
    kind: str,
) -> None:
    """Nobody has to name its entity type; it is added, or replaced."""
    path = tmp_path / name
    path.write_text(json.dumps(document))

    for kinds in ("created", "unchanged"):
        plan = center.files.plan_from_file("target", center.files.read_head(path))
        task = workspace.tasks.add("target", plan, name)
        copy_into_workspace(path, original_path(workspace, task), consume=False)
        run_task(workspace, task.id)
        finished = workspace.tasks.get(task.id)
        assert finished.status is TaskStatus.COMPLETED, finished
        assert getattr(finished.counts, kinds) == 1

    assert plan.policy.import_strategy is ImportStrategy.UPSERT
    stored = items(workspace, "target", kind)[document["externalReferenceCode"]]
    assert stored["name"] == document["name"]
    if kind != "ListTypeDefinition":
        orchard = items(workspace, "target", "ObjectDefinition")["ORCHARD"]
        assert orchard["status"]["code"] == 0
        assert orchard["objectFields"][-1]["name"] == "keeper"


@pytest.mark.parametrize("is_zipped", [False, True], ids=["folder", "zip"])
def test_such_files_are_part_of_a_package(
    workspace: Workspace, tmp_path: Path, *, is_zipped: bool
) -> None:
    """Among batch files, in the order of their names; other JSON is not."""
    batch = {
        "configuration": {
            "className": "com.liferay.headless.admin.list.type.dto.v1_0"
            ".ListTypeDefinition"
        },
        "items": [FRUITS],
    }
    files = {
        "10-Object_Folder_Grounds.json": GROUNDS,
        "2-fruits.batch-engine-data.json": batch,
        "3/Object_Definition_Orchard.json": ORCHARD,
        "client-extension.json": {"name": "x", "label": "y"},
        "package.json": {"name": "grounds", "version": "1.0"},
        "list.json": [ORCHARD],
    }
    path = tmp_path / ("package.zip" if is_zipped else "package")
    if is_zipped:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, json.dumps(content))
            archive.writestr("broken.json", "{")
    else:
        for name, content in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(json.dumps(content))
        (path / "broken.json").write_text("{")

    with package_units(path, workspace.path) as found:
        read = [
            (unit.name, json.loads(unit.path.read_text()))
            for unit in found
            if unit.path is not None
        ]

    assert read == [
        ("2-fruits.batch-engine-data.json", batch),
        ("3/Object_Definition_Orchard.json", ORCHARD),
        ("10-Object_Folder_Grounds.json", GROUNDS),
    ]


def test_entries_are_not_taken_for_documents() -> None:
    """A record of an object may have fields of such names."""
    assert document_class({"name", "label", "pluralLabel"}) == ""
    assert document_class({"name", "listTypeEntries", "id"}) != ""
    assert document_class({"objectFields", "name"}) == ""
