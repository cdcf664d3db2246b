"""A formula whose result was never stored fails its record; it is no empty cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats.excel.format import ExcelFormat
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.reading_options import ReadingReport
from dmc_widgets.model.record import UnreadableRecord

SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
CALCULATED = (b'<calcPr calcId="124519" fullCalcOnLoad="1"/>', b'<calcPr calcId="1"/>')
OUT_OF_DATE = (
    "The workbook asks to be calculated when it is opened, so the results that it "
    "stores for its formulas may be wrong. Open it in Excel or LibreOffice and save it."
)


def workbook(**changes: list[tuple[bytes, bytes]]) -> bytes:
    """Make a sheet *Data* with a code and a formula in each of two records."""
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["code", "stock", "note"])
        for row in (1, 2):
            sheet.write(row, 0, f"P-{row}")
            sheet.write_formula(row, 1, f"=1+{row}", None, row)
            sheet.write(row, 2, "ripe")
    parts = {"sheet": SHEET, "book": BOOK}
    new = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(new, "w") as made:
        for name in old.namelist():
            data = old.read(name)
            for key, pairs in changes.items():
                for before, after in pairs if parts[key] == name else ():
                    assert before in data
                    data = data.replace(before, after)
            made.writestr(name, data)
    return new.getvalue()


def read(data: bytes) -> tuple[list[Any], ReadingReport]:
    report = ReadingReport()
    found = ExcelFormat().read(io.BytesIO(data), source="plums.xlsx", report=report)
    return list(found), report


def unreadable(place: str, text: str) -> UnreadableRecord:
    message = (
        f"Cell {place} of the sheet 'Data' holds a formula without a stored result. "
        "Open the file in Excel or LibreOffice, recalculate and save it, or paste the "
        "values over the formulas."
    )
    return UnreadableRecord(Problem("unreadable-record", message), text)


FIRST = {"code": "P-1", "stock": 1, "note": "ripe"}
STORED = b'<c r="B3"><f>1+2</f><v>2</v></c>'


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(b'<c r="B3"><f>1+2</f></c>', id="absent"),
        pytest.param(b'<c r="B3"><f>1+2</f><v/></c>', id="empty"),
        pytest.param(b'<c r="B3"><f>1+2</f><v></v></c>', id="empty-pair"),
        pytest.param(b'<c r="B3"><f>1+2</f><v> </v></c>', id="blank"),
        pytest.param(b'<c r="B3" t="str"><f>1+2</f><v></v></c>', id="text"),
        pytest.param(b'<c r="B3" t="str"><f>1+2</f></c>', id="text-absent"),
        pytest.param(b'<c r="B3" t="b"><f>1+2</f><v/></c>', id="boolean"),
        pytest.param(b'<c r="B3" s="1"><f t="shared" si="0"/></c>', id="shared"),
        pytest.param(b'<c r="B3"><f t="shared" si="0"/><v/></c>', id="shared-empty"),
        pytest.param(b'<c r="B3">\n <f>1+2</f>\n <v />\n</c>', id="white-space"),
        pytest.param(b"<c r='B3' t='str'><f>1+2</f><v/></c>", id="single-quotes"),
        pytest.param(b'<x:c r="B3"><x:f>1</x:f><x:v/></x:c>', id="prefix"),
        pytest.param(b'<c r="B3"><v/><f>1+2</f></c>', id="value-first"),
        pytest.param(
            b'<c r="B3"><f>"' + b"a" * 2**21 + b'"</f></c>', id="cut-by-a-piece"
        ),
    ],
)
def test_formula_without_a_result_fails_its_record(cell: bytes) -> None:
    records, _ = read(workbook(sheet=[(STORED, cell)]))

    assert [records[0], records[1].problem] == [FIRST, unreadable("B3", "").problem]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param(b'<c r="B3"><f>1+2</f><v>0</v></c>', 0, id="zero"),
        pytest.param(b'<c r="B3" t="str"><f>1</f><v>x</v></c>', "x", id="text"),
        pytest.param(b'<c r="B3" t="b"><f>1=1</f><v>1</v></c>', True, id="boolean"),
        pytest.param(b'<c r="B3"/>', None, id="empty-cell"),
        pytest.param(b'<c r="B3"><v/></c>', None, id="no-formula"),
        pytest.param(
            b'<c r="B3" t="inlineStr"><f>1</f><is><t>x</t></is></c>', "x", id="inline"
        ),
    ],
)
def test_formula_with_a_result_is_its_result(cell: bytes, value: Any) -> None:
    records, _ = read(workbook(sheet=[(STORED, cell)]))

    assert records == [FIRST, {"code": "P-2", "stock": value, "note": "ripe"}]


@pytest.mark.parametrize(
    ("cell", "is_empty"),
    [
        (b'<c r="B3" t="str"><f>1+2</f><v></v></c>', True),
        (b'<c r="B3" t="str"><f>1+2</f></c>', False),
        (b'<c r="B3"><f>1+2</f><v></v></c>', False),
    ],
    ids=["empty-text", "absent", "no-text"],
)
def test_empty_text_is_a_result_where_excel_calculated(
    cell: bytes, is_empty: bool
) -> None:
    """Excel stores ``=IF(A1="","",A1)`` like this, and says that it calculated."""
    records, report = read(workbook(sheet=[(STORED, cell)], book=[CALCULATED]))

    expected = {"code": "P-2", "stock": None, "note": "ripe"}
    assert records[1] == (expected if is_empty else unreadable("B3", "P-2, , ripe"))
    assert report.warnings == []


def test_stale_results_are_reported() -> None:
    """Programs that cannot calculate store zeros and ask Excel to calculate."""
    assert read(workbook())[1].warnings == [OUT_OF_DATE]


def test_formula_without_a_result_names_no_column() -> None:
    data = workbook(
        sheet=[(b'<c r="B1" t="s"><v>1</v></c>', b'<c r="B1"><f>1</f></c>')]
    )

    with pytest.raises(FileUnreadable) as caught:
        read(data)

    assert "Cell B1 of the sheet 'Data' holds a formula" in str(caught.value)


def test_broken_cell_without_a_name_is_refused() -> None:
    with pytest.raises(FileUnreadable) as caught:
        read(workbook(sheet=[(STORED, b"<c><f>1+2</f></c>")]))

    assert str(caught.value) == (
        "plums.xlsx: A cell holds an error or a formula without a result, and no name. "
        "Save the file again."
    )


@pytest.mark.parametrize("name", ["plums.xlsx", "plums.xlsm"])
def test_name_of_the_file_does_not_matter(
    read_file: Callable[..., list[Any]], name: str
) -> None:
    data = workbook(sheet=[(STORED, b'<c r="B3"><f>1+2</f></c>')])

    assert read_file(data, name) == [FIRST, unreadable("B3", "P-2, , ripe")]
