"""Many imports at once into one SQLite file: all of them have to complete.

Run it with ``python -m tests.at_once --imports 20 --records 8000 --processes 4``.
Each process opens the same workspace and starts its share of the imports; each
import runs in a worker process of its own, so that they compete for the workspace's
database and for the target's. It prints the result and returns 1 if it is not right.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import orjson

import dmc_widgets as dmc
from dmc_widgets.center import Center

TARGET = "Target"
_FRESH = mp.get_context("spawn")
_DEFINITION = {
    "externalReferenceCode": "ENTRY",
    "name": "Entry",
    "label": {"en_US": "Entry"},
    "pluralLabel": {"en_US": "Entries"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        {
            "name": "title",
            "businessType": "Text",
            "label": {"en_US": "Title"},
            "required": True,
        },
        {
            "name": "text",
            "businessType": "LongText",
            "label": {"en_US": "Text"},
            "required": False,
        },
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one import ended.

    Attributes:
        number: Of the import, from 0.
        status: The word that people see.
        created: Records that were created, as the task counts them.
        error: Why it failed; empty otherwise.
        seconds: From the start of its process's imports to its end.
    """

    number: int
    status: str
    created: int
    error: str
    seconds: float


def import_at_once(
    folder: Path, *, imports: int, records: int, processes: int
) -> list[Ended]:
    """Run the imports from some processes, and return how each ended."""
    with dmc.open_center(folder / "workspace") as center:
        center.installations.add(TARGET, f"sqlite:///{folder / 'target.db'}")
        _import_definition(center, folder)
    for number in range(imports):
        _write_records(folder / f"{number}.jsonl", number, records)
    shares = [list(range(imports))[each::processes] for each in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=_FRESH) as pool:
        found = pool.map(_import_share, [folder] * processes, shares)
        return sorted(chain.from_iterable(found), key=lambda each: each.number)


def count_entries(folder: Path) -> tuple[int, int]:
    """Return how many entries the target holds, and how many different codes."""
    with closing(sqlite3.connect(folder / "target.db")) as connection:
        query = "SELECT count(*), count(DISTINCT erc) FROM entry"
        total, different = connection.execute(query).fetchone()
    return total, different


def main() -> int:
    """Run the imports, print the result, and return 1 if one did not complete."""
    parser = argparse.ArgumentParser(prog="python -m tests.at_once")
    parser.add_argument("--imports", type=int, default=20)
    parser.add_argument("--records", type=int, default=8_000, help="of each import")
    parser.add_argument("--processes", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = import_at_once(
            folder,
            imports=options.imports,
            records=options.records,
            processes=options.processes,
        )
        total, different = count_entries(folder)
    return _print_result(found, options.records, total, different)


def _import_definition(center: Center, folder: Path) -> None:
    path = folder / "definition.jsonl"
    path.write_bytes(orjson.dumps(_DEFINITION) + b"\n")
    plan = dmc.ImportPlan(entity_type="ObjectDefinition")
    center.tasks.wait(center.tasks.start_import(TARGET, plan, path).id)


def _write_records(path: Path, number: int, records: int) -> None:
    with path.open("wb") as stream:
        for index in range(records):
            record = {
                "externalReferenceCode": f"E-{number}-{index}",
                "title": f"Entry {index} of import {number}",
                "text": "lorem ipsum dolor sit amet " * 15,
            }
            stream.write(orjson.dumps(record) + b"\n")


def _import_share(folder: Path, numbers: list[int]) -> list[Ended]:
    """Start some imports one right after the other; return how each ended."""
    plan = dmc.ImportPlan(entity_type="C_Entry")
    with dmc.open_center(folder / "workspace") as center:
        began = time.monotonic()
        tasks = [
            center.tasks.start_import(TARGET, plan, folder / f"{number}.jsonl")
            for number in numbers
        ]
        return [
            _ended(number, center.tasks.wait(task.id), time.monotonic() - began)
            for number, task in zip(numbers, tasks, strict=True)
        ]


def _ended(number: int, task: dmc.Task, seconds: float) -> Ended:
    return Ended(
        number=number,
        status=task.status.value,
        created=task.counts.created,
        error=task.error,
        seconds=seconds,
    )


def _print_result(found: list[Ended], records: int, total: int, different: int) -> int:
    for each in found:
        line = (
            f"import {each.number:>3}  {each.status:<10} {each.created:>8,} created  "
            f"{each.seconds:6.1f} s  {each.error}"
        )
        sys.stdout.write(f"{line.rstrip()}\n")
    completed = sum(each.status == dmc.TaskStatus.COMPLETED for each in found)
    expected = len(found) * records
    sys.stdout.write(
        f"{completed} of {len(found)} imports completed; the target holds {total:,} of "
        f"{expected:,} entries, {different:,} of them different\n"
    )
    is_right = completed == len(found) and total == different == expected
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
