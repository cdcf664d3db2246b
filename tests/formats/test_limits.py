"""The limits of a record hold while it is read: a small file cannot fill the memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats.excel.format import ExcelFormat
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.record import UnreadableRecord
from tests.factories import shrink_json_pieces

MIB = 1024**2
SIZE = 70 * MIB
PEAK_MIB = 320
"""What reading may take: the text of one record of 64 MiB, a few times over."""

READ = """
import resource, sys
from pathlib import Path
from dmc_widgets.errors import FileError
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.record import UnreadableRecord

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before, told = peak(), ""
try:
    with open_source(Path(sys.argv[1])) as source:
        for record in source.records():
            if isinstance(record, UnreadableRecord):
                told = record.problem.message
except FileError as exc:
    told = exc.reason
print((peak() - before) // 1024, told)
"""


def packed(path: Path, name: str, *parts: bytes) -> Path:
    """Write a zip whose entry repeats the second of three parts up to its size."""
    head, unit, tail = parts
    piece = unit * (MIB // len(unit))
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w") as entry,
    ):
        entry.write(head)
        for _ in range(SIZE // MIB):
            entry.write(piece)
        entry.write(tail)
    return path


VALUES = "holds more than 1,000,000 values"
CSV_LIMIT = "The record is larger than 64 MiB or has more than 1,000,000 values."


@pytest.mark.parametrize(
    ("name", "parts", "reason"),
    [
        pytest.param(
            "a.json", (b'[{"a":[', b"{},", b"0]}]"), VALUES, id="json-objects"
        ),
        pytest.param("a.json", (b'[{"a":[', b"0,", b"0]}]"), VALUES, id="json-numbers"),
        pytest.param(
            "a.json", (b"[", b'{"a":0},', b'{"a":1}]'), "", id="json-many-records"
        ),
        pytest.param(
            "a.json", (b'[{"a":', b"[", b"]}]"), "nested too deeply", id="json-deep"
        ),
        pytest.param(
            "a.json", (b'[{"a":', b" ", b"1}]"), "larger than 64 MiB", id="json-blanks"
        ),
        pytest.param("a.json", (b'[{"a":"', b"x", b'"}]'), "", id="json-text"),
        pytest.param(
            "a.jsonl", (b'{"a":[', b"{},", b"0]}\n"), VALUES, id="jsonl-objects"
        ),
        pytest.param(
            "a.jsonl",
            (b'{"a":1', b"0", b"}\n"),
            "larger than 64 MiB",
            id="jsonl-number",
        ),
        pytest.param(
            "a.json",
            (b'{"configuration":{"a":[', b"{},", b'0]},"items":[]}'),
            VALUES,
            id="jsont-configuration",
        ),
        pytest.param(
            "a.json",
            (b'{"items":[{"a":[', b"{},", b'0]}],"configuration":{}}'),
            VALUES,
            id="jsont-items",
        ),
        pytest.param(
            "a.json",
            (b"{", b'"a":0,', b'"items":[]}'),
            "has more than 10,000 keys",
            id="jsont-keys",
        ),
        pytest.param("a.csv", (b"a,b\n", b",", b"1\n"), CSV_LIMIT, id="csv-cells"),
        pytest.param("a.csv", (b"a,b\n", b"x", b",1\n"), CSV_LIMIT, id="csv-cell"),
        pytest.param("a.csv", (b"", b"a,", b"b\n1,2\n"), CSV_LIMIT, id="csv-header"),
    ],
)
def test_record_beyond_the_limits_does_not_fill_the_memory(
    tmp_path: Path, name: str, parts: tuple[bytes, bytes, bytes], reason: str
) -> None:
    path = packed(tmp_path / "a.zip", name, *parts)
    assert path.stat().st_size < MIB

    ended = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )

    peak, _, told = ended.stdout.strip().partition(" ")
    assert reason in told
    assert bool(reason) is bool(told)
    assert int(peak) < PEAK_MIB


@pytest.fixture
def short_records(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let records of tables have at most 50 bytes; the csv module keeps no limit."""
    usual = csv.field_size_limit()
    module = "dmc_widgets.formats.csv.reader"
    monkeypatch.setattr(f"{module}.RECORD_LIMIT_BYTES", 50)
    monkeypatch.setattr(f"{module}.LARGE_TEXT_BYTES", 10)
    yield
    csv.field_size_limit(usual)


@pytest.mark.usefixtures("short_records")
def test_reading_continues_after_a_line_that_is_too_long(
    read_file: Callable[..., list[Any]],
) -> None:
    """One bad record a line, in quotes or not, and no part of it is another record."""
    long = "x" * 120
    data = (
        f'a,b\n1,2\n{long},3\n4,5\n"{long}",6\n7,"8\n8\n8"\n9,"{long}\n{long}\n10,11\n'
    )

    found = read_file(data.encode(), "a.csv")

    shown = [x.problem.message if isinstance(x, UnreadableRecord) else x for x in found]
    limit = "The record is larger than 0 MiB or has more than 1,000,000 values."
    assert shown == [
        {"a": "1", "b": "2"},
        f"Line 3: {limit}",
        {"a": "4", "b": "5"},
        f"Line 5: {limit}",
        {"a": "7", "b": "8\n8\n8"},
        f"Line 9: {limit}",
        f"Line 10: {limit}",
        {"a": "10", "b": "11"},
    ]


@pytest.mark.usefixtures("short_records")
def test_record_of_too_many_lines_fails_as_one_record(
    read_file: Callable[..., list[Any]],
) -> None:
    """What its quotes enclose beyond the limit is not read as records of their own."""
    lines = 'x\n"" y,z\n' * 40
    data = f'a,b\n1,2\n3,"{lines}"\n4,5\n6\n7,"{lines}'

    found = read_file(data.encode(), "a.csv")

    shown = [x.problem.message if isinstance(x, UnreadableRecord) else x for x in found]
    limit = "The record is larger than 0 MiB or has more than 1,000,000 values."
    assert shown == [
        {"a": "1", "b": "2"},
        f"Line 3: {limit}",
        {"a": "4", "b": "5"},
        "Line 85: 1 value for 2 columns. There is none for 'b'. Complete the row, or "
        "choose that short rows are filled with empty values.",
        f"Line 86: {limit}",
    ]


@pytest.mark.parametrize("cut", range(1, 9))
def test_values_are_counted_outside_of_texts(
    monkeypatch: pytest.MonkeyPatch, read_file: Callable[..., list[Any]], cut: int
) -> None:
    """Wherever the pieces are cut: in texts, behind backslashes, between brackets."""
    shrink_json_pieces(monkeypatch, large=10, piece=cut, chunk=4)
    monkeypatch.setattr("dmc_widgets.formats.json.scanner.VALUE_LIMIT", 8)
    usual = {"a": ['{,\\"[', 1.5, {"b": None}], "c": ",[{,[{,[{"}
    many: dict[str, Any] = {"a": [[], 1, 2, 3, 4, 5, 6]}
    as_lines = f"{json.dumps(usual)}\n{json.dumps(many)}\n{json.dumps(usual)}\n"

    first, second, third = read_file(as_lines.encode(), "a.jsonl")

    assert {k: str(v) for k, v in first.items()} == {
        k: str(v) for k, v in third.items()
    }
    assert second.problem.message == "Line 2: The line holds more than 8 values."


def test_blank_lines_cost_no_time(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", "a.jsonl", b"", b"\n", b'{"a":1}\nx\n')
    began = time.process_time()

    with open_source(path) as source:
        first, second = source.records()

    assert first == {"a": 1}
    assert second.problem.message.startswith(f"Line {SIZE + 2}: ")  # type: ignore[union-attr]
    assert time.process_time() - began < 60


# Workbooks, which a library holds as a whole


def excel(fill: Callable[[Any], object]) -> bytes:
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream) as book:
        fill(book.add_worksheet("A"))
    return stream.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(FileUnreadable) as caught:
        list(ExcelFormat().read(io.BytesIO(data), source="a.xlsx"))
    return caught.value.reason


def test_sheet_that_is_nearly_empty_is_refused() -> None:
    """The library makes room for every cell between the first and the last."""

    def fill(sheet: Any) -> None:
        sheet.write(0, 0, "a")
        sheet.write(99_999, 199, "b")

    assert refusal(excel(fill)) == (
        "The sheet spans 20,000,000 cells, of which 2 hold a value. "
        "Delete the empty rows and columns, or save it as CSV."
    )


def test_empty_cells_do_not_count_against_the_limit() -> None:
    """A colour down to the last row is no reason to refuse a table."""

    def fill(sheet: Any) -> None:
        sheet.write_column(0, 0, ["a", "b"])
        sheet.write_blank(1_048_575, 199, None, sheet.default_url_format)

    found = list(ExcelFormat().read(io.BytesIO(excel(fill)), source="a.xlsx"))

    assert found == [{"a": "b"}]


def test_row_of_shared_texts_beyond_the_limit_is_one_bad_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("sheet_xml_check", "reader"):
        name = f"dmc_widgets.formats.excel.{module}.RECORD_LIMIT_BYTES"
        monkeypatch.setattr(name, 50_000)

    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x" * 30_000, "x" * 30_000])
        sheet.write_row(2, 0, ["x" * 30_000, "y"])

    first, second = ExcelFormat().read(io.BytesIO(excel(fill)), source="a.xlsx")

    assert isinstance(first, UnreadableRecord)
    assert first.problem.message.startswith("Row 2: A row of the sheet is larger")
    assert second["b"] == "y"  # type: ignore[index]


def test_text_shared_by_many_cells_is_counted_in_each() -> None:
    """A workbook of 200 KB would take a gibibyte, since each cell has its own copy."""

    def fill(sheet: Any) -> None:
        for row in range(34_000):
            sheet.write_string(row, 0, "x" * 32_000)

    data = excel(fill)

    assert len(data) < MIB
    assert refusal(data) == (
        "The texts of the sheet take more than 1 GiB. Split the sheet, or save it as "
        "CSV."
    )


def test_one_long_text_does_not_count_in_every_cell() -> None:
    def fill(sheet: Any) -> None:
        sheet.write_string(0, 0, "x" * 32_000)
        for row in range(1, 40_000):
            sheet.write_string(row, 0, "y")

    found = list(ExcelFormat().read(io.BytesIO(excel(fill)), source="a.xlsx"))

    assert len(found) == 39_999


def test_row_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dmc_widgets.formats.excel.sheet_xml_check.RECORD_LIMIT_BYTES", 2 * MIB
    )
    stream = io.BytesIO()
    row = b'<row r="2"><c r="A2" t="inlineStr"><is><t>%b</t></is></c></row></sheetData>'
    made = io.BytesIO(excel(lambda sheet: sheet.write(0, 0, 1)))
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", row % (b"x" * 3 * MIB))
            new.writestr(name, data)

    assert refusal(stream.getvalue()) == (
        "A row of the sheet is larger than 2 MiB. Split its texts."
    )
