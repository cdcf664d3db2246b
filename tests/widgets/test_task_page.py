"""The page of a task: what leads on, its charts, its log, and its folded sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ExportPlan, ImportPlan, VerificationPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Progress, Task, TaskStatus
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.task_advice import list_advice
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.task_view import render_counts
from dmc_widgets.widgets.task_panels.charts import ChartsPanel
from dmc_widgets.widgets.task_panels.log import LogPanel
from dmc_widgets.widgets.task_panels.mapping import MappingPanel
from dmc_widgets.widgets.task_panels.outcomes import OutcomesPanel
from dmc_widgets.widgets.task_panels.workers import WorkersPanel
from dmc_widgets.workspace.partitions import PartitionState

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
CUSTOMERS = b"""externalReferenceCode,name,email
B-1,Ada,ada@example.com
B-2,<b>Bob</b>,
"""


@pytest.fixture(scope="module")
def task(center: Center, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """An import with one record that fails."""
    path = tmp_path_factory.mktemp("files") / "customers.csv"
    path.write_bytes(CUSTOMERS)
    mapping = Mapping([FieldMapping("name", "name"), FieldMapping("email", "email")])
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    plan = ImportPlan(
        entity_type="Customer", mapping=mapping, policy=policy, name="<i>Bikes</i>"
    )
    started = center.tasks.start_import("Sample source", plan, path)
    return center.tasks.wait(started.id, timeout_s=60)


def panel(page: Dashboard, kind: type[Any]) -> Any:
    return page.task_panels.panels[kind]


def test_sections_of_a_task_are_listed_with_their_numbers(
    page: Dashboard, task: Task
) -> None:
    page.session.open_task(task.id)

    labels = [label for _key, label, _note in page.task_panels.nav.sections]
    assert labels[0] == "Records over Time"
    assert {"Mapping", "Outcomes", "Log", "History"} <= set(labels)


def test_folded_section_is_read_once_it_is_opened(page: Dashboard, task: Task) -> None:
    page.session.open_task(task.id)
    log = panel(page, LogPanel)
    assert log.content.layout.display == "none"
    assert log.table.page["rows"] == []

    page.task_panels.nav.simulate_message({"kind": "open", "key": "log"})
    texts = [row["text"] for row in log.table.page["rows"]]
    assert texts[0].endswith("queued the task.")
    assert log.content.layout.display is None
    log.toggle.click()
    assert log.content.layout.display == "none"


def test_workers_of_a_divided_import_are_listed(page: Dashboard, task: Task) -> None:
    page.session.open_task(task.id)
    assert "Workers" not in [x for _, x, _ in page.task_panels.nav.sections]
    states = [
        PartitionState(number=n, content={}, records=5, done=5, worker_name="tcp://a")
        for n in (1, 2)
    ]
    page.session.center.tasks._workspace.partitions.add(task.id, states, ())
    page.session.show_lists()
    page.session.open_task(task.id)

    page.task_panels.nav.simulate_message({"kind": "open", "key": "workers"})
    assert panel(page, WorkersPanel).table.page["rows"] == [
        {
            "key": "tcp://a",
            "name": "tcp://a",
            "partition": 2,
            "records": 10,
            "state": "Done",
        }
    ]


def test_stopped_import_goes_on_with_other_workers(
    page: Dashboard, tmp_path: Path, finish: Callable[[], Task]
) -> None:
    """It had two, and its error limit ended it; the rest is done by one.

    Three verify it.
    """
    rows = (f"W-{n},{n if n > 2 else ''},w{n}@example.com\n" for n in range(3_000))
    path = tmp_path / "customers.csv"
    path.write_text("externalReferenceCode,name,email\n" + "".join(rows))
    plan = ImportPlan(
        entity_type="Customer",
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
        options=RunOptions(workers=2, error_limit="2"),
    )
    tasks = page.session.center.tasks
    stopped = tasks.wait(tasks.start_import("Sample source", plan, path).id)
    assert (stopped.status, stopped.counts.failed) == (TaskStatus.FAILED, 3)
    page.session.show_lists()
    page.session.open_task(stopped.id)
    page.task_panels.nav.simulate_message({"kind": "open", "key": "workers"})
    workers = panel(page, WorkersPanel)
    assert workers.others.layout.display is None
    assert workers.inputs["workers"].value == 2

    workers.inputs["cluster"].value = "https://example.com"
    assert workers.resume.disabled
    workers.inputs["cluster"].value = ""
    workers.inputs["workers"].value = 1
    workers.resume.click()
    ended = finish()

    assert ended.id == stopped.id
    assert ended.counts == Counts(created=2_997, failed=3)
    assert isinstance(ended.plan, ImportPlan)
    assert ended.plan.options.workers == 1
    page.tick()
    assert workers.resume.layout.display == "none"
    workers.inputs["workers"].value = 3
    workers.verify.click()
    verified = finish()
    assert isinstance(verified.plan, VerificationPlan)
    assert (verified.plan.task, verified.plan.workers) == (stopped.id, 3)
    assert verified.counts == Counts(unchanged=2_997)


def test_charts_show_the_end_in_a_sentence(page: Dashboard, task: Task) -> None:
    page.session.open_task(task.id)
    charts = panel(page, ChartsPanel)

    assert charts.outcomes.data["x"][0] == 0.0
    assert task.counts.summary in charts.outcomes.summary
    assert [one["label"] for one in charts.errors.data["series"]] == ["Failed records"]


def test_mapping_and_outcomes_are_those_of_the_run(page: Dashboard, task: Task) -> None:
    page.session.open_task(task.id)
    mapping, outcomes = panel(page, MappingPanel), panel(page, OutcomesPanel)
    mapping.fold(False)
    outcomes.fold(False)

    pairs = [(row["target"], row["source"]) for row in mapping.table.page["rows"]]
    assert pairs == [("name", "name"), ("email", "email")]
    rows = outcomes.table.page["rows"]
    assert outcomes.table.page["total"] == 2
    assert [row["record"] for row in rows] == ["1", "2"]
    assert rows[1]["outcome"][0] == "failed"
    assert rows[1]["message"]
    assert outcomes.kinds.chips == [
        ["", "All", 2],
        ["created", "created", 1],
        ["failed", "failed", 1],
    ]
    outcomes.kinds.chosen = "failed"
    (failed,) = outcomes.table.page["rows"]
    assert (failed["record"], outcomes.table.page["total"]) == ("2", 1)


def test_title_of_a_task_is_text(page: Dashboard, task: Task) -> None:
    page.session.open_task(task.id)
    shown = page.pages[DashboardPage.TASK]

    assert "&lt;i&gt;Bikes&lt;/i&gt;</bdi></h1>" in shown.title.value
    assert f"Task {task.id} · Import · Customer" in shown.title.value
    assert "Mend the failed records below" in shown.advice.value


def build_task(status: TaskStatus, **values: Any) -> Task:
    given = {"plan": ExportPlan(entity_type=TICKET), **values}
    return Task(
        id=1,
        name="Week",
        installation="Production",
        author="ada",
        created="",
        modified="",
        status=status,
        **given,
    )


def test_task_that_ended_early_has_no_full_bar() -> None:
    """Four percent of a file are no bar from edge to edge."""
    early = build_task(
        TaskStatus.CANCELLED,
        counts=Counts(created=40),
        progress=Progress(4, 100, 1.0, 2.0),
    )

    assert 'dmc-unread" style="flex-grow:960"' in render_counts(early)
    done = replace(early, status=TaskStatus.COMPLETED, progress=Progress(1, 1))
    assert "dmc-unread" not in render_counts(done)


@pytest.mark.parametrize(
    ("status", "first"),
    [
        (TaskStatus.RUNNING, "This page may be closed: the task goes on by itself."),
        (TaskStatus.COMPLETED, "Download the file, or run the export again."),
    ],
)
def test_advice_follows_the_status(status: TaskStatus, first: str) -> None:
    assert list_advice(build_task(status))[0] == first
