"""The measures of DESIGN 7 as one table: what was measured, its bar, met or not.

Bars are for the design's 200,000 records; other numbers of records scale the files, and
fixed costs weigh more in them. Each figure is a median of its turns, and each turn a
process of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import Final

import orjson

from dmc_widgets.formats.source import open_source
from tests.bench.measure import Measure, print_measures
from tests.bench.moving.shapes import SHAPES, Shape
from tests.bench.moving.sides import (
    AGAIN,
    DRY_RUN,
    EXPORT,
    IMPORT,
    UPDATE,
    BareLoop,
    Ours,
    OursUnverified,
    Side,
    Work,
)
from tests.bench.moving.table import Results, measure_sides
from tests.bench.moving.turns import Turn, Turns, take_turn
from tests.bench.selection import compare_selections
from tests.bench.starts import time_starts

_HEAD_RECORDS = 20
_SMALL_RECORDS = 10_000

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


def bench_measures(
    folder: Path, *, count: int, turns: int, moved: Results | None = None
) -> list[Measure]:
    """Print the table line by line, and return the measures.

    Args:
        folder: For the files and databases; up to 50 times the bytes of the records.
        count: How many rich records the first measures take; 200,000 in the design.
        turns: How often each side takes each step.
        moved: What moving rich records took ours and other libraries, if that was
            measured already.
    """
    return print_measures(
        chain(
            _moving(folder / "moving", count, turns, moved),
            _starts(folder / "start", turns),
            _growth(folder / "growth", count, turns),
            _selections(folder / "selection", count // 20, turns),
            _files(folder / "files", count),
        )
    )


def _moving(
    folder: Path, count: int, turns: int, moved: Results | None
) -> Iterator[Measure]:
    shape = SHAPES["rich"]
    sides: list[Side] = [Ours(), OursUnverified(), BareLoop()]
    results = measure_sides(folder, shape, count, turns, sides)
    for step, bar in _BARE_BARS.items():
        what = f"{step} of {count:,} rich entries"
        if step != EXPORT:
            pair = OursUnverified.name, BareLoop.name
            yield from _compare(what, results[step], pair, bar)
            what = f"{what}, verified"
        yield from _compare(what, results[step], (Ours.name, BareLoop.name), bar)
    for (name, step), bar in _OTHER_BARS.items():
        if moved and name in moved[step]:
            what = f"{step} of rich entries, verified"
            yield from _compare(what, moved[step], (Ours.name, name), bar)
    file = shape.write(_made(folder) / "rich.jsonl", count)
    dry = Turns(
        tuple(_one_turn(folder, f"dry {n}", file, DRY_RUN) for n in range(turns))
    )
    what = "dry run of the import, processor time beside it"
    ours = results[IMPORT][Ours.name]
    spread = max(dry.spread, ours.spread)
    yield Measure(what, 1.0, dry.cpu_s / ours.cpu_s, "x", spread)


def _compare(
    what: str, sides: dict[str, Turns], pair: tuple[str, str], bar: float
) -> Iterator[Measure]:
    """Compare the processor time of one side with that of another, and the wall's."""
    ours, other = (sides[name] for name in pair)
    spread = max(ours.spread, other.spread)
    ratios = {"processor": ours.cpu_s / other.cpu_s, "wall": ours.wall_s / other.wall_s}
    for clock, ratio in ratios.items():
        yield Measure(f"{what}, {clock} time beside {pair[1]}", bar, ratio, "x", spread)


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
