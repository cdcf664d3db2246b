"""An import by several workers ends as one by a single worker does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan, MigrationPlan, UndoPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks.partitions import planner, pools
from dmc_widgets.tasks.partitions.messages import BatchWritten, Message, WorkerLost
from dmc_widgets.tasks.partitions.processes import WorkerProcesses
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import write
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.partitions import PartitionStatus
from tests.inline_tasks import tasks_in_this_process
from tests.tasks.conftest import RunImport
from tests.tasks.imports.test_later_parents import BOSS, WORKER

pytestmark = pytest.mark.each_database

ERC = "externalReferenceCode"
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)
SMALL_BATCHES = RunOptions(error_limit="90%")  # of 100 records instead of 1000


def _rows(number: int) -> bytes:
    """Return a CSV file whose every seventh record fails."""
    rows = (f"T{n},{'' if n % 7 == 0 else f'Ticket {n}'},{n}\n" for n in range(number))
    return ("externalReferenceCode,title,priority\n,,\n" + "".join(rows)).encode()


def _plan(center: Center, entity: str = "Ticket", **options: Any) -> ImportPlan:
    key = center.installations.entity_type("target", entity).key
    chosen = replace(SMALL_BATCHES, **options)
    return ImportPlan(entity_type=key, name="test", policy=CONTINUE, options=chosen)


def _result(workspace: Workspace, task: Task) -> tuple[object, ...]:
    outcomes = [
        (batch.first_index, [(x.kind, x.key) for x in batch.outcomes])
        for batch in workspace.outcomes.read(task.id)
    ]
    failures = workspace.outcomes.failures(task.id)
    return task.status, task.counts, task.notes, outcomes, failures


def _stored(workspace: Workspace, entity: str = "Ticket") -> dict[str, Any]:
    target = connect(workspace.connections.get("target").url)
    found = next(x for x in target.entity_types() if x.is_named(entity))
    names = [x for x in ("title", "name", BOSS) if x in {f.name for f in found.fields}]
    items = list(target.read(found, Query(fields=[ERC, *names])))
    target.close()
    return {item[ERC]: item for item in items}


def test_two_workers_do_what_one_does(
    run_import: RunImport, center: Center, workspace: Workspace
) -> None:
    data = _rows(1500)
    one = run_import(data, _plan(center), "tickets.csv")
    expected, stored = _result(workspace, one), _stored(workspace)
    undo = workspace.tasks.add("target", UndoPlan(task=one.id, entity_type="Ticket"))
    run_task(workspace, undo.id)
    assert _stored(workspace) == {}

    two = run_import(data, _plan(center, workers=2), "tickets.csv")

    assert _result(workspace, two) == expected
    assert _stored(workspace) == stored
    assert two.counts == Counts(created=1285, failed=215)
    assert two.notes == ("1 line without any value was skipped.",)
    assert two.progress.percent == 100
    partitions = workspace.partitions.read(two.id)
    assert len(partitions) == 15
    assert {x.status for x in partitions} == {PartitionStatus.DONE}
    assert sum(x.done for x in partitions) == 1500
    first, second = center.tasks.workers(two)
    assert first.name.startswith("Process ")
    assert not any(share.is_running for share in (first, second))
    assert first.records + second.records == 1500
    assert sorted(first.partitions + second.partitions) == [*range(1, 16)]
    undo = workspace.tasks.add("target", UndoPlan(task=two.id, entity_type="Ticket"))
    run_task(workspace, undo.id)
    assert _stored(workspace) == {}


class _ActingProcesses(WorkerProcesses):
    """Does something when the third batch is written."""

    def __init__(self, *args: Any, do: Callable[[WorkerProcesses, str], None]) -> None:
        super().__init__(*args)
        self._batches = 0
        self._do = do

    def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
        for name, message in super().receive(timeout_s):
            yield name, message
            if isinstance(message, BatchWritten):
                self._batches += 1
                if self._batches == 3:
                    self._do(self, name)


@pytest.fixture
def at_third_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[WorkerProcesses, str], None]], None]:
    def set_action(do: Callable[[WorkerProcesses, str], None]) -> None:
        monkeypatch.setattr(
            pools, "WorkerProcesses", lambda *args: _ActingProcesses(*args, do=do)
        )

    return set_action


def test_partition_of_a_killed_worker_is_imported_by_another(
    run_import: RunImport,
    center: Center,
    workspace: Workspace,
    at_third_batch: Callable[..., None],
) -> None:
    def kill(group: WorkerProcesses, name: str) -> None:
        os.kill(group.worker(name).pid, signal.SIGKILL)

    at_third_batch(kill)
    task = run_import(_rows(3000), _plan(center, workers=2), "tickets.csv")
    assert task.counts == Counts(created=2571, failed=429)
    assert len(_stored(workspace)) == 2571
    steps = [step.detail for step in workspace.course.steps(task.id)]
    assert any("another one goes on" in step for step in steps)
    assert len({x.worker_name for x in workspace.partitions.read(task.id)}) > 1


def test_workers_may_be_killed_as_often_as_batches_are_written(
    run_import: RunImport,
    center: Center,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A partition loses seven here; it fails after six that have written nothing."""
    killed: list[str] = []

    class _KilledProcesses(WorkerProcesses):
        def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
            for name, message in super().receive(timeout_s):
                yield name, message
                if isinstance(message, BatchWritten):
                    killed.append(name)
                    with suppress(ProcessLookupError):
                        os.kill(self.worker(name).pid, signal.SIGKILL)

    monkeypatch.setattr(pools, "WorkerProcesses", _KilledProcesses)
    monkeypatch.setattr(planner, "_PARTITIONS_A_WORKER", 1)
    task = run_import(_rows(1400), _plan(center, workers=2), "tickets.csv")
    assert len(workspace.partitions.read(task.id)) == 2
    assert (task.status, task.error) == (TaskStatus.PARTIALLY_COMPLETED, "")
    assert task.counts == Counts(created=1200, failed=200)
    assert len(_stored(workspace)) == 1200
    assert len(killed) == 14


def test_cancelled_import_goes_on_where_it_stopped(
    run_import: RunImport,
    center: Center,
    workspace: Workspace,
    at_third_batch: Callable[..., None],
) -> None:
    cancel = iter([lambda: workspace.tasks.request_cancel(1)])
    at_third_batch(lambda _group, _name: next(cancel, lambda: None)())
    task = run_import(_rows(8_000), _plan(center, workers=2), "tickets.csv")
    assert task.status is TaskStatus.CANCELLED
    assert 300 <= task.counts.total < 8_000
    assert task.counts.created == len(_stored(workspace))
    assert task.error.startswith(f"Cancelled after {task.counts.total:,} records. ")
    with tasks_in_this_process():
        center.tasks.resume(task.id)
    task = center.tasks.get(task.id)
    assert task.counts == Counts(created=6_857, failed=1_143)
    assert len(_stored(workspace)) == 6_857


def test_error_limit_ends_all_workers(
    run_import: RunImport, center: Center, workspace: Workspace
) -> None:
    plan = _plan(center, workers=2, error_limit="20")
    task = run_import(_rows(8_000), plan, "tickets.csv")
    assert task.status is TaskStatus.FAILED
    assert task.counts.total == 8_000
    assert task.counts.skipped > 4_000
    assert task.counts.created == len(_stored(workspace))
    assert "were not tried" in task.error
    assert "after them" not in task.error


def test_parents_in_other_partitions_are_linked_at_the_end(
    run_import: RunImport, center: Center, workspace: Workspace
) -> None:
    url = workspace.connections.get("target").url
    target = connect(url)
    write(target, "ObjectDefinition", WORKER)
    target.close()
    records = [
        {ERC: f"W{n}", "name": f"Worker {n}", BOSS: f"W{n // 3}"} for n in range(1, 900)
    ]
    records[-1][BOSS] = "nobody"
    records = [*records[450:], *records[:450], {ERC: "W0", "name": "Worker 0"}]
    task = run_import(records, _plan(center, "Worker", workers=2))
    assert task.counts == Counts(created=899, failed=1)
    stored = _stored(workspace, "Worker")
    assert {key: item[BOSS] for key, item in stored.items()} == {
        x[ERC]: x.get(BOSS, "") for x in records if x.get(BOSS) != "nobody"
    }


def test_a_damaged_file_is_imported_up_to_the_damage(
    run_import: RunImport, center: Center, workspace: Workspace
) -> None:
    text = ",".join(f'{{"title": "{n}"}}' for n in range(650))
    task = run_import(f"[{text}, {{".encode(), _plan(center, workers=2))
    assert task.status is TaskStatus.FAILED
    assert task.counts.created == 650 == len(_stored(workspace))


def test_what_has_to_be_done_by_one_worker_is(
    run_import: RunImport, center: Center, workspace: Workspace
) -> None:
    plan = replace(_plan(center, workers=2), dry_run=True)
    task = run_import(_rows(300), plan, "tickets.csv")
    assert task.counts.created == 257
    assert task.notes[1] == (
        "One worker has imported the file: a dry run shows what earlier records leave "
        "to later ones."
    )
    assert workspace.partitions.read(task.id) == []
    steps = [step.detail for step in workspace.course.steps(task.id)]
    assert (
        "One worker imports the file: a dry run shows what earlier records leave to "
        "later ones."
    ) in steps


def test_several_workers_need_a_plan_that_continues() -> None:
    with pytest.raises(InvalidPlan, match="Several workers are chosen"):
        ImportPlan(entity_type="Ticket", options=RunOptions(workers=2))
    with pytest.raises(InvalidPlan, match="0 workers cannot"):
        RunOptions(workers=0)
    with pytest.raises(InvalidPlan, match="A migration has one worker"):
        MigrationPlan(source="A", policy=CONTINUE, options=RunOptions(workers=2))


def test_several_workers_cannot_be_chosen_for_a_dry_run(
    center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes(_rows(3))
    with pytest.raises(InvalidPlan) as refusal:
        center.import_file(
            "target", "Ticket", path, on_error="continue", workers=2, dry_run=True
        )
    assert str(refusal.value) == (
        "A dry run has one worker, because it shows what earlier records leave to "
        "later ones. Leave workers and cluster out."
    )


def test_an_import_whose_workers_all_die_fails(
    run_import: RunImport,
    center: Center,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lose(self: WorkerProcesses, timeout_s: float) -> Iterator[tuple[str, Message]]:
        del self, timeout_s
        yield "", WorkerLost()

    monkeypatch.setattr(WorkerProcesses, "receive", lose)
    task = run_import(_rows(300), _plan(center, workers=2), "tickets.csv")
    assert (task.status, task.error_code) == (TaskStatus.FAILED, "workers-lost")
    assert task.error.startswith(
        "6 workers have ended before its first partition did. Most often the memory of "
        "the machine is too small for them: resume the task with fewer. "
    )
