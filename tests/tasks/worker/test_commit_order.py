"""Outcomes are recorded only after the target's commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan, MigrationPlan
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.outcomes import OutcomeStore
from tests.sandbox.conftest import DEFINITIONS, ENGINE, SETTINGS, run_sandbox
from tests.tasks.conftest import TICKET


def watch(monkeypatch: pytest.MonkeyPatch, look: Callable[[], int]) -> list[int]:
    """Note what *look* finds before any outcome is recorded."""
    found: list[int] = []
    add = OutcomeStore.add

    def noted(self: OutcomeStore, *args: Any) -> None:
        found.append(look())
        add(self, *args)

    monkeypatch.setattr(OutcomeStore, "add", noted)
    return found


def marks_in(database: Path) -> Callable[[], int]:
    """Return what counts the committed batches of imports and migrations."""

    def look() -> int:
        connection = sqlite3.connect(database)
        query = "SELECT count(*) FROM batch_mark WHERE task != 'setup'"
        number: int = connection.execute(query).fetchone()[0]
        connection.close()
        return number

    return look


def tickets(number: int) -> list[dict[str, Any]]:
    return [{"title": f"Ticket {index}"} for index in range(number)]


def test_entries_are_committed_before_their_outcomes(
    run_import: Callable[..., Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = watch(monkeypatch, marks_in(tmp_path / "target.db"))

    run_import(tickets(2_500))

    assert found == [1, 2, 3]


def test_documents_are_committed_before_their_outcomes(
    center: Center,
    run_import: Callable[..., Task],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = watch(monkeypatch, marks_in(tmp_path / "target.db"))
    key = center.installations.entity_type("target", "ListTypeDefinition").key

    run_import(
        [{"externalReferenceCode": "HUES", "name": "Hues", "listTypeEntries": []}],
        ImportPlan(entity_type=key, name="test"),
    )

    assert found == [1]


def test_a_migration_commits_before_its_outcomes(
    center: Center,
    workspace: Workspace,
    run_import: Callable[..., Task],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It records beforehand what it is about to write, and that only."""
    run_import(tickets(1_500))
    center.installations.add("other", f"sqlite:///{tmp_path / 'other.db'}")
    found = watch(monkeypatch, marks_in(tmp_path / "other.db"))
    task = workspace.tasks.add("other", MigrationPlan(source="target", name="test"))
    run_task(workspace, task.id)

    assert center.tasks.get(task.id).error == ""
    assert found == list(range(1, len(found) + 1))
    assert len(found) > 2
    assert workspace.outcomes.pending(task.id) == []


def test_server_task_ends_before_its_outcomes_are_recorded(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(tmp_path / "server.db") as server, server.client() as client:
        client.post(DEFINITIONS, json=TICKET).raise_for_status()
        center = Center(workspace)
        center.installations.add("server", server.url, Access(user=SETTINGS.user))
        key = center.installations.entity_type("server", "Ticket").key
        path = tmp_path / "tickets.jsonl"
        path.write_text('{"title": "A ticket"}\n' * 2_500, encoding="utf-8")
        task = workspace.tasks.add(
            "server", ImportPlan(entity_type=key, name="test"), path.name
        )
        mark = workspace.tasks.mark(task.id)
        number = [0]

        def look() -> int:
            number[0] += 1
            code = f"dmc-{mark}-{number[0]}"
            told = client.get(f"{ENGINE}/import-task/by-external-reference-code/{code}")
            return int(told.json()["executeStatus"] == "COMPLETED")

        found = watch(monkeypatch, look)
        original = workspace.task_folder(task.id) / "original"
        original.parent.mkdir(parents=True)
        path.replace(original)
        run_task(workspace, task.id)

        assert center.tasks.get(task.id).counts.created == 2_500
        assert found == [1, 1, 1]
