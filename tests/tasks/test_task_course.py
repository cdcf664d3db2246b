"""What a task did is shown in sentences, and tasks as a table."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import UnknownChoice
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.tasks.course import CourseRecorder, recorded_retries
from dmc_widgets.workspace import Workspace

TICKETS = [{"externalReferenceCode": "T-1", "title": "Leak"}, {"priority": "x"}]


def test_log_says_who_began_and_how_it_ended(
    center: Center, run_import: Callable[..., Task]
) -> None:
    task = run_import(TICKETS)

    log = center.tasks.log(task)
    texts = [entry.text for entry in log]
    assert texts[0].endswith(" queued the task.")
    assert any(text.startswith("Process ") for text in texts)
    assert texts[-1].startswith("The task failed: ")
    assert log[-1].kind == "danger"
    assert "Leak" not in str(log)
    assert center.tasks.samples(task)[-1].counts == task.counts


def test_requests_that_are_sent_again_are_logged_without_their_address(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="stamina")  # other tests silence it
    plan = ExportPlan(entity_type="C_Ticket", name="March")
    task = workspace.tasks.add("staging", plan)
    facts: dict[str, Any] = {
        "stamina.retry_num": 2,
        "stamina.wait_for": 0.75,
        "stamina.caused_by": "ConnectError('https://ada:secret@example.com')",
    }
    with recorded_retries(CourseRecorder(workspace, task)):
        logging.getLogger("stamina").warning("stamina.retry_scheduled", extra=facts)
    logging.getLogger("stamina").warning("stamina.retry_scheduled", extra=facts)

    (step,) = workspace.course.steps(task.id)
    assert step.detail == (
        "A request was not answered (ConnectError); attempt 3 follows in 0.8 s."
    )


def test_tasks_become_a_table(center: Center, workspace: Workspace) -> None:
    workspace.tasks.add("target", ExportPlan(entity_type="C_Ticket", name="March"))
    workspace.tasks.add("target", ExportPlan(entity_type="C_Order", name="April"))

    frame = center.tasks.to_pandas(sort="name", entity_type="C_Ticket")
    assert frame["name"].tolist() == ["March"]
    assert str(frame["createDate"].dtype).startswith("datetime64")
    assert center.tasks.to_pandas("nothing like this").columns.tolist() == [
        *("id", "name", "action", "entityType", "installation", "author"),
        *("createDate", "modifiedDate", "status", "seconds", "created"),
        *("updated", "unchanged", "skipped", "failed", "unknown", "file", "error"),
    ]
    assert frame["failed"].tolist() == [Counts().failed]


def test_page_past_the_end_is_the_last_one(
    center: Center, workspace: Workspace
) -> None:
    for number in range(5):
        plan = ExportPlan(entity_type="C_Ticket", name=f"Week {number}")
        workspace.tasks.add("target", plan)

    page = center.tasks.page(100, 2)
    assert (page.offset, page.total) == (4, 5)
    assert [task.name for task in page.tasks] == ["Week 4"]


def test_unknown_order_is_refused_with_the_known_ones(center: Center) -> None:
    with pytest.raises(UnknownChoice, match="'colour' is not an order"):
        center.tasks.list(sort="colour")
