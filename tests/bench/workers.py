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
from tests.bench.measure import Measure
from tests.bench.measuring import say, wait
from tests.bench.scale.measure import SHAPE, postgres_target, prepare_target

_SIDES: Final[dict[str, dict[str, Any]]] = {
    "1 worker": {},
    "2 workers": {"workers": 2},
    "Dask, 2 workers": {"workers": 2, "cluster": "local"},
}

_BARS: Final = {"2 workers": 1.6, "Dask, 2 workers": 1.5}
"""How many times as fast as one worker they are to be."""


def bench_workers(folder: Path, count: int, rounds: int = 3) -> list[Measure]:
    """Print the wall time of each side, in alternate turns; return how they compare."""
    file = SHAPE.write(folder / "rich.jsonl", count)
    taken: dict[str, list[float]] = {name: [] for name in _SIDES}
    for turn in range(rounds):
        for name, options in _SIDES.items():
            place = folder / f"{name} {turn}"
            taken[name].append(_import(place, file, count, options))
            shutil.rmtree(place)
    measures = []
    for name, seconds in taken.items():
        ratio = median(taken["1 worker"]) / median(seconds)
        turns = ", ".join(f"{each:.2f}" for each in seconds)
        say(
            f"{name:<16}{median(seconds):7.2f} s   "
            f"{ratio:5.2f} times as fast as 1 worker   ({turns})"
        )
        if name in _BARS:
            what = f"{count:,} rich entries into PostgreSQL, {name} beside 1, wall time"
            spread = max(map(_spread, (seconds, taken["1 worker"])))
            bar = _BARS[name]
            measures.append(Measure(what, bar, ratio, "x", spread, is_least=True))
    say(f"{count:,} rich entries, {os.cpu_count()} cores, without verification")
    return measures


def _spread(seconds: list[float]) -> float:
    return (max(seconds) - min(seconds)) / median(seconds)


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
