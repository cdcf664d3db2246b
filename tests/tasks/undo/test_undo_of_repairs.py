"""Records that came in by a repair, and the keys that it added, are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Counts
from tests.factories import write_json
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.gallery import ERC
from tests.undoing.shop import put

pytestmark = pytest.mark.usefixtures("in_this_process")

_RECORDS = [
    {ERC: "P-1", "title": "Sea", "colour": "green"},
    {ERC: "P-2", "title": "Sky", "colour": "green"},
    {ERC: "P-3", "title": "", "colour": "red"},
    {ERC: "P-4", "title": "Moor", "colour": "blue"},
]
_OLD = {ERC: "P-1", "title": "Old", "colour": "red"}


@pytest.fixture(params=["embedded", "server"])
def stocked(
    gallery: Center,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Center]:
    """The gallery with one picture, as *gallery* itself or behind a server."""
    store(tmp_path, _OLD)
    if request.param == "embedded":
        yield gallery
        return
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(tmp_path / "gallery.db") as server:
        access = Access(user=SETTINGS.user)
        gallery.installations.add("served", server.url, access)
        yield gallery


def store(folder: Path, *pictures: dict[str, Any]) -> None:
    with closing(connect(f"sqlite:///{folder / 'gallery.db'}")) as opened:
        assert put(opened, "Picture", pictures) == []


def state(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the titles and colours of the pictures, and the keys of the picklist."""
    with dmc.connect(f"sqlite:///{folder / 'gallery.db'}") as opened:
        pictures = {
            item[ERC]: (item["title"], (item["colour"] or {}).get("key"))
            for item in opened.read("Picture")
        }
        (picklist,) = opened.read("ListTypeDefinition")
    return pictures, [entry["key"] for entry in picklist["listTypeEntries"]]


def repaired(center: Center, folder: Path) -> TaskHandle:
    """An import of which three records came in by a repair that added a key."""
    names = [x.name for x in center.installations]
    target = "served" if "served" in names else "gallery"
    path = write_json(folder / "pictures.json", _RECORDS)
    task = center.import_file(target, "Picture", path, on_error="continue")
    frame = task.failures()
    frame.loc[frame["errorField"] == "title", "title"] = "Fog"
    task.retry(frame, add_keys={"colour": ["green"]})
    assert task.counts == Counts(created=3, updated=1)
    return task


def test_all_that_a_repair_did_is_taken_back(stocked: Center, tmp_path: Path) -> None:
    before = state(tmp_path)
    task = repaired(stocked, tmp_path)
    after = state(tmp_path)
    assert after[1] == ["red", "blue", "green"]
    assert task.undo(dry_run=True).counts == Counts(updated=5)

    undo = task.undo()

    assert [x[1:] for x in undo.undone_records()] == [
        ("C_Picture", "P-4", "reversed", "deleted"),
        ("C_Picture", "P-3", "reversed", "deleted"),
        ("C_Picture", "P-2", "reversed", "deleted"),
        ("C_Picture", "P-1", "reversed", "restored"),
        ("ListTypeEntry", "COLOURS/green", "reversed", "deleted"),
    ]
    assert state(tmp_path) == before
    again = undo.undo()
    assert again.counts.total == 5
    assert state(tmp_path) == after


def test_what_somebody_did_after_a_repair_stays(
    stocked: Center, tmp_path: Path
) -> None:
    """A repaired record that was changed, and a key that another entry holds."""
    task = repaired(stocked, tmp_path)
    store(
        tmp_path,
        {ERC: "P-3", "title": "Mine", "colour": "red"},
        {ERC: "P-9", "title": "New", "colour": "green"},
    )

    undo = task.undo()

    assert {x.key: (x.bucket, x.reason) for x in undo.undone_records()} == {
        "P-4": ("reversed", "deleted"),
        "P-3": ("kept", "changed or deleted since by somebody else"),
        "P-2": ("reversed", "deleted"),
        "P-1": ("reversed", "restored"),
        "COLOURS/green": (
            "kept",
            "named since by other items, or holding entries of others",
        ),
    }
    assert state(tmp_path) == (
        {"P-1": ("Old", "red"), "P-3": ("Mine", "red"), "P-9": ("New", "green")},
        ["red", "blue", "green"],
    )
