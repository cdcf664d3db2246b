"""How soon a task hears that it is cancelled, or is to pause, for each kind of task.

Tasks run in this process. Measured is the longest processor time between two moments
at which one looks whether it is asked to stop, because the machine may be busy; what a
task waits for (a server, a lock) is not counted, and such waits look, too. The stack of
the longest one tells which step it was.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import orjson

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.access import Access
from dmc_widgets.model.backup_plan import BackupPlan
from dmc_widgets.model.plan import (
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
    UndoPlan,
    VerificationPlan,
)
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.tasks.repair.running import repair_start
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.bench.measuring import say
from tests.bench.network import PASSWORD, USER, serve_sandbox

_BAD = 10
"""One of so many records fails in the import that is repaired."""


@dataclass(slots=True)
class Gaps:
    """The processor time between two looks at whether a task is asked to stop.

    Attributes:
        longest: The longest, in seconds.
        before: Where the look before it was made.
        after: Where the look after it was made.
    """

    longest: float = 0.0
    before: str = "start"
    after: str = ""
    _at: float = field(default_factory=time.process_time)
    _place: str = "start"

    def look(self, place: str = "") -> None:
        """Note that the task has looked."""
        now, place = time.process_time(), place or _place()
        if now - self._at > self.longest:
            self.longest, self.before, self.after = now - self._at, self._place, place
        self._at, self._place = now, place


def _place() -> str:
    """Return the steps of ours that led here, the innermost first."""
    frames = traceback.extract_stack()[:-2]
    own = [
        f"{Path(frame.filename).stem}:{frame.name}"
        for frame in reversed(frames)
        if "dmc_widgets" in frame.filename and "task_run" not in frame.filename
    ]
    return " < ".join(own[:3])


class _Tasks:
    """Runs tasks in this process, and measures each."""

    def __init__(self, center: Center, workspace: Workspace, folder: Path) -> None:
        self.center, self._workspace, self.folder = center, workspace, folder
        self.where = "database: "

    def run(self, kind: str, target: str, plan: Plan, file: Path | None = None) -> Task:
        """Run a task to its end, and print its longest gap."""
        task = self._workspace.tasks.add(target, plan, file.name if file else "")
        if file is not None:
            copy = original_path(self._workspace, task)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.hardlink_to(file)
        return self.measure(kind, task)

    def measure(self, kind: str, task: Task) -> Task:
        """Run a queued task to its end, and print its longest gap."""
        with self._watched() as gaps:
            run_task(self._workspace, task.id)
        ended = self._workspace.tasks.get(task.id)
        assert ended.status in {
            TaskStatus.COMPLETED,
            TaskStatus.PARTIALLY_COMPLETED,
        }, ended.error
        say(
            f"{self.where + kind:<34}{gaps.longest:5.2f} s  "
            f"{ended.counts.total:,} records; {gaps.before} … {gaps.after}"
        )
        return ended

    @contextmanager
    def _watched(self) -> Iterator[Gaps]:
        gaps, tasks = Gaps(), self._workspace.tasks
        ask = tasks.requested_status

        def look(task_id: int) -> TaskStatus | None:
            gaps.look()
            return ask(task_id)

        tasks.requested_status = look  # type: ignore[method-assign]
        try:
            yield gaps
        finally:
            tasks.requested_status = ask  # type: ignore[method-assign]
            gaps.look("end")


def bench_cancelling(
    folder: Path, file: Path, define: Callable[[Center, Path, str], None]
) -> None:
    """Print the longest gap of each kind of task, into a database and a server."""
    path = folder / "workspace"
    with dmc.open_center(path) as center:
        workspace = Workspace(path)
        tasks = _Tasks(center, workspace, folder)
        for name in ("A", "B"):
            center.installations.add(name, f"sqlite:///{folder / name}.db")
        define(center, folder, "A")
        _run_all(tasks, file, ("A", "B"))
        _run_on_server(tasks, file, define)
        workspace.close()


def _run_all(tasks: _Tasks, file: Path, names: tuple[str, str]) -> None:
    """Run each kind of task: from the first installation into the second."""
    first, second = names
    plan = dmc.ImportPlan(
        entity_type="C_Entry",
        name="cancel",
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
    )
    tasks.run("import, dry run", first, replace(plan, dry_run=True), file)
    imported = tasks.run("import", first, plan, file)
    tasks.run("import, again", first, plan, file)
    tasks.run("undo, dry run", first, UndoPlan(task=imported.id, dry_run=True))
    _repair(tasks, file, first, plan)
    for word in ("CSV", "JSONL", "XLSX"):
        out = dmc.ExportPlan(entity_type="C_Entry", format=word)
        tasks.run(f"export, {word}", first, out)
    chosen = Selection(entity_types=("ObjectDefinition", "C_Entry"))
    tasks.run("package", first, PackagePlan(selection=chosen))
    tasks.run("backup", first, BackupPlan(selection=chosen))
    moving = MigrationPlan(source=first, selection=chosen)
    tasks.run("migration, dry run", second, replace(moving, dry_run=True))
    moved = tasks.run("migration", second, moving)
    verifying = VerificationPlan(source=first, selection=chosen)
    tasks.run("verification", second, verifying)
    tasks.run("verification of a task", second, VerificationPlan(task=moved.id))
    tasks.run("undo of a migration", second, UndoPlan(task=moved.id))


def _repair(tasks: _Tasks, file: Path, name: str, plan: dmc.ImportPlan) -> None:
    """Import a file with bad records, and bring them in."""
    bad = tasks.folder / f"bad-{name}.jsonl"
    with file.open("rb") as source, bad.open("wb") as stream:
        for number, line in enumerate(source):
            record = orjson.loads(line)
            record["externalReferenceCode"] += "-R"
            if number % _BAD == 0:
                record["amount"] = "many"
            stream.write(orjson.dumps(record) + b"\n")
    quick = replace(plan, options=RunOptions(verify=False))
    failed = tasks.run("import with failures", name, quick, bad)
    repair = tasks.center.repair
    records = repair.combine(failed, None, {"amount": {"many": "7"}}, {})
    with patch.object(repair_start, "launch_worker"):  # it runs in this process
        started = repair.start(failed, records)
    tasks.measure("repair", started)


def _run_on_server(
    tasks: _Tasks, file: Path, define: Callable[[Center, Path, str], None]
) -> None:
    folder = tasks.folder
    os.environ["DMC_PASSWORD"] = PASSWORD
    with serve_sandbox(folder, "one") as one, serve_sandbox(folder, "two") as two:
        for name, server in (("S1", one), ("S2", two)):
            tasks.center.installations.add(name, server.url, Access(user=USER))
        define(tasks.center, folder, "S1")
        tasks.where = "server: "
        _run_all(tasks, file, ("S1", "S2"))
