"""The workers of an import verify it, and find what one process finds."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.installations.sql import open_for_server
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan, VerificationPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.model.verification import Mismatch, MismatchKind, Verification
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.partitions import pools, shared_reading
from dmc_widgets.tasks.partitions.messages import Message, Reading, ReadingDone
from dmc_widgets.tasks.partitions.processes import WorkerProcesses
from dmc_widgets.tasks.partitions.shared_reading import SharedReading, share_reading
from dmc_widgets.tasks.partitions.worker_group import WorkerPool
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.tasks.verification.task_verification import TaskVerification
from dmc_widgets.workspace import Workspace
from tests.inline_tasks import tasks_in_this_process
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.conftest import RunImport

ERC = "externalReferenceCode"
PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)

Act = Callable[[WorkerProcesses, str], None]


class _ActingProcesses(WorkerProcesses):
    """Does something after each reading of a worker."""

    def __init__(self, *args: Any, act: Act) -> None:
        super().__init__(*args)
        self._act = act

    def receive(self, timeout_s: float) -> Iterator[tuple[str, Message]]:
        for name, message in super().receive(timeout_s):
            yield name, message
            if isinstance(message, ReadingDone):
                self._act(self, name)


@pytest.fixture(autouse=True)
def _small_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_reading, "_READING_RECORDS", 100)
    monkeypatch.setattr(SharedReading, "page", 100)


@pytest.fixture(params=["embedded", "server"])
def database(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    target: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """The database of *target*, which is opened as a file or through a server."""
    path = tmp_path / "target.db"
    if request.param == "embedded":
        yield path
        return
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(path) as server:
        access = Access(user=SETTINGS.user)
        workspace.connections.put(target, server.url, access)
        yield path


def _tickets(number: int) -> list[dict[str, Any]]:
    """Return tickets, every ninth of them of the code of the one before it."""
    return [
        {ERC: f"T-{n - 1 if n % 9 == 8 else n}", "title": f"Ticket {n}", "priority": n}
        for n in range(number)
    ]


def _change(path: Path, items: Sequence[dict[str, Any]], gone: Sequence[str]) -> None:
    """Change and delete entries past all tasks."""
    with closing(open_for_server(path, "others")) as opened:
        kind = find_entity_type(opened.entity_types(), "Ticket")
        opened.write(kind, Batch(task="c", number=1, items=items, policy=PARTIAL))
        named = [{ERC: key} for key in gone]
        opened.delete(kind, Batch(task="d", number=1, items=named, policy=PARTIAL))


def _written(records: list[dict[str, Any]], extension: str) -> bytes:
    """Return a file of records."""
    frame = pd.DataFrame(records)
    if extension == "xlsx":
        stream = io.BytesIO()
        frame.to_excel(stream, index=False, engine="xlsxwriter")
        return stream.getvalue()
    if extension == "csv":
        return frame.to_csv(index=False).encode()
    return frame.to_json(orient="records", lines=extension == "jsonl").encode()


def _found(workspace: Workspace, maker: Task) -> tuple[Verification, list[Mismatch]]:
    """Return what a verification task has found, without when it was made."""
    found = workspace.verifications.get(maker.id)
    assert found is not None, workspace.tasks.get(maker.id)
    mismatches = [*workspace.verifications.iter_mismatches(maker.id)]
    return replace(found, started="", ended=""), mismatches


def _verify(
    workspace: Workspace, task: Task, act: Act | None = None, *, shared: bool = True
) -> tuple[Verification, list[Mismatch]]:
    """Return what a verification finds, without when it was made."""
    run = TaskRun(workspace, task)
    pool = WorkerPool(lambda: _ActingProcesses(run, 2, act=act or (lambda *_: None)))
    target = open_connection(workspace.connections.get("target"))
    compared: list[int] = []
    with closing(pool), closing(target):
        opener = share_reading(pool, run.course, lambda: None) if shared else None
        found = TaskVerification(
            workspace, task, target, task.id, compared.append
        ).carry_out(open_reader=opener)
    assert sum(compared) == found.expected
    mismatches = [*workspace.verifications.iter_mismatches(task.id)]
    return replace(found, started="", ended=""), mismatches


def test_workers_find_what_one_process_finds(
    database: Path, workspace: Workspace, run_import: RunImport
) -> None:
    """Entries that differ, are missing or were written twice, in the same order."""
    task = run_import(_tickets(450))
    _change(
        database,
        [{ERC: f"T-{n}", "title": "Other"} for n in (0, 4, 225, 448)],
        ["T-7", "T-226", "T-446"],
    )

    shared = _verify(workspace, task)

    assert shared == _verify(workspace, task, shared=False)
    report, mismatches = shared
    (part,) = report.parts
    assert (part.expected, part.different, part.missing) == (400, 4, 3)
    assert part.superseded == 50
    assert part.expected_digest != part.actual_digest
    assert [(x.kind, x.key) for x in mismatches if x.kind is MismatchKind.MISSING] == [
        (MismatchKind.MISSING, key) for key in ("T-226", "T-446", "T-7")
    ]
    fields = {x.key: [each.field for each in x.fields] for x in mismatches}
    assert fields["T-225"] == ["title"]


@pytest.mark.parametrize("extension", ["jsonl", "json", "csv", "xlsx"])
def test_workers_of_a_verification_task_find_what_one_process_finds(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    tmp_path: Path,
    extension: str,
) -> None:
    """Of an import by one worker, from any format, in the order of the file."""
    name = f"tickets.{extension}"
    task = run_import(_written(_tickets(450), extension), name=name)
    assert task.counts == Counts(created=400, updated=50)
    changed = [{ERC: f"T-{n}", "title": "Other"} for n in (0, 4, 225, 448)]
    _change(tmp_path / "target.db", changed, ["T-7", "T-226", "T-446"])

    with tasks_in_this_process():
        one = center.tasks.verify(task)
        two = center.tasks.verify(task, workers=2)

    assert _found(workspace, two) == _found(workspace, one)
    report, mismatches = _found(workspace, two)
    summary = "400 items expected in target: 4 different, 3 missing."
    assert report.summary == summary
    keys = [x.key for x in mismatches]
    assert keys == ["T-226", "T-446", "T-7", "T-0", "T-4", "T-225", "T-448"]
    ended = center.tasks.get(two)
    assert ended.status is TaskStatus.PARTIALLY_COMPLETED
    assert ended.counts == Counts(unchanged=393, failed=7)


def test_verification_has_the_workers_of_its_import(
    center: Center, run_import: RunImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless others are chosen; several are for tasks alone."""
    readers: set[str] = set()
    task = _import_shared(run_import, center, monkeypatch, lambda *_: None)
    original = WorkerProcesses.receive

    def receive(
        self: WorkerProcesses, timeout_s: float
    ) -> Iterator[tuple[str, Message]]:
        for name, message in original(self, timeout_s):
            readers.add(name)
            yield name, message

    monkeypatch.setattr(WorkerProcesses, "receive", receive)
    with tasks_in_this_process():
        verified = center.tasks.get(center.tasks.verify(task))
        assert len(readers) == 2
        readers.clear()
        alone = center.tasks.get(center.tasks.verify(task, workers=1))

    assert readers == set()
    for each in (verified, alone):
        assert each.status is TaskStatus.COMPLETED
        assert each.notes == ("6,000 items are in target as expected.",)
    with pytest.raises(InvalidPlan, match="0 workers cannot carry out a task"):
        center.tasks.verify(task, workers=0)
    with pytest.raises(InvalidPlan, match="Two installations are compared by one"):
        VerificationPlan(source="source", workers=2)


def test_what_a_lost_worker_had_to_read_is_read_by_another(
    workspace: Workspace, run_import: RunImport, tmp_path: Path
) -> None:
    task = run_import(_tickets(900))
    _change(tmp_path / "target.db", [{ERC: "T-0", "priority": 7}], ["T-898"])
    killed: list[str] = []

    def kill_one(group: WorkerProcesses, name: str) -> None:
        if not killed:
            killed.append(name)
            os.kill(group.worker(name).pid, signal.SIGKILL)

    shared = _verify(workspace, task, kill_one)

    assert killed
    assert shared == _verify(workspace, task, shared=False)
    assert shared[0].parts[0].mismatches == 2
    steps = [step.detail for step in workspace.course.steps(task.id)]
    assert f"{killed[0]} ended before the verification did; another one goes on." in (
        steps
    )


def _import_shared(
    run_import: RunImport, center: Center, monkeypatch: pytest.MonkeyPatch, act: Act
) -> Task:
    monkeypatch.setattr(
        pools, "WorkerProcesses", lambda *args: _ActingProcesses(*args, act=act)
    )
    key = center.installations.entity_type("target", "Ticket").key
    plan = ImportPlan(
        entity_type=key,
        name="test",
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
        options=RunOptions(workers=2),
    )
    lines = "".join(
        json.dumps({ERC: f"T-{n}", "title": f"Ticket {n}"}) + "\n" for n in range(6000)
    )
    return run_import(lines.encode(), plan, "tickets.jsonl")


def test_those_that_have_imported_verify(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readers: set[str] = set()

    task = _import_shared(
        run_import, center, monkeypatch, lambda _group, name: readers.add(name)
    )

    assert (task.status, task.notes) == (TaskStatus.COMPLETED, ())
    assert task.counts == Counts(created=6000)
    report = center.tasks.verification(task)
    assert report is not None
    assert report.summary == "6,000 items are in target as expected."
    assert readers == {share.name for share in center.tasks.workers(task)}


def test_cancelled_verification_leaves_the_import_as_it_is(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cancel(_group: WorkerProcesses, _name: str) -> None:
        workspace.tasks.request_cancel(1)
        time.sleep(0.3)  # the task asks five times a second

    task = _import_shared(run_import, center, monkeypatch, cancel)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == Counts(created=6000)
    assert task.notes == (
        "The verification was cancelled. Verify it later: dmc verify 1",
    )


def test_verification_without_a_worker_in_place_of_a_lost_one_leaves_the_import(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_group: WorkerProcesses) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    def lose(group: WorkerProcesses, name: str) -> None:
        monkeypatch.setattr(_ActingProcesses, "start_worker", refuse)
        os.kill(group.worker(name).pid, signal.SIGKILL)

    task = _import_shared(run_import, center, monkeypatch, lose)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == Counts(created=6000)
    assert task.notes == (
        "The task could not be verified: Resource temporarily unavailable. Verify it "
        "later: dmc verify 1",
    )


def _send_nonsense(group: WorkerProcesses, name: str) -> None:
    kind = Center(group._run.workspace).installations.entity_type("target", "Ticket")
    order = Reading(0, 5, kind.key, lazy_references=False)  # type: ignore[arg-type]
    group.send(name, order)


def _lack_memory(_group: WorkerProcesses, _name: str) -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (_send_nonsense, "TypeError: 'int' object is not iterable"),
        (_lack_memory, "MemoryError: "),
    ],
)
def test_unexpected_error_of_a_verification_leaves_the_import(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    act: Act,
    what: str,
) -> None:
    """In one of its workers, or in the process that gives them their work."""
    task = _import_shared(run_import, center, monkeypatch, act)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == Counts(created=6000)
    assert task.notes == (
        f"The task could not be verified: Unexpected Error ({what}). See the worker's "
        "log beside the task's files. Verify it later: dmc verify 1",
    )
    assert center.tasks.verification(task) is None


def test_verification_whose_workers_are_all_killed_leaves_the_import(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def kill_all(_group: WorkerProcesses, _name: str) -> None:
        monkeypatch.setattr(_ActingProcesses, "receive", kill_each)

    def kill_each(
        group: _ActingProcesses, timeout_s: float
    ) -> Iterator[tuple[str, Message]]:
        for name in group.names:
            with suppress(ProcessLookupError):
                os.kill(group.worker(name).pid, signal.SIGKILL)
        for name, message in WorkerProcesses.receive(group, timeout_s):
            if not isinstance(message, ReadingDone):
                yield name, message

    task = _import_shared(run_import, center, monkeypatch, kill_all)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == Counts(created=6000)
    assert task.notes == (
        "The task could not be verified: 6 workers have ended before the verification "
        "did. Most often the memory of the machine is too small for them: verify the "
        "task with fewer. The worker's log beside the task's files may say more. "
        "Verify it later: dmc verify 1",
    )
