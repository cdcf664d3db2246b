"""How fast files are read, beside the libraries that read their like alone.

Both sides make a dictionary of every record and keep none. Ours also checks that
what it reads is a record, keeps every digit, and knows the place of what is wrong.
"""

from __future__ import annotations

import csv
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ijson
import orjson
from python_calamine import CalamineWorkbook

from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.ports import ExportHeader
from tests.bench.measuring import say

_TIMES = 5
_HEADER = ExportHeader(
    entity_type=EntityType(name="C_Entry", label="Entry", class_name=OBJECT_ENTRY),
    fields=tuple(
        Field(name=name, type=type_, custom=True)
        for name, type_ in {
            "externalReferenceCode": "Text",
            "title": "Text",
            "amount": "Integer",
            "open": "Boolean",
            "day": "Date",
            "text": "LongText",
        }.items()
    ),
)


def bench_reading(folder: Path, lines: Path) -> None:
    """Print a line a format; the records are those of *lines*."""
    if ijson.backend != "yajl2_c":
        say(f"ijson runs with {ijson.backend}, not with its C backend yajl2_c")
    for name, title, bare in (
        ("JSONL", "orjson line by line", _lines),
        ("JSON", f"ijson ({ijson.backend})", _elements),
        ("CSV", "csv.DictReader", _named_rows),
        ("CSV", "csv.reader, lists only", _rows),
        ("XLSX", "python-calamine, lists only", _sheet),
    ):
        file = lines if name == "JSONL" else _written(folder, name, lines)
        ours_s, bare_s = _best(file, _records, bare)
        say(
            f"read {name:<21}{ours_s:7.2f} s   {title:<28}{bare_s:6.2f} s   "
            f"ratio {ours_s / bare_s:5.2f}"
        )


def _written(folder: Path, name: str, lines: Path) -> Path:
    path = folder / f"entries.{FORMATS[name].info.extension}"
    if not path.exists():
        with lines.open("rb") as source, path.open("wb") as stream:
            FORMATS[name].write(map(orjson.loads, source), stream, _HEADER)
    return path


def _best(path: Path, *readers: Callable[[Path], Iterable[Any]]) -> list[float]:
    """Return the least processor time of each: others use the machine, too."""
    times: list[list[float]] = [[] for _ in readers]
    for _ in range(_TIMES):
        for read, taken in zip(readers, times, strict=True):
            start = time.process_time()
            deque(read(path), maxlen=0)
            taken.append(time.process_time() - start)
    return [min(time) for time in times]


def _records(path: Path) -> Iterable[Any]:
    with open_source(path) as source:
        yield from source.records()


def _lines(path: Path) -> Iterable[Any]:
    with path.open("rb") as stream:
        yield from map(orjson.loads, stream)


def _elements(path: Path) -> Iterable[Any]:
    with path.open("rb") as stream:
        yield from ijson.items(stream, "item")


def _named_rows(path: Path) -> Iterable[Any]:
    with path.open(newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def _rows(path: Path) -> Iterable[Any]:
    with path.open(newline="", encoding="utf-8") as stream:
        yield from csv.reader(stream)


def _sheet(path: Path) -> Iterable[Any]:
    with path.open("rb") as stream:
        yield from (
            CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0).to_python()
        )
