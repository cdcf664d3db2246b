"""``.venv/bin/python -m tests.mending --records 2000``.

Imports a file of which every second record is wrong, in one of fourteen ways, writes
the failed records into a file, mends them as spreadsheets do, checks and retries them,
and prints what is wrong afterwards: into an embedded database and into a sandbox. The
last round of each is one in the form.

``--large 100000`` prints the time and memory of each step of one round with so many
failed records instead.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.mending.form_round import mend_in_form
from tests.mending.large_round import measure
from tests.mending.rounds import import_pictures, mend_and_retry, open_center
from tests.mending.spreadsheets import REWRITES

_IN_FORM = "in the form"


def _list_rounds() -> Iterator[tuple[bool, str, str]]:
    for name in REWRITES:
        yield False, "CSV", name
    yield False, "JSONL", "as it was"
    yield False, "CSV", _IN_FORM
    yield True, "CSV", "Excel, German, ANSI"
    yield True, "JSONL", "as it was"
    yield True, "JSONL", _IN_FORM


def _measure(number: int) -> int:
    with tempfile.TemporaryDirectory() as path:
        for line in measure(Path(path), number):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0 if line == "all in" else 1


def main() -> int:
    """Carry out all rounds; return 1 if one of them left something wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.mending")
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--server", action="store_true", help="into a sandbox alone")
    parser.add_argument("--large", type=int, help="one round, and what it takes")
    chosen = parser.parse_args()
    if chosen.large:
        return _measure(chosen.large)
    records, wrong = chosen.records, 0
    for served, format_name, name in _list_rounds():
        if chosen.server and not served:
            continue
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as path:
            folder = Path(path)
            with open_center(folder, served=served) as center:
                task = import_pictures(center, folder, records, format_name)
                failed = task.counts.failed
                found = (
                    mend_in_form(center, task, folder)
                    if name == _IN_FORM
                    else mend_and_retry(task, folder, format_name, REWRITES[name])
                )
                faults = [*found]
        where = "server" if served else "embedded"
        seconds = time.monotonic() - started
        sys.stdout.write(
            f"{where:8} {format_name:5} {name:22} {failed} failed "
            f"{seconds:5.1f} s  {'; '.join(faults) or 'all in'}\n"
        )
        sys.stdout.flush()
        wrong += bool(faults)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
