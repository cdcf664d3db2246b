"""Dry runs of definitions and picklists: what would go, with the number of values."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, TaskHandle
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Counts
from dmc_widgets.states.task_actions.run_as_shown import IMPORT_AS_SHOWN
from dmc_widgets.workspace import Workspace
from tests.factories import write_json
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.conftest import KEY
from tests.tasks.gallery import ERC, PICKLIST, PICTURE, ROOM, write

STORED = [{ERC: f"P-{n}", "title": "Sea", "mail": "a@b.de"} for n in (1, 2, 3)]


def without_mail() -> dict[str, Any]:
    """The definition without one field, and another one renamed and required."""
    picture = copy.deepcopy(PICTURE)
    fields = [field for field in picture["objectFields"] if field["name"] != "mail"]
    fields[0]["label"] = {"en_US": "Name"}
    picture["objectFields"] = fields
    return picture


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """Two targets that hold the same: an embedded one, and a server."""
    folder = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DMC_ENCRYPTION_KEY", KEY)
        patch.setenv(PASSWORD, SETTINGS.password)
        workspace = Workspace(folder / "workspace")
        workspace.save_setting("furnished", "yes")
        for name in ("embedded", "served"):
            installation = connect(f"sqlite:///{folder / name}.db")
            write(installation, "ListTypeDefinition", PICKLIST)
            write(installation, "ObjectDefinition", PICTURE, ROOM)
            write(installation, "Picture", *STORED)
            installation.close()
        workspace.connections.put("embedded", f"sqlite:///{folder / 'embedded'}.db")
        with run_sandbox(folder / "served.db") as server:
            access = Access(user=SETTINGS.user)
            workspace.connections.put("served", server.url, access)
            yield Center(workspace)
        workspace.close()


def dry_run(
    center: Center, target: str, kind: str, item: Any, path: Path
) -> TaskHandle:
    file = write_json(path / "item.json", [item])
    return center.import_file(target, kind, file, dry_run=True)


@pytest.mark.parametrize("target", ["embedded", "served"])
def test_a_field_that_would_go_is_lost_with_its_values(
    center: Center, target: str, tmp_path: Path
) -> None:
    """Exactly this is what changes; nothing of it is done."""
    task = dry_run(center, target, "ObjectDefinition", without_mail(), tmp_path)

    assert task.counts == Counts(updated=1)
    changes = {(one.field, one.lost) for one in task.iter_changes()}
    renamed = ("objectFields.title.label.en_US", False)
    assert changes == {("objectFields.mail", True), renamed}
    assert any("fields mail: 3 entries" in note for note in task.notes), task.notes
    again = dry_run(center, target, "ObjectDefinition", PICTURE, tmp_path)
    assert again.counts == Counts(unchanged=1)


@pytest.mark.parametrize("target", ["embedded", "served"])
def test_a_key_that_would_go_is_lost(
    center: Center, target: str, tmp_path: Path
) -> None:
    colours = {**PICKLIST, "listTypeEntries": [{"key": "red", "name": "Rot"}]}
    task = dry_run(center, target, "ListTypeDefinition", colours, tmp_path)

    assert {(one.field, one.lost) for one in task.iter_changes()} == {
        ("listTypeEntries.blue", True),
        ("listTypeEntries.red.name", False),
    }


@pytest.mark.parametrize("target", ["embedded", "served"])
def test_deletions_are_asked_for_once_more_before_the_run(
    center: Center, target: str, tmp_path: Path
) -> None:
    task = dry_run(center, target, "ObjectDefinition", without_mail(), tmp_path)

    with pytest.raises(InvalidPlan, match="--allow-deletions"):
        task.run()
    assert IMPORT_AS_SHOWN.question(task.state) == (
        "Overwriting deletes what only the target has, with the values of its entries: "
        "ObjectDefinition Picture (fields mail: 3 entries). Import all the same?"
    )
    run = task.run(allow_deletions=True)
    assert run.counts == Counts(updated=1)
