"""Speed and memory of exports and imports beside those of the bare loops.

Run it with `make bench`, or a part of it, or with other numbers:
`make bench ARGS="reading --records 20000"`.
Both sides of a ratio work on the same records in the same run. Nothing here is a
test: the machine may be busy.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import orjson

import dmc_widgets as dmc
from dmc_widgets.center import Center
from tests.bench.cancelling import bench_cancelling
from tests.bench.dry_runs import bench_dry_runs
from tests.bench.measuring import Peak, records_file, say, seconds, wait
from tests.bench.network import bench_network
from tests.bench.reading import bench_reading
from tests.bench.resuming import bench_resume
from tests.bench.run_options import bench_journal, bench_verification
from tests.bench.server_journal import bench_server_journal

_TARGET = "Bench"
_BATCH = 1_000
_PARTS = (
    "moving",
    "journal",
    "server-journal",
    "dry-runs",
    "verification",
    "cancelling",
    "resume",
    "reading",
    "network",
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
    options = parser.parse_args()
    for part in options.parts:
        if part not in _PARTS:
            parser.error(f"there is no part {part!r}; choose of {', '.join(_PARTS)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = records_file(folder / "entries.jsonl", options.records, options.bytes)
        say(f"{options.records:,} entries of {options.bytes} bytes")
        for part in options.parts or _PARTS:
            if part == "moving":
                _bench_moving(folder, file)
            elif part in _UPDATES:
                changed = _changed(file, folder / f"{part}.jsonl")
                files = {"import": file, "update of all": changed, "again": changed}
                _UPDATES[part](folder, files, _define)
            elif part == "cancelling":
                bench_cancelling(folder, file, _define)
            elif part == "resume":
                bench_resume(folder, file, _define)
            elif part == "network":
                bench_network(folder, options.records, options.bytes)
            else:
                bench_reading(folder, file)


def _bench_moving(folder: Path, file: Path) -> None:
    with dmc.open_center(folder / "workspace") as center:
        _bench(center, folder, file)


def _bench(center: Center, folder: Path, file: Path) -> None:
    bare = folder / "bare.db"
    center.installations.add(_TARGET, f"sqlite:///{folder / 'bench.db'}")
    _define(center, folder)
    plan = dmc.ImportPlan(entity_type="C_Entry")
    loop_s = seconds(lambda: _bare_import(file, bare))
    _say_sync_cost(file, folder, loop_s)
    _compare(
        "import",
        _watched(center, lambda: center.tasks.start_import(_TARGET, plan, file)),
        loop_s,
    )
    changed = _changed(file, folder / "changed.jsonl")
    _compare(
        "update of all",
        _watched(center, lambda: center.tasks.start_import(_TARGET, plan, changed)),
        loop_s,
    )
    _compare(
        "import of the same again",
        _watched(center, lambda: center.tasks.start_import(_TARGET, plan, changed)),
        loop_s,
    )
    out = dmc.ExportPlan(entity_type="C_Entry", format="JSONL")
    loop_s = seconds(lambda: _bare_export(bare, folder / "bare.z"))
    _compare(
        "export",
        _watched(center, lambda: center.tasks.start_export(_TARGET, out)),
        loop_s,
    )


def _changed(file: Path, path: Path) -> Path:
    with file.open("rb") as source, path.open("wb") as stream:
        for line in source:
            stream.write(line.replace(b"Entry number", b"Record number", 1))
    return path


def _define(center: Center, folder: Path, target: str = _TARGET) -> None:
    fields = {
        "title": "Text",
        "amount": "Integer",
        "open": "Boolean",
        "day": "Date",
        "text": "LongText",
    }
    definition = {
        "externalReferenceCode": "ENTRY",
        "name": "Entry",
        "label": {"en_US": "Entry"},
        "pluralLabel": {"en_US": "Entries"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [
            {
                "name": name,
                "businessType": type_,
                "label": {"en_US": name},
                "required": name == "title",
            }
            for name, type_ in fields.items()
        ],
    }
    path = folder / "definition.jsonl"
    path.write_bytes(orjson.dumps(definition) + b"\n")
    plan = dmc.ImportPlan(entity_type="ObjectDefinition")
    wait(center, center.tasks.start_import(target, plan, path))


# The bare loops


def _bare_import(file: Path, database: Path, synchronous: str = "NORMAL") -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("CREATE TABLE entry (erc TEXT PRIMARY KEY, body BLOB)")
    upsert = (
        "INSERT INTO entry VALUES (?, ?) "
        "ON CONFLICT (erc) DO UPDATE SET body = excluded.body"
    )
    for batch in _batches(_documents(file)):
        with connection:
            connection.executemany(upsert, batch)
    connection.close()


def _documents(file: Path) -> Iterator[tuple[str, bytes]]:
    with file.open("rb") as stream:
        for line in stream:
            record = orjson.loads(line)
            yield record["externalReferenceCode"], orjson.dumps(record)


def _batches(
    documents: Iterable[tuple[str, bytes]],
) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    for document in documents:
        batch.append(document)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _bare_export(database: Path, path: Path) -> None:
    connection = sqlite3.connect(database)
    deflate = zlib.compressobj()
    with path.open("wb") as stream:
        for (body,) in connection.execute("SELECT body FROM entry ORDER BY rowid"):
            line = orjson.dumps(orjson.loads(body)) + b"\n"
            stream.write(deflate.compress(line))
        stream.write(deflate.flush())
    connection.close()


# Measuring


def _watched(center: Center, start: Callable[[], dmc.Task]) -> tuple[float, float]:
    """Run a task; return its seconds and its worker's peak memory in MB."""
    peak = Peak()
    begun = time.perf_counter()
    wait(center, start())
    return time.perf_counter() - begun, peak.stop()


def _say_sync_cost(file: Path, folder: Path, loop_s: float) -> None:
    """Print what it costs the bare loop to bring each commit to the disk.

    Imports do that, so that a power cut loses no batch that they have told of; the
    bare loop of the ratios does not.
    """
    synced = folder / "synced.db"
    synced_s = seconds(lambda: _bare_import(file, synced, "FULL"))
    with closing(sqlite3.connect(synced)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    commits = -(-number // _BATCH)
    cost_s = synced_s - loop_s
    say(
        f"{'sync of commits':<26}{cost_s:7.2f} s   bare loop {loop_s:6.2f} s   "
        f"ratio {cost_s / loop_s:5.2f}   {1000 * cost_s / commits:.1f} ms a commit"
    )


def _compare(name: str, measured: tuple[float, float], loop_s: float) -> None:
    seconds, megabytes = measured
    say(
        f"{name:<26}{seconds:7.2f} s   bare loop {loop_s:6.2f} s   "
        f"ratio {seconds / loop_s:5.2f}   worker's peak {megabytes:4.0f} MB"
    )


if __name__ == "__main__":
    main()
