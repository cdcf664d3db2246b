"""What ten fields out of a hundred cost beside all of them, in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import dmc_widgets as dmc
from tests.bench.measuring import run_in_process
from tests.bench.moving.shapes import CODE, SHAPES, Shape
from tests.bench.moving.sides import EXPORT, IMPORT, Ours, Work, export_in_process
from tests.bench.moving.turns import Turn, Turns, take_turn

_CHOSEN: Final = tuple(SHAPES["wide"].fields)[:10]
_SELECTIONS: Final[dict[str, tuple[str, ...] | None]] = {
    "all": None,
    "ten": (CODE, *_CHOSEN),
}


@dataclass(frozen=True, slots=True)
class Selected:
    """One direction in one format: the turns with ten fields, and with all."""

    what: str
    ten: Turns
    all: Turns


def compare_selections(folder: Path, count: int, turns: int) -> Iterator[Selected]:
    """Import and export wide entries, with ten fields and with all in turns."""
    for extension in ("jsonl", "csv", "xlsx"):
        shape = replace(SHAPES["wide"], extension=extension)
        own = folder / extension
        own.mkdir(parents=True)
        file = shape.write(own / f"wide.{extension}", count)
        taken: dict[tuple[str, str], list[Turn]] = {}
        for number in range(turns):
            places = {name: own / f"{name} {number}" for name in _SELECTIONS}
            for name, place in places.items():
                taken.setdefault((IMPORT, name), []).append(_import(shape, place, file))
            for name in _SELECTIONS:  # both of what holds all fields
                turn = _export(shape, places["all"], _SELECTIONS[name])
                taken.setdefault((EXPORT, name), []).append(turn)
        for step in (IMPORT, EXPORT):
            ten, every = (Turns(tuple(taken[step, name])) for name in ("ten", "all"))
            yield Selected(f"{step} of {count:,} wide entries, {extension}", ten, every)


def _import(shape: Shape, folder: Path, file: Path) -> Turn:
    """Import a file into an installation of its own."""
    fields = _SELECTIONS[folder.name.split()[0]]
    plan = dmc.ImportPlan(entity_type="C_Entry")
    if fields is not None:
        pairs = [f"{name}={name}" for name in fields]
        plan = replace(plan, mapping=dmc.Mapping(pairs))
    side, workspace = Ours(), folder / "workspace"
    folder.mkdir()
    take_turn(lambda: side.prepare(Work(shape, folder, {})), side.load)
    return take_turn(lambda: run_in_process(workspace, "Bench", plan, file), side.load)


def _export(shape: Shape, folder: Path, fields: tuple[str, ...] | None) -> Turn:
    return take_turn(
        lambda: export_in_process(folder / "workspace", shape, fields), Ours().load
    )
