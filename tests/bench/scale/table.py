"""The tables of ``docs/scale.md``: what was measured, predicted, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tests.bench.scale.model import (
    DAY_S,
    HOUR_S,
    MONTH_S,
    Demands,
    Machines,
    Prediction,
    machines_within,
    predict,
)

GOALS: Final = (
    (10_000_000, HOUR_S),
    (1_000_000_000, DAY_S),
    (100_000_000_000, MONTH_S),
)
"""Numbers of entries, and the time that they may take."""

LIFERAY_RATES: Final = (50, 200, 1_000)
"""Records a second of one Liferay node: what it gives is its own, so it is assumed."""


def demands_table(ways: Iterable[Demands]) -> str:
    """Return what a record costs in each way."""
    heads = (
        "into",
        "start",
        "worker",
        "server",
        "waiting",
        "requests",
        "sent",
        "stored",
        "kept",
    )
    rows = [
        (
            way.way,
            f"{way.start_s:.2f} s",
            _micro(way.worker_s),
            _micro(way.target_s),
            _micro(way.waiting_s),
            f"{way.requests:.4f}" if way.requests else "0",
            f"{way.sent_bytes:,.0f} B",
            f"{way.stored_bytes:,.0f} B",
            f"{way.kept_bytes:,.0f} B",
        )
        for way in ways
    ]
    return markdown_table(heads, rows)


def check_table(
    checked: Iterable[tuple[str, int, float, float]],
) -> str:
    """Return predicted beside measured seconds.

    Args:
        checked: The way, the number of records, and the seconds predicted and measured.
    """
    rows = [
        (
            way,
            f"{records:,}",
            f"{predicted:.2f} s",
            f"{measured:.2f} s",
            f"{predicted / measured - 1:+.0%}",
        )
        for way, records, predicted, measured in checked
    ]
    return markdown_table(("into", "entries", "predicted", "measured", "error"), rows)


def one_worker_table(ways: Iterable[Demands], machine: Machines) -> str:
    """Return what one worker and one target machine take for each goal."""
    heads = ("into", *(f"{records:,}" for records, _ in GOALS), "limited by")
    rows = []
    for way in ways:
        predictions = [predict(way, machine, records) for records, _ in GOALS]
        times = (describe_seconds(each.seconds) for each in predictions)
        rows.append((way.way, *times, predictions[-1].bottleneck))
    return markdown_table(heads, rows)


def goals_table(ways: Iterable[Demands], machine: Machines) -> str:
    """Return the machines that each goal needs, and what they cost."""
    heads = (
        "into",
        "entries",
        "time",
        "workers",
        "machines for them",
        "target's machines",
        "stored",
        "price",
        "limited by",
    )
    rows = []
    for way in ways:
        for records, seconds in GOALS:
            machines = machines_within(way, records, seconds, machine)
            prediction = predict(way, machines, records)
            rows.append(_goal_row(way, machines, prediction))
    return markdown_table(heads, rows)


def with_liferay_rate(way: Demands, rate: int, machine: Machines) -> Demands:
    """Return the way to a Liferay whose nodes store *rate* records a second each."""
    name = f"Liferay, {rate:,} a second a node"
    return replace(way, way=name, target_s=machine.cores / rate, waiting_s=0.0)


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def describe_seconds(seconds: float) -> str:
    """Return a time in its largest unit: ``3.2 hours``."""
    units = (("days", DAY_S), ("hours", HOUR_S), ("min", 60.0))
    for name, size in units:
        if seconds >= 1.5 * size:
            return f"{seconds / size:,.1f} {name}"
    return f"{seconds:.1f} s"


def _goal_row(
    way: Demands, machines: Machines, prediction: Prediction
) -> tuple[str, ...]:
    return (
        way.way,
        f"{prediction.records:,}",
        describe_seconds(prediction.seconds),
        f"{machines.workers:,}",
        f"{prediction.workers:,}",
        f"{prediction.targets:,}",
        _bytes(prediction.stored_bytes),
        f"${prediction.money:,.0f}",
        prediction.bottleneck,
    )


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs"


def _bytes(number: float) -> str:
    for name, size in (("TB", 1e12), ("GB", 1e9)):
        if number >= size:
            return f"{number / size:,.1f} {name}"
    return f"{number / 1e6:,.0f} MB"
