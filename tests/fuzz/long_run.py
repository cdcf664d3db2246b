"""The long run, of hundreds of thousands of cases.

Cases run in processes of their own, which are replaced when they die or hang, so
that a crash in a library's own code is found, too. A failed case leaves its file.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from queue import Empty
from typing import Any

from tests.fuzz.cases import Cases, Failed

_HANGS_S = 60.0  # on the clock; a case's own limit is one of processor time
_DONE = -1
_FRESH = mp.get_context("spawn")


def main() -> int:
    """Run the cases, print what came of them, and return 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    options = parser.parse_args()
    begun = time.monotonic()
    found = _FRESH.Queue()
    lanes = [_Lane(options, lane, found) for lane in range(options.jobs)]
    tally: Counter[str] = Counter()
    while any(lane.watch() for lane in lanes) or not found.empty():
        try:
            tally.update(_told(found.get(timeout=1)))
        except Empty:
            continue
    for text, number in sorted(tally.items()):
        _say(f"{number:>12,}  {text}")
    _say(f"{time.monotonic() - begun:>12,.0f}  seconds")
    return 1 if tally["failed cases"] else 0


class _Lane:
    """A process that runs every so-many-th case, and its successors."""

    def __init__(self, options: argparse.Namespace, lane: int, found: Any) -> None:
        self._options = options
        self._found = found
        self._next = options.first + lane
        self._at = _FRESH.Value("q", self._next)
        self._process = self._started()
        self._seen = (self._next, time.monotonic())

    def watch(self) -> bool:
        """Look after the process; say whether there is more to do."""
        at = self._at.value
        if at == _DONE:
            self._process.join()
            return False
        if at != self._seen[0]:
            self._seen = (at, time.monotonic())
        hangs = time.monotonic() - self._seen[1] > _HANGS_S
        if not hangs and self._process.is_alive():
            return True
        self._process.kill()
        self._process.join()
        if self._at.value == _DONE:
            return False
        at = self._at.value
        told = "it hangs" if hangs else f"the process died ({self._process.exitcode})"
        self._found.put({f"case {at}: {told}": 1, "failed cases": 1})
        self._at.value = self._next = at + self._options.jobs
        self._process = self._started()
        return True

    def _started(self) -> mp.process.BaseProcess:
        arguments = (self._options, self._next, self._at, self._found)
        process = _FRESH.Process(target=_run, args=arguments)
        process.start()
        return process


def _run(options: argparse.Namespace, first: int, at: Any, found: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        cases = Cases.in_folder(Path(name), options.seed)
        tally: Counter[str] = Counter()
        for number in range(first, options.first + options.count, options.jobs):
            at.value = number
            tally.update(_outcome(cases, number, options.keep))
            if len(tally) > 50 or tally["cases"] >= 200:
                found.put(dict(tally))
                tally.clear()
        cases.close()
    found.put(dict(tally))
    at.value = _DONE


def _outcome(cases: Cases, number: int, keep: Path) -> dict[str, int]:
    try:
        ending = cases.run(number)
    except Failed as exc:
        keep.mkdir(exist_ok=True)
        sample = cases.damaged(number)
        (keep / f"{number}-{sample.name}").write_bytes(sample.data)
        return {
            "cases": 1,
            "failed cases": 1,
            f"case {number} ({sample.name}): {exc}"[:300]: 1,
        }
    return {
        "cases": 1,
        "records read": ending.records - ending.bad,
        "records that cannot be read": ending.bad,
        "files with an error": bool(ending.error),
    }


def _told(tally: dict[str, int]) -> dict[str, int]:
    for text in tally:
        if text.startswith("case "):
            _say(text)
    return tally


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
