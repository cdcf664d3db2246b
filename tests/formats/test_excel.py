"""Excel: cells of the right type, no digit lost, and nothing that runs or bursts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from dmc_widgets.errors import FileUnreadable, NotSupported
from dmc_widgets.formats.excel.format import ExcelFormat
from dmc_widgets.formats.excel.reader import _LibraryErrors, list_sheets, read_excel
from dmc_widgets.formats.excel.sheet_rows import escape_text
from dmc_widgets.formats.opened_file import OpenedFile
from dmc_widgets.model.entity_type import (
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
    Field,
)
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.reading_options import ReadingOptions, ReadingReport
from dmc_widgets.model.record import DateCell, UnreadableRecord
from dmc_widgets.ports import ExportHeader

ENTRY = EntityType(name="C_Plum", label="Plum", class_name=OBJECT_ENTRY)


def header_of(*fields: Field, headers: bool = True) -> ExportHeader:
    return ExportHeader(entity_type=ENTRY, fields=fields, include_headers=headers)


def written(header: ExportHeader, *items: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    assert ExcelFormat().write(iter(items), stream, header) == len(items)
    return stream.getvalue()


def rows(data: bytes, **options: Any) -> list[Any]:
    chosen = ReadingOptions(**options)
    file = OpenedFile(io.BytesIO(data), "plums.xlsx", chosen, ReadingReport())
    return [row for _, row in read_excel(file)]


def back(value: Any, kind: str = "string") -> Any:
    """Write *value* between two other cells, and read it."""
    fields = Field(name="a"), Field(name="b", type=kind), Field(name="c")
    data = written(header_of(*fields, headers=False), {"a": 1, "b": value, "c": 3})
    ((before, cell, after),) = rows(data, headers=False)
    assert (before, after) == (1, 3)
    return cell


def made(*sheets: tuple[str, dict[tuple[int, int], Any]]) -> bytes:
    """Make a workbook as somebody else would; a text ``#…`` becomes an error."""
    stream = io.BytesIO()
    xlsxwriter = import_module("xlsxwriter")
    with xlsxwriter.Workbook(stream) as book:
        formats = {
            kind: book.add_format({"num_format": text})
            for kind, text in {
                date: "yyyy-mm-dd",
                datetime: "yyyy-mm-dd hh:mm:ss.000",
                time: "hh:mm:ss",
                timedelta: "[h]:mm:ss",
            }.items()
        }
        for name, cells in sheets:
            sheet = book.add_worksheet(name)
            for (row, column), value in cells.items():
                if isinstance(value, str) and value.startswith("#"):
                    sheet.write_formula(row, column, "=NA()", None, value)
                elif type(value) in formats:
                    sheet.write_datetime(row, column, value, formats[type(value)])
                else:
                    sheet.write(row, column, value)
    return stream.getvalue()


def refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(FileUnreadable) as caught:
        rows(data, **options)
    return str(caught.value)


def repacked(data: bytes, **changes: bytes) -> bytes:
    """Return the zip with other contents for its files; ``sheet`` is the first."""
    names = {
        "sheet": "xl/worksheets/sheet1.xml",
        "book": "xl/workbook.xml",
        "texts": "xl/sharedStrings.xml",
    }
    by_name = {names[key]: value for key, value in changes.items()}
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, by_name.get(name, old.read(name)))
    return stream.getvalue()


def test_columns_are_those_of_csv(header: ExportHeader) -> None:
    plum = {
        "externalReferenceCode": "P-1",
        "note": "ripe",
        "Amount": Decimal("12345678901234567890.5"),
        "status": {"key": "open", "name": "Open"},
        "tags": [{"key": "a", "name": "A"}, {"key": "b", "name": "B"}],
    }

    assert rows(written(header, plum, {"externalReferenceCode": "P-2"})) == [
        [
            *("Amount", "externalReferenceCode", "note", "status.key", "status.name"),
            *("tags.key_1", "tags.name_1", "tags.key_2", "tags.name_2"),
        ],
        ["12345678901234567890.5", "P-1", "ripe", "open", "Open", "a", "A", "b", "B"],
        [None, "P-2", None, None, None, None, None, None, None],
    ]


def test_headers_can_be_left_out() -> None:
    data = written(header_of(Field(name="a"), headers=False), {"a": 1})

    assert rows(data, headers=False) == [[1]]


def test_header_row_is_bold_and_stays_in_sight(header: ExportHeader) -> None:
    with zipfile.ZipFile(io.BytesIO(written(header))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()

    assert '<pane ySplit="1"' in sheet
    assert 'state="frozen"' in sheet
    assert '<c r="A1" s="1" t="inlineStr">' in sheet


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("plum", "plum", id="text"),
        pytest.param("", None, id="empty-text-is-null"),
        pytest.param(None, None, id="null"),
        pytest.param("=1+1", "=1+1", id="formula"),
        pytest.param("{=1+1}", "{=1+1}", id="array-formula"),
        pytest.param("@x", "@x", id="at"),
        pytest.param("'x", "'x", id="apostrophe"),
        pytest.param("http://x.org", "http://x.org", id="link"),
        pytest.param("007", "007", id="number-as-text"),
        pytest.param("  x ", "  x ", id="spaces"),
        pytest.param("a\r\nb\rc\n\t", "a\r\nb\rc\n\t", id="line-ends"),
        pytest.param("\x00\x01\x1f\x7f", "\x00\x01\x1f\x7f", id="control-characters"),
        pytest.param("_x0041_", "_x0041_", id="escape"),
        pytest.param("_x005F_x0041_", "_x005F_x0041_", id="escapes-that-overlap"),
        pytest.param("<r><t>x</t></r>", "<r><t>x</t></r>", id="rich-text"),
        pytest.param("&lt;<&>]]>", "&lt;<&>]]>", id="markup"),
        pytest.param("čšž 😀\U0010ffff", "čšž 😀\U0010ffff", id="beyond-ascii"),
        pytest.param("\ud800", "\\ud800", id="half-pair"),
        pytest.param(5, 5, id="integer"),
        pytest.param(-(10**15) + 1, -(10**15) + 1, id="15-digits"),
        pytest.param(10**15, "1000000000000000", id="16-digits"),
        pytest.param(2**64, "18446744073709551616", id="beyond-64-bit"),
        pytest.param(5.0, 5, id="whole-float"),
        pytest.param(0.1, 0.1, id="float"),
        pytest.param(0.30000000000000004, "0.30000000000000004", id="17-digits"),
        pytest.param(1e300, 1e300, id="large-float"),
        pytest.param(5e-324, "5e-324", id="below-excels-floats"),
        pytest.param(float("inf"), "inf", id="infinite"),
        pytest.param(Decimal("0.10"), 0.1, id="decimal"),
        pytest.param(Decimal("0.1234567890123456"), "0.1234567890123456", id="long"),
        pytest.param(Decimal("1E+400"), "1E+400", id="beyond-a-float"),
        pytest.param(True, True, id="true"),
        pytest.param(False, False, id="false"),
        pytest.param(["a", 1, None, True], "a,1,,true", id="list"),
        pytest.param(["a,b", 'c"'], '"a,b","c"""', id="list-with-commas"),
        pytest.param([], None, id="empty-list"),
        pytest.param({"en": "A"}, '{"en":"A"}', id="map-is-json"),
        pytest.param([{"a": 1}], '[{"a":1}]', id="objects-are-json"),
    ],
)
def test_value_is_written_as_its_cell(value: Any, cell: Any) -> None:
    """No digit and no character is lost, and no text runs."""
    found = back(value)

    assert (type(found), found) == (type(cell), cell)


@pytest.mark.parametrize(
    ("text", "is_date"),
    [
        ("1900-03-01", True),
        ("2024-02-29", True),
        ("9999-12-31", True),
        ("1900-02-28", False),
        ("0001-01-01", False),
        ("2023-02-29", False),
        ("2024-01-02T00:00:00Z", False),
        ("soon", False),
    ],
)
def test_date_is_a_date_cell_where_excel_has_that_day(text: str, is_date: bool) -> None:
    header = header_of(Field(name="a", type="Date"), headers=False)
    data = written(header, {"a": text})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")

    assert (b"inlineStr" not in sheet) is is_date
    assert rows(data, headers=False) == [[text]]


@pytest.mark.parametrize("text", ["2024-01-02T00:00:00.000Z", "2024-01-02"])
def test_date_with_time_stays_a_text(text: str) -> None:
    """A date cell knows no time zone, and would lose the Z."""
    assert back(text, "DateTime") == text


def test_no_text_becomes_a_formula_or_a_link() -> None:
    hostile = ("=1+1", "<r></is></c><c><f>1+1</f></r>", "mailto:x@y.z", "{=1}")
    data = written(header_of(Field(name="=a")), *({"=a": each} for each in hostile))

    assert rows(data) == [["=a"], *([each] for each in hostile)]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_same_items_give_the_same_bytes(header: ExportHeader) -> None:
    assert written(header, {"note": "a"}) == written(header, {"note": "a"})


def test_stream_need_not_be_seekable(header: ExportHeader) -> None:
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with io.BufferedWriter(pipe) as stream:
        ExcelFormat().write([{"note": "a"}], stream, header)

    assert pipe.data == written(header, {"note": "a"})


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"a": "x" * 32_768},
            "An Excel cell holds 32,767 characters, and a text in 'a' has 32,768. "
            "Leave the field out, or choose JSON, JSONL or JSONT.",
        ),
        (
            {"a": "😀" * 16_384},
            "An Excel cell holds 32,767 characters, and a text in 'a' has 32,768. "
            "Leave the field out, or choose JSON, JSONL or JSONT.",
        ),
        (
            {"a": "\uffff"},
            "An Excel cell cannot hold U+FFFF, which is in 'a'. "
            "Remove it, or choose JSON, JSONL or JSONT.",
        ),
    ],
    ids=["long", "long-in-utf-16", "no-character"],
)
def test_text_that_a_cell_cannot_hold_is_refused(
    item: dict[str, Any], message: str
) -> None:
    stream = io.BytesIO()
    with pytest.raises(NotSupported) as caught:
        ExcelFormat().write([item], stream, header_of(Field(name="a")))

    assert str(caught.value) == message
    assert stream.getvalue() == b""


def test_longest_text_comes_back() -> None:
    assert back("_x0041_" * 4681) == "_x0041_" * 4681


def test_more_rows_than_a_sheet_has_are_refused() -> None:
    items: Iterator[dict[str, Any]] = ({} for _ in range(1_048_576))
    with pytest.raises(NotSupported) as caught:
        ExcelFormat().write(items, io.BytesIO(), header_of(Field(name="a")))

    assert str(caught.value) == (
        "An Excel sheet holds 1,048,576 rows, and there are more entries. "
        "Choose JSON, JSONL or JSONT."
    )


def test_definitions_are_refused() -> None:
    kind = EntityType(name="ObjectDefinition", label="", class_name=OBJECT_DEFINITION)
    with pytest.raises(NotSupported) as caught:
        ExcelFormat().write([], io.BytesIO(), ExportHeader(entity_type=kind, fields=()))

    assert str(caught.value) == (
        "XLSX holds entries of objects, not items of ObjectDefinition. "
        "Choose JSON, JSONL or JSONT."
    )


def test_more_values_than_columns_are_refused(header: ExportHeader) -> None:
    with pytest.raises(NotSupported) as caught:
        written(header, {"tags": [{"key": "a"}, {"key": "b"}, {"key": "c"}]})

    assert str(caught.value) == (
        "XLSX has columns for 2 values of 'tags', and a record holds 3. "
        "Choose JSON, JSONL or JSONT."
    )


def test_dates_and_times_are_read_as_iso_texts() -> None:
    cells = [
        date(2024, 1, 2),
        datetime.fromisoformat("2024-01-02T03:04:05"),
        datetime.fromisoformat("2024-01-02T03:04:05.678"),
        time(6, 7, 8),
        timedelta(hours=36, seconds=1),
    ]
    data = made(("A", {(0, place): cell for place, cell in enumerate(cells)}))

    (found,) = rows(data, headers=False)
    assert found == [
        *("2024-01-02", "2024-01-02T03:04:05", "2024-01-02T03:04:05.678"),
        *("06:07:08", "36:00:01"),
    ]
    assert [type(each) for each in found] == [*[DateCell] * 4, str]


@pytest.mark.parametrize("serial", [1e300, -1e300, -5.5, 1e10, 2958466, 2**63, -0.5])
def test_impossible_date_raises_only_file_errors(serial: float) -> None:
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        span = book.add_format({"num_format": "[h]:mm:ss"})
        sheet = book.add_worksheet()
        sheet.write_number(0, 0, serial, day)
        sheet.write_number(0, 1, serial, span)

    with suppress(FileUnreadable):
        ((first, second),) = rows(stream.getvalue(), headers=False)
        assert first is not None
        assert second is not None


def test_panic_of_the_library_becomes_a_file_error() -> None:
    """Ctrl+C and the like go on as they are."""
    panic = type("PanicException", (BaseException,), {})
    with pytest.raises(FileUnreadable) as caught, _LibraryErrors("plums.xlsx"):
        raise panic

    assert str(caught.value) == NO_WORKBOOK
    with pytest.raises(KeyboardInterrupt), _LibraryErrors("plums.xlsx"):
        raise KeyboardInterrupt


def test_column_names_are_texts() -> None:
    data = made(("A", {(0, 0): 1, (0, 1): 1.5, (0, 2): True, (0, 4): "x", (1, 0): 1}))

    assert rows(data) == [["1", "1.5", "true", "", "x"], [1, None, None, None, None]]


def test_rows_begin_at_column_a_and_below_empty_rows() -> None:
    data = made(("A", {(2, 2): "h", (3, 2): 1.5, (3, 4): True, (5, 2): 7}))

    assert rows(data) == [
        ["", "", "h", "", ""],
        [None, None, 1.5, None, True],
        [None, None, None, None, None],
        [None, None, 7, None, None],
    ]


def test_row_with_an_error_names_its_cell() -> None:
    data = made(
        ("A", {(2, 2): "h", (3, 2): "x", (3, 3): "#N/A", (4, 2): "y", (5, 3): "#REF!"})
    )

    assert rows(data)[1:] == [
        UnreadableRecord(
            Problem(
                "unreadable-record",
                "Cell D4 holds an error. Correct its formula, or empty the cell.",
            ),
            "x, ",
        ),
        [None, None, "y", None],
        UnreadableRecord(
            Problem(
                "unreadable-record",
                "Cell D6 holds an error. Correct its formula, or empty the cell.",
            ),
            ", ",
        ),
    ]


def test_sheet_is_found_by_its_name() -> None:
    data = made(("A & B", {(0, 0): 1}), ("Čš", {(0, 0): "#N/A", (1, 0): 2}))

    found = list_sheets(io.BytesIO(data), source="x")
    assert [each.name for each in found] == ["A & B", "Čš"]
    assert rows(data, headers=False) == [[1]]
    assert rows(data, sheet="Čš", headers=False)[1:] == [[2]]
    assert refusal(data, sheet="C") == (
        "plums.xlsx: The sheet 'C' does not exist. Known: A & B, Čš."
    )


NO_WORKBOOK = (
    "plums.xlsx: This is not an Excel workbook that can be read; it may be damaged. "
    "Get it again, or open it in Excel or LibreOffice and save it."
)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "plums.xlsx: The file is empty.", id="empty"),
        pytest.param(b"a,b\n", NO_WORKBOOK, id="csv"),
        pytest.param(OLD + b"\xff" * 5000, NO_WORKBOOK, id="bad-xls"),
        pytest.param(
            OLD + b"\0" * 1048570 + "EncryptedPackage".encode("utf-16-le"),
            "plums.xlsx: The workbook is protected by a password. Save it without one.",
            id="password",
        ),
        pytest.param(
            b"PK\x03\x04abc",
            "plums.xlsx: The packed file is damaged. Get it again.",
            id="cut-zip",
        ),
        pytest.param(
            made(("A", {})), "plums.xlsx: The sheet 'A' is empty.", id="empty-sheet"
        ),
        pytest.param(
            made(("A", {(0, 0): 1, (1048575, 16383): 2})),
            "plums.xlsx: The sheet spans 17,179,869,184 cells, and 100,000,000 can "
            "be read. Delete the empty rows and columns, or save it as CSV.",
            id="far-cell",
        ),
        pytest.param(
            repacked(made(("A", {(0, 0): 1})), sheet=b" " * 30_000_000),
            "plums.xlsx: The workbook would grow to more than 200 times its packed "
            "size, as no table does. Save it as CSV.",
            id="bomb",
        ),
        pytest.param(
            repacked(
                made(("A", {(0, 0): "x"})), texts=b'<sst uniqueCount="1999999999"/>'
            ),
            "plums.xlsx: The packed file is damaged. Get it again.",
            id="more-texts-than-bytes",
        ),
        pytest.param(
            repacked(made(("A", {(0, 0): 1})), book=b"<workbook/>"),
            "plums.xlsx: The workbook has no sheet with cells.",
            id="no-sheets",
        ),
    ],
)
def test_file_that_cannot_be_read_says_why(data: bytes, message: str) -> None:
    assert refusal(data) == message


def test_zip_of_something_else_is_not_a_workbook() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("content.xml", "<x/>")

    assert refusal(stream.getvalue()) == (
        "plums.xlsx: This zip is not an Excel workbook. Call it .zip if it "
        "holds one of records."
    )


def test_wrong_stated_size_is_damage() -> None:
    """Else a bomb would only have to call itself small."""
    data = repacked(made(("A", {(0, 0): 1})), sheet=b"<x>" + b" " * 5000)
    lying = data.replace((5003).to_bytes(4, "little"), (9).to_bytes(4, "little"))

    assert lying != data
    assert refusal(lying) == "plums.xlsx: The packed file is damaged. Get it again."


def test_value_beyond_the_named_columns_is_a_bad_record_with_its_row() -> None:
    data = made(("A", {(2, 0): "name", (3, 0): "x", (4, 0): "y", (4, 1): "z"}))

    first, second = ExcelFormat().read(io.BytesIO(data), source="plums.xlsx")

    assert first == {"name": "x"}
    assert second == UnreadableRecord(
        Problem(
            "unreadable-record",
            "Row 5: There is a value beyond the 1 column with a name.",
        )
    )


@pytest.mark.parametrize("name", ["Ftrue1", "ABCD1", "A12345678", "A-1", "1:A"])
def test_cell_outside_of_the_sheet_is_damage(name: str) -> None:
    """The library would take it for one of millions of columns, and make room."""
    sheet = f'<worksheet><sheetData><row r="1"><c r="{name}"><v>1</v></c></row>'
    data = repacked(
        made(("A", {(0, 0): 1})), sheet=f"{sheet}</sheetData></worksheet>".encode()
    )

    assert refusal(data) == "plums.xlsx: The packed file is damaged. Get it again."


HOSTILE = [
    *["a", " a", "a ", "a\nb", "\n", "a\r\nb", "\u2003x", "x\xa0", "&<>", "<r>a</r>"],
    *["_x0041_", "_x005F_x0041_", "\x00\x1f", "\t", "<r>", "😀", "__x0041_", "x_", ""],
]


def test_rows_are_those_of_the_library() -> None:
    """Its own cells, one by one, would be the same XML."""
    fields = [Field(name=name) for name in ("a", "b", "c", "e")]
    fields[3:3] = [Field(name="d", type="Date")]
    values = [*HOSTILE, True, False, 0, -7, 1.5, 1e300, 123456789012345, 0.1, None]
    days = ["2024-01-02", "1900-03-01", "9999-12-31"]
    items = [
        {"a": x, "b": None, "c": y, "d": days[n % 3], "e": None}
        for n, (x, y) in enumerate(zip(values, reversed(values), strict=True))
    ] + [{}, {"c": "last"}]
    expected = io.BytesIO()
    with xlsxwriter.Workbook(
        expected, {"constant_memory": True, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("Entries")
        sheet._escape_control_characters = escape_text
        book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, item in enumerate(items):
            for column, name in enumerate("abcde"):
                value = item.get(name)
                if isinstance(value, bool):
                    sheet.write_boolean(row, column, value)
                elif isinstance(value, int | float):
                    sheet.write_number(row, column, value)
                elif name == "d" and value:
                    sheet.write_datetime(row, column, date.fromisoformat(value), day)
                elif value:
                    sheet.write_string(row, column, value)

    data = written(header_of(*fields, headers=False), *items)

    assert sheet_xml(data) == sheet_xml(expected.getvalue())


def sheet_xml(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()
