"""The tables that tests without Java rely on are what Liferay's classes print."""

from __future__ import annotations

from tests.java.conftest import RunJava
from tests.java.tables import (
    CSV_CELLS,
    PLURALS,
    PORTAL,
    list_csv_cells,
    list_plurals,
    load,
)


def test_plurals_are_those_of_liferay(run_java: RunJava) -> None:
    rows = load(PLURALS)

    def run(name: str, text: str) -> str:
        return run_java(name, jars=(PORTAL,), input=text)

    assert list_plurals(run, [name for name, _ in rows]) == rows


def test_csv_cells_are_those_of_liferay(run_java: RunJava) -> None:
    rows = load(CSV_CELLS)

    def run(name: str, text: str) -> str:
        return run_java(name, jars=(PORTAL,), input=text)

    assert list_csv_cells(run, [row[0] for row in rows]) == rows
