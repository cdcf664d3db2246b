"""What a verification costs: imports that verify themselves beside those that do not.

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
from tests.bench.journal import run_in_process
from tests.bench.measuring import say

_ROUNDS = 3


def bench_verification(
    folder: Path,
    files: dict[str, Path],
    define: Callable[[Center, Path, str], None],
) -> None:
    """Print the ratio of each import, by its name, in the order of *files*."""
    gc.freeze()  # as a worker does it
    gc.set_threshold(100_000, 20, 100)
    plan = dmc.ImportPlan(entity_type="C_Entry", name="verification")
    spent: dict[tuple[str, bool], float] = {}
    with dmc.open_center(folder / "workspace") as center:
        for number in range(_ROUNDS):
            for verify in (False, True):
                target = f"Verified {number} {verify}"
                center.installations.add(target, f"sqlite:///{folder / target}.db")
                define(center, folder, target)
                chosen = replace(plan, options=RunOptions(verify=verify))
                for name, file in files.items():
                    seconds = run_in_process(folder / "workspace", target, chosen, file)
                    key = name, verify
                    spent[key] = min(spent.get(key, seconds), seconds)
    for name in files:
        without, verified = spent[name, False], spent[name, True]
        say(
            f"digests and verification, {name}: {verified / without:.2f} × the "
            f"processor time of none ({verified:.2f} s, {without:.2f} s)"
        )
