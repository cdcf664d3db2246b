"""What people see in Excel is what is read: the sheet, merged cells, digits, days."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats.excel.format import ExcelFormat
from dmc_widgets.formats.excel.reader import list_sheets, read_excel
from dmc_widgets.formats.opened_file import OpenedFile
from dmc_widgets.model.reading_options import (
    ReadingOptions,
    ReadingReport,
    Sheet,
    Visibility,
)
from dmc_widgets.model.record import DateCell, UnreadableRecord
from dmc_widgets.tasks.imports.file_head import read_head

ROUNDED = (
    "The sheet has whole numbers of more than 15 digits. Excel keeps only the first "
    "15, so the others may be wrong; codes and keys are safe in cells of text."
)

Fill = Callable[[Any], object]


def workbook(*fills: tuple[str, Fill], **options: Any) -> bytes:
    """Make a workbook of sheets, each filled by a function."""
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream, options) as book:
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, fill in fills:
            sheet = book.add_worksheet(name)
            sheet.days = days
            fill(sheet)
    return stream.getvalue()


def named(name: str, *actions: str) -> tuple[str, Fill]:
    """Return a sheet with its own name in its only cell."""

    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, ["name"])
        sheet.write_row(1, 0, [name])
        for action in actions:
            getattr(sheet, action)()

    return name, fill


def read(data: bytes) -> tuple[list[Any], ReadingReport]:
    report = ReadingReport()
    found = ExcelFormat().read(io.BytesIO(data), source="plums.xlsx", report=report)
    return list(found), report


def shown(records: list[Any]) -> list[Any]:
    return [
        x.problem.message if isinstance(x, UnreadableRecord) else x for x in records
    ]


@pytest.mark.parametrize(
    ("made", "read_sheet"),
    [
        ([named("A"), named("B", "activate")], "B"),
        ([named("A"), named("B")], "A"),
        ([named("A", "hide"), named("B", "activate")], "B"),
        ([named("A"), named("B"), named("C", "activate", "very_hidden")], "A"),
    ],
    ids=["active", "first", "first-hidden", "active-hidden"],
)
def test_active_sheet_is_read(made: list[tuple[str, Fill]], read_sheet: str) -> None:
    records, _ = read(workbook(*made))

    assert records == [{"name": read_sheet}]


def test_hidden_sheets_are_marked() -> None:
    data = workbook(
        named("A", "hide"), named("B", "very_hidden"), named("C", "activate")
    )

    found = list_sheets(io.BytesIO(data), source="x")

    assert found == (
        Sheet("A", Visibility.HIDDEN),
        Sheet("B", Visibility.VERY_HIDDEN),
        Sheet("C", is_default=True),
    )
    assert [each.label for each in found] == ["A (hidden)", "B (very hidden)", "C"]


def test_other_sheets_with_data_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "plums.xlsx"
    path.write_bytes(
        workbook(
            named("A"), named("B", "activate"), named("C", "hide"), ("D", lambda _: 0)
        )
    )

    head = read_head(path)

    assert head.records == ({"name": "B"},)
    assert head.sheets == ("A", "B", "C", "D")
    assert head.warnings == (
        "Only the sheet 'B' is read. The workbook has others with data: 'A', "
        "'C' (hidden).",
    )


def test_chosen_sheet_gives_no_warning_of_others(tmp_path: Path) -> None:
    path = tmp_path / "plums.xlsx"
    path.write_bytes(workbook(named("A"), named("C", "hide")))

    head = read_head(path, options=ReadingOptions(sheet="C"))

    assert head.records == ({"name": "C"},)
    assert head.warnings == ()


def test_value_merged_over_rows_is_the_value_of_each() -> None:
    def fill(sheet: Any) -> None:
        sheet.merge_range("A1:C1", "Plums of 2026")
        sheet.write_row(1, 1, ["kind", "name"])
        sheet.merge_range("B3:B5", "red")
        for row, name in ((2, "a"), (3, "b"), (4, "c"), (6, "d")):
            sheet.write(row, 2, name)
        sheet.merge_range("B7:B9", "blue")

    data = workbook(("A", fill))
    report = ReadingReport()
    options = ReadingOptions(headers=False)
    file = OpenedFile(io.BytesIO(data), "x", options, report)
    rows = [row for _, row in read_excel(file)]

    assert (
        rows
        == [
            ["Plums of 2026", None, None],
            [None, "kind", "name"],
            [None, "red", "a"],
            [None, "red", "b"],
            [None, "red", "c"],
            [None, None, None],
            [None, "blue", "d"],
            [None, None, None],
            [None, None, None],
        ][: len(rows)]
    )
    assert report.warnings == [
        "Merged cells give their value to each of their rows: B3:B5, B7:B9.",
        "Merged cells span several columns, and only the first cell of each has a "
        "value: A1:C1.",
    ]


def test_cells_merged_side_by_side_are_named() -> None:
    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.merge_range("A2:B2", "both")
        sheet.merge_range("A3:B4", "four")
        sheet.write(1, 2, 1)

    records, report = read(workbook(("A", fill)))

    assert records == [
        {"a": "both", "b": None, "c": 1},
        {"a": "four", "b": None, "c": None},
    ]
    assert report.warnings == [
        "Merged cells span several columns, and only the first cell of each has a "
        "value: A2:B2, A3:B4."
    ]


def test_error_in_a_merged_cell_fails_each_of_its_rows() -> None:
    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        sheet.merge_range("A2:A3", "")
        sheet.write_formula("A2", "=NA()", None, "#N/A")
        sheet.write_column(1, 1, ["x", "y", "z"])

    records, _ = read(workbook(("A", fill)))

    message = "Cell A2 holds an error. Correct its formula, or empty the cell."
    assert shown(records) == [message, message, {"a": None, "b": "z"}]


@pytest.mark.parametrize(
    ("number", "value", "is_told"),
    [
        (159001810629457000, 159001810629457000, True),
        (-159001810629457000, -159001810629457000, True),
        (999999999999999, 999999999999999, False),
        (1000000000000000, 1000000000000000, True),
        (1e20, 100000000000000000000, True),
        (1e21, 1e21, True),
        (0.1, 0.1, False),
    ],
)
def test_long_whole_number_keeps_its_digits(
    number: float, value: float, is_told: bool
) -> None:
    def fill(sheet: Any) -> None:
        sheet.write_column(0, 0, ["a", number])

    records, report = read(workbook(("A", fill)))

    assert records == [{"a": value}]
    assert type(records[0]["a"]) is type(value)
    told = [ROUNDED] if is_told else []
    assert report.warnings == told
    assert list(report.notes("row")) == told


def test_date_29_february_1900_fails_its_record() -> None:
    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, ["number", "day"])
        for row, number in enumerate((59, 60, 61, 60.5), start=1):
            sheet.write_number(row, 0, number)
            sheet.write_number(row, 1, number, sheet.days)

    records, _ = read(workbook(("A", fill)))

    def reason(cell: str) -> str:
        return (
            f"Cell {cell} of the sheet 'A' holds the date 29 February 1900, a day that "
            "never was. Correct the date."
        )

    assert shown(records) == [
        {"number": 59, "day": "1900-02-28"},
        reason("B3"),
        {"number": 61, "day": "1900-03-01"},
        reason("B5"),
    ]


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    def fill(sheet: Any) -> None:
        sheet.write(0, 0, "day")
        for row, number in enumerate((1, 59, 60, 61), start=1):
            sheet.write_number(row, 0, number, sheet.days)
        sheet.write_datetime(5, 0, date(2026, 11, 28), sheet.days)

    records, _ = read(workbook(("A", fill), date_1904=True))

    assert [record["day"] for record in records] == [
        *("1904-01-02", "1904-02-29", "1904-03-01", "1904-03-02", "2026-11-28")
    ]


def test_rows_above_the_table_are_skipped() -> None:
    """Whatever stands there: titles, merged cells, errors."""

    def fill(sheet: Any) -> None:
        sheet.merge_range("A1:C1", "Plums of 2026")
        sheet.write_formula("A2", "=NA()", None, "#N/A")
        sheet.write_row(3, 1, ["kind", "name"])
        sheet.write_row(4, 1, ["red", "a"])

    data = workbook(("A", fill))

    report = ReadingReport()
    records = ExcelFormat().read(
        io.BytesIO(data),
        source="x",
        options=ReadingOptions(skip_lines=2),
        report=report,
    )

    assert list(records) == [{"0": None, "kind": "red", "name": "a"}]
    assert not any("Merged cells" in warning for warning in report.warnings)
    with pytest.raises(FileUnreadable) as caught:
        list(
            ExcelFormat().read(
                io.BytesIO(data), source="x", options=ReadingOptions(skip_lines=5)
            )
        )
    assert str(caught.value) == "x: The sheet 'A' is empty below row 5."


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
    b"http://schemas.openxmlformats.org/officeDocument/2006/": (
        b"http://purl.oclc.org/ooxml/officeDocument/"
    ),
    b"<workbook ": b'<workbook conformance="strict" ',
    b'<c r="B2" s="1"><v>46354</v></c>': (
        b'<c r="B2" s="1" t="d"><v>2026-11-28</v></c>'
    ),
    b'<c r="B3" s="1"><v>1</v></c>': b'<c r="B3"><f>1+1</f></c>',
}
"""How Strict Open XML differs from what Excel usually writes."""


def test_strict_open_xml_is_read() -> None:
    """Its namespaces are others, and its days are texts of a type of their own."""

    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, ["name", "day"])
        sheet.write_column(1, 0, ["a", "b"])
        sheet.write_datetime(1, 1, date(2026, 11, 28), sheet.days)
        sheet.write_number(2, 1, 1, sheet.days)

    made = io.BytesIO(
        workbook(named("Old", "hide"), ("A", fill), named("B", "activate"))
    )
    strict = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(strict, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for before, after in STRICT.items():
                data = data.replace(before, after)
            new.writestr(name, data)

    strict.seek(0)
    found = list_sheets(strict, source="x")
    strict.seek(0)
    options = ReadingOptions(sheet="A")
    records = list(ExcelFormat().read(strict, source="x", options=options))

    assert [each.label for each in found] == ["Old (hidden)", "A", "B"]
    assert [each.name for each in found if each.is_default] == ["B"]
    assert records[0] == {"name": "a", "day": "2026-11-28"}
    assert isinstance(records[0]["day"], DateCell)
    assert shown(records)[1].startswith("Cell B3 of the sheet 'A' holds a formula")
