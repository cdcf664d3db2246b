"""Predict imports of any size from imports of three, and write ``docs/scale.md``.

``python -m tests.bench.scale`` measures, prints what it predicts, and checks it;
``--write`` puts the figures beside this module and the tables into the document. The
prices, the disks and the network are assumed, and can be stated.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from tests.bench.measuring import say
from tests.bench.network import PASSWORD
from tests.bench.scale.document import FIGURES, tables_of, write_document
from tests.bench.scale.measure import WAYS, Cost, demands_of, measure_import
from tests.bench.scale.model import Machines, predict


def main() -> None:
    """Measure, predict, check, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument(
        "--fit",
        default="10000,100000",
        help="the sizes that the model is made from; a tenth over HTTP",
    )
    parser.add_argument(
        "--check", default="30000,200000,500000", help="the sizes that it predicts"
    )
    parser.add_argument("--write", action="store_true", help="docs/scale.md")
    options = parser.parse_args()
    os.environ["DMC_PASSWORD"] = PASSWORD
    fitted, checked = _numbers(options.fit), _numbers(options.check)
    figures: dict[str, Any] = {"machine": _describe_machine(), "ways": {}}
    with tempfile.TemporaryDirectory() as name:
        for way in options.ways.split(","):
            figures["ways"][way] = _measure(
                Path(name), way, _sizes(way, fitted), _sizes(way, checked)
            )
    for title, table in tables_of(figures).items():
        say(f"\n{title}\n\n{table}")
    if options.write:
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        write_document(figures)


def _measure(
    folder: Path, way: str, fitted: Sequence[int], checked: Sequence[int]
) -> dict[str, Any]:
    costs = [_import(folder, way, count) for count in fitted]
    demands = demands_of(way, costs)
    checks = []
    for count in checked:
        predicted = predict(demands, Machines(), count)
        measured = _import(folder, way, count)
        checks.append([count, predicted.seconds, measured.wall_s])
    return {"demands": asdict(demands), "checks": checks}


def _sizes(way: str, sizes: Sequence[int]) -> list[int]:
    """Return the sizes for a way; a server takes ten times as long for a record."""
    return [size // 10 for size in sizes] if way == "Liferay" else list(sizes)


def _import(folder: Path, way: str, count: int) -> Cost:
    cost = measure_import(folder / f"{way} {count}", WAYS[way], count)
    say(
        f"{way}, {count:,} entries: {cost.wall_s:.2f} s; processor seconds "
        f"{cost.worker_s:.2f} of the worker, {cost.target_s:.2f} of the server"
    )
    return cost


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _describe_machine() -> dict[str, str]:
    return {
        "cores": str(psutil.cpu_count()),
        "processor": platform.machine(),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "Python": platform.python_version(),
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
    }


if __name__ == "__main__":
    main()
