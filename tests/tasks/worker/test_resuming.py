"""A task that was interrupted goes on where it stood, and ends as if nothing was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, resuming
from dmc_widgets.errors import DiskFull, NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks import task_run
from dmc_widgets.tasks.imports import import_task
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.liveness import identify_self
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import write
from dmc_widgets.workspace import Workspace, linked_files
from dmc_widgets.workspace.workers import NO_WORKER
from tests.tasks.conftest import RunImport
from tests.tasks.imports.test_later_parents import BOSS, WORKER
from tests.tasks.interrupted_worker import Interruption, Killed

pytestmark = pytest.mark.each_database

CONTINUE = ErrorStrategy.CONTINUE
STOP = ErrorStrategy.STOP


@pytest.fixture
def interruption(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Interruption:
    return Interruption(workspace, monkeypatch)


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let resumed tasks run in this process."""

    def launch(workspace: Workspace, task: Task) -> None:
        run_task(workspace, task.id)

    monkeypatch.setattr(resuming, "launch_worker", launch)
    monkeypatch.setattr(task_run, "_REPORT_INTERVAL_S", 0.0)


def tickets(number: int, bad: Sequence[int] = ()) -> list[dict[str, Any]]:
    """Return records; those with a number in *bad* lack the required title."""
    return [
        {"externalReferenceCode": f"T-{n}", **({} if n in bad else {"title": f"T {n}"})}
        for n in range(1, number + 1)
    ]


def plan_with(center: Center, **policy: Any) -> ImportPlan:
    key = center.installations.entity_type("target", "Ticket").key
    return ImportPlan(entity_type=key, name="test", policy=Policy(**policy))


def killed_import(
    workspace: Workspace, run_import: RunImport, records: Any, plan: ImportPlan
) -> Task:
    """Import records with a worker that dies; see :class:`Interruption`."""
    with pytest.raises(Killed):
        run_import(records, plan)
    task = workspace.tasks.all()[-1]
    workspace.tasks.assign(task.id, NO_WORKER)
    return task


def codes(workspace: Workspace) -> list[str]:
    installation = connect(workspace.connections.get("target").url)
    entity_type = find_entity_type(installation.entity_types(), "Ticket")
    query = Query(fields=("externalReferenceCode",))
    found = [x["externalReferenceCode"] for x in installation.read(entity_type, query)]
    installation.close()
    return found


def kinds(workspace: Workspace, task: Task) -> list[str]:
    return [
        outcome.kind.value
        for batch in workspace.outcomes.read(task.id)
        for outcome in batch.outcomes
    ]


@pytest.mark.parametrize("before_outcomes", [True, False])
@pytest.mark.parametrize("is_recovered", [True, False])
def test_killed_insert_goes_on_with_the_next_record(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
    *,
    before_outcomes: bool,
    is_recovered: bool,
) -> None:
    """INSERT after a crash has a way on: no record fails for being there already."""
    plan = plan_with(
        center, import_strategy=ImportStrategy.INSERT, error_strategy=CONTINUE
    )
    interruption.arrange(2, before_outcomes=before_outcomes)
    task = killed_import(workspace, run_import, tickets(3_500, bad=[7, 1_400]), plan)
    if is_recovered:
        center.tasks.recover(task.id)
    center.tasks.resume(task.id)

    resumed = center.tasks.get(task.id)
    assert resumed.status is TaskStatus.PARTIALLY_COMPLETED
    assert resumed.counts == Counts(created=3_498, failed=2)
    assert [x.index for x in center.tasks.failures(task.id)] == [7, 1_400]
    assert kinds(workspace, task).count("created") == 3_498
    assert len(codes(workspace)) == len(set(codes(workspace))) == 3_498
    assert resumed.error == ""


@pytest.mark.parametrize("stop", ["pause", "cancel"])
def test_stopped_import_goes_on(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    stop: str,
) -> None:
    add = workspace.outcomes.add

    def add_and_stop(*values: Any) -> None:
        add(*values)
        getattr(center.tasks, stop)(values[0])

    with monkeypatch.context() as context:
        context.setattr(workspace.outcomes, "add", add_and_stop)
        task = run_import(tickets(3_500))
    assert task.counts == Counts(created=1_000)

    center.tasks.resume(task.id)

    resumed = center.tasks.get(task.id)
    assert (resumed.status, resumed.counts) == (
        TaskStatus.COMPLETED,
        Counts(created=3_500),
    )


@pytest.mark.parametrize("stop", ["pause", "cancel"])
def test_failure_at_which_an_import_is_stopped_by_hand_still_stops_it(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    stop: str,
) -> None:
    """Nobody has been told of it, so the first resumption does not pass it."""
    add = workspace.outcomes.add

    def add_and_stop(*values: Any) -> None:
        add(*values)
        getattr(center.tasks, stop)(values[0])

    with monkeypatch.context() as context:
        context.setattr(workspace.outcomes, "add", add_and_stop)
        plan = plan_with(center, error_strategy=STOP)
        stopped = run_import(tickets(3_500, bad=[600]), plan)
    first = center.tasks.resume(stopped.id)
    second = center.tasks.resume(stopped.id)

    assert stopped.status in {TaskStatus.PAUSED, TaskStatus.CANCELLED}
    assert (first.status, first.error[:11]) == (TaskStatus.FAILED, "Record 600:")
    assert first.counts == Counts(created=599, failed=1, skipped=2_900)
    assert second.counts == Counts(created=3_499, failed=1)


def test_import_that_stopped_at_a_record_goes_on_after_it(
    workspace: Workspace, center: Center, run_import: RunImport
) -> None:
    """Each failed record stops it once; none is written twice."""
    plan = plan_with(center, import_strategy=ImportStrategy.INSERT, error_strategy=STOP)
    task = run_import(tickets(2_500, bad=[600, 700, 2_400]), plan)
    seen = []
    while task.status is TaskStatus.FAILED and task.error:
        seen.append((task.counts.failed, task.counts.skipped, task.error[:11]))
        task = center.tasks.resume(task.id)

    assert seen == [
        (1, 1_900, "Record 600:"),
        (2, 1_800, "Record 700:"),
        (3, 100, "Record 2400"),
    ]
    assert task.status is TaskStatus.PARTIALLY_COMPLETED
    assert task.counts == Counts(created=2_497, failed=3)
    assert len(kinds(workspace, task)) == 2_500
    assert len(set(codes(workspace))) == 2_497


def test_failure_that_stopped_a_killed_import_still_stops_it(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
) -> None:
    interruption.arrange(2)
    plan = plan_with(center, error_strategy=STOP)
    task = killed_import(workspace, run_import, tickets(3_500, bad=[1_600]), plan)
    resumed = center.tasks.resume(task.id)

    assert resumed.status is TaskStatus.FAILED
    assert resumed.error.startswith("Record 1600: ")
    assert resumed.counts == Counts(created=1_599, failed=1, skipped=1_900)


def test_error_limit_that_a_killed_import_had_reached_still_stops_it(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
) -> None:
    plan = replace(
        plan_with(center, error_strategy=CONTINUE),
        options=RunOptions(error_limit="3"),
    )
    interruption.arrange(2)  # with a limit, batches have 100 records
    task = killed_import(workspace, run_import, tickets(500, bad=[5, 6, 150]), plan)
    resumed = center.tasks.resume(task.id)

    assert resumed.error.startswith("Stopped at the error limit")
    assert resumed.counts == Counts(created=197, failed=3, skipped=300)
    assert center.tasks.resume(task.id).counts == Counts(created=497, failed=3)


def test_notes_of_a_resumed_import_are_those_of_an_undisturbed_one(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
) -> None:
    records = [{"title": f"T {n}", "unknownField": 1} for n in range(2_500)]
    plan = plan_with(center)
    plan = replace(plan, mapping=replace(plan.mapping, same_names=True))
    undisturbed = run_import(records, plan)
    interruption.arrange(1)
    task = killed_import(workspace, run_import, records, plan)
    center.tasks.recover(task.id)
    resumed = center.tasks.resume(task.id)

    assert resumed.notes == undisturbed.notes
    assert len(codes(workspace)) == 5_000


def test_resumed_task_may_be_killed_and_resumed_again(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
) -> None:
    plan = plan_with(center, import_strategy=ImportStrategy.INSERT)
    interruption.arrange(1)
    task = killed_import(workspace, run_import, tickets(4_500), plan)
    for _ in range(3):
        interruption.arrange(1, before_outcomes=True)
        with pytest.raises(Killed):
            center.tasks.resume(task.id)
        workspace.tasks.assign(task.id, NO_WORKER)
        interruption.arrange(1)
        with pytest.raises(Killed):
            center.tasks.resume(task.id)
        workspace.tasks.assign(task.id, NO_WORKER)
    resumed = center.tasks.resume(task.id)

    assert resumed.counts == Counts(created=4_500)
    assert len(set(codes(workspace))) == 4_500


@pytest.mark.parametrize("status", ["at work", "completed"])
def test_tasks_without_anything_left_are_refused(
    workspace: Workspace, center: Center, run_import: RunImport, status: str
) -> None:
    task = run_import(tickets(2))
    if status == "at work":
        task = workspace.tasks.add(
            "target", plan_with(center), "tickets.json", worker=identify_self()
        )
    messages = {
        "at work": f"Task {task.id} is at work already: Queued. Wait for its end.",
        "completed": f"Task {task.id} has nothing left to do: Completed, 2 created. "
        "Start a new task.",
    }
    with pytest.raises(NotSupported) as caught:
        center.tasks.resume(task.id)
    assert str(caught.value) == messages[status]


def test_a_dry_run_that_would_stop_at_a_record_is_complete(
    center: Center, run_import: RunImport
) -> None:
    plan = replace(plan_with(center), dry_run=True)
    task = run_import(tickets(4, bad=[2]), plan)

    assert task.counts == Counts(created=1, failed=1, skipped=2)
    with pytest.raises(NotSupported, match="nothing left to do"):
        center.tasks.resume(task.id)


def test_import_without_its_file_is_refused(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
) -> None:
    interruption.arrange(1)
    task = killed_import(workspace, run_import, tickets(1_500), plan_with(center))
    original_path(workspace, task).unlink()
    with pytest.raises(NotSupported, match="is not in the workspace any more"):
        center.tasks.resume(task.id)


def test_import_whose_file_was_changed_does_not_go_on(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A large file is not copied; what it holds now belongs to no batch."""
    monkeypatch.setattr(linked_files, "LINKED_BYTES", 1)
    Interruption(workspace, monkeypatch).arrange(1)
    task = killed_import(workspace, run_import, tickets(1_500), plan_with(center))
    (tmp_path / "tickets.json").write_bytes(b"[]")

    with pytest.raises(NotSupported, match=r"its file tickets\.json was changed after"):
        center.tasks.resume(task.id)


def test_task_stays_as_it_was_where_no_worker_starts(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interruption.arrange(1)
    task = killed_import(workspace, run_import, tickets(1_500), plan_with(center))

    def fail(_workspace: Workspace, _task: Task) -> None:
        raise DiskFull(str(workspace.path), "the disk is full.")

    before = center.tasks.get(task.id)
    with monkeypatch.context() as context:
        context.setattr(resuming, "launch_worker", fail)
        with pytest.raises(DiskFull):
            center.tasks.resume(task.id)
    assert center.tasks.get(task.id).status is before.status is TaskStatus.INACTIVE
    assert center.tasks.resume(task.id).counts == Counts(created=1_500)


def test_recovery_that_comes_late_does_not_end_the_resumed_task(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page may recover a task in the moment in which somebody resumes it."""
    interruption.arrange(1)
    task = killed_import(workspace, run_import, tickets(3_500), plan_with(center))
    started: list[Callable[[], object]] = []
    monkeypatch.setattr(
        resuming, "launch_worker", lambda _, task: started.append(lambda: task)
    )
    other = Workspace(workspace.path)
    read = other.outcomes.read

    def read_late(task_id: int, after: int = 0) -> Any:
        if not started:
            center.tasks.resume(task_id)
        return read(task_id, after)

    monkeypatch.setattr(other.outcomes, "read", read_late)
    Center(other).tasks.recover(task.id)
    other.close()
    assert started
    run_task(workspace, task.id)

    assert center.tasks.get(task.id).counts == Counts(created=3_500)
    assert kinds(workspace, task) == ["created"] * 3_500


@pytest.mark.own_file
def test_import_killed_in_its_second_pass_goes_on_within_it(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Records that waited for later parents are no repair; one fails and stops none."""
    people: list[dict[str, Any]] = [
        {"externalReferenceCode": f"W{n}", "name": f"Person {n}"} for n in range(450)
    ]
    for number, person in enumerate(people[:300]):
        person[BOSS] = f"W{number + 150}"
    people[157]["name"] = ""
    plan = ImportPlan(entity_type="Worker", name="test")
    record = workspace.repairs.record
    expected: list[Any] = []
    for kill in (0, 1, -1, 2, -2, 3):
        url = f"sqlite:///{tmp_path / f'kill{kill}.db'}"
        workspace.connections.put("target", url)
        with closing(connect(url)) as target:
            write(target, "ObjectDefinition", WORKER)
        with monkeypatch.context() as context:
            context.setattr(workspace.repairs, "record", die_at(kill, record))
            if kill:
                task = killed_import(workspace, run_import, people, plan)
            else:
                task = run_import(people, plan)
        if kill % 2:
            center.tasks.recover(task.id)
        if kill:
            task = center.tasks.resume(task.id)
        result = [task.status, task.counts, task.notes, task.error]
        result += [kinds(workspace, task), center.tasks.failures(task.id)]
        expected = expected or result
        assert result == expected
    assert expected[:2] == [
        TaskStatus.PARTIALLY_COMPLETED,
        Counts(created=448, failed=2),
    ]


def die_at(number: int, record: Callable[..., None]) -> Callable[..., None]:
    """Record batches of a second pass up to one, and die; before it if negative."""
    left = [abs(number)]

    def record_or_die(*values: Any, **options: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and number < 0:
            raise Killed
        record(*values, **options)
        if left[0] == 0:
            raise Killed

    return record_or_die


def test_error_limit_counts_what_failed_before_a_recovered_kill(
    workspace: Workspace,
    center: Center,
    interruption: Interruption,
    run_import: RunImport,
) -> None:
    """A page that shows the task finds out what is in; nobody has decided anything."""
    plan = replace(
        plan_with(center, error_strategy=CONTINUE),
        options=RunOptions(error_limit="3"),
    )
    interruption.arrange(1)
    bad = [5, 6, 150, 250]
    task = killed_import(workspace, run_import, tickets(500, bad=bad), plan)
    center.tasks.recover(task.id)
    resumed = center.tasks.resume(task.id)

    assert resumed.error.startswith("Stopped at the error limit")
    assert resumed.counts == Counts(created=197, failed=3, skipped=300)


def test_import_killed_before_its_last_steps_takes_them_when_it_is_resumed(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every record is in; the notes and the verification of the end are not."""

    def die(*_: Any, **_options: Any) -> None:
        raise Killed

    records = [{"title": f"T {n}", "unknownField": 1} for n in range(3)]
    plan = plan_with(center)
    plan = replace(plan, mapping=replace(plan.mapping, same_names=True))
    with monkeypatch.context() as context:
        context.setattr(import_task, "verify_at_end", die)
        task = killed_import(workspace, run_import, records, plan)
    recovered = center.tasks.recover(task.id)
    resumed = center.tasks.resume(task.id)

    assert (recovered.status, recovered.counts, recovered.error) == (
        TaskStatus.FAILED,
        Counts(created=3),
        "The worker process ended before the task did. Every record has its outcome. "
        "Resume the task: it takes its last steps, such as the verification, and ends.",
    )
    assert (resumed.status, resumed.counts) == (TaskStatus.COMPLETED, Counts(created=3))
    assert any("unknownField" in note for note in resumed.notes)
    verification = workspace.verifications.get(task.id)
    assert verification is not None
    assert verification.is_equal
