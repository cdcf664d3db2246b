"""Tasks are found by words, filters and order, a page at a time, in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.model.plan import (
    Action,
    BackupPlan,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
)
from dmc_widgets.model.selection import Selection
from dmc_widgets.model.task import Counts, Progress, Task, TaskStatus
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.database import _MIGRATIONS
from dmc_widgets.workspace.task_queries.queries import TaskQuery
from dmc_widgets.workspace.task_queries.schema import create_task_indexes

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_BillingTicket"


def end(workspace: Workspace, task: Task, status: TaskStatus, **changes: object) -> int:
    workspace.tasks.start(task.id, 100.0)
    progress = Progress(started=100.0, updated=100.0 + 10 * task.id)
    ended = replace(task, status=status, progress=progress, **changes)  # type: ignore[arg-type]
    workspace.tasks.finish(ended)
    return task.id


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with closing(Workspace(tmp_path / "workspace")) as opened:
        add = opened.tasks.add
        plan = ImportPlan(entity_type=TICKET, name="Straße nach Köln")
        first = add("Production", plan, "orders-2026.xlsx")
        end(
            opened,
            first,
            TaskStatus.FAILED,
            error="The disk is FULL.",
            counts=Counts(failed=3),
        )
        second = add("Staging", ExportPlan(entity_type="x#C_Customer", name="weekly"))
        end(opened, second, TaskStatus.COMPLETED, counts=Counts(created=50))
        chosen = Selection(entity_types=("C_Customer", "C_Order"))
        add("Production", MigrationPlan(source="Old", selection=chosen, name="Move"))
        add("Staging", BackupPlan(name="Backup before"))
        yield opened


@pytest.mark.parametrize(
    ("keyword", "found"),
    [
        ("", [1, 2, 3, 4]),
        ("köln STRASSE", [1]),
        ("billing ticket", [1]),
        ("orders xlsx", [1]),
        ("disk full", [1]),
        ("disk weekly", []),
        ("production", [1, 3]),
        ("old", [3]),
        ("2", [1, 2]),  # the file of the first, the id of the second
        ("export", [2]),
        ("%", []),
        ("' OR 1", []),
    ],
)
def test_all_words_are_found_anywhere(
    workspace: Workspace, keyword: str, found: list[int]
) -> None:
    assert workspace.tasks.finder.ids(TaskQuery(keyword=keyword)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (TaskQuery(action=Action.MIGRATION), [3]),
        (TaskQuery(status=TaskStatus.FAILED), [1]),
        (TaskQuery(installation="Old"), [3]),
        (TaskQuery(installation="Production"), [1, 3]),
        (TaskQuery(entity_type="C_Customer"), [2, 3]),
        (TaskQuery(entity_type="C_Order"), [3]),
        (TaskQuery(entity_type=TICKET), [1]),
        (TaskQuery(entity_type="C_Cust"), []),
        (TaskQuery(author="somebody else"), []),
        (TaskQuery(since="2999"), []),
        (TaskQuery(until="2999", action=Action.EXPORT), [2]),
    ],
)
def test_filters_restrict_what_is_found(
    workspace: Workspace, query: TaskQuery, found: list[int]
) -> None:
    assert workspace.tasks.finder.ids(query) == found
    assert workspace.tasks.finder.count(query) == len(found)


def test_status_that_is_observed_counts_instead_of_the_stored_one(
    workspace: Workspace,
) -> None:
    observed = {3: TaskStatus.INACTIVE}
    finder = workspace.tasks.finder

    inactive = TaskQuery(status=TaskStatus.INACTIVE, observed=observed)
    assert finder.ids(inactive) == [3]
    queued = TaskQuery(status=TaskStatus.QUEUED, observed=observed)
    assert finder.ids(queued) == [4]


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("name", [4, 3, 1, 2]),
        ("failed", [2, 3, 4, 1]),
        ("total", [3, 4, 1, 2]),
        ("duration", [3, 4, 1, 2]),
        ("installation", [1, 3, 2, 4]),
        ("id", [1, 2, 3, 4]),
    ],
)
def test_order_is_that_of_the_column_then_of_the_ids(
    workspace: Workspace, sort: str, found: list[int]
) -> None:
    finder = workspace.tasks.finder

    assert finder.ids(sort=sort) == found
    assert finder.ids(sort=sort, descending=True) == found[::-1]
    assert finder.ids(sort=sort, offset=1, limit=2) == found[1:3]


def test_facets_ignore_the_filter_of_their_own(workspace: Workspace) -> None:
    facets = workspace.tasks.finder.count_facets(TaskQuery(installation="Production"))

    assert facets.installations == {"Production": 2, "Staging": 2}
    assert facets.actions == {"Import": 1, "Migration": 1}
    assert facets.entity_types == {TICKET: 1, "C_Customer": 1, "C_Order": 1}
    assert facets.statuses == {"Failed": 1, "Queued": 1}


def test_pruned_task_is_still_found_and_a_removed_one_is_not(
    workspace: Workspace,
) -> None:
    workspace.tasks.prune(1)
    workspace.tasks.discard(2)

    assert workspace.tasks.finder.ids(TaskQuery(keyword="köln")) == [1]
    assert workspace.tasks.finder.ids(TaskQuery(keyword="weekly")) == []


@pytest.mark.own_file
def test_last_page_reads_no_plan_of_another_task(workspace: Workspace) -> None:
    """The database sorts and skips within an index, whatever the plans weigh."""
    database = workspace.tasks.finder._database
    rows = database.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM task WHERE 1 ORDER BY failed, id "
        "LIMIT 20 OFFSET 9980"
    )

    (step,) = (row["detail"] for row in rows)
    assert step.startswith("SCAN task USING")
    assert step.endswith("INDEX task_by_failed")


@pytest.mark.own_file
def test_tasks_of_an_older_workspace_are_found(tmp_path: Path) -> None:
    step = _MIGRATIONS.index(create_task_indexes)
    with closing(sqlite3.connect(tmp_path / "workspace.db")) as connection:
        for migration in _MIGRATIONS[:step]:
            if callable(migration):
                migration(connection)
            else:
                connection.executescript(migration)
        connection.execute(
            "INSERT INTO task (mark, name, installation, action, entity_type, plan, "
            "author, created, modified, status, counts) VALUES ('m', 'Old Name', "
            "'Production', 'Migration', 'C_Ticket', '{\"source\": \"Staging\"}', "
            "'ada', '2026-01-01', '2026-01-02', 'Failed', '{\"failed\": 5}')"
        )
        connection.execute(f"PRAGMA user_version = {step}")
        connection.commit()
    with closing(Workspace(tmp_path)) as opened:
        finder = opened.tasks.finder
        assert finder.ids(TaskQuery(keyword="old staging", installation="Staging"))
        assert finder.count_facets().authors == {"ada": 1}
