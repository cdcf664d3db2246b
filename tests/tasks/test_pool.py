"""Tasks that wait for a process of the workspace's pool."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dmc_widgets as dmc
from dmc_widgets.cli import app
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import Worker
from tests.postgresql import create_database

EXPORT = dmc.ExportPlan(entity_type="C_Customer", name="Customers")


@pytest.fixture(scope="module")
def url() -> str:
    return create_database()


@pytest.fixture(params=["file", "postgresql"])
def center(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dmc.Center]:
    """A center over a workspace with a pool, whichever its database is."""
    runner, folder = CliRunner(), tmp_path / "team"
    start = ["--workspace", str(folder), "workspace"]
    if request.param == "postgresql":
        place = ["database", request.getfixturevalue("url"), "--schema", "team"]
        done = runner.invoke(app, [*start, *place], catch_exceptions=False)
        assert "in the schema team of postgresql://" in done.output
    done = runner.invoke(app, [*start, "pool"], catch_exceptions=False)
    assert done.output == "New tasks wait for a process that runs: dmc work\n"
    with dmc.open_center(folder) as center:
        yield center


def test_task_waits_for_a_process_that_takes_it(center: dmc.Center) -> None:
    task = center.tasks.start_export("Sample source", EXPORT)
    given_up = center.tasks.start_export("Sample source", EXPORT)

    assert center.tasks.get(task.id).status is TaskStatus.QUEUED
    assert center.pool.count_waiting() == 2
    center.tasks.cancel(given_up.id)
    cancelled = center.tasks.get(given_up.id)
    assert cancelled.status is TaskStatus.CANCELLED
    assert cancelled.error == "Cancelled. The file was not complete and was removed."

    done = CliRunner().invoke(
        app,
        ["--workspace", str(center.workspace_path), "work", "--until-idle"],
        catch_exceptions=False,
    )

    assert done.output == f"Task {task.id}: Customers\n"
    ended = center.tasks.get(task.id)
    assert ended.status is TaskStatus.COMPLETED
    assert ended.counts.created == 800
    assert center.pool.count_waiting() == 0


def test_no_two_processes_take_the_same_task(center: dmc.Center) -> None:
    ids = [center.tasks.start_export("Sample source", EXPORT).id for _ in range(12)]
    taken: list[int] = []

    def take_all(number: int) -> None:
        workspace = Workspace(center.workspace_path)
        while found := workspace.queue.take(Worker(host="elsewhere", pid=number)):
            taken.extend(found)
        workspace.close()

    threads = [threading.Thread(target=take_all, args=[n]) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == ids


def test_tasks_of_a_package_are_taken_together(center: dmc.Center) -> None:
    queue, tasks = center._workspace.queue, center._workspace.tasks
    ids = [tasks.add("Sample target", EXPORT).id for _ in range(3)]
    queue.add(ids[:2])
    queue.add(ids[2:])

    assert queue.take(Worker(host="a", pid=1)) == ids[:2]
    assert queue.take(Worker(host="b", pid=1)) == ids[2:]
    assert queue.take(Worker(host="b", pid=1)) == []


def test_work_without_a_pool_is_refused_with_the_way_to_one(center: dmc.Center) -> None:
    center.pool.disable()

    with pytest.raises(InvalidPlan, match="dmc workspace pool"):
        center.pool.work()
    center.pool.enable()
    with pytest.raises(InvalidPlan, match="At least 1 task at once"):
        center.pool.work(at_once=0)
