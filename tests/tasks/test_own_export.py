"""Importing one's own export again changes nothing, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.strategies import UpdateStrategy
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.tasks.task_files import exported_path, original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.factories import field_settings
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.conftest import KEY
from tests.tasks.gallery import (
    COLOURS,
    ERC,
    FULL,
    PICKLIST,
    PICTURE,
    ROOM,
    Item,
    field,
    plan,
    write,
)

DEFAULTS: list[Item] = [
    field(
        "sold",
        "Boolean",
        "Boolean",
        objectFieldSettings=field_settings(
            defaultValueType="inputAsValue", defaultValue="true"
        ),
    ),
    field(
        "floor",
        "Text",
        objectFieldSettings=field_settings(
            defaultValueType="inputAsValue", defaultValue="first"
        ),
    ),
    field(
        "mood",
        "Picklist",
        state=True,
        required=True,
        defaultValue="red",
        **COLOURS,
    ),
    field("legend", "LongText", "Clob", localized=True),
]
WITH_DEFAULTS: Item = PICTURE | {
    "enableObjectEntryDraft": True,
    "objectFields": [*PICTURE["objectFields"], *DEFAULTS],
}

ENTRIES: list[Item] = [
    FULL | {"legend_i18n": {"fr_FR": "Une", "de_DE": ""}, "sold": False},
    {ERC: "P-2", "title": "Nothing but a title"},
    {ERC: "P-3", "title": "Nulls", "sold": None, "floor": None, "shown": None},
    {ERC: "P-4", "title": "False", "shown": False, "sold": False},
    {ERC: "P-5", "title": "", "status": {"code": 2}, "tones": [], "keywords": []},
]


def furnish(url: str) -> None:
    installation = connect(url)
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", WITH_DEFAULTS, ROOM)
    write(installation, "Room", {ERC: "R-1"}, {ERC: "R-2"})
    write(installation, "Picture", *ENTRIES)
    installation.close()


@pytest.fixture(params=["sqlite", "server"])
def desk(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Center]:
    """A database with entries of every type, alone or served by a sandbox."""
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", KEY)
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    database = tmp_path / "desk.db"
    furnish(f"sqlite:///{database}")
    center = Center(workspace)
    if request.param == "sqlite":
        workspace.connections.put("desk", f"sqlite:///{database}")
        yield center
        return
    with run_sandbox(database) as server:
        center.installations.add("desk", server.url, Access(user=SETTINGS.user))
        yield center


def again(
    center: Center, workspace: Workspace, format_: str, update_strategy: UpdateStrategy
) -> Any:
    key = center.installations.entity_type("desk", "Picture").key
    exported = workspace.tasks.add("desk", ExportPlan(entity_type=key, format=format_))
    run_task(workspace, exported.id)
    assert center.tasks.get(exported.id).status is TaskStatus.COMPLETED
    chosen = replace(plan(update_strategy=update_strategy), entity_type=key)
    task = workspace.tasks.add("desk", chosen, "export.zip")
    path = exported_path(workspace, exported)
    copy_into_workspace(path, original_path(workspace, task), consume=False)
    run_task(workspace, task.id)
    return center.tasks.get(task.id)


@pytest.mark.parametrize("update_strategy", list(UpdateStrategy))
@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
def test_reimported_export_is_unchanged(
    desk: Center, workspace: Workspace, format_: str, update_strategy: UpdateStrategy
) -> None:
    task = again(desk, workspace, format_, update_strategy)

    assert (task.error, task.counts) == ("", Counts(unchanged=len(ENTRIES)))


@pytest.mark.parametrize("format_", ["CSV", "XLSX"])
def test_reimported_table_is_unchanged(
    desk: Center, workspace: Workspace, format_: str
) -> None:
    """But for texts that are empty, which a cell cannot tell from none."""
    task = again(desk, workspace, format_, UpdateStrategy.PARTIAL_UPDATE)

    assert (task.error, task.counts.updated) == ("", 1)
    assert task.counts.unchanged == len(ENTRIES) - 1
