"""What a dry run costs: the whole file with its changes, beside the import of it.

Tasks run in this process, and its processor time is compared, because the machine may
be busy. The dry run comes first, so both meet the same target.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dmc_widgets as dmc
from dmc_widgets.center import Center
from tests.bench.measuring import run_in_process, say

_ROUNDS = 3


def bench_dry_runs(
    folder: Path,
    files: dict[str, Path],
    define: Callable[[Center, Path, str], None],
) -> None:
    """Print the ratio of each import, by its name, in the order of *files*."""
    gc.freeze()  # as a worker does it
    gc.set_threshold(100_000, 20, 100)
    plan = dmc.ImportPlan(entity_type="C_Entry", name="dry run")
    spent: dict[tuple[str, bool], float] = {}
    with dmc.open_center(folder / "workspace") as center:
        for number in range(_ROUNDS):
            target = f"Dry run {number}"
            center.installations.add(target, f"sqlite:///{folder / target}.db")
            define(center, folder, target)
            for name, file in files.items():
                for dry_run in (True, False):
                    chosen = replace(plan, dry_run=dry_run)
                    seconds = run_in_process(folder / "workspace", target, chosen, file)
                    key = name, dry_run
                    spent[key] = min(spent.get(key, seconds), seconds)
    for name in files:
        dry, real = spent[name, True], spent[name, False]
        say(
            f"dry run, {name}: {dry / real:.2f} × the processor time of the import "
            f"({dry:.2f} s, {real:.2f} s)"
        )
