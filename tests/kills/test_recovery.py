"""How a task whose worker died is shown, and how its end is found out."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations.sql import open_sqlite
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ExportPlan, ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.task_state import format_headline
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.liveness import identify_process, identify_self
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.cli.driver import Driver
from tests.kills.killing import (
    ROOT,
    Kill,
    carry_out,
    faults,
    make_target,
    read_truth,
)
from tests.tasks.imports.test_parent_lookups import BOSS, fill

UPSERT = Kill(
    ImportStrategy.UPSERT,
    has_codes=True,
    stops=False,
    records=2_500,
    bad=frozenset({3, 1_500}),
    stored=frozenset(),
    point="after-write",
    count=2,
    delay_ms=0,
)
DIED = "The worker process ended before the task did."
LAST_STEPS = (
    "Every record has its outcome. Resume the task: it takes its last steps, such as "
    "the verification, and ends."
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    opened.save_setting("furnished", "yes")
    opened.connections.put("target", url(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def center(workspace: Workspace) -> Center:
    return Center(workspace)


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'target.db'}"


def killed(workspace: Workspace, tmp_path: Path, kill: Kill = UPSERT) -> Task:
    make_target(url(tmp_path), kill)
    task, was_killed = carry_out(workspace, "target", kill, tmp_path / "tickets.jsonl")
    assert was_killed
    return task


def start_killed(
    workspace: Workspace, plan: ImportPlan, file: Path, order: tuple[object, ...]
) -> Task:
    """Import a file with a worker that kills itself."""
    task = workspace.tasks.add("target", plan, file.name)
    copy_into_workspace(file, original_path(workspace, task), consume=False)
    command = [sys.executable, "-m", "tests.kills.worker", str(workspace.path)]
    command += [str(task.id), *map(str, order)]
    subprocess.run(command, cwd=ROOT, check=False)
    return task


def content(workspace: Workspace) -> list[str]:
    """Return everything that the workspace's database holds."""
    connection = sqlite3.connect(workspace.path / "workspace.db")
    dump = list(connection.iterdump())
    connection.close()
    return dump


def test_observing_a_dead_task_writes_nothing(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """It is inactive, with the counts that were recorded last."""
    task = killed(workspace, tmp_path)
    before = content(workspace)

    seen = [center.tasks.get(task.id), *center.tasks.list()]
    listed = Driver(workspace.path)("tasks")
    session = DashboardSession(center)
    session.load_tasks()

    assert content(workspace) == before
    assert [each.status for each in seen] == [TaskStatus.INACTIVE] * 2
    assert "Inactive" in listed.stdout
    assert seen[0].error == (
        f"{DIED} The counts are the last that were recorded, and the target may hold "
        f"more. Open the task, or run: dmc task show {task.id}"
    )
    assert format_headline(seen[0]) == seen[0].error


@pytest.mark.parametrize(
    ("strategy", "has_codes"),
    [
        (ImportStrategy.INSERT, True),
        (ImportStrategy.UPSERT, False),
    ],
)
def test_advice_leads_to_no_duplicates(
    workspace: Workspace,
    center: Center,
    tmp_path: Path,
    *,
    strategy: ImportStrategy,
    has_codes: bool,
) -> None:
    kill = replace(UPSERT, strategy=strategy, has_codes=has_codes)
    task = killed(workspace, tmp_path, kill)

    recovered_task = center.tasks.recover(task.id)

    assert recovered_task.counts == Counts(created=1_998, failed=2, skipped=500)
    assert recovered_task.status is TaskStatus.FAILED
    assert recovered_task.error == (
        f"{DIED} Records 1 to 2,000 are counted as the target has them, and 500 "
        "records after them were not tried. Resume the task to bring in the rest."
    )
    resumed = center.tasks.wait(center.tasks.resume(task.id))
    assert resumed.counts == Counts(created=2_498, failed=2)
    assert len(read_truth(url(tmp_path))) == 2_498


def test_import_without_writes_may_be_repeated(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    task = killed(workspace, tmp_path, replace(UPSERT, point="before-mark", count=1))

    recovered_task = center.tasks.recover(task.id)

    assert recovered_task.counts == Counts(skipped=2_500)
    assert recovered_task.error == (
        f"{DIED} Nothing was written. Resume the task to import the file."
    )


def test_command_line_recovers_a_task(workspace: Workspace, tmp_path: Path) -> None:
    """`dmc task show` does; `dmc task report` holds the last batch's failures, too."""
    task = killed(workspace, tmp_path)
    run = Driver(workspace.path)
    report = tmp_path / "report.csv"

    saved = run("report", task.id, "-o", report)
    told = run.listing("task", task.id)

    assert saved.exit_code == 0
    with report.open(encoding="utf-8", newline="") as file:
        assert [each["itemIndex"] for each in csv.DictReader(file)] == ["3", "1500"]
    assert (told["status"], told["created"], told["failed"]) == ("Failed", 1_998, 2)
    assert [error["itemIndex"] for error in told["errors"]] == [3, 1_500]


def test_dashboard_recovers_a_task(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """The page does not wait for it; it shows once it is known."""
    task = killed(workspace, tmp_path)
    session = DashboardSession(center)
    session.open_task(task.id)
    first = session.task.task
    deadline = time.monotonic() + 30
    while session.task.task == first and time.monotonic() < deadline:
        session.refresh()
        time.sleep(0.05)

    found = session.task.task
    assert session.dashboard.page is DashboardPage.TASK
    assert first is not None
    assert first.status is TaskStatus.INACTIVE
    assert found is not None
    assert (found.status, found.counts.created) == (TaskStatus.FAILED, 1_998)


def test_concurrent_recoveries_find_the_same(
    workspace: Workspace, tmp_path: Path
) -> None:
    task = killed(workspace, tmp_path)
    places = [Workspace(workspace.path) for _ in range(3)]
    found: list[Task] = []

    def ask(place: Workspace) -> None:
        found.append(Center(place).tasks.recover(task.id))

    threads = [Thread(target=ask, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place in places:
        place.close()

    told = [
        outcome.kind
        for recorded in workspace.outcomes.read(task.id)
        for outcome in recorded.outcomes
    ]
    assert len(set(found)) == 1
    assert found[0].counts == Counts(created=1_998, failed=2, skipped=500)
    assert len(told) == 2_500
    assert told.count(OutcomeKind.CREATED) == 1_998
    assert workspace.outcomes.count_failures(task.id) == 2


def test_recovery_waits_for_an_unreachable_target(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    task = killed(workspace, tmp_path)
    database = tmp_path / "target.db"
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for each in tmp_path.glob("target.db*"):
        each.replace(hidden / each.name)
    database.mkdir()

    first = center.tasks.recover(task.id)
    database.rmdir()
    for each in hidden.iterdir():
        each.replace(tmp_path / each.name)
    second = center.tasks.recover(task.id)

    assert first.status is TaskStatus.INACTIVE
    assert first.error == (
        f"{DIED} What it has written cannot be found out now: {url(tmp_path)}: "
        "This is a folder, not a database file. Name a file in it."
    )
    assert second.counts == Counts(created=1_998, failed=2, skipped=500)


def test_unrecoverable_task_says_why(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """The file is gone: the recorded outcomes count, and no others."""
    task = killed(workspace, tmp_path)
    (workspace.task_folder(task.id) / "original").unlink()

    recovered_task = center.tasks.recover(task.id)

    assert recovered_task.status is TaskStatus.FAILED
    assert recovered_task.counts == Counts(created=999, failed=1)
    assert recovered_task.error == (
        f"{DIED} What it has written last cannot be found out: tickets.jsonl: The file "
        "cannot be opened: No such file or directory."
    )


def test_running_task_is_not_recovered(workspace: Workspace, center: Center) -> None:
    plan = ExportPlan(entity_type="Ticket", name="test")
    task = workspace.tasks.add("target", plan, worker=identify_self())
    workspace.tasks.start(task.id, 1.0, identify_self())

    recovered_task = center.tasks.recover(task.id)

    assert recovered_task.status is TaskStatus.RUNNING
    assert workspace.tasks.is_unfinished(task.id)


def test_a_task_is_not_lost_while_its_file_is_copied(
    workspace: Workspace, center: Center
) -> None:
    """However long that takes; it is lost with the process that prepares it."""
    plan = ExportPlan(entity_type="Ticket", name="test")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    task = workspace.tasks.add("target", plan, worker=identify_process(child.pid))
    waiting = center.tasks.get(task.id)
    child.communicate(b"\n")

    recovered_task = center.tasks.recover(task.id)

    assert waiting.status is TaskStatus.QUEUED
    assert recovered_task.status is TaskStatus.FAILED
    assert recovered_task.error == f"{DIED} It had not begun: resume it to start."


def test_commits_lost_in_a_power_cut_are_recovered(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """Each batch that the target has is asked for, not the last one only."""
    task = killed(workspace, tmp_path, replace(UPSERT, point="after-write", count=3))
    connection = sqlite3.connect(workspace.path / "workspace.db")
    connection.execute("DELETE FROM outcome")
    connection.execute("DELETE FROM failure")
    connection.commit()
    connection.close()

    recovered_task = center.tasks.recover(task.id)

    assert recovered_task.counts == Counts(created=2_498, failed=2)
    assert recovered_task.error == f"{DIED} {LAST_STEPS}"
    assert faults(UPSERT, workspace, recovered_task, read_truth(url(tmp_path))) == []


def test_lookups_are_not_repeated_in_recovery(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """The missing parent exists by now, after its child."""
    desk = open_sqlite(tmp_path / "target.db", "desk")
    fill(desk)
    desk.close()
    people = [
        {"email": "child@x.org", BOSS: "boss@x.org"},
        {"email": "boss@x.org"},
        {"email": "other@x.org", BOSS: "nobody@x.org"},
    ]
    file = tmp_path / "people.json"
    file.write_text(json.dumps(people), encoding="utf-8")
    pairs = (FieldMapping("email", "email"), FieldMapping(BOSS, BOSS, lookup="email"))
    plan = ImportPlan(
        entity_type=center.installations.entity_type("target", "Person").key,
        mapping=Mapping(pairs),
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
        name="test",
    )
    task = start_killed(workspace, plan, file, ("after-write", 1, 0))

    recovered_task = center.tasks.recover(task.id)

    assert recovered_task.counts == Counts(created=1, failed=2)
    assert [failure.problem.code for failure in center.tasks.failures(task.id)] == [
        "parent-comes-later",
        "lookup-without-result",
    ]
