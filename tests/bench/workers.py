"""One worker beside several, and beside a Dask cluster, into PostgreSQL.

Each import goes into a database of its own on a private server that syncs what it
commits. Wall time counts, because workers only shift processor time; it needs as many
free cores as there are workers, and those of the server.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

import dmc_widgets as dmc
from tests.bench.measuring import say, wait
from tests.bench.scale.measure import SHAPE, postgres_target, prepare_target

_SIDES: Final[dict[str, dict[str, Any]]] = {
    "1 worker": {},
    "2 workers": {"workers": 2},
    "Dask, 2 workers": {"workers": 2, "cluster": "local"},
}


def bench_workers(folder: Path, count: int, rounds: int = 3) -> None:
    """Print the wall time of each side, in alternate turns, and how they compare."""
    file = SHAPE.write(folder / "rich.jsonl", count)
    taken: dict[str, list[float]] = {name: [] for name in _SIDES}
    for turn in range(rounds):
        for name, options in _SIDES.items():
            place = folder / f"{name} {turn}"
            taken[name].append(_import(place, file, count, options))
            shutil.rmtree(place)
    for name, seconds in taken.items():
        ratio = median(taken["1 worker"]) / median(seconds)
        turns = ", ".join(f"{each:.2f}" for each in seconds)
        say(
            f"{name:<16}{median(seconds):7.2f} s   "
            f"{ratio:5.2f} times as fast as 1 worker   ({turns})"
        )
    say(f"{count:,} rich entries, {os.cpu_count()} cores, without verification")


def _import(folder: Path, file: Path, count: int, options: dict[str, Any]) -> float:
    folder.mkdir()
    with postgres_target(folder) as target:
        prepare_target(folder, target)
        with dmc.open_center(folder / "workspace") as center:
            begun = time.perf_counter()
            task = center.import_file(
                "Bench", "Entry", file, on_error="continue", verify=False, **options
            )
            done = wait(center, center.tasks.get(task.id))
            took = time.perf_counter() - begun
    assert done.counts.created == count, done.counts
    return took
