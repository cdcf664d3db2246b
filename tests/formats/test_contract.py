"""Every format keeps the contract; what only some have stands in the tests of these."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dmc_widgets.errors import UnknownName
from dmc_widgets.formats import FORMATS, find_format
from dmc_widgets.model.entity_type import Field
from dmc_widgets.ports import ExportHeader
from dmc_widgets.testing import FormatContract
from dmc_widgets.testing.format_contract import PLUM


def workbook(*rows: list[str]) -> bytes:
    """Write rows below each other, the first one as names."""
    fields = tuple(Field(name=name) for name in "ab")
    items = [dict(zip("ab", row, strict=False)) for row in rows]
    stream = io.BytesIO()
    header = ExportHeader(entity_type=PLUM, fields=fields, include_headers=False)
    FORMATS["XLSX"].write(iter(items), stream, header)
    return stream.getvalue()


class TestCsv(FormatContract):
    format = FORMATS["CSV"]
    has_types = False
    has_empty = False
    has_end = False
    broken_file = b"a\r\n1\r\nx,y\r\n2\r\n"
    broken_place = "Line 3: "


class TestJson(FormatContract):
    format = FORMATS["JSON"]
    broken_file = b'[{"a":"1"},\n7,\n{"a":"2"}]'
    broken_place = "Line 2: "


class TestJsonLines(FormatContract):
    format = FORMATS["JSONL"]
    has_end = False
    empty_file = b""
    broken_file = b'{"a":"1"}\n7\n{"a":"2"}\n'
    broken_place = "Line 2: "


class TestBatchEngineFile(FormatContract):
    format = FORMATS["JSONT"]
    broken_file = b'{"configuration":{"className":"x"},"items":[{"a":"1"},7,{"a":"2"}]}'
    broken_place = "Line 1: "


def binary_column(*values: bytes) -> bytes:
    """Write a column of bytes, which are texts where they are UTF-8."""
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array(values, pa.binary())}), stream)
    return stream.getvalue()


class TestParquet(FormatContract):
    format = FORMATS["PARQUET"]
    has_types = False  # these have the columns of typed fields; see test_parquet_export
    streams = False
    broken_file = binary_column(b"1", b"\xff", b"2")
    broken_place = "Row 2: "


class TestExcel(FormatContract):
    format = FORMATS["XLSX"]
    has_empty = False
    streams = False
    broken_file = workbook(["a"], ["1"], ["x", "y"], ["2"])
    broken_place = "Row 3: "


def test_every_format_has_a_contract_test() -> None:
    tested = [
        value.format.info.name
        for value in globals().values()
        if isinstance(value, type)
        and issubclass(value, FormatContract)
        and value is not FormatContract
    ]

    assert tested == list(FORMATS)


def test_formats_stand_in_the_order_of_the_form() -> None:
    assert [
        (known.info.name, known.info.extension, known.info.can_read)
        for known in FORMATS.values()
    ] == [
        ("CSV", "csv", True),
        ("JSON", "json", True),
        ("JSONL", "jsonl", True),
        ("JSONT", "batch-engine-data.json", True),
        ("PARQUET", "parquet", True),
        ("XLSX", "xlsx", True),
    ]


def test_format_is_found_in_any_case() -> None:
    assert find_format("jsonl") is FORMATS["JSONL"]


def test_unknown_format_lists_the_known() -> None:
    with pytest.raises(UnknownName) as caught:
        find_format("XML")

    assert str(caught.value) == (
        "There is no format named 'XML'. Known: CSV, JSON, JSONL, JSONT, PARQUET, XLSX."
    )
