"""The dry run of an import into an embedded installation: the same, without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations.sql import open_sqlite
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.ports import Batch, Query, Rehearser
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.factories import write_json
from tests.tasks.gallery import ROOM, write

pytestmark = pytest.mark.usefixtures("in_this_process")

ERC = "externalReferenceCode"
FIRST = [{ERC: "T-1", "title": "Leak"}, {ERC: "T-2", "title": "Smoke", "priority": 3}]
SECOND = [
    {ERC: "T-1", "title": "Leak"},
    {ERC: "T-2", "title": "Fire", "priority": 3},
    {ERC: "T-3", "priority": 1},
    {ERC: "T-4", "title": "Noise"},
    {ERC: "T-4", "title": "Much noise"},
]


def stored(center: Center) -> list[dict[str, object]]:
    with center.installations.connect("target") as opened:
        return [dict(item) for item in opened.read("Ticket")]


@pytest.fixture
def filled(center: Center, tmp_path: Path) -> Center:
    center.import_file("target", "Ticket", write_json(tmp_path / "first.json", FIRST))
    return center


def test_counts_are_those_of_the_run_and_nothing_is_written(
    filled: Center, tmp_path: Path
) -> None:
    """Later records meet what earlier ones would have created."""
    before = stored(filled)
    path = write_json(tmp_path / "second.json", SECOND)

    task = filled.import_file(
        "target", "Ticket", path, on_error="continue", dry_run=True
    )

    assert task.counts == Counts(created=1, updated=2, unchanged=1, failed=1)
    assert task.status is TaskStatus.PARTIALLY_COMPLETED
    assert stored(filled) == before
    run = filled.import_file("target", "Ticket", path, on_error="continue")
    assert run.counts == task.counts
    assert len(stored(filled)) == 3


def test_a_dry_run_says_that_it_is_one(filled: Center, tmp_path: Path) -> None:
    path = write_json(tmp_path / "second.json", SECOND)

    task = filled.import_file("target", "Ticket", path, dry_run=True, name="March")

    assert task.name == "March (Dry Run)"
    assert task.state.plan.as_dict()["dryRun"] is True
    assert any("nothing was written" in note for note in task.notes)
    assert task.error == (
        'Record 3: No value was provided for required object field "title". '
        "The import would stop here. 2 records after it were not tried."
    )


def test_a_rehearsal_sees_what_it_wrote_and_leaves_nothing(tmp_path: Path) -> None:
    """Others see nothing of it, neither meanwhile nor afterwards."""
    path = tmp_path / "rooms.db"
    one, other = open_sqlite(path, "rooms"), open_sqlite(path, "rooms")
    write(one, "ObjectDefinition", ROOM)
    room = find_entity_type(one.entity_types(), "Room")
    batch = Batch(task="t", number=1, items=[{ERC: "R-9"}], policy=Policy())
    assert isinstance(one, Rehearser)

    with one.rehearsal() as rehearsal:
        outcomes = rehearsal.write(room, batch)
        assert [outcome.kind for outcome in outcomes] == [OutcomeKind.CREATED]
        assert list(rehearsal.fetch(room, ["R-9"])) == ["R-9"]
        assert list(other.read(room, Query())) == []
        assert rehearsal.recall(room, batch) == outcomes
    assert list(one.read(room, Query())) == []
    assert one.recall(room, batch) is None
    one.close()
    other.close()


def test_a_rehearsal_keeps_no_contents_of_attachments(gallery: Center) -> None:
    """What it stores in its own folder can be read until it ends."""
    (connection,) = (
        each for each in gallery.installations.list() if each.name == "gallery"
    )
    path = Path(connection.url.removeprefix("sqlite:///"))
    opened = open_sqlite(path, "gallery")
    picture = find_entity_type(opened.entity_types(), "Picture")
    scan = {"name": "a.png", "fileBase64": "aGVsbG8="}
    item = {ERC: "P-1", "title": "Sea", "scan": scan}
    batch = Batch(task="t", number=1, items=[item], policy=Policy())

    with opened.rehearsal() as rehearsal:
        (outcome,) = rehearsal.write(picture, batch)
        assert outcome.kind is OutcomeKind.CREATED, outcome.problem
        stored = rehearsal.fetch(picture, ["P-1"])["P-1"]["scan"]
        assert stored["fileBase64"] == "aGVsbG8="
    files = path.with_name(f"{path.name}.files")
    assert not files.exists() or not [x for x in files.rglob("*") if x.is_file()]
    opened.close()
