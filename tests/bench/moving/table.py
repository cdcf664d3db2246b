"""The table of all sides, and the same as JSON."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil

from tests.bench.measuring import say
from tests.bench.moving.others import OTHER_SIDES, OtherSide
from tests.bench.moving.shapes import SHAPES, Shape
from tests.bench.moving.sides import EXPORT, OWN_SIDES, STEPS, Ours, Side, Work
from tests.bench.moving.turns import Turn, Turns, no_server, take_turn

_PACKAGES: Final = (
    *("dmc-widgets", "orjson", "duckdb", "polars", "adbc-driver-sqlite", "pandas"),
    *("sqlite-utils", "dlt", "django-import-export", "psycopg"),
)

_SLOW_S: Final = 30.0
"""A library that takes longer for a step takes it no second time."""

_MEDIANS: Final = ("cpu_s", "server_s", "wall_s", "peak_mb")

Results = dict[str, dict[str, Turns]]
"""The turns by step and side."""


@dataclass(frozen=True, slots=True)
class Server:
    """A database server that sides write to.

    Attributes:
        about: Its name, version and settings.
        cpu_s: Returns the processor seconds that it has taken so far.
    """

    about: str
    cpu_s: Callable[[], float]


def installed_sides(*, alone: bool) -> list[Side]:
    """Return ours, the bare loop, and the others that are installed if not *alone*."""
    others = [] if alone else [make() for make in OTHER_SIDES]
    own: list[Side] = [make() for make in OWN_SIDES]
    return own + [side for side in others if find_spec(side.package)]


def bench_moving(
    folder: Path,
    *,
    count: int,
    turns: int,
    shapes: Iterable[str],
    sides: Sequence[Side],
    output: Path | None,
    server: Server | None = None,
) -> dict[str, Results]:
    """Print a table for each shape and return them; *output* gets them as JSON.

    Args:
        folder: Where the records and the databases go.
        count: The number of records, of which each shape takes its share.
        turns: How often each side takes each step.
        shapes: The names of the shapes.
        sides: The sides; ours is the first.
        output: The file for the JSON.
        server: The server that all sides write to, if there is one.
    """
    machine = describe_machine()
    if server is not None:
        machine["server"] = server.about
    for name, value in machine.items():
        say(f"{name}: {value}")
    say(f"medians of {turns} turns, taken alternately; spread of processor time")
    measured: dict[str, Results] = {}
    report: dict[str, Any] = {"machine": machine, "turns": turns, "shapes": {}}
    for name in shapes:
        shape = SHAPES[name]
        number = max(int(count * shape.share), 1)
        server_cpu_s = no_server if server is None else server.cpu_s
        results = measure_sides(
            folder / name, shape, number, turns, sides, server_cpu_s=server_cpu_s
        )
        measured[name] = results
        _print_table(shape, number, results)
        report["shapes"][name] = {"records": number, "steps": _plain(results)}
        if output is not None:
            output.write_text(json.dumps(report, indent=2), encoding="utf-8")
    return measured


def describe_machine() -> dict[str, str]:
    """Return what the figures depend on: the machine, the system and the versions."""
    versions = [
        f"{name} {importlib.metadata.version(name)}"
        for name in _PACKAGES
        if _is_installed(name)
    ]
    memory = psutil.virtual_memory().total / 1e9
    return {
        "machine": f"{psutil.cpu_count()} x {platform.machine()}, {memory:.0f} GB",
        "system": platform.platform(),
        "Python": platform.python_version(),
        "packages": ", ".join(versions),
    }


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def measure_sides(
    folder: Path,
    shape: Shape,
    count: int,
    turns: int,
    sides: Sequence[Side],
    *,
    server_cpu_s: Callable[[], float] = no_server,
) -> Results:
    """Let each side take each step with records of one shape, in turns.

    A library that is as slow as to take minutes takes the step once, without a median.
    """
    folder.mkdir(parents=True)
    file = shape.write(folder / f"entries.{shape.extension}", count)
    changed = shape.write(folder / f"changed.{shape.extension}", count, "Record")
    taken: dict[str, dict[str, list[Turn]]] = {step: {} for step in STEPS}
    for number in range(turns):
        for side in sides:
            own = folder / f"{side.name} {number}"
            own.mkdir()
            files = dict.fromkeys(STEPS, changed) | {STEPS[0]: file}
            work = Work(shape, own, files | {EXPORT: own / "export"})
            take_turn(_bound(side.prepare, work), side.load)
            for step in STEPS:
                before = taken[step].get(side.name, [])
                if side.can(shape, step) and not _is_slow(side, before):
                    carry_out = _bound(side.carry_out, work, step)
                    turn = take_turn(carry_out, side.load, server_cpu_s)
                    taken[step][side.name] = [*before, turn]
    return {
        step: {name: Turns(tuple(times)) for name, times in sides.items()}
        for step, sides in taken.items()
    }


def _is_slow(side: Side, turns: Sequence[Turn]) -> bool:
    is_library = isinstance(side, OtherSide)
    return is_library and any(turn.wall_s > _SLOW_S for turn in turns)


def _bound(work: Callable[..., object], *arguments: object) -> Callable[[], object]:
    return lambda: work(*arguments)


def _print_table(shape: Shape, count: int, results: Results) -> None:
    say(f"\n{count:,} {shape.name} entries in {shape.extension.upper()}")
    has_server = any(
        turns.server_s for row in results.values() for turns in row.values()
    )
    say(
        f"{'':<16}{'':<26}{'processor':>10} {'server' if has_server else '':>8} "
        f"{'wall':>8} {'peak':>8} {'spread':>7} {'turns':>5}   ours is"
    )
    for step, sides in results.items():
        ours = sides.get(Ours.name)
        for place, (name, turns) in enumerate(sides.items()):
            ratio = "" if ours is None or turns is ours else _ratio(ours, turns)
            server = f"{turns.server_s:.2f} s" if has_server else ""
            say(
                f"{'' if place else step:<16}{name:<26}{turns.cpu_s:>8.2f} s "
                f"{server:>8} {turns.wall_s:>6.2f} s {turns.peak_mb:>5.0f} MB "
                f"{turns.spread:>6.0%} {len(turns.turns):>5}   {ratio}"
            )


def _ratio(ours: Turns, other: Turns) -> str:
    """Say how many times as long ours takes, in processor time and by the clock.

    The processor time is that of both sides where there is a server.
    """
    if not other.total_s or not other.wall_s:
        return ""
    cpu, wall = ours.total_s / other.total_s, ours.wall_s / other.wall_s
    return f"{cpu:.2f} x processor, {wall:.2f} x wall"


def _plain(results: Results) -> dict[str, Any]:
    return {
        step: {
            name: {
                **{key: getattr(turns, key) for key in _MEDIANS},
                "turns": [asdict(turn) for turn in turns.turns],
            }
            for name, turns in sides.items()
        }
        for step, sides in results.items()
    }
