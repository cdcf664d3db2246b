"""What becomes other than a definition states it is named in notes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.strategies import UpdateStrategy
from dmc_widgets.objects.comparison.differences import find_differences
from dmc_widgets.workspace import Workspace
from tests.factories import definition, field_settings
from tests.tasks.imports.test_folder_imports import items, listed
from tests.tasks.imports.test_ignored_changes import (
    FOLDER,
    field,
    outcomes,
    plan_of,
    preview_and_run,
)
from tests.tasks.imports.test_missing_references import place

__all__ = ["place"]

TITLE = field("title", "Text")
UNIQUE = field_settings(uniqueValues="true")
REL: dict[str, Any] = {
    "externalReferenceCode": "REL",
    "label": {"en_US": "Kids"},
    "name": "kids",
    "objectDefinitionExternalReferenceCode2": "KID_OLD",
    "type": "oneToMany",
}
PARENT = definition("Parent", TITLE, objectRelationships=[REL])
KID = definition(
    "Kid",
    TITLE,
    field(
        "r_kids_c_parentId",
        "Relationship",
        objectDefinitionExternalReferenceCode1="PARENT",
        objectRelationshipExternalReferenceCode="REL",
    ),
)
PUPIL = definition(
    "Pupil",
    TITLE | {"unique": True},
    field("code", "Text", unique=True, objectFieldSettings=UNIQUE),
    objectRelationships=[
        REL
        | {
            "externalReferenceCode": "USERS",
            "name": "userToPupil",
            "objectDefinitionExternalReferenceCode1": "L_USER",
            "objectDefinitionExternalReferenceCode2": "PUPIL",
        }
    ],
)
LEADS_ELSEWHERE = (
    "ObjectDefinition Kid: REL leads to KID_OLD, not to KID. This relationship of "
    "Parent is taken as it is, as in Liferay, so Kid has no field r_kids_c_parentId."
)
TO_ITSELF = (
    "ObjectDefinition Pupil: the relationship userToPupil is stated to come from "
    "L_USER. It becomes one of Pupil to itself, as in Liferay: a relationship comes "
    "from the definition that lists it."
)
NOT_UNIQUE = (
    "ObjectDefinition Pupil: fields that are stated to be unique, without the setting "
    "uniqueValues that makes them so: title. They take equal values, as in Liferay."
)


@pytest.mark.parametrize(
    ("kind", "records"),
    [
        pytest.param("ObjectDefinition", [PARENT, KID, PUPIL], id="definitions"),
        pytest.param(
            "ObjectFolder",
            [FOLDER | {"objectFolderItems": [*map(listed, (PARENT, KID, PUPIL))]}],
            id="in a folder",
        ),
    ],
)
def test_preview_run_and_second_run_say_the_same(
    workspace: Workspace,
    tmp_path: Path,
    place: str,
    kind: str,
    records: list[dict[str, Any]],
) -> None:
    file = tmp_path / "items.json"
    file.write_text(json.dumps(records))
    plan = plan_of(UpdateStrategy.UPDATE, kind)

    first = preview_and_run(workspace, place, plan, file)
    again = preview_and_run(workspace, place, plan, file)

    for (expected, notes, task), outcome in ((first, "created"), (again, "unchanged")):
        assert expected == outcomes(workspace, task) == [outcome] * len(records)
        for seen in (notes, task.notes):
            assert [note for note in seen if "as in Liferay" in note][-3:] == [
                LEADS_ELSEWHERE,
                TO_ITSELF,
                NOT_UNIQUE,
            ]
    stored = items(workspace, place, "ObjectDefinition")
    names = {code: [x["name"] for x in stored[code]["objectFields"]] for code in stored}
    assert names["KID"][6:] == ["title"]
    assert names["PUPIL"][6:] == ["title", "code", "r_userToPupil_c_pupilId"]
    unique = [field["unique"] for field in stored["PUPIL"]["objectFields"][6:8]]
    assert unique == [False, True]


def test_database_and_server_hold_the_same(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "items.json"
    file.write_text(json.dumps([KID, PUPIL, PARENT]))
    workspace.connections.put("other", f"sqlite:///{tmp_path / 'other.db'}")
    plan = plan_of(UpdateStrategy.UPDATE)

    for name in (place, "other"):
        preview_and_run(workspace, name, plan, file)

    here, there = (
        items(workspace, name, "ObjectDefinition").values() for name in (place, "other")
    )
    assert list(find_differences("ObjectDefinition", here, there)) == []
    assert Center(workspace).installations.list()
