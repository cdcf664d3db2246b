"""The tables of ``docs/scale.md``, made from the figures that were measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from tests.bench.scale.model import Demands, Machines
from tests.bench.scale.table import (
    LIFERAY_RATES,
    check_table,
    demands_table,
    goals_table,
    one_worker_table,
    with_liferay_rate,
)

FIGURES: Final = Path(__file__).with_name("figures.json")
DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "scale.md"

_TABLE: Final = re.compile(
    r"(<!-- table: (?P<name>[a-z ]+) -->\n\n).*?(\n\n<!-- end -->)", re.DOTALL
)


def tables_of(figures: dict[str, Any]) -> dict[str, str]:
    """Return the tables of the document, by their names in it."""
    listed = figures["ways"]
    ways = {name: Demands(**way["demands"]) for name, way in listed.items()}
    machine = Machines()
    predicted: list[Demands] = []
    for name, way in ways.items():
        if name == "Liferay":
            rates = (with_liferay_rate(way, rate, machine) for rate in LIFERAY_RATES)
            predicted.extend(rates)
        else:
            predicted.append(way)
    checks = [
        (name, int(records), expected, measured)
        for name, way in listed.items()
        for records, expected, measured in way["checks"]
    ]
    scalable = [way for way in predicted if way.most_workers is None]
    return {
        "demands": demands_table(ways.values()),
        "checks": check_table(checks),
        "one worker": one_worker_table(predicted, machine),
        "goals": goals_table(scalable, machine),
    }


def write_document(figures: dict[str, Any]) -> None:
    """Put the tables into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_tables(text, tables_of(figures)), encoding="utf-8")


def with_tables(text: str, tables: dict[str, str]) -> str:
    """Return a document with its tables replaced by those of the same names."""
    return _TABLE.sub(lambda each: each[1] + tables[each["name"]] + each[3], text)
