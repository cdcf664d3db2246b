"""Tables of what Liferay's own classes print, kept as data for tests without Java.

`python -m tests.java.tables` writes them anew; with `DMC_FETCH_JARS=1` it fetches the
jar first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.java import programs

HERE = Path(__file__).parent
PORTAL = "com.liferay.portal:release.portal.api:7.4.3.112-ga112"

PLURALS = HERE / "tables" / "plurals.json"
"""The plural that `TextFormatter.formatPlural` makes of names in lower case."""

CSV_CELLS = HERE / "tables" / "csv-cells.json"
"""What `CSVUtil` makes of texts: text, encoded, decoded."""

RunProgram = Callable[[str, str], str]
"""Runs a Java file of this folder with an input, and returns its output."""


def load(table: Path) -> list[list[str]]:
    """Return the rows of a table."""
    rows: list[list[str]] = json.loads(table.read_text())
    return rows


def list_plurals(run: RunProgram, names: Iterable[str]) -> list[list[str]]:
    """Return each name and its plural."""
    given = list(names)
    printed = run("Plurals.java", "".join(f"{name}\n" for name in given))
    return [list(row) for row in zip(given, printed.splitlines(), strict=True)]


def list_csv_cells(run: RunProgram, cells: Iterable[str]) -> list[list[str]]:
    """Return each text, what an export makes of it, and what an import does."""
    given = list(cells)
    printed = run("CsvCells.java", "".join(f"{_escape(cell)}\n" for cell in given))
    rows = (map(_unescape, line.split("\t")) for line in printed.splitlines())
    return [[cell, *row] for cell, row in zip(given, rows, strict=True)]


def _escape(text: str) -> str:
    """Write characters other than printable ASCII as Java does, in UTF-16 units."""
    units = text.encode("utf-16-be", "surrogatepass")
    numbers = (int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2))
    return "".join(
        chr(number) if 32 <= number <= 126 and number != 92 else f"\\u{number:04x}"
        for number in numbers
    )


def _unescape(text: str) -> str:
    units = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def _write(table: Path, rows: list[list[str]]) -> None:
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    table.write_text(f"[\n{lines}\n]\n")


def _first_column(table: Path) -> Iterator[str]:
    yield from dict.fromkeys(row[0] for row in load(table))


def main() -> None:
    """Write the tables for the texts in their first columns."""
    jar = programs.find_jar(PORTAL)

    def run(name: str, text: str) -> str:
        return programs.run_java(HERE / name, classpath=[jar], input=text)

    _write(PLURALS, list_plurals(run, _first_column(PLURALS)))
    _write(CSV_CELLS, list_csv_cells(run, _first_column(CSV_CELLS)))


if __name__ == "__main__":
    main()
