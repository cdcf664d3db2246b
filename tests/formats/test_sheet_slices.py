"""A large sheet that is read in slices gives what the whole of it gives."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats.excel import reader, sheet_slices, xlsx_zip
from dmc_widgets.formats.excel.format import ExcelFormat
from dmc_widgets.formats.excel.reader import read_excel
from dmc_widgets.formats.opened_file import OpenedFile
from dmc_widgets.model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport

Rows = list[list[Any]]


def workbook(
    rows: Rows, *, merged: str = "", dates_1904: bool = False, inline: bool = False
) -> bytes:
    file = io.BytesIO()
    settings = {
        "date_1904": dates_1904,
        "constant_memory": inline,
        "default_date_format": "dd/mm/yy hh:mm",
    }
    with xlsxwriter.Workbook(file, settings) as book:
        book.add_worksheet("Other").hide()
        sheet = book.add_worksheet("Data")
        sheet.activate()
        bold, hours = book.add_format({"bold": True}), book.add_format()
        hours.set_num_format("[h]:mm:ss")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, column, *cell)
                elif isinstance(cell, frozenset):
                    sheet.write_rich_string(number, column, "plain ", bold, *cell)
                elif isinstance(cell, timedelta):
                    sheet.write_datetime(number, column, cell, hours)
                else:
                    sheet.write(number, column, cell)
        if merged:
            sheet.merge_range(merged, "same")
    return file.getvalue()


def read(
    data: bytes, options: ReadingOptions = DETECT_ALL
) -> tuple[list[Any], list[str]]:
    report = ReadingReport()
    rows = read_excel(OpenedFile(io.BytesIO(data), "x", options, report))
    found = [(number, getattr(row, "problem", row)) for number, row in rows]
    return found, [*report.warnings]


def trimmed(rows: list[Any]) -> list[Any]:
    """Leave out empty cells at the end of rows: a slice may be narrower."""
    found = []
    for number, row in rows:
        cells = list(row) if isinstance(row, list) else row
        while isinstance(cells, list) and cells and cells[-1] is None:
            cells.pop()
        found.append((number, cells))
    return found


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Read every workbook in slices of so many bytes."""

    def use(size: int) -> None:
        monkeypatch.setattr(sheet_slices, "SLICED_BYTES", 0)
        monkeypatch.setattr(sheet_slices, "SLICE_BYTES", size)
        monkeypatch.setattr(xlsx_zip, "CHUNK_BYTES", size)

    return use


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    max_size=12,
)
CELLS = (
    st.none()
    | TEXTS
    | st.sampled_from(["same", " blank ", "_x000D_", "a\nb", "<row r=", "]]>", "&amp;"])
    | st.integers(-(10**16), 10**16)
    | st.floats(-1e20, 1e20)
    | st.booleans()
    | st.dates(date(1905, 1, 1), date(2090, 1, 1))
    | st.integers(10**8, 3 * 10**9).map(
        lambda second: datetime.fromtimestamp(second, UTC).replace(tzinfo=None)
    )
    | st.just(time(6, 30))
    | st.timedeltas(timedelta(), timedelta(days=9)).map(
        lambda span: timedelta(seconds=span.seconds + 86_400 * span.days)
    )
    | st.sampled_from([("=1+1", None, 2), ("=A1", None, "x"), ("=NA()", None, "#N/A")])
    | st.just(frozenset({"rich"}))
)


@settings(max_examples=60)
@given(
    st.lists(st.lists(CELLS, max_size=4), max_size=12),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "A4:A9", "B3:B4", "A1:C1"]),
    st.integers(200, 900),
)
def test_slices_hold_what_the_whole_holds(
    rows: Rows, dates_1904: bool, inline: bool, merged: str, size: int
) -> None:
    """Values, types, numbers of rows, faults, merged cells and warnings."""
    table = [["code", "title", "more", "last"], *rows, [], ["end"]]
    inline = inline and not merged
    data = workbook(table, merged=merged, dates_1904=dates_1904, inline=inline)
    whole, warnings = read(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_slices, "SLICED_BYTES", 0)
        patch.setattr(sheet_slices, "SLICE_BYTES", size)
        patch.setattr(xlsx_zip, "CHUNK_BYTES", size)
        found = read(data)

    assert (trimmed(found[0]), sorted(found[1])) == (trimmed(whole), sorted(warnings))
    types = [[type(x) for x in row] for _, row in trimmed(whole) if type(row) is list]
    assert types == [
        [type(x) for x in row] for _, row in trimmed(found[0]) if type(row) is list
    ]


def test_rows_are_cut_and_no_sheet_is_loaded_as_a_whole(
    slices: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(reader, "scan_sheet")
    rows = [[f"C-{n}", f"text {n % 7}", n, n % 2 == 0] for n in range(300)]
    data = workbook([["code", "title", "amount", "open"], *rows])
    slices(2_000)

    records = list(ExcelFormat().read(io.BytesIO(data), source="x"))

    assert records == [
        {"code": a, "title": b, "amount": c, "open": d} for a, b, c, d in rows
    ]


def edited(data: bytes, edits: dict[str, tuple[str, str]]) -> bytes:
    """Replace the first match of a pattern in parts of a workbook."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name).decode()
            pattern, replacement = edits.get(name, ("\\Z", ""))
            new.writestr(name, re.sub(pattern, replacement, text, count=1))
    return file.getvalue()


SHEET, TEXTS_PART = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize(
    "edits",
    [
        {SHEET: ('<row r="30"', "<row")},
        {SHEET: ('<row r="30" ', '<row spans="1:3" r="30" ')},
        {SHEET: ('(?=<row r="30")', '<!-- <row r="7"> -->')},
        {SHEET: ('(t="s"><v>)', r"\g<1>0")},
        {SHEET: ('<row r="30"', '<row r="4"')},
        {
            TEXTS_PART: (
                "<si><t>text 3</t></si>",
                "<si xml:space='x'><t>text 3</t></si>",
            )
        },
        {TEXTS_PART: ("<si><t>text 3</t></si>", "<si/>")},
        {
            TEXTS_PART: (
                "<si><t>text 3</t></si>",
                "<si><t>text 3</t></si ><!-- </si> -->",
            )
        },
        {SHEET: ("</sheetData>", "</sheetData >")},
        {SHEET: ("<sheetData>", "<sheetData xml:space='x'>")},
    ],
)
def test_unusual_spelling_is_read_as_a_whole(
    slices: Callable[[int], None], edits: dict[str, tuple[str, str]]
) -> None:
    """From the beginning, or from where it begins; no row comes twice."""
    rows = [[f"C-{n}", f"text {n}", n] for n in range(60)]
    data = edited(workbook([["code", "title", "amount"], *rows]), edits)
    whole = read(data)
    slices(500)

    assert read(data) == whole


@pytest.mark.parametrize(
    "edits",
    [
        {SHEET: ('(t="s"><v>)', r"\g<1>99999")},
        {SHEET: ("</sheetData>.*", "")},
        {TEXTS_PART: ("<si>.*", "")},
    ],
)
def test_damaged_sheet_is_refused_or_read_as_the_whole_is(
    slices: Callable[[int], None], edits: dict[str, tuple[str, str]]
) -> None:
    def outcome() -> Any:
        try:
            return read(data)
        except FileUnreadable as exc:
            return str(exc)

    rows = [[f"C-{n}", f"text {n}", n] for n in range(60)]
    data = edited(workbook([["code", "title", "amount"], *rows]), edits)
    whole = outcome()
    slices(500)

    assert outcome() == whole


def test_sheet_without_headers_is_as_wide_as_its_widest_row(
    slices: Callable[[int], None],
) -> None:
    data = workbook([["a"], *[["b"]] * 50, ["c", "d"]])
    slices(300)

    records = list(
        ExcelFormat().read(
            io.BytesIO(data), source="x", options=ReadingOptions(headers=False)
        )
    )
    assert records[0] == {"0": "a", "1": None}
    assert records[-1] == {"0": "c", "1": "d"}
