"""What the journal costs on a server, and how fast a task is taken back there.

A sandbox runs as a process of its own. Both processor times are added, its and that of
the tasks, which run in this process, because the machine may be busy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import UndoPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.bench.measuring import cpu_s, run_in_process, say
from tests.bench.network import PASSWORD, USER, Sandbox, serve_sandbox


def bench_server_journal(
    folder: Path,
    files: dict[str, Path],
    define: Callable[[Center, Path, str], None],
) -> None:
    """Print the ratio of each import, and what it takes to take all of them back."""
    os.environ["DMC_PASSWORD"] = PASSWORD
    plan = dmc.ImportPlan(entity_type="C_Entry", name="journal")
    path = folder / "server-workspace"
    spent: dict[tuple[str, bool], tuple[float, float]] = {}
    with dmc.open_center(path) as center:
        for journal in (False, True):
            name = f"Server {journal}"
            chosen = replace(plan, options=RunOptions(journal=journal))
            with serve_sandbox(folder, name) as sandbox:
                center.installations.add(name, sandbox.url, Access(user=USER))
                define(center, folder, name)
                for step, file in files.items():
                    work = _Import(path, name, chosen, file)
                    spent[step, journal] = _measured(sandbox, work)
                if journal:
                    _take_back(sandbox, path, name)
    for step in files:
        (without, _), (with_journal, wall) = spent[step, False], spent[step, True]
        say(
            f"journal on a server, {step}: {with_journal / without:.2f} × the "
            f"processor time of none ({with_journal:.2f} s, {without:.2f} s; "
            f"{wall / spent[step, False][1]:.2f} × the seconds)"
        )


class _Import:
    """An import of a file, to be measured."""

    def __init__(
        self, path: Path, target: str, plan: dmc.ImportPlan, file: Path
    ) -> None:
        self._arguments = path, target, plan, file

    def __call__(self) -> None:
        run_in_process(*self._arguments)


def _take_back(sandbox: Sandbox, path: Path, target: str) -> None:
    workspace = Workspace(path)
    try:
        for task in reversed(workspace.tasks.all()):
            if task.installation != target or task.plan.entity_type != "C_Entry":
                continue
            if not task.counts.created + task.counts.updated:
                continue
            plan = UndoPlan(task=task.id, entity_type="C_Entry", name="undo")
            undo = workspace.tasks.add(target, plan)
            cpu, wall = _measured(sandbox, lambda: run_task(workspace, undo.id))  # noqa: B023
            ended = workspace.tasks.get(undo.id)
            assert ended.status.value == "Completed", ended.error
            count = ended.counts.updated
            say(
                f"undo on a server of {count:,} records: {cpu:.2f} s of processors, "
                f"{wall:.2f} s, {count / wall:,.0f} a second"
            )
    finally:
        workspace.close()


def _measured(sandbox: Sandbox, work: Callable[[], object]) -> tuple[float, float]:
    """Return the processor time of both processes, and the seconds."""
    processes = sandbox.process, psutil.Process()
    before, begun = sum(map(cpu_s, processes)), time.perf_counter()
    work()
    return sum(map(cpu_s, processes)) - before, time.perf_counter() - begun
