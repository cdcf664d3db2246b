"""The measures of DESIGN 7 as one table: what was measured, its bar, met or not.

Bars are for the design's 200,000 records; other numbers of records scale the files, and
fixed costs weigh more in them. Each figure is a median of its turns, and each turn a
process of its own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

import orjson

from dmc_widgets.formats.source import open_source
from tests.bench.measuring import say
from tests.bench.moving.shapes import SHAPES, Shape
from tests.bench.moving.sides import (
    AGAIN,
    DRY_RUN,
    EXPORT,
    IMPORT,
    UPDATE,
    BareLoop,
    Ours,
    Side,
    Work,
)
from tests.bench.moving.table import Results, describe_machine, measure_sides
from tests.bench.moving.turns import Turn, Turns, take_turn
from tests.bench.selection import compare_selections
from tests.bench.starts import time_starts

_HEAD_RECORDS = 20
_SMALL_RECORDS = 10_000
_UNITS = {"x": "{:.2f} x", "s": "{:.2f} s", "MB": "{:,.0f} MB", "%": "{:+.0%}"}

_BARE_BARS: Final = {IMPORT: 1.5, UPDATE: 2.0, AGAIN: 2.0, EXPORT: 1.5}
_OTHER_BARS: Final = {
    ("DuckDB", IMPORT): 1.0,
    ("DuckDB", UPDATE): 1.0,
    ("sqlite-utils", IMPORT): 1 / 3,
    ("sqlite-utils", UPDATE): 1 / 3,
    ("dlt merge", IMPORT): 1 / 10,
    ("dlt merge", UPDATE): 1 / 10,
    ("django-import-export", IMPORT): 1 / 10,
    ("django-import-export", UPDATE): 1 / 30,
}
"""The largest part of a library's time that ours may take for a step."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    Attributes:
        what: What is measured.
        bar: The most that the design allows.
        figure: What was measured.
        unit: ``x`` the other side, ``s``, ``MB``, or ``%`` more.
        spread: How far the turns of the side with the larger spread lie apart, as a
            part of their median; None for a figure of one turn.
    """

    what: str
    bar: float
    figure: float
    unit: str
    spread: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the figure stays within the bar."""
        return self.figure <= self.bar

    def __str__(self) -> str:
        spelled = _UNITS[self.unit]
        spread = "" if self.spread is None else f"{self.spread:.0%}"
        verdict = "met" if self.is_met else "not met"
        figures = f"{spelled.format(self.figure):>10} {spelled.format(self.bar):>10}"
        return f"{self.what:<74}{figures} {spread:>7}   {verdict}"


def bench_measures(
    folder: Path,
    *,
    count: int,
    turns: int,
    rich: Results | None = None,
    output: Path | None = None,
) -> None:
    """Print the table; *output* gets it as JSON.

    Args:
        folder: For the files and databases; up to 50 times the bytes of the records.
        count: How many rich records the first measures take; 200,000 in the design.
        turns: How often each side takes each step.
        rich: What moving as many rich records took, if that was measured already.
        output: The file for the JSON.
    """
    machine = describe_machine()
    for name, value in machine.items():
        say(f"{name}: {value}")
    say(f"\n{'measure':<74}{'measured':>10} {'at most':>10} {'spread':>7}   verdict")
    taken: list[Measure] = []
    for measures in (
        partial(_moving, folder / "moving", count, turns, rich),
        partial(_starts, folder / "start", turns),
        partial(_growth, folder / "growth", count, turns),
        partial(_selections, folder / "selection", count // 20, turns),
        partial(_files, folder / "files", count),
    ):
        for measure in measures():
            say(str(measure))
            taken.append(measure)
    say(
        "Measured elsewhere: the first screen under Voila "
        "(python -m tests.bench.first_screen), migrations over HTTP "
        '(make bench ARGS="network").'
    )
    if output is not None:
        lines = [asdict(measure) | {"met": measure.is_met} for measure in taken]
        report = {"machine": machine, "turns": turns, "measures": lines}
        output.write_text(json.dumps(report, indent=2), encoding="utf-8")


def _moving(
    folder: Path, count: int, turns: int, known: Results | None
) -> Iterator[Measure]:
    shape = SHAPES["rich"]
    sides: list[Side] = [Ours(), BareLoop()]
    results = known or measure_sides(folder, shape, count, turns, sides)
    for step, bar in _BARE_BARS.items():
        what = f"{step} of {count:,} rich entries"
        yield from _compare(what, results[step], BareLoop.name, bar)
    for (name, step), bar in _OTHER_BARS.items():
        if name in results[step]:
            yield from _compare(f"{step} of the same", results[step], name, bar)
    file = shape.write(_made(folder) / "rich.jsonl", count)
    dry = Turns(
        tuple(_one_turn(folder, f"dry {n}", file, DRY_RUN) for n in range(turns))
    )
    what = "dry run of the import, processor time beside it"
    ours = results[IMPORT][Ours.name]
    spread = max(dry.spread, ours.spread)
    yield Measure(what, 1.0, dry.cpu_s / ours.cpu_s, "x", spread)


def _compare(
    what: str, sides: dict[str, Turns], name: str, bar: float
) -> Iterator[Measure]:
    """Compare the processor time of ours with that of another side, and the wall's."""
    ours, other = sides[Ours.name], sides[name]
    spread = max(ours.spread, other.spread)
    ratios = {"processor": ours.cpu_s / other.cpu_s, "wall": ours.wall_s / other.wall_s}
    for clock, ratio in ratios.items():
        yield Measure(f"{what}, {clock} time beside {name}", bar, ratio, "x", spread)


def _starts(folder: Path, turns: int) -> Iterator[Measure]:
    for name, seconds in time_starts(folder, turns).items():
        middle = median(seconds)
        spread = (max(seconds) - min(seconds)) / middle
        yield Measure(
            f"task of one record, {name}, wall time", 0.3, middle, "s", spread
        )


def _selections(folder: Path, count: int, turns: int) -> Iterator[Measure]:
    for selected in compare_selections(folder, max(count, 1), turns):
        ten, every = selected.ten, selected.all
        what = f"{selected.what}, 10 fields beside all 100"
        spread = max(ten.spread, every.spread)
        yield Measure(what, 1.0, ten.cpu_s / every.cpu_s, "x", spread)


def _growth(folder: Path, count: int, turns: int) -> Iterator[Measure]:
    """Compare what a record costs among many with what it costs among few."""
    shape, few, many = SHAPES["rich"], min(_SMALL_RECORDS, count), 5 * count
    files = {n: shape.write(_made(folder) / f"{n}.jsonl", n) for n in (few, many)}
    taken: dict[int, list[Turn]] = {few: [], many: []}
    for turn in range(turns):
        for number, file in files.items():
            own = folder / f"{number} {turn}"
            taken[number].append(_one_turn(own, "import", file, IMPORT))
            shutil.rmtree(own)
    small, large = (Turns(tuple(taken[number])) for number in (few, many))
    what = f"cost of a record at {many:,} beside {few:,}, processor time"
    ratio = (large.cpu_s / many) / (small.cpu_s / few)
    spread = max(small.spread, large.spread)
    yield Measure(what, 0.15, ratio - 1, "%", spread)


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
        yield Measure(what, 1.0, turns.wall_s, "s", turns.spread)
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
