"""Speed and memory of exports and imports beside those of the bare loops.

Run it with `make bench`, or a part of it, or with other numbers:
`make bench ARGS="reading --records 20000"`.
Both sides of a ratio work on the same records in the same run. Nothing here is a
test: the machine may be busy. All parts take hours on two idle cores, most of them for
moving with other libraries; `--alone` leaves these out, `--records 20000` takes some
minutes a part, and `measures`, the table of bars and verdicts, a quarter hour.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson

import dmc_widgets as dmc
from dmc_widgets.center import Center
from tests.bench.cancelling import bench_cancelling
from tests.bench.dry_runs import bench_dry_runs
from tests.bench.measures import bench_measures
from tests.bench.measuring import records_file, say, wait
from tests.bench.moving.shapes import SHAPES, definition_of
from tests.bench.moving.table import Results, bench_moving, installed_sides
from tests.bench.network import bench_network
from tests.bench.postgresql import bench_postgresql
from tests.bench.reading import bench_reading
from tests.bench.resuming import bench_resume
from tests.bench.run_options import bench_journal, bench_verification
from tests.bench.server_journal import bench_server_journal
from tests.bench.workers import bench_workers

_TARGET = "Bench"
_BATCH = 1_000
_PARTS = (
    "moving",
    "measures",
    "journal",
    "server-journal",
    "dry-runs",
    "verification",
    "cancelling",
    "resume",
    "reading",
    "network",
    "workers",
    "postgresql",
)


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
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(_PARTS)}; all if none")
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--bytes", type=int, default=500, help="of one record")
    parser.add_argument("--turns", type=int, default=5, help="of each side, moving")
    parser.add_argument("--shapes", default=",".join(SHAPES), help="what is moved")
    parser.add_argument("--alone", action="store_true", help="without other libraries")
    parser.add_argument(
        "--json",
        type=Path,
        help="a file for the table of moving; those of measures and postgresql go "
        "beside it, with the part's name",
    )
    options = parser.parse_args()
    for part in options.parts:
        if part not in _PARTS:
            parser.error(f"there is no part {part!r}; choose of {', '.join(_PARTS)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = records_file(folder / "entries.jsonl", options.records, options.bytes)
        say(f"{options.records:,} entries of {options.bytes} bytes")
        moved: dict[str, Results] = {}
        for part in options.parts or _PARTS:
            _run(part, folder, file, options, moved)


def _run(
    part: str,
    folder: Path,
    file: Path,
    options: argparse.Namespace,
    moved: dict[str, Results],
) -> None:
    """Print the measures of one part; *moved* keeps those of moving, by shape."""
    count, size, turns = options.records, options.bytes, options.turns
    if part in _UPDATES:
        changed = _changed(file, folder / f"{part}.jsonl")
        files = {"import": file, "update of all": changed, "again": changed}
        _UPDATES[part](folder, files, _define)
        return
    parts: dict[str, Callable[[], None]] = {
        "moving": lambda: moved.update(_move(folder / part, options)),
        "measures": lambda: bench_measures(
            folder / part,
            count=count,
            turns=turns,
            rich=moved.get("rich"),
            output=_beside(options.json, part),
        ),
        "cancelling": lambda: bench_cancelling(folder, file, _define),
        "resume": lambda: bench_resume(folder, file, _define),
        "reading": lambda: bench_reading(folder, file),
        "network": lambda: bench_network(folder, count, size),
        "workers": lambda: bench_workers(folder, count, turns),
        "postgresql": lambda: bench_postgresql(
            folder / part,
            count=count,
            turns=turns,
            output=_beside(options.json, part),
        ),
    }
    parts[part]()


def _move(folder: Path, options: argparse.Namespace) -> dict[str, Results]:
    return bench_moving(
        folder,
        count=options.records,
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
