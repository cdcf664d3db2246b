"""The task of an undo: by the façade, in processes of its own, and in its refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, NotSupported
from dmc_widgets.model.plan import UndoPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.tasks.worker.runner import run_task
from tests.factories import write_json
from tests.tasks.conftest import RunImport

pytestmark = pytest.mark.each_database

ERC = "externalReferenceCode"
_FIRST = [{ERC: "T-1", "title": "Leak", "priority": 2}, {ERC: "T-2", "title": "Smoke"}]
_SECOND = [
    {ERC: "T-1", "title": "Flood", "priority": 2},
    {ERC: "T-2", "title": "Fire"},
    {ERC: "T-3", "title": "Noise"},
]


def _titles(center: Center) -> dict[str, str]:
    with dmc.connect(center._workspace.connections.get("target").url) as opened:
        return {item[ERC]: item["title"] for item in opened.read("Ticket")}


def test_undo_is_a_task_that_can_be_undone(center: Center, tmp_path: Path) -> None:
    path = write_json(tmp_path / "first.json", _FIRST)
    center.import_file("target", "Ticket", path)
    path = write_json(tmp_path / "second.json", _SECOND)
    task = center.import_file("target", "Ticket", path)

    rehearsal = task.undo(dry_run=True)

    assert rehearsal.counts == dmc.Counts(updated=3)
    assert _titles(center) == {"T-1": "Flood", "T-2": "Fire", "T-3": "Noise"}
    undo = task.undo()
    assert undo.status is dmc.TaskStatus.COMPLETED
    assert [tuple(each) for each in undo.undone_records()] == [
        (1, "", "T-3", "reversed", "deleted"),
        (2, "", "T-2", "reversed", "restored"),
        (3, "", "T-1", "reversed", "restored"),
    ]
    assert _titles(center) == {"T-1": "Leak", "T-2": "Smoke"}
    again = undo.undo()
    assert again.counts == dmc.Counts(created=1, updated=2)
    assert _titles(center) == {"T-1": "Flood", "T-2": "Fire", "T-3": "Noise"}


def test_undo_resumes_where_it_stopped(
    center: Center, run_import: RunImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmc_widgets.tasks.undo.undo_task._MAX_BATCH_RECORDS", 1)
    run_import(_FIRST)
    task = run_import(_SECOND)
    workspace = center._workspace
    plan = UndoPlan(task=task.id, entity_type=task.plan.entity_type, name="undo")
    whole = workspace.tasks.add("target", plan)
    run_task(workspace, whole.id)
    expected = list(center.tasks.undone_records(whole.id))

    with (
        workspace._database.transaction() as connection
    ):  # as a killed worker leaves it
        connection.execute(
            "DELETE FROM outcome WHERE task_id = ? AND first_index > 1", [whole.id]
        )
        connection.execute(
            "UPDATE task SET status = 'Queued', counts = '{}' WHERE id = ?", [whole.id]
        )
    run_task(workspace, whole.id)

    assert center.tasks.get(whole.id).counts == dmc.Counts(updated=3)
    assert list(center.tasks.undone_records(whole.id)) == expected
    assert _titles(center) == {"T-1": "Leak", "T-2": "Smoke"}


def test_what_cannot_be_undone_is_refused_with_the_reason(
    center: Center, run_import: RunImport
) -> None:
    key = center.installations.entity_type("target", "Ticket").key
    plan = dmc.ImportPlan(
        entity_type=key, name="none", options=RunOptions(journal=False)
    )
    without = run_import(_FIRST, plan)
    same = run_import(_FIRST)

    with pytest.raises(NotSupported, match="it kept no journal"):
        center.tasks.undo(without)
    with pytest.raises(InvalidPlan, match="changed nothing"):
        center.tasks.undo(same)
