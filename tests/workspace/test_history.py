"""The history of a workspace: complete, append-only, and found again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.model.plan import ExportPlan, ImportPlan
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.database import _MIGRATIONS
from dmc_widgets.workspace.history.store import HistoryFilter

IMPORT = ImportPlan(entity_type="x.ObjectEntry#C_Ticket", name="March")
EXPORT = ExportPlan(entity_type="x.ObjectEntry#C_Person", name="April")
ALL = HistoryFilter()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    yield opened
    opened.close()


def run_import(workspace: Workspace, counts: Counts) -> int:
    task = workspace.tasks.add("Production", IMPORT, "march.csv")
    workspace.tasks.start(task.id, 1.0)
    done = replace(task, status=TaskStatus.FAILED, counts=counts, error="Disk full.")
    workspace.tasks.finish(done)
    return task.id


def events(workspace: Workspace, chosen: HistoryFilter = ALL) -> list[str]:
    return [event.event for event in workspace.history.read(chosen)]


def test_each_change_of_a_status_is_an_event(workspace: Workspace) -> None:
    """Who, what, when, with which file and plan, and how it ended: newest first."""
    task_id = run_import(workspace, Counts(created=3, failed=1))
    workspace.history.add(workspace.tasks.get(task_id), "Prune", "Its files.")
    pruned, failed, running, queued = workspace.history.read()

    assert [e.event for e in (queued, running, failed, pruned)] == [
        "Queued",
        "Running",
        "Failed",
        "Prune",
    ]
    assert {e.author for e in (queued, failed)} == {workspace.tasks.get(task_id).author}
    assert (queued.plan, queued.file) == (IMPORT.as_dict(), "march.csv")
    assert (failed.counts, failed.detail) == (Counts(3, failed=1), "Disk full.")
    assert (failed.name, failed.installation) == ("March", "Production")
    assert queued.at <= running.at <= failed.at <= pruned.at
    assert (pruned.detail, pruned.counts) == ("Its files.", failed.counts)


def test_events_stay_when_their_task_is_removed(workspace: Workspace) -> None:
    task = workspace.tasks.add("Production", EXPORT)
    workspace.tasks.discard(task.id)

    assert events(workspace) == ["Removed", "Queued"]


@pytest.mark.own_file
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET author = 'x'",
        "DELETE FROM history",
        "REPLACE INTO history SELECT * FROM history",
        "INSERT INTO history SELECT * FROM history WHERE 1 ON CONFLICT DO UPDATE SET "
        "author = 'x'",
    ],
)
def test_events_cannot_be_changed_or_removed(
    workspace: Workspace, statement: str
) -> None:
    workspace.tasks.add("Production", EXPORT)
    path = workspace.path / "workspace.db"
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError) as caught,
    ):
        connection.execute(statement)
    assert str(caught.value) == "the history of a workspace is append-only"
    assert events(workspace) == ["Queued"]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (HistoryFilter(task_id=2), ["Queued"]),
        (HistoryFilter(keyword="MARCH.csv"), ["Failed", "Running", "Queued"]),
        (HistoryFilter(keyword="person"), ["Queued"]),
        (HistoryFilter(event="Failed"), ["Failed"]),
        (HistoryFilter(installation="Staging"), ["Queued"]),
        (HistoryFilter(author="nobody"), []),
        (HistoryFilter(since="2020"), ["Queued", "Failed", "Running", "Queued"]),
        (HistoryFilter(until="2020"), []),
    ],
)
def test_history_is_filtered(
    workspace: Workspace, chosen: HistoryFilter, found: list[str]
) -> None:
    run_import(workspace, Counts(created=1))
    workspace.tasks.add("Staging", EXPORT)

    assert events(workspace, chosen) == found


def test_long_history_is_read_to_its_end(workspace: Workspace) -> None:
    task = workspace.tasks.add("Production", EXPORT)
    for _ in range(1_200):
        workspace.history.add(task, "Look")

    assert len(events(workspace)) == 1_201


@pytest.mark.own_file
def test_older_workspace_gets_an_event_for_each_task(tmp_path: Path) -> None:
    step = next(n for n, x in enumerate(_MIGRATIONS) if callable(x))
    with closing(sqlite3.connect(tmp_path / "workspace.db")) as connection:
        for text in _MIGRATIONS[:step]:
            connection.executescript(str(text))
        connection.execute(
            "INSERT INTO task (mark, name, installation, action, entity_type, plan, "
            "author, created, modified, status, counts, error) VALUES ('m', 'Old', "
            "'Production', 'Import', 'C_Ticket', '{}', 'ada', '2026-01-01', "
            """'2026-01-02', 'Failed', '{"created": 5}', 'Disk full.')"""
        )
        connection.execute(f"PRAGMA user_version = {step}")
        connection.commit()
    with closing(Workspace(tmp_path)) as opened:
        (event,) = opened.history.read()

    assert (event.at, event.event, event.author) == ("2026-01-02", "Failed", "ada")
    assert (event.counts, event.detail) == (Counts(created=5), "Disk full.")
