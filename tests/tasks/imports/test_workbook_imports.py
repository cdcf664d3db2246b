"""Workbooks through a whole import: no stored value is erased, no note repeated."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.reading_options import ROUNDED_NUMBERS_NOTE
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Query

RunImport = Callable[..., Task]

KEY = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
ERC = "externalReferenceCode"
PLAN = ImportPlan(
    entity_type=KEY, name="test", policy=Policy(error_strategy=ErrorStrategy.CONTINUE)
)


def workbook(fill: Callable[[Any], object]) -> bytes:
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, [ERC, "title", "priority"])
        fill(sheet)
    return stream.getvalue()


def stored(center: Center) -> dict[str, Any]:
    installation = connect(center.installations.list()[0].url)
    found = installation.read(
        center.installations.entity_type("target", "Ticket"), Query()
    )
    entries = {item[ERC]: (item["title"], item["priority"]) for item in found}
    installation.close()
    return entries


def test_formula_without_a_result_changes_nothing(
    run_import: RunImport, center: Center
) -> None:
    def values(sheet: Any) -> None:
        sheet.write_row(1, 0, ["W-1", "Leak", 5])
        sheet.write_row(2, 0, ["W-2", "Noise", 6])

    def formulas(sheet: Any) -> None:
        sheet.write_row(1, 0, ["W-1", "Leak"])
        sheet.write_formula(1, 2, "=2+3", None, "")
        sheet.write_row(2, 0, ["W-2", "Noise", 7])

    run_import(workbook(values), PLAN, "tickets.xlsx")
    task = run_import(workbook(formulas), PLAN, "tickets.xlsx")

    assert (task.counts.failed, task.counts.updated) == (1, 1)
    assert stored(center) == {"W-1": ("Leak", 5), "W-2": ("Noise", 7)}


def test_long_integer_keeps_its_digits_with_one_note(
    run_import: RunImport, center: Center
) -> None:
    def fill(sheet: Any) -> None:
        for row in range(1, 4):
            sheet.write_row(row, 0, [f"W-{row}", 159001810629457000 + row * 1000, row])

    task = run_import(workbook(fill), PLAN, "tickets.xlsx")

    assert stored(center)["W-1"] == ("159001810629458000", 1)
    assert task.counts.created == 3
    assert task.notes.count(ROUNDED_NUMBERS_NOTE) == 1


def test_notes_of_a_started_import_are_not_repeated(
    center: Center, tmp_path: Path
) -> None:
    def fill(sheet: Any) -> None:
        sheet.write_row(1, 0, ["W-1", 159001810629457000, 1])

    path = tmp_path / "tickets.xlsx"
    path.write_bytes(workbook(fill))

    task = center.tasks.start_import("target", PLAN, path)
    ended = center.tasks.wait(task.id)

    assert ended.notes.count(ROUNDED_NUMBERS_NOTE) == 1
