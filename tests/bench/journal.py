"""What the journal costs: imports with before-images and changes beside those without.

Tasks run in this process, and its processor time is compared, because the machine may
be busy. Both sides write into databases of their own, one after the other.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.bench.measuring import say

_ROUNDS = 3


def bench_journal(
    folder: Path,
    files: dict[str, Path],
    define: Callable[[Center, Path, str], None],
) -> None:
    """Print the ratio of each import, by its name, in the order of *files*."""
    gc.freeze()  # as a worker does it
    gc.set_threshold(100_000, 20, 100)
    with dmc.open_center(folder / "workspace") as center:
        _bench(center, folder, files, define)


def _bench(
    center: Center,
    folder: Path,
    files: dict[str, Path],
    define: Callable[[Center, Path, str], None],
) -> None:
    plan = dmc.ImportPlan(entity_type="C_Entry", name="journal")
    spent: dict[tuple[str, bool], float] = {}
    for number in range(_ROUNDS):
        for journal in (False, True):
            target = f"Journal {number} {journal}"
            center.installations.add(target, f"sqlite:///{folder / target}.db")
            define(center, folder, target)
            chosen = replace(plan, options=RunOptions(journal=journal))
            for name, file in files.items():
                seconds = run_in_process(folder / "workspace", target, chosen, file)
                key = name, journal
                spent[key] = min(spent.get(key, seconds), seconds)
    for name in files:
        without, with_journal = spent[name, False], spent[name, True]
        ratio = with_journal / without
        say(
            f"journal, {name}: {ratio:.2f} × the processor time of none "
            f"({with_journal:.2f} s, {without:.2f} s)"
        )


def run_in_process(path: Path, target: str, plan: dmc.ImportPlan, file: Path) -> float:
    """Import a file in this process, and return its processor time in seconds."""
    workspace = Workspace(path)
    try:
        task = workspace.tasks.add(target, plan, file.name)
        copy = original_path(workspace, task)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.hardlink_to(file)
        begun = time.process_time()
        run_task(workspace, task.id)
        spent = time.process_time() - begun
        ended = workspace.tasks.get(task.id)
        assert ended.status.value == "Completed", ended.error
        return spent
    finally:
        workspace.close()
