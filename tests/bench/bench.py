"""Speed and memory of exports and imports beside those of the bare loops.

Run it with `make bench`, or a part of it, or with other numbers:
`make bench ARGS="reading --records 20000"`.
Both sides of a ratio work on the same records in the same run. Nothing here is a
test: the machine may be busy. Each part has its own number of records, large enough for
the noise of an idle machine not to matter; `--records` replaces it. All parts together
take about an hour on two idle cores. Half of it goes into moving with other libraries,
which `--alone` leaves out; `measures`, the table of bars and verdicts, takes a quarter.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import orjson

import dmc_widgets as dmc
from dmc_widgets.center import Center
from tests.bench.cancelling import bench_cancelling
from tests.bench.dry_runs import bench_dry_runs
from tests.bench.first_screen import bench_first_screen
from tests.bench.measure import Measure, print_measures
from tests.bench.measures import bench_measures
from tests.bench.measuring import records_file, say, wait
from tests.bench.moving.shapes import SHAPES, definition_of
from tests.bench.moving.table import (
    Results,
    bench_moving,
    describe_machine,
    installed_sides,
)
from tests.bench.network import bench_network
from tests.bench.postgresql import bench_postgresql
from tests.bench.reading import bench_reading
from tests.bench.resuming import bench_resume
from tests.bench.run_options import bench_journal, bench_verification
from tests.bench.server_journal import bench_server_journal
from tests.bench.workers import bench_workers

_TARGET = "Bench"
_BATCH = 1_000
_RECORDS = {
    "moving": 40_000,
    "journal": 50_000,
    "server-journal": 10_000,
    "dry-runs": 50_000,
    "verification": 50_000,
    "cancelling": 50_000,
    "resume": 50_000,
    "reading": 100_000,
    "network": 10_000,
    "workers": 300_000,
    "postgresql": 60_000,
    "first-screen": 1,
    "measures": 200_000,
}
"""The parts, and how many records each takes unless the command says otherwise."""


_OF_FILES = frozenset(
    {
        *("journal", "server-journal", "dry-runs", "verification"),
        *("cancelling", "resume", "reading"),
    }
)
"""The parts that work on a file of plain entries."""

_UPDATES = {
    "journal": bench_journal,
    "server-journal": bench_server_journal,
    "dry-runs": bench_dry_runs,
    "verification": bench_verification,
}
"""The parts that import a file, then another with all records changed, then again."""


def main() -> None:
    """Print one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help=f"of {', '.join(_RECORDS)}; all if none"
    )
    parser.add_argument("--records", type=int, help="in place of each part's number")
    parser.add_argument("--bytes", type=int, default=500, help="of one record")
    parser.add_argument(
        "--turns", type=int, default=5, help="of each side, where there are two"
    )
    parser.add_argument("--shapes", default=",".join(SHAPES), help="what is moved")
    parser.add_argument("--alone", action="store_true", help="without other libraries")
    parser.add_argument(
        "--json",
        type=Path,
        help="a file for the table of moving; that of postgresql and that of all "
        "measures go beside it",
    )
    options = parser.parse_args()
    for part in options.parts:
        if part not in _RECORDS:
            parser.error(f"unknown part {part!r}; the parts are {', '.join(_RECORDS)}")
    with tempfile.TemporaryDirectory() as name:
        bench = _Bench(options)
        for part in options.parts or _RECORDS:
            begun = time.perf_counter()
            folder = Path(name) / part
            folder.mkdir()
            bench.run(part, folder)
            say(f"{part} took {time.perf_counter() - begun:,.0f} s\n")
        bench.report()


class _Bench:
    """Runs the parts, and collects the measures that the design has bars for."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._moved: dict[str, Results] = {}
        self._measures: list[Measure] = []

    def run(self, part: str, folder: Path) -> None:
        """Print the measures of one part."""
        count = self._options.records or _RECORDS[part]
        if part in _OF_FILES:
            size = self._options.bytes
            say(f"{part}: {count:,} entries of {size} bytes")
            _run_with_file(part, folder, records_file(folder / "a.jsonl", count, size))
        elif part == "moving":
            self._moved = _move(folder, count, self._options)
        else:
            self._measures += self._measure(part, folder, count)

    def _measure(self, part: str, folder: Path, count: int) -> list[Measure]:
        options = self._options
        parts: dict[str, Callable[[], list[Measure]]] = {
            "measures": lambda: bench_measures(
                folder,
                count=count,
                turns=options.turns,
                moved=self._moved.get("rich"),
            ),
            "network": lambda: bench_network(folder, count, options.bytes),
            "workers": lambda: bench_workers(folder, count, options.turns),
            "first-screen": lambda: bench_first_screen(folder, options.turns),
            "postgresql": lambda: bench_postgresql(
                folder,
                count=count,
                turns=options.turns,
                output=_beside(options.json, part),
            ),
        }
        return parts[part]()

    def report(self) -> None:
        """Print all measures as one table; write them beside ``--json``."""
        if not self._measures:
            return
        machine = describe_machine()
        for name, value in machine.items():
            say(f"{name}: {value}")
        print_measures(self._measures)
        path = _beside(self._options.json, "measures")
        if path is not None:
            lines = [asdict(each) | {"met": each.is_met} for each in self._measures]
            report = {"machine": machine, "turns": self._options.turns}
            path.write_text(
                json.dumps({**report, "measures": lines}, indent=2), encoding="utf-8"
            )


def _run_with_file(part: str, folder: Path, file: Path) -> None:
    """Print the measures of a part that works on a file of plain entries."""
    if part in _UPDATES:
        changed = _changed(file, folder / "changed.jsonl")
        files = {"import": file, "update of all": changed, "again": changed}
        _UPDATES[part](folder, files, _define)
    elif part == "cancelling":
        bench_cancelling(folder, file, _define)
    elif part == "resume":
        bench_resume(folder, file, _define)
    else:
        bench_reading(folder, file)


def _move(folder: Path, count: int, options: argparse.Namespace) -> dict[str, Results]:
    return bench_moving(
        folder,
        count=count,
        turns=options.turns,
        shapes=options.shapes.split(","),
        sides=installed_sides(alone=options.alone),
        output=options.json,
    )


def _beside(path: Path | None, part: str) -> Path | None:
    return path and path.with_stem(f"{path.stem}-{part}")


def _changed(file: Path, path: Path) -> Path:
    with file.open("rb") as source, path.open("wb") as stream:
        for line in source:
            stream.write(line.replace(b"Entry number", b"Record number", 1))
    return path


def _define(center: Center, folder: Path, target: str = _TARGET) -> None:
    path = folder / "definition.jsonl"
    path.write_bytes(orjson.dumps(definition_of(SHAPES["plain"])) + b"\n")
    plan = dmc.ImportPlan(entity_type="ObjectDefinition")
    wait(center, center.tasks.start_import(target, plan, path))


if __name__ == "__main__":
    main()
