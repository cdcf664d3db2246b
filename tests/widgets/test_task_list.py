"""The list of tasks reads one page, sorts in the database, and acts on a selection."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan, ImportPlan
from dmc_widgets.model.task import Counts, Progress, Task, TaskStatus
from dmc_widgets.states.task_actions.bulk import find_bulk_action
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts import task_rows
from dmc_widgets.workspace import Workspace

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_BillingTicket"


def add_task(
    center: Center, name: str, status: TaskStatus, counts: Counts = Counts()
) -> Task:
    workspace: Workspace = center._workspace
    plan = ImportPlan(entity_type=TICKET, name=name)
    task = workspace.tasks.add("Sample target", plan, "tickets.csv")
    workspace.tasks.start(task.id, time.time() - 65)
    progress = Progress(9, 10, time.time() - 65, time.time())
    workspace.tasks.finish(
        replace(task, status=status, counts=counts, progress=progress)
    )
    return center.tasks.get(task.id)


def act_in_background(page: Dashboard) -> None:
    end = time.monotonic() + 30
    while page.session.background.is_busy and time.monotonic() < end:
        page.tick()
        time.sleep(0.01)


def ask(page: Dashboard, **view: object) -> list[str]:
    whole = {"request": "r", "offset": 0, "limit": 20, "sort": None, "query": ""}
    page.task_list.table.simulate_message({"kind": "ask", "view": {**whole, **view}})
    return [row["name"] for row in page.task_list.table.page["rows"]]


@pytest.fixture
def tasks(page: Dashboard, center: Center) -> Iterator[list[Task]]:
    """Three tasks, the only ones that are found."""
    found = [
        add_task(center, "Bulk a", TaskStatus.COMPLETED, Counts(created=5)),
        add_task(center, "Bulk b", TaskStatus.FAILED, Counts(failed=7)),
        add_task(center, "Bulk c", TaskStatus.CANCELLED, Counts(skipped=1)),
    ]
    page.session.tasks.keyword = "bulk billing"
    yield found
    center.tasks.delete(*(t for t in found if t in center.tasks.list("bulk")))


@pytest.mark.usefixtures("tasks")
def test_columns_sort_and_pages_turn_in_the_database(page: Dashboard) -> None:
    assert ask(page, sort=["failed", True]) == ["Bulk b", "Bulk c", "Bulk a"]
    assert ask(page, sort=["name", False], limit=2) == ["Bulk a", "Bulk b"]
    assert ask(page, sort=["name", False], limit=2, offset=2) == ["Bulk c"]
    assert page.task_list.table.page["total"] == 3
    assert len(page.session.tasks.tasks) == 1


def test_row_has_real_names_and_plain_times(page: Dashboard, tasks: list[Task]) -> None:
    row = page.task_list.table.page["rows"][0]

    assert (row["type"], row["duration"]) == ("Billing Ticket", "1 min 5 s")
    assert row["created"] == tasks[2].created


def test_running_task_has_a_bar_with_its_rate() -> None:
    task = Task(
        id=1,
        name="Week",
        installation="Production",
        plan=ExportPlan(entity_type=TICKET),
        author="ada",
        created="",
        modified="",
        status=TaskStatus.RUNNING,
        counts=Counts(created=4_000),
        progress=Progress(40, 100, 1_000.0, 1_020.0),
    )

    assert task_rows._build_status(task) == (
        "Running",
        "info",
        {"percent": 40, "text": "200/s · 30 s left"},
    )


def test_selected_tasks_are_deleted_once_confirmed(
    page: Dashboard, center: Center, tasks: list[Task]
) -> None:
    bulk = page.task_list.bulk
    page.task_list.table.selected = tuple(str(task.id) for task in tasks[:2])
    assert bulk.buttons["Cancel"].disabled
    bulk.buttons["Delete"].click()
    assert "Delete 2 tasks" in bulk.confirmation.question.value
    assert len(center.tasks.list("bulk")) == 3

    bulk.confirmation.confirm.click()
    act_in_background(page)
    assert [task.name for task in center.tasks.list("bulk")] == ["Bulk c"]
    assert page.session.tasks.selected == ()
    message = page.session.dashboard.message
    assert message is not None
    assert message.text == "Tasks that were deleted: 2."
    events = [event.event for event in center.history.events(tasks[0].id)]
    assert events[:3] == ["Removed", "Delete", "Prune"]


def test_declined_question_is_not_asked_of_the_next_selection(
    page: Dashboard, tasks: list[Task]
) -> None:
    bulk = page.task_list.bulk
    page.task_list.table.selected = (str(tasks[0].id),)
    bulk.buttons["Delete"].click()
    bulk.confirmation.decline.click()
    assert page.session.tasks.asked == ""
    bulk.buttons["Delete"].click()
    page.task_list.table.selected = ()

    assert (page.session.tasks.asked, bulk.layout.display) == ("", "none")


def test_selection_is_downloaded_as_table_and_as_reports(
    page: Dashboard, tasks: list[Task]
) -> None:
    bulk = page.task_list.bulk
    page.task_list.table.selected = tuple(str(task.id) for task in tasks)

    _, pieces = bulk.table.open_file()
    rows = list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["Name", "Bulk a", "Bulk b", "Bulk c"]
    name, pieces = bulk.reports.open_file()
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.namelist() == [f"error-report-{tasks[1].id}.csv"]
    assert name == "error-reports.zip"


def test_task_that_has_not_ended_is_not_deleted(center: Center) -> None:
    workspace: Workspace = center._workspace
    plan = ImportPlan(entity_type=TICKET, name="Waiting")
    task = workspace.tasks.add("Sample target", plan)
    action = find_bulk_action("Delete")

    assert action is not None
    assert not action.is_offered(task)
    with pytest.raises(Exception, match="has not ended"):
        center.tasks.delete(task)
    workspace.tasks.discard(task.id)
