"""Every kind of task stops when it is asked to, in the midst of its work.

How soon is measured by ``make bench ARGS=cancelling``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.backup_plan import BackupPlan
from dmc_widgets.model.plan import (
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
    UndoPlan,
    VerificationPlan,
)
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks import task_run
from dmc_widgets.tasks.repair.running import repair_start
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"
ALL = Selection(entity_types=("ObjectDefinition", "Ticket"))
TICKETS = Selection(entity_types="Ticket")
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)
IMPORT = ImportPlan(
    entity_type="C_Ticket",
    name="x",
    policy=CONTINUE,
)


class Stage:
    """A workspace with the installations *target* and *other*, and tasks run here."""

    def __init__(self, workspace: Workspace, folder: Path, records: int) -> None:
        self.workspace, self.center = workspace, Center(workspace)
        self.file = folder / "tickets.jsonl"
        lines = (
            {ERC: f"T-{n}", "title": f"T {n}", "priority": "x" if n % 5 == 0 else n}
            for n in range(1, records + 1)
        )
        self.file.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))

    def queue(self, plan: Plan, target: str = "target") -> Task:
        name = self.file.name if isinstance(plan, ImportPlan) else ""
        task = self.workspace.tasks.add(target, plan, name)
        if name:
            copy = original_path(self.workspace, task)
            copy_into_workspace(self.file, copy, consume=False)
        return task

    def run(self, task: Task) -> Task:
        run_task(self.workspace, task.id)
        return self.workspace.tasks.get(task.id)

    @contextmanager
    def asked_at(self, look: int, status: TaskStatus) -> Iterator[None]:
        """Ask a task to stop when it looks for the nth time."""
        tasks, looks = self.workspace.tasks, 0
        ask = tasks.requested_status

        def requested(task_id: int) -> TaskStatus | None:
            nonlocal looks
            looks += 1
            if looks == look and status is TaskStatus.PAUSED:
                tasks.request_pause(task_id)
            elif looks == look:
                tasks.request_cancel(task_id)
            return ask(task_id)

        tasks.requested_status = requested  # type: ignore[method-assign]
        try:
            yield
        finally:
            tasks.requested_status = ask  # type: ignore[method-assign]


Make = Callable[[Stage, Task], Task]


def repair(stage: Stage, imported: Task) -> Task:
    mended = stage.center.repair.replace(imported.id, {"priority": {"x": 7}})
    return stage.center.repair.start(imported.id, mended)


KINDS: dict[str, Make] = {
    "import": lambda stage, _: stage.queue(IMPORT),
    "dry run": lambda stage, _: stage.queue(replace(IMPORT, dry_run=True)),
    "export": lambda stage, _: stage.queue(ExportPlan(entity_type="C_Ticket")),
    "package": lambda stage, _: stage.queue(PackagePlan(selection=ALL)),
    "backup": lambda stage, _: stage.queue(BackupPlan(selection=ALL)),
    "migration": lambda stage, _: stage.queue(
        MigrationPlan(source="target", selection=TICKETS), "other"
    ),
    "migration, dry run": lambda stage, _: stage.queue(
        MigrationPlan(source="target", selection=TICKETS, dry_run=True), "other"
    ),
    "verification": lambda stage, _: stage.queue(
        VerificationPlan(source="target", selection=TICKETS), "other"
    ),
    "verification of a task": lambda stage, task: stage.queue(
        VerificationPlan(task=task.id)
    ),
    "repair": repair,
    "undo, dry run": lambda stage, task: stage.queue(
        UndoPlan(task=task.id, dry_run=True)
    ),
    "undo": lambda stage, task: stage.queue(UndoPlan(task=task.id)),
}
"""In the order in which they are run: the last one takes the records away."""
PAUSABLE = ("import", "migration", "undo")


@pytest.fixture(autouse=True)
def _every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a task look whenever it could, whatever the time, and run in this process."""
    monkeypatch.setattr(task_run, "_REPORT_INTERVAL_S", 0.0)
    monkeypatch.setattr(task_run, "_GRACE_S", 0.0)
    monkeypatch.setattr(repair_start, "launch_worker", lambda *_: None)


@pytest.fixture
def stage(
    workspace: Workspace, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Stage:
    assert target == "target"
    opened = Stage(workspace, tmp_path, request.param)
    opened.center.installations.add("other", f"sqlite:///{tmp_path / 'other.db'}")
    return opened


@pytest.fixture
def servers(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """The target behind a server."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(tmp_path / "target.db") as server:
        access = Access(user=SETTINGS.user)
        stage.center.installations.add("target", server.url, access)
        yield stage


def require_stop(stage: Stage, kinds: Sequence[str], look: int) -> None:
    """Stop each kind of task in the midst of its work; none reaches its end."""
    definitions = Selection(entity_types="ObjectDefinition")
    moved = stage.run(
        stage.queue(MigrationPlan(source="target", selection=definitions), "other")
    )
    assert moved.status is TaskStatus.COMPLETED, moved.error
    imported = stage.run(stage.queue(IMPORT))
    assert imported.counts.created, imported.error
    ended: dict[str, str] = {}
    for kind in kinds:
        statuses = [TaskStatus.CANCELLED]
        if kind in PAUSABLE:
            statuses.append(TaskStatus.PAUSED)
        for status in statuses:
            with stage.asked_at(look, status):
                task = stage.run(KINDS[kind](stage, imported))
            ended[f"{kind}, {status}"] = task.status.value
            if kind == "repair":  # it has to end before the task can be undone
                task = stage.run(stage.center.repair.start(imported.id, None))
                assert task.counts.failed == 0, task.error
    assert ended == {name: name.rpartition(", ")[2] for name in ended}


@pytest.mark.parametrize("stage", [1_500], indirect=True)
def test_every_kind_of_task_stops_when_asked(stage: Stage) -> None:
    require_stop(stage, [*KINDS], look=3)


@pytest.mark.parametrize("stage", [400], indirect=True)
def test_tasks_on_a_server_stop_when_asked(servers: Stage) -> None:
    """What waits for the server, and what reads it page by page."""
    kinds = ["import", "export", "migration", "verification", "undo"]
    require_stop(servers, kinds, look=2)
