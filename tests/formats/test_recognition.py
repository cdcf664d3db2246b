"""Which format a file is in, and the words for a file that is in none."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileError, FileUnreadable
from dmc_widgets.formats.source import open_source
from tests.factories import workbook as xlsx_file

CLASS = '{"className":"org.Plum"}'
READABLE = (
    "What can be read: CSV (in a file named .csv, .tsv, .tab, .psv or .txt), a JSON "
    "array of objects, one object or a page, JSON Lines, a *.batch-engine-data.json "
    "file, Parquet, XLSX, or a zip that holds one of these."
)


@pytest.mark.parametrize(
    ("data", "name", "format_"),
    [
        pytest.param("[]", "a.json", "JSON", id="array"),
        pytest.param("\ufeff \n[]", "a", "JSON", id="array-behind-a-mark"),
        pytest.param("[" + " " * 100_000 + "]", "a.txt", "JSON", id="long-blanks"),
        pytest.param(" " * 100_000 + "[]", "a.txt", "JSON", id="blanks-before"),
        pytest.param('{"a":1}\n', "a.jsonl", "JSONL", id="one-line"),
        pytest.param('{"a":1}\n', "a.NDJSON", "JSONL", id="ndjson"),
        pytest.param('{"a":1}\n{"a":2}', "a.json", "JSONL", id="lines-by-content"),
        pytest.param('{"a":1}\noops', "a.txt", "JSONL", id="bad-second-line"),
        pytest.param("[1]\n[2]", "a.jsonl", "JSONL", id="lines-by-name"),
        pytest.param(
            f'{{"configuration":{CLASS},"items":[]}}', "a.json", "JSONT", id="batch"
        ),
        pytest.param(
            f'{{"items":[{{"a":1}}],"x":2,"configuration":{CLASS}}}',
            "a.txt",
            "JSONT",
            id="batch-items-first",
        ),
        pytest.param(
            '{"items":[1],"b":2}\n{"items":[3]}', "a.json", "JSONL", id="field-items"
        ),
    ],
)
def test_content_decides_the_format_and_the_name_breaks_ties(
    tmp_path: Path, data: str, name: str, format_: str
) -> None:
    path = tmp_path / "file"
    path.write_text(data, encoding="utf-8")

    with open_source(path, name=name) as source:
        assert (source.name, source.format.info.name) == (name, format_)
        assert source.size == len(data.encode())
        assert source.position == 0


def test_of_two_configurations_the_first_is_taken(tmp_path: Path) -> None:
    """As in Liferay, whose scan ends at the first."""
    path = tmp_path / "plums.json"
    path.write_text(
        f'{{"configuration":{CLASS},"configuration":{{"className":"B"}},"items":[]}}'
    )

    with open_source(path) as source:
        assert source.configuration is not None
        assert source.configuration.key == "org.Plum"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", f"The file is empty. {READABLE}", id="empty"),
        pytest.param(b" \r\n\t" * 50_000, f"The file is empty. {READABLE}", id="blank"),
        pytest.param(
            b"\xef\xbb\xbf", f"The file is empty. {READABLE}", id="byte-order-mark"
        ),
        pytest.param(
            b"code\r\nP-1\r\n",
            rf"This is not JSON; it begins with 'code\r\nP-1\r\n'. {READABLE}",
            id="text",
        ),
        pytest.param(
            "\u202e\x1b[31m".encode() + b"x" * 90,
            rf"This is not JSON; it begins with '\u202e\x1b[31m{'x' * 24}'. {READABLE}",
            id="control-characters-are-shown-harmlessly",
        ),
        pytest.param(
            '[{"a":1}]'.encode("utf-16"),
            "The file is UTF-16 or UTF-32 text. Save it as UTF-8.",
            id="utf-16",
        ),
        pytest.param(
            b'{"configuration":{"className":"A"}}',
            "The file is an object with 'configuration', but without 'items'. "
            "A batch engine file holds both; records alone are a JSON array.",
            id="no-items",
        ),
        pytest.param(
            b'{"configuration":{"className":"A"},"items":{}}',
            "Its 'items' is not an array.",
            id="items-no-array",
        ),
    ],
)
def test_file_without_records_is_refused_before_anything_is_read(
    read_file: Callable[..., list[Any]], data: bytes, message: str
) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_file(data)

    assert str(caught.value) == f"plums.json: {message}"


def test_a_file_named_as_parquet_is_said_to_be_none(
    read_file: Callable[..., list[Any]],
) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_file(b"code,weight\n", "plums.parquet")

    met = r"This is not Parquet; it begins with 'code,weight\n'."
    assert str(caught.value) == f"plums.parquet: {met} {READABLE}"


@pytest.mark.parametrize(
    "name", ["plums.csv", "P.CSV", "plums.tsv", "plums.tab", "plums.psv"]
)
def test_tables_are_recognised_by_their_name(
    read_file: Callable[..., list[Any]], name: str
) -> None:
    assert read_file(b"[1]\r\n1\r\n", name) == [{"[1]": "1"}]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"code,size\r\nP-1,2\r\n", id="commas"),
        pytest.param("code\tsize\r\nP-1\t2\r\n".encode("utf-16"), id="excel-unicode"),
        pytest.param(b"\n\ncode|size\nP-1|2", id="blank-lines-before"),
    ],
)
def test_text_file_that_does_not_begin_as_json_is_a_table(
    read_file: Callable[..., list[Any]], data: bytes
) -> None:
    """Programs call tables ``.txt``, Excel its "Unicode Text" among them."""
    assert read_file(data, "Plums.TXT") == [{"code": "P-1", "size": "2"}]


def test_text_file_that_begins_json_is_json_in_any_encoding(
    read_file: Callable[..., list[Any]],
) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_file('\n[{"a":1}]'.encode("utf-16"), "plums.txt")

    assert str(caught.value) == (
        "plums.txt: The file is UTF-16 or UTF-32 text. Save it as UTF-8."
    )


@pytest.fixture(scope="module")
def workbook() -> bytes:
    """A workbook with one record."""
    return xlsx_file([["code"], ["P-1"]], "Plums")


def as_it_is(data: bytes) -> bytes:
    return data


def in_a_zip(data: bytes, name: str = "plums") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        pytest.param("plums.xlsm", as_it_is, id="with-macros"),
        pytest.param("plums", as_it_is, id="no-extension"),
        pytest.param("plums.csv", as_it_is, id="wrong-extension"),
        pytest.param("plums.zip", as_it_is, id="called-a-zip"),
        pytest.param("plums.zip", in_a_zip, id="in-a-zip"),
        pytest.param("plums.gz", gzip.compress, id="in-gzip"),
    ],
)
def test_workbook_is_recognised_by_its_content(
    tmp_path: Path, workbook: bytes, name: str, packed: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(packed(workbook))

    with open_source(path, name=name) as source:
        assert source.format.info.name == "XLSX"
        assert [sheet.name for sheet in source.sheets()] == ["Plums"]
        assert list(source.records()) == [{"code": "P-1"}]


@pytest.mark.parametrize(
    ("name", "member", "message"),
    [
        pytest.param(
            "plums.xlsb",
            "xl/workbook.bin",
            "This is a binary Excel workbook (XLSB). Save it as XLSX or CSV.",
            id="xlsb",
        ),
        pytest.param(
            "plums.ods",
            "META-INF/manifest.xml",
            "This is an OpenDocument file, such as ODS. Save it as XLSX or CSV.",
            id="ods",
        ),
        pytest.param(
            "plums.numbers",
            "Index/Document.iwa",
            "This is an Apple iWork document, such as a Numbers spreadsheet. "
            "Export it as Excel or CSV.",
            id="numbers",
        ),
    ],
)
def test_spreadsheet_that_cannot_be_read_says_what_to_do(
    read_file: Callable[..., list[Any]], name: str, member: str, message: str
) -> None:
    """Whatever it is called, and inside a zip, too."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "")
        archive.writestr(member, "")
    data = stream.getvalue()

    for file, called, shown in (
        (data, name, name),
        (data, "plums.xlsx", "plums.xlsx"),
        (in_a_zip(data, name), "plums.zip", name),
    ):
        with pytest.raises(FileUnreadable) as caught:
            read_file(file, called)
        assert str(caught.value) == f"{shown}: {message}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"{", "The file ends within a key.", id="bracket-alone"),
        pytest.param(
            b"{'a':1}",
            "A key is not valid JSON (Expecting value), line 1, column 2.",
            id="single-quotes",
        ),
        pytest.param(
            b'{"items":[{"a":1},{"a":2',
            "The file ends within an element of 'items'.",
            id="cut-before-its-configuration",
        ),
        pytest.param(
            b'{"configuration":{"className":"org.Plum"',
            "The file ends within the configuration.",
            id="cut-in-its-configuration",
        ),
    ],
)
def test_object_that_is_broken_before_its_layout_is_known_names_the_place(
    read_file: Callable[..., list[Any]], data: bytes, message: str
) -> None:
    with pytest.raises(FileError) as caught:
        read_file(data)

    assert str(caught.value) == f"plums.json: {message}"
