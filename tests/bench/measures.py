"""The measures of DESIGN 7 as one table: what was measured, its bar, met or not.

Bars are for the design's 200,000 records; other numbers of records scale the files, and
fixed costs weigh more in them. Each figure is a median of its turns, and each turn a
process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import orjson

import dmc_widgets as dmc
from dmc_widgets.formats.source import open_source
from tests.bench.measuring import say, seconds, wait
from tests.bench.moving.shapes import SHAPES, Shape
from tests.bench.moving.sides import (
    AGAIN,
    DRY_RUN,
    EXPORT,
    IMPORT,
    UPDATE,
    BareLoop,
    Ours,
    Work,
)
from tests.bench.moving.table import measure_sides
from tests.bench.moving.turns import Turn, Turns, take_turn

_HEAD_RECORDS = 20
_SMALL_RECORDS = 10_000
_UNITS = {"x": "{:.2f} x", "s": "{:.2f} s", "MB": "{:,.0f} MB", "%": "{:+.0%}"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    Attributes:
        what: What is measured.
        bar: The most that the design allows.
        figure: What was measured.
        unit: ``x`` the bare loop, ``s``, ``MB``, or ``%`` more.
    """

    what: str
    bar: float
    figure: float
    unit: str

    def __str__(self) -> str:
        spelled = _UNITS[self.unit]
        verdict = "met" if self.figure <= self.bar else "not met"
        figures = f"{spelled.format(self.figure):>10} {spelled.format(self.bar):>10}"
        return f"{self.what:<66}{figures}   {verdict}"


def bench_measures(folder: Path, *, count: int, turns: int) -> None:
    """Print the table.

    Args:
        folder: For the files and databases; up to 50 times the bytes of the records.
        count: How many rich records the first measures take; 200,000 in the design.
        turns: How often each side takes each step.
    """
    say(f"\n{'measure':<74}{'measured':>10} {'at most':>10}")
    for measures in (
        partial(_moving, folder / "moving", count, turns),
        partial(_starts, folder / "start", turns),
        partial(_growth, folder / "growth", count),
        partial(_files, folder / "files", count),
    ):
        for measure in measures():
            say(str(measure))
    say(
        "Measured elsewhere: the first screen under Voila "
        "(python -m tests.bench.first_screen), migrations over HTTP "
        '(make bench ARGS="network").'
    )


def _moving(folder: Path, count: int, turns: int) -> Iterator[Measure]:
    shape = SHAPES["rich"]
    results = measure_sides(folder, shape, count, turns, [Ours(), BareLoop()])
    for step, bar in ((IMPORT, 1.5), (UPDATE, 2.0), (AGAIN, 2.0), (EXPORT, 1.5)):
        ours, bare = (results[step][name] for name in (Ours.name, BareLoop.name))
        what = f"{step} of {count:,} rich entries, {{}} time beside the bare loop"
        yield Measure(what.format("processor"), bar, ours.cpu_s / bare.cpu_s, "x")
        if step in {IMPORT, EXPORT}:
            yield Measure(what.format("wall"), bar, ours.wall_s / bare.wall_s, "x")
    file = shape.write(folder / "entries.jsonl", count)
    dry = Turns(
        tuple(_one_turn(folder, f"dry {n}", file, DRY_RUN) for n in range(turns))
    )
    what = "dry run of the import, processor time beside it"
    ours = results[IMPORT][Ours.name]
    yield Measure(what, 1.0, dry.cpu_s / ours.cpu_s, "x")


def _starts(folder: Path, turns: int) -> Iterator[Measure]:
    """Measure a task of one record, from its start to its end, in a worker."""
    file = SHAPES["rich"].write(_made(folder) / "one.jsonl", 1)
    side = Ours()
    side.prepare(Work(SHAPES["rich"], folder, {}))
    plan = dmc.ImportPlan(entity_type="C_Entry", name="one")
    with dmc.open_center(folder / "workspace") as center:
        taken = [
            seconds(
                lambda: wait(center, center.tasks.start_import("Bench", plan, file))
            )
            for _ in range(turns)
        ]
    yield Measure("task of one record, by the clock", 0.3, median(taken), "s")


def _growth(folder: Path, count: int) -> Iterator[Measure]:
    """Compare what a record costs among many with what it costs among few."""
    shape, small, large = SHAPES["rich"], min(_SMALL_RECORDS, count), 5 * count
    costs = {}
    for name, number in (("few", small), ("many", large)):
        file = shape.write(_made(folder) / f"{name}.jsonl", number)
        turn = _one_turn(folder, name, file, IMPORT)
        costs[name] = turn.cpu_s / number
    what = f"cost of a record at {large:,} beside {small:,}"
    yield Measure(what, 0.15, costs["many"] / costs["few"] - 1, "%")


def _files(folder: Path, count: int) -> Iterator[Measure]:
    """Measure the memory of imports, and how soon the head of a file is there."""
    small = _write_array(_made(folder) / "small.json", count)
    large = _write_array(folder / "large.json", 10 * count)
    sheet = SHAPES["xlsx"].write(folder / "sheet.xlsx", 2 * count)
    lines = SHAPES["rich"].write(folder / "lines.jsonl", 10 * count)
    table = SHAPES["csv"].write(folder / "table.csv", 10 * count)
    for file in (large, lines, table, sheet):
        size = file.stat().st_size / 1e6
        what = f"first {_HEAD_RECORDS} records of {file.suffix} of {size:,.0f} MB"
        turns = Turns(
            tuple(take_turn(partial(_read_head, file), int) for _ in range(3))
        )
        yield Measure(what, 1.0, turns.wall_s, "s")
    peaks = {
        file: _one_turn(folder, f"import of {file.name}", file, IMPORT).peak_mb
        for file in (small, large, sheet)
    }
    what = "peak memory, import of a JSON array of {:,.0f} MB"
    size = large.stat().st_size / 1e6
    yield Measure(what.format(size), 150, peaks[large], "MB")
    what = f"{what.format(size)} beside {small.stat().st_size / 1e6:,.0f} MB"
    yield Measure(what, 0.1, peaks[large] / peaks[small] - 1, "%")
    what = f"peak memory, import of XLSX of {2 * count:,} rows"
    yield Measure(what, 250, peaks[sheet], "MB")


def _read_head(file: Path) -> None:
    with open_source(file) as source:
        list(islice(source.records(), _HEAD_RECORDS))


def _write_array(path: Path, count: int) -> Path:
    with path.open("wb") as stream:
        for number, record in enumerate(SHAPES["rich"].records(count, "Entry")):
            stream.write((b",\n" if number else b"[") + orjson.dumps(record))
        stream.write(b"]")
    return path


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _one_turn(folder: Path, name: str, file: Path, step: str) -> Turn:
    """Let ours do one step with a file, in an installation of its own."""
    side, own = Ours(), folder / name
    own.mkdir(parents=True)
    work = Work(_shape_of(file), own, {step: file})
    take_turn(lambda: side.prepare(work), side.load)
    return take_turn(lambda: side.carry_out(work, step), side.load)


def _shape_of(file: Path) -> Shape:
    return SHAPES["xlsx" if file.suffix == ".xlsx" else "rich"]
