"""How long a task of one record takes, from its start to its end, in a worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import orjson

import dmc_widgets as dmc
from tests.bench.measuring import seconds, wait
from tests.bench.moving.shapes import SHAPES
from tests.bench.moving.sides import Ours, Work

COMMAND: Final = "from the shell"
FIRST: Final = "the first of a program"
FURTHER: Final = "a further one"

_PROGRAM: Final = """
import sys, time
import dmc_widgets as dmc

begun = time.perf_counter()
with dmc.open_center(sys.argv[1]) as center:
    task = center.import_file("Bench", "C_Entry", sys.argv[2])
    center.tasks.wait(task.id)
    print(time.perf_counter() - begun)
"""


def time_starts(folder: Path, turns: int) -> dict[str, list[float]]:
    """Return the seconds of each turn, by what starts the task."""
    folder.mkdir(parents=True)
    file = SHAPES["rich"].write(folder / "one.jsonl", 1)
    Ours().prepare(Work(SHAPES["rich"], folder, {}))
    workspace, plan = folder / "workspace", dmc.ImportPlan(entity_type="C_Entry")
    taken: dict[str, list[float]] = {COMMAND: [], FIRST: [], FURTHER: []}
    with dmc.open_center(workspace) as center:
        start = partial(center.tasks.start_import, "Bench", plan, file)
        wait(center, start())  # what starts workers is loaded with the first
        ways: dict[str, Callable[[], float]] = {
            COMMAND: lambda: seconds(lambda: _run_command(workspace, file)),
            FIRST: lambda: _run_program(workspace, file),
            FURTHER: lambda: seconds(lambda: wait(center, start())),
        }
        for _ in range(turns):
            for name, way in ways.items():
                taken[name].append(way())
    return taken


def _run_command(workspace: Path, file: Path) -> None:
    dmc_command = [sys.executable, "-m", "dmc_widgets", "--workspace", str(workspace)]
    order = [*dmc_command, "import", "Bench", "C_Entry", str(file)]
    subprocess.run(order, check=True, capture_output=True)


def _run_program(workspace: Path, file: Path) -> float:
    order = [sys.executable, "-c", _PROGRAM, str(workspace), str(file)]
    ended = subprocess.run(order, check=True, capture_output=True)
    return float(orjson.loads(ended.stdout))
