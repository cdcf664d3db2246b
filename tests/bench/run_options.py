"""What options of a run cost: imports with the journal, or verified, and without.

Tasks run in this process, and its processor time is compared, because the machine may
be busy. Both sides write into databases of their own, one after the other.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.model.run_options import RunOptions
from tests.bench.measuring import run_in_process, say

_ROUNDS = 3

_Define = Callable[[Center, Path, str], None]


def bench_journal(folder: Path, files: dict[str, Path], define: _Define) -> None:
    """Print the ratio of each import, by its name, in the order of *files*."""
    kept = RunOptions(verify=False)  # a verification costs the same on both sides
    without = replace(kept, journal=False)
    _compare(folder, files, define, "journal", (without, kept))


def bench_verification(folder: Path, files: dict[str, Path], define: _Define) -> None:
    """Print the ratio of each import, by its name, in the order of *files*."""
    without, verified = RunOptions(verify=False), RunOptions()
    _compare(folder, files, define, "digests and verification", (without, verified))


def _compare(
    folder: Path,
    files: dict[str, Path],
    define: _Define,
    title: str,
    sides: tuple[RunOptions, RunOptions],
) -> None:
    gc.freeze()  # as a worker does it
    gc.set_threshold(100_000, 20, 100)
    plan = dmc.ImportPlan(entity_type="C_Entry", name="options")
    spent: dict[tuple[str, RunOptions], float] = {}
    with dmc.open_center(folder / "workspace") as center:
        for number in range(_ROUNDS):
            for side, options in enumerate(sides):
                target = f"{title} {number} {side}"
                center.installations.add(target, f"sqlite:///{folder / target}.db")
                define(center, folder, target)
                chosen = replace(plan, options=options)
                for name, file in files.items():
                    seconds = run_in_process(folder / "workspace", target, chosen, file)
                    key = name, options
                    spent[key] = min(spent.get(key, seconds), seconds)
    for name in files:
        without, chosen_side = (spent[name, options] for options in sides)
        say(
            f"{title}, {name}: {chosen_side / without:.2f} × the processor time of none"
            f" ({chosen_side:.2f} s, {without:.2f} s)"
        )
