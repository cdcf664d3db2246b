"""Folders that bring definitions along, as Liferay's Objects page exports them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import UpdateStrategy
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.objects.documents.folders import remove_definitions
from dmc_widgets.ports import Item, Query
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.imports.test_ignored_changes import (
    FOLDER,
    field,
    kid,
    outcomes,
    plan_of,
    preview_and_run,
    thing,
    write,
)

ERC = "externalReferenceCode"
USER = {ERC: "L_USER", "name": "User", "system": True, "modifiable": False}
NOTE = (
    "ObjectFolder Yard brings definitions along; they are added, or replaced where "
    "they exist, as in Liferay: Spade, Spadekid. ObjectFolder Yard brings definitions "
    "along that are Liferay's own or only linked; they are left alone: User, Rake."
)


def listed(definition: dict[str, Any], *, linked: bool = False) -> dict[str, Any]:
    return {
        "linkedObjectDefinition": linked,
        "objectDefinition": definition,
        "objectDefinitionExternalReferenceCode": definition[ERC],
        "positionX": 7,
    }


def plain(code: str) -> dict[str, Any]:
    """A definition without a picklist, which belongs to no folder yet."""
    return thing(code) | {"objectFields": [field("title", "Text")]}


YARD = FOLDER | {
    "objectFolderItems": [
        listed(plain("SPADE")),
        listed(kid("SPADE")),
        listed(USER),
        listed(plain("RAKE"), linked=True),
    ]
}


@pytest.fixture(params=["database", "server"])
def place(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The name of an empty target."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    if request.param == "database":
        workspace.connections.put("place", f"sqlite:///{tmp_path / 'place.db'}")
        yield "place"
        return
    with run_sandbox(tmp_path / "place.db") as server:
        access = Access(user=SETTINGS.user)
        Center(workspace).installations.add("place", server.url, access)
        yield "place"


def items(workspace: Workspace, name: str, kind: str) -> dict[str, Item]:
    """Return the documents of a kind, without the folder that every server has."""
    installation = open_connection(workspace.connections.get(name))
    entity_type = find_entity_type(installation.entity_types(), kind)
    found = {each[ERC]: each for each in installation.read(entity_type, Query())}
    installation.close()
    found.pop("default", None)
    return found


@pytest.mark.parametrize("update_strategy", UpdateStrategy)
def test_definitions_within_a_folder_are_imported(
    workspace: Workspace, tmp_path: Path, place: str, update_strategy: UpdateStrategy
) -> None:
    """They are published, belong to the folder, and are named in the notes."""
    file = tmp_path / "folders.json"
    file.write_text(json.dumps([YARD]))
    plan = plan_of(update_strategy, "ObjectFolder")

    first = preview_and_run(workspace, place, plan, file)
    again = preview_and_run(workspace, place, plan, file)

    for (expected, notes, task), outcome in ((first, "created"), (again, "unchanged")):
        assert expected == outcomes(workspace, task) == [outcome]
        assert notes == task.notes == (NOTE,)
    definitions = items(workspace, place, "ObjectDefinition")
    assert definitions.keys() == {"SPADE", "SPADEKID"}
    assert definitions["SPADE"]["objectFolderExternalReferenceCode"] == "YARD"
    assert definitions["SPADE"]["status"]["code"] == 0
    (folder,) = items(workspace, place, "ObjectFolder").values()
    assert folder["objectFolderItems"] == remove_definitions(YARD)["objectFolderItems"]


def test_invalid_definition_within_a_folder_fails_the_folder(
    workspace: Workspace, tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    """Nothing of it is stored, and the message names the definition."""
    broken = plain("HOE") | {"scope": "moon"}
    file = tmp_path / "folders.json"
    folder = FOLDER | {"objectFolderItems": [listed(plain("AXE")), listed(broken)]}
    file.write_text(json.dumps([folder]))

    expected, _, task = preview_and_run(
        workspace, place, plan_of(UpdateStrategy.UPDATE, "ObjectFolder"), file
    )

    (failure,) = workspace.outcomes.failures(task.id)
    assert expected == ["failed"]
    assert task.counts.failed == 1
    message = "No object scope provider found with key moon"
    if request.node.callspec.params["place"] == "database":
        message = f"Object definition Hoe of the folder: {message}"
    assert failure.problem.message == message  # a server does not name it
    assert items(workspace, place, "ObjectFolder") == {}
    assert items(workspace, place, "ObjectDefinition") == {}


def test_migration_of_folders_leaves_definitions_out(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    """They move by themselves, where they are chosen."""
    url = f"sqlite:///{tmp_path / 'source.db'}"
    installation = connect(url)
    write(installation, "ObjectFolder", YARD)
    installation.close()
    workspace.connections.put("source", url)
    chosen = Selection(entity_types=("ObjectFolder",), with_needed=False)
    task = workspace.tasks.add(
        place, MigrationPlan(source="source", selection=chosen, name="test")
    )

    run_task(workspace, task.id)

    assert workspace.tasks.get(task.id).status is TaskStatus.COMPLETED
    assert items(workspace, place, "ObjectFolder").keys() == {"YARD"}
    assert items(workspace, place, "ObjectDefinition") == {}


def test_ignored_changes_of_definitions_within_a_folder_are_named(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    """A published one keeps its name; whatever else changes is an update."""
    file = tmp_path / "folders.json"
    plan = plan_of(UpdateStrategy.UPDATE, "ObjectFolder")
    before = plain("SPADE") | {"objectRelationships": []}
    seen = []

    for definition in (
        before,
        before | {"name": "Rake"},
        before | {"name": "Rake", "label": {"en_US": "Shovel"}},
    ):
        folder = FOLDER | {"objectFolderItems": [listed(definition)]}
        file.write_text(json.dumps([folder]))
        expected, notes, task = preview_and_run(workspace, place, plan, file)
        assert expected == outcomes(workspace, task)
        assert set(notes) == set(task.notes)
        kept = [note for note in notes if "keeps what is stored" in note]
        seen.append((expected, kept))

    told = (
        "ObjectDefinition Spade keeps what is stored, because it is published: "
        'name (stored "Spade", given "Rake").'
    )
    assert seen == [(["created"], []), (["unchanged"], [told]), (["updated"], [told])]
    stored = items(workspace, place, "ObjectDefinition")["SPADE"]
    assert (stored["name"], stored["label"]) == ("Spade", {"en_US": "Shovel"})


def test_new_folder_names_ignored_changes_of_existing_definitions(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "folders.json"
    plan = plan_of(UpdateStrategy.UPDATE, "ObjectFolder")
    spade = plain("SPADE") | {"objectRelationships": []}
    second = {ERC: "SHED", "name": "Shed", "label": {"en_US": "Shed"}}

    for folder, definition in (
        (FOLDER, spade),
        (second, spade | {"scope": "site"}),
    ):
        file.write_text(
            json.dumps([folder | {"objectFolderItems": [listed(definition)]}])
        )
        expected, notes, task = preview_and_run(workspace, place, plan, file)
        assert expected == outcomes(workspace, task) == ["created"]
        assert set(notes) == set(task.notes)

    assert (
        "ObjectDefinition Spade keeps what is stored, because it is published: "
        'scope (stored "company", given "site").' in notes
    )
