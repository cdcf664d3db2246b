"""What a task says in words, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc_widgets.model.plan import ExportPlan, ImportPlan, MigrationPlan
from dmc_widgets.model.task import Counts, Progress, Task, TaskPart, TaskStatus
from dmc_widgets.states.task_menu import list_menu_items
from dmc_widgets.states.task_state import (
    Detail,
    compute_percent,
    format_duration,
    format_headline,
    format_progress,
    list_details,
)

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
IMPORT = Task(
    id=7,
    name="March",
    installation="Sample target",
    plan=ImportPlan(entity_type=TICKET),
    author="ada",
    created="2026-03-01T09:30:00+00:00",
    modified="2026-03-01T09:30:05+00:00",
    original_file="march.json",
)
MIGRATION = replace(IMPORT, plan=MigrationPlan(source="A"), original_file="")
REHEARSAL = MigrationPlan(source="A", dry_run=True)
EXPORT = replace(IMPORT, plan=ExportPlan(entity_type=TICKET), original_file="")


def ended(task: Task, status: TaskStatus, **counts: int) -> Task:
    return replace(task, status=status, counts=Counts(**counts))


@pytest.mark.parametrize(
    ("task", "text"),
    [
        pytest.param(EXPORT, "Export file is being created.", id="export-queued"),
        pytest.param(
            ended(EXPORT, TaskStatus.COMPLETED),
            "Your file has been generated and is ready to download.",
            id="export-completed",
        ),
        pytest.param(
            IMPORT,
            "Data is importing. You can safely close the dialog",
            id="import-running",
        ),
        pytest.param(
            ended(IMPORT, TaskStatus.COMPLETED),
            "The import process completed successfully.",
            id="import-completed",
        ),
        pytest.param(
            ended(IMPORT, TaskStatus.PARTIALLY_COMPLETED, created=1998, failed=2),
            "The import is done, but 2 of 2,000 records failed.",
            id="import-partially-completed",
        ),
        pytest.param(
            MIGRATION,
            "Finding out what moves, and in which order. You may leave.",
            id="migration-before-its-parts",
        ),
        pytest.param(
            replace(MIGRATION, parts=(TaskPart(entity_type=TICKET),)),
            "Data is moving. You may leave.",
            id="migration-running",
        ),
        pytest.param(
            replace(ended(MIGRATION, TaskStatus.CANCELLED), plan=REHEARSAL),
            "The dry run was cancelled. Nothing was written.",
            id="dry-run-cancelled",
        ),
        pytest.param(
            replace(ended(IMPORT, TaskStatus.FAILED), error="march.json: cut off."),
            "march.json: cut off.",
            id="failed-with-its-reason",
        ),
    ],
)
def test_headline_describes_the_outcome(task: Task, text: str) -> None:
    assert format_headline(task) == text


@pytest.mark.parametrize(
    ("task", "labels"),
    [
        pytest.param(IMPORT, ["Cancel", "Pause"], id="running"),
        pytest.param(EXPORT, ["Cancel"], id="running-export"),
        pytest.param(
            ended(IMPORT, TaskStatus.PAUSED),
            ["Download Original File", "Cancel", "Resume"],
            id="paused",
        ),
        pytest.param(
            ended(IMPORT, TaskStatus.FAILED, failed=1),
            ["Download Error Report", "Download Original File", "Retry", "Run Again"],
            id="failed-import",
        ),
        pytest.param(
            ended(IMPORT, TaskStatus.COMPLETED, created=1),
            [
                *("Download Original File", "See the Entries", "Verify"),
                *("Undo (Dry Run)", "Undo", "Run Again"),
            ],
            id="completed-import",
        ),
        pytest.param(
            ended(EXPORT, TaskStatus.COMPLETED, created=1),
            ["Download File", "Run Again"],
            id="completed-export",
        ),
        pytest.param(
            ended(EXPORT, TaskStatus.FAILED), ["Run Again"], id="failed-export"
        ),
    ],
)
def test_menu_lists_what_the_task_offers(task: Task, labels: list[str]) -> None:
    """The order is Liferay's; the actions are ours."""
    assert list(list_menu_items(task)) == labels


def test_progress_shows_rate_and_time_left_once_known() -> None:
    progress = Progress(done=250, of=1_000, started=100.0, updated=110.0)
    running = replace(
        IMPORT,
        status=TaskStatus.RUNNING,
        counts=Counts(created=5_000),
        progress=progress,
    )

    assert format_progress(IMPORT) == "0 records"
    assert format_progress(running) == "5,000 records · 500 a second · about 30 s left"
    assert compute_percent(running) == 25
    assert compute_percent(ended(IMPORT, TaskStatus.COMPLETED)) == 100


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0.2, "1 s", id="never-nothing"),
        pytest.param(75, "1 min 15 s", id="minutes"),
        pytest.param(7_320, "2 h 2 min", id="hours"),
    ],
)
def test_duration_is_rounded_to_two_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_details_begin_with_liferays_six() -> None:
    assert list_details(IMPORT) == (
        Detail("Name", "March"),
        Detail("Type", "Import"),
        Detail("ID", "7"),
        Detail("Create Date", "2026-03-01T09:30:00+00:00", is_time=True),
        Detail("Modified Date", "2026-03-01T09:30:05+00:00", is_time=True),
        Detail("Count", "0"),
        Detail("Installation", "Sample target"),
        Detail("Entity Type", "Ticket", "C_Ticket"),
        Detail("Author", "ada"),
        Detail("Import Strategy", "Add or Update Records"),
        Detail("Update Strategy", "Overwrite Records"),
        Detail("Stop the Import on Error", "Yes"),
        Detail("File", "march.json"),
    )
