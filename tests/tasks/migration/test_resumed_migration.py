"""A migration that is killed after any of its batches, and resumed, loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, resuming
from dmc_widgets.installations import connect
from dmc_widgets.installations.sql import open_for_server
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import ImportStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Batch, Query
from dmc_widgets.tasks import error_budget, task_run
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER
from tests.tasks.interrupted_worker import Interruption, Killed
from tests.tasks.migration.test_migration_task import (
    DEFINITIONS,
    ENTRIES,
    ERC,
    KINDS,
    LINKS,
    write,
)

ENTITIES = ("ListTypeDefinition", "ObjectDefinition", "Person", "Team", "Skill")
_SERVER_SET = {"id", "creator", "dateCreated", "dateModified", "status"}


@pytest.fixture(autouse=True)
def _small_batches_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(workspace: Workspace, task: Task) -> None:
        run_task(workspace, task.id)

    monkeypatch.setattr(resuming, "launch_worker", launch)
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", 2)
    monkeypatch.setattr(task_run, "_REPORT_INTERVAL_S", 0.0)


@pytest.fixture
def source(workspace: Workspace, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'source.db'}"
    workspace.connections.put("source", url)
    write(url, "ListTypeDefinition", [KINDS])
    write(url, "ObjectDefinition", DEFINITIONS, Policy())
    for entity, items in [*ENTRIES.items(), *LINKS.items()]:
        write(url, entity, items)
    return url


class Migrations:
    """Starts the same migration into one target after the other."""

    def __init__(
        self, workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.workspace = workspace
        self.center = Center(workspace)
        self.interruption = Interruption(workspace, monkeypatch)
        self._folder = folder

    def start(self, target: str, plan: MigrationPlan) -> Task:
        """Migrate into a new target; the worker may die.

        If only what is needed comes along, the target has some of that.
        """
        self.workspace.connections.put(target, self.url(target))
        if plan.selection.with_needed:
            write(self.url(target), "ListTypeDefinition", [KINDS])
            write(self.url(target), "ObjectDefinition", DEFINITIONS, Policy())
            write(self.url(target), "Skill", ENTRIES["C_Skill"])
            write(self.url(target), "Person", [{ERC: "P2", "title": "Here"}])
        task = self.workspace.tasks.add(target, plan)
        try:
            run_task(self.workspace, task.id)
        except Killed:
            self.workspace.tasks.assign(task.id, NO_WORKER)
        return self.center.tasks.get(task.id)

    def url(self, target: str) -> str:
        return f"sqlite:///{self._folder / target}.db"

    def stored(self, target: str) -> list[Any]:
        """Return everything that a target holds, without what it sets itself."""
        with closing(connect(self.url(target))) as opened:
            return [
                _plain(item)
                for entity_type in opened.entity_types()
                for item in sorted(
                    opened.read(entity_type, Query()), key=lambda x: str(x.get(ERC))
                )
            ]


@pytest.fixture
def migrations(
    workspace: Workspace, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Migrations:
    assert source
    return Migrations(workspace, tmp_path, monkeypatch)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in _SERVER_SET}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def summary(task: Task) -> tuple[Any, ...]:
    parts = [(part.title, part.status, part.counts, part.first) for part in task.parts]
    return task.status, task.counts, task.error, task.notes, parts


def outcomes(workspace: Workspace, task: Task) -> list[tuple[str, str]]:
    return [
        (outcome.kind.value, outcome.key)
        for batch in workspace.outcomes.read(task.id)
        for outcome in batch.outcomes
    ]


def kills(number: int) -> Iterator[tuple[int, bool, bool]]:
    """Yield each batch, before and after its outcomes, and whether it is recovered."""
    for batch in range(1, number + 1):
        yield batch, True, batch % 2 == 0
        yield batch, False, batch % 2 == 1


@pytest.mark.parametrize(
    ("entities", "policy", "step"),
    [
        ((), Policy(), 5),
        (("Team",), Policy(import_strategy=ImportStrategy.INSERT), 2),
    ],
    ids=["everything", "needed"],
)
def test_migration_killed_at_any_batch_ends_as_an_undisturbed_one(
    migrations: Migrations, entities: Sequence[str], policy: Policy, step: int
) -> None:
    """A *step* of 1 tries them all."""
    workspace, center = migrations.workspace, migrations.center
    selection = Selection(entity_types=entities, with_needed=bool(entities))
    plan = MigrationPlan(
        source="source", selection=selection, policy=policy, name="test"
    )
    undisturbed = migrations.start("undisturbed", plan)
    assert undisturbed.status is TaskStatus.COMPLETED
    expected = migrations.stored("undisturbed")
    number = sum(1 for _ in workspace.outcomes.read(undisturbed.id))
    assert number > 4
    for batch, before_outcomes, is_recovered in [*kills(number)][::step]:
        target = f"target {batch} {before_outcomes}"
        migrations.interruption.arrange(batch, before_outcomes=before_outcomes)
        task = migrations.start(target, plan)
        assert task.status is TaskStatus.INACTIVE
        if is_recovered:
            center.tasks.recover(task.id)
        resumed = task
        if center.tasks.get(task.id).status is not TaskStatus.COMPLETED:
            resumed = center.tasks.resume(task.id)
        assert summary(resumed) == summary(undisturbed), target
        assert outcomes(workspace, resumed) == outcomes(workspace, undisturbed), target
        assert migrations.stored(target) == expected, target


def test_batch_that_ended_before_an_earlier_one_keeps_its_numbers(
    migrations: Migrations,
) -> None:
    """Several were written at once, and the server went away from the first."""
    workspace, center = migrations.workspace, migrations.center
    plan = MigrationPlan(source="source", name="test")
    undisturbed = migrations.start("undisturbed", plan)
    migrations.interruption.arrange(5, before_outcomes=False)
    task = migrations.start("target", plan)
    first, second = [*workspace.outcomes.read(task.id)][-2:]
    assert (first.outcomes[0].key, second.outcomes[0].key) == ("P1", "P3")
    workspace.outcomes.add_skipped(task.id, first.first_index, len(first.outcomes))

    resumed = center.tasks.resume(task.id)

    assert summary(resumed) == summary(undisturbed)
    assert outcomes(workspace, resumed) == outcomes(workspace, undisturbed)
    assert migrations.stored("target") == migrations.stored("undisturbed")


def test_resuming_before_the_target_is_back_leaves_the_task_as_it_was(
    migrations: Migrations,
) -> None:
    """Its counts and parts stay, so that the next try goes on, or an undo finds all."""
    workspace, center = migrations.workspace, migrations.center
    plan = MigrationPlan(source="source", name="test")
    undisturbed = migrations.start("undisturbed", plan)
    migrations.interruption.arrange(5, before_outcomes=True)
    task = migrations.start("target", plan)
    before = center.tasks.recover(task.id)
    assert before.counts.successful > 0
    workspace.connections.put("target", "sqlite:////no/such/folder/target.db")

    early = center.tasks.resume(task.id)

    assert early.status is TaskStatus.FAILED
    assert "does not exist" in early.error
    assert (early.counts, early.parts) == (before.counts, before.parts)
    workspace.connections.put("target", migrations.url("target"))
    assert summary(center.tasks.resume(task.id)) == summary(undisturbed)
    assert migrations.stored("target") == migrations.stored("undisturbed")


def test_worker_that_dies_as_it_resumes_leaves_the_parts_as_they_were(
    migrations: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is recorded belongs to the part that was moved, not to one still to come."""
    workspace, center = migrations.workspace, migrations.center
    plan = MigrationPlan(source="source", name="test")
    undisturbed = migrations.start("undisturbed", plan)
    migrations.interruption.arrange(5, before_outcomes=False)
    before = center.tasks.recover(migrations.start("target", plan).id)
    assert before.parts[-1].status is TaskStatus.CANCELLED
    with monkeypatch.context() as patch:
        patch.setattr(resuming, "launch_worker", _die_at_once)
        dead = center.tasks.resume(before.id)
    assert (dead.status, dead.counts) == (TaskStatus.INACTIVE, before.counts)

    recovered = center.tasks.recover(before.id)

    assert (recovered.counts, recovered.parts) == (before.counts, before.parts)
    assert summary(center.tasks.resume(before.id)) == summary(undisturbed)
    assert workspace.tasks.get(before.id).status is TaskStatus.COMPLETED


def _die_at_once(workspace: Workspace, task: Task) -> None:
    workspace.tasks.start(task.id, 0.0, NO_WORKER)


def test_items_that_the_source_gained_or_lost_meanwhile_move_once_or_not(
    migrations: Migrations, source: str
) -> None:
    """What was moved is known by its code, whatever stands before it by now."""
    workspace, center = migrations.workspace, migrations.center
    plan = MigrationPlan(source="source", name="test")
    migrations.interruption.arrange(5, before_outcomes=True)
    task = migrations.start("target", plan)
    moved = outcomes(workspace, task)[-1][1]
    assert moved.startswith("P")
    with closing(open_for_server(Path(source.removeprefix("sqlite:///")), "x")) as held:
        person = next(x for x in held.entity_types() if x.name == "C_Person")
        batch = Batch(task="-", number=1, items=[{ERC: moved}], policy=Policy())
        assert [x.problem for x in held.delete(person, batch)] == [None]
    write(source, "Person", [{ERC: "P0", "title": "New"}])
    resumed = center.tasks.resume(task.id)

    assert resumed.status is TaskStatus.COMPLETED
    keys = [key for _, key in outcomes(workspace, resumed)]
    first_pass = resumed.parts[4]
    persons = keys[first_pass.first - 1 :][: first_pass.counts.total]
    assert sorted(persons) == [f"P{n}" for n in range(7)]
    assert first_pass.counts == Counts(created=7)
