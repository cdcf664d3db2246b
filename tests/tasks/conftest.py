"""A workspace with one empty target that holds the objects Person and Ticket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_identity import identify_file
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.installations.databases import Place, new_place
from tests.tasks.gallery import ERC, PICKLIST, PICTURE, ROOM, write

TICKET = {
    "externalReferenceCode": "TICKET",
    "label": {"en_US": "Ticket"},
    "name": "Ticket",
    "objectFields": [
        {
            "DBType": "String",
            "businessType": "Text",
            "label": {"en_US": "Title"},
            "name": "title",
            "required": True,
        },
        {
            "DBType": "Integer",
            "businessType": "Integer",
            "label": {"en_US": "Priority"},
            "name": "priority",
            "required": False,
        },
    ],
    "pluralLabel": {"en_US": "Tickets"},
    "scope": "company",
    "status": {"code": 0},
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    opened.save_setting("furnished", "yes")  # these tests need no sample data
    yield opened
    opened.close()


@pytest.fixture
def place(storage: str, tmp_path: Path) -> Iterator[Place]:
    """Where the target is: in ``target.db``, or in a database of a server."""
    with new_place(storage, tmp_path / "target.db") as found:
        yield found


@pytest.fixture
def target(workspace: Workspace, place: Place) -> str:
    """The name of an installation that holds the empty object Ticket."""
    installation = connect(place.url)
    definitions = find_entity_type(installation.entity_types(), OBJECT_DEFINITION)
    batch = Batch(task="setup", number=1, items=[TICKET], policy=Policy())
    outcomes = installation.write(definitions, batch)
    installation.close()
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.CREATED]
    workspace.connections.put("target", place.url)
    return "target"


@pytest.fixture
def center(workspace: Workspace, target: str) -> Center:
    assert target == "target"
    return Center(workspace)


RunImport = Callable[..., Task]


@pytest.fixture
def run_import(workspace: Workspace, center: Center, tmp_path: Path) -> RunImport:
    """Import records, or the bytes of a file, in this process."""

    def run(
        content: Sequence[dict[str, Any]] | bytes,
        plan: ImportPlan | None = None,
        name: str = "tickets.json",
    ) -> Task:
        path = tmp_path / name
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(data)
        if plan is None:
            key = center.installations.entity_type("target", "Ticket").key
            plan = ImportPlan(entity_type=key, name="test")
        task = workspace.tasks.add("target", plan, name)
        copy_into_workspace(path, original_path(workspace, task), consume=False)
        workspace.tasks.identify_file(task.id, identify_file(path))
        run_task(workspace, task.id)
        return center.tasks.get(task.id)

    return run


KEY = "pRkWk5kqQ7kM2mIYw1kZ2rYwqg6yqTzV1m4m2y7mT3s="


@pytest.fixture
def gallery(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Center:
    """An installation named gallery: rooms R-1 and R-2, and no picture."""
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", KEY)
    url = f"sqlite:///{tmp_path / 'gallery.db'}"
    installation = connect(url)
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", PICTURE, ROOM)
    write(installation, "Room", {ERC: "R-1"}, {ERC: "R-2"})
    installation.close()
    workspace.connections.put("gallery", url)
    return Center(workspace)
