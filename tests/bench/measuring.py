"""What the benches share: the records, the clock, and how a line is printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson


def records_file(path: Path, count: int, size: int) -> Path:
    """Write *count* entries of *size* bytes as JSON Lines."""
    with path.open("wb") as stream:
        for number in range(count):
            record = {
                "externalReferenceCode": f"ENTRY-{number:07}",
                "title": f"Entry number {number}",
                "amount": number * 7 % 100_003,
                "open": number % 3 == 0,
                "day": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
                "text": "",
            }
            room = size - len(orjson.dumps(record)) - 1
            record["text"] = ("lorem ipsum dolor sit amet " * 40)[: max(room, 0)]
            stream.write(orjson.dumps(record) + b"\n")
    return path


def seconds(work: Callable[[], object]) -> float:
    """Run *work* and return how long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def say(line: str) -> None:
    """Print *line* at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
