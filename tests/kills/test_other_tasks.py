"""Migrations and exports whose workers were killed tell what is true, too."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import UnknownName
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import (
    ExportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
)
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace
from tests.kills.killing import ROOT, Kill, draw, make_target, read_truth
from tests.kills.test_recovery import DIED, LAST_STEPS
from tests.sandbox.conftest import SETTINGS, run_sandbox

TICKETS = Selection(entity_types=("Ticket",))


def stored(numbers: range) -> Kill:
    """Make what an embedded database holds beforehand."""
    kill = draw(random.Random(1), 2)
    return Kill(
        kill.strategy,
        kill.has_codes,
        kill.stops,
        kill.records,
        kill.bad,
        frozenset(numbers),
        kill.point,
        kill.count,
        kill.delay_ms,
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    opened.save_setting("furnished", "yes")
    make_target(source(tmp_path), stored(range(1, 2_501)))
    opened.connections.put("source", source(tmp_path))
    yield opened
    opened.close()


def source(folder: Path) -> str:
    return f"sqlite:///{folder / 'source.db'}"


def killed(workspace: Workspace, name: str, plan: Plan, *order: object) -> Task:
    """Carry out *plan* with a worker that kills itself."""
    task = workspace.tasks.add(name, plan)
    workspace.emergency_record(task.id).reserve()
    command = [sys.executable, "-m", "tests.kills.worker", str(workspace.path)]
    command += [str(task.id), *map(str, order)]
    subprocess.run(command, cwd=ROOT, check=False)
    return task


@pytest.mark.parametrize(
    ("point", "count", "created"),
    [
        ("before-write", 1, 0),
        ("before-mark", 2, 1_000),
        ("after-write", 2, 2_000),
        ("after-outcomes", 2, 2_000),
        ("after-write", 3, 2_500),
    ],
)
def test_killed_migration_reports_what_the_target_holds(
    workspace: Workspace, tmp_path: Path, point: str, count: int, created: int
) -> None:
    url = f"sqlite:///{tmp_path / 'target.db'}"
    make_target(url, stored(range(0)))
    workspace.connections.put("target", url)
    plan = MigrationPlan(source="source", selection=TICKETS, name="test")
    task = killed(workspace, "target", plan, point, count, 0)

    recovered_task = Center(workspace).tasks.recover(task.id)

    read = min(2_500, 1_000 * (count + (point == "after-outcomes")))
    if point == "after-outcomes":
        read = 2_000  # the next batch was not taken from the source
    assert len(read_truth(url)) == created
    assert recovered_task.counts == Counts(created=created, skipped=read - created)
    assert recovered_task.status is TaskStatus.FAILED
    assert [(part.status, part.counts) for part in recovered_task.parts] == [
        (TaskStatus.FAILED, recovered_task.counts)
    ]
    told = (
        f"{created:,} records are in the target. Resume the task to bring in the rest."
        if created
        else "Nothing was written. Resume the task to migrate."
    )
    assert (
        recovered_task.error == f"The worker process ended before the task did. {told}"
    )
    kinds = [
        outcome.kind
        for recorded in workspace.outcomes.read(task.id)
        for outcome in recorded.outcomes
    ]
    assert kinds.count(OutcomeKind.CREATED) == created
    assert len(kinds) == read


def test_killed_migration_reports_what_the_server_holds(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    url = f"sqlite:///{tmp_path / 'server.db'}"
    make_target(url, stored(range(1, 1_400)))
    plan = MigrationPlan(source="source", selection=TICKETS, name="test")
    with run_sandbox(tmp_path / "server.db") as server:
        center = Center(workspace)
        center.installations.add("target", server.url, Access(user=SETTINGS.user))
        task = killed(workspace, "target", plan, "after-post", 2, 0)
        recovered_task = center.tasks.recover(task.id)

    # The third batch may have been read ahead while the server worked on the second.
    assert recovered_task.counts.skipped in {0, 500}
    assert (recovered_task.counts.created, recovered_task.counts.unchanged) == (
        601,
        1_399,
    )
    assert recovered_task.counts.total == 2_000 + recovered_task.counts.skipped
    assert len(read_truth(url)) == 2_000


def test_migration_killed_after_its_last_part_takes_its_last_steps(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Nothing is written any more, but nobody has verified the target yet."""
    url = f"sqlite:///{tmp_path / 'target.db'}"
    make_target(url, stored(range(0)))
    workspace.connections.put("target", url)
    plan = MigrationPlan(source="source", selection=TICKETS, name="test")
    task = killed(workspace, "target", plan, "before-finish", 1, 0)
    tasks = Center(workspace).tasks

    recovered_task = tasks.recover(task.id)
    resumed = tasks.wait(tasks.resume(task.id))

    assert recovered_task.error == f"{DIED} {LAST_STEPS}"
    assert recovered_task.counts == resumed.counts == Counts(created=2_500)
    assert (resumed.status, resumed.error) == (TaskStatus.COMPLETED, "")


def test_a_killed_dry_run_has_written_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'target.db'}"
    make_target(url, stored(range(0)))
    workspace.connections.put("target", url)
    plan = MigrationPlan(source="source", selection=TICKETS, dry_run=True, name="test")
    task = killed(workspace, "target", plan, "after-outcomes", 2, 0)

    recovered_task = Center(workspace).tasks.recover(task.id)

    assert recovered_task.counts == Counts(created=2_000)
    assert (
        recovered_task.error
        == "The worker process ended before the task did. Run it again."
    )
    assert read_truth(url) == {}


@pytest.mark.parametrize("package", [False, True])
@pytest.mark.parametrize("point", ["before-report", "before-finish"])
def test_killed_export_has_no_file(
    workspace: Workspace, *, point: str, package: bool
) -> None:
    """What it had read is skipped: no file holds it."""
    key = key_of(workspace)
    plan: Plan = ExportPlan(entity_type=key, name="test")
    if package:
        plan = PackagePlan(selection=TICKETS, name="test")
    task = killed(workspace, "source", plan, point, 1, 0)
    center = Center(workspace)

    with pytest.raises(UnknownName):
        center.tasks.file(task.id)
    recovered_task = center.tasks.recover(task.id)
    with pytest.raises(UnknownName):
        center.tasks.file(task.id)

    assert recovered_task.status is TaskStatus.FAILED
    assert recovered_task.counts.total == recovered_task.counts.skipped
    assert all(part.status is not TaskStatus.RUNNING for part in recovered_task.parts)
    assert list(workspace.task_folder(task.id).glob("Export*")) == []
    assert recovered_task.error == (
        "The worker process ended before the task did. Its file was not complete and "
        "was removed: export again."
    )


def key_of(workspace: Workspace) -> str:
    return Center(workspace).installations.entity_type("source", "Ticket").key


def test_source_is_unchanged_by_a_killed_migration(
    workspace: Workspace, tmp_path: Path
) -> None:
    """The truth of the other tests: what is stored is read back by its number."""
    opened = connect(source(tmp_path))
    tickets = find_entity_type(opened.entity_types(), "Ticket")
    read = list(opened.read(tickets, Query(fields=("priority",))))
    opened.close()

    assert workspace.connections.get("source").url == source(tmp_path)
    assert len(read) == len(read_truth(source(tmp_path))) == 2_500
