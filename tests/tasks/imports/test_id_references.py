"""Ids do not travel: a refusal explains that before it quotes Liferay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import UpdateStrategy
from dmc_widgets.workspace import Workspace
from tests.tasks.imports.test_folder_imports import listed, plain
from tests.tasks.imports.test_ignored_changes import (
    FOLDER,
    field,
    plan_of,
    preview_and_run,
    thing,
)
from tests.tasks.imports.test_missing_references import place

__all__ = ["place"]

HUE = field("hue", "Picklist")
KIDS = {"name": "kids", "label": {"en_US": "Kids"}, "type": "oneToMany"}
ZERO = "List type definition ID is 0"
TRAVEL = "is an id, and ids do not travel between installations."
BY_ID = (
    f"objectFields.hue: listTypeDefinitionId 4711 {TRAVEL} "
    f"State listTypeDefinitionExternalReferenceCode. {ZERO}"
)


def only(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return (
        thing("TICKET") | {"objectFields": [*fields], "objectRelationships": []} | more
    )


@pytest.mark.parametrize(
    ("kind", "item", "message"),
    [
        pytest.param(
            "ObjectDefinition",
            only(HUE | {"listTypeDefinitionId": 4711}),
            BY_ID,
            id="a picklist by its id",
        ),
        pytest.param(
            "ObjectDefinition",
            only(HUE),
            "objectFields.hue names no picklist. State "
            f"listTypeDefinitionExternalReferenceCode. {ZERO}",
            id="no picklist",
        ),
        pytest.param(
            "ObjectDefinition",
            plain("TICKET")
            | {"objectRelationships": [KIDS | {"objectDefinitionId2": 4712}]},
            f"objectRelationships.kids: objectDefinitionId2 4712 {TRAVEL} "
            "State objectDefinitionExternalReferenceCode2. No ObjectDefinition exists "
            "with the external reference code null",
            id="a child by its id",
        ),
        pytest.param(
            "ObjectFolder",
            FOLDER
            | {
                "objectFolderItems": [
                    listed(only(HUE | {"listTypeDefinitionId": 4711}))
                ]
            },
            f"Object definition Ticket of the folder: {BY_ID}",
            id="in a folder",
        ),
    ],
)
def test_cause_precedes_liferays_text(
    workspace: Workspace,
    tmp_path: Path,
    place: str,
    *,
    kind: str,
    item: dict[str, Any],
    message: str,
) -> None:
    file = tmp_path / "items.json"
    file.write_text(json.dumps([item]))
    plan = plan_of(UpdateStrategy.UPDATE, kind)

    preview = Center(workspace).files.preview_records(place, plan, file)
    _, _, task = preview_and_run(workspace, place, plan, file)

    (record,) = preview.records
    (failure,) = workspace.outcomes.failures(task.id)
    assert [fault.problem.message for fault in record.faults] == [message]
    if kind == "ObjectDefinition" or place == "database":
        assert failure.problem.message == message
    assert message.endswith(record.faults[0].problem.as_liferay)
    assert record.faults[0].problem.as_liferay[0] in "LN"


def test_ignored_id_is_noted(workspace: Workspace, tmp_path: Path, place: str) -> None:
    """The definition is stored, without what the id stood for."""
    file = tmp_path / "items.json"
    parent = field("r_owns_c_ownerId", "Relationship", objectDefinitionId1=77)
    file.write_text(json.dumps([only(field("title", "Text"), parent)]))

    plan = plan_of(UpdateStrategy.UPDATE)
    expected, notes, task = preview_and_run(workspace, place, plan, file)

    assert expected == ["created"]
    assert (
        notes
        == task.notes
        == (
            "ObjectDefinition Ticket: objectFields.r_owns_c_ownerId: "
            f"objectDefinitionId1 77 {TRAVEL} State "
            "objectDefinitionExternalReferenceCode1.",
        )
    )


def test_parent_named_by_its_id_is_refused_with_advice(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    owner = plain("OWNER") | {
        "objectRelationships": [
            KIDS | {"objectDefinitionExternalReferenceCode2": "PET"}
        ]
    }
    pet = plain("PET") | {"objectRelationships": []}
    file = tmp_path / "items.json"
    file.write_text(json.dumps([owner, pet]))
    preview_and_run(workspace, place, plan_of(UpdateStrategy.UPDATE), file)
    file.write_text(json.dumps([{"title": "Rex", "r_kids_c_ownerId": 4713}]))
    plan = ImportPlan(
        entity_type=Center(workspace).installations.entity_type(place, "Pet").key,
        name="test",
    )

    preview = Center(workspace).files.preview_records(place, plan, file)
    _, _, task = preview_and_run(workspace, place, plan, file)

    (record,) = preview.records
    (failure,) = workspace.outcomes.failures(task.id)
    message = (
        "No parent has the id 4713 here, and ids do not travel between installations. "
        "Name the parent by r_kids_c_ownerERC. The value for r_kids_c_ownerId does not "
        "exist"
    )
    assert [fault.problem.message for fault in record.faults] == [message]
    assert failure.problem.message == message
