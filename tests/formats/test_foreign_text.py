"""Files that are called a workbook and are something else are read or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.tasks.imports.file_head import read_head

OPEN = "Open it in Excel or LibreOffice, and save it as an Excel workbook or as CSV."
HTML = "<html><body><table><tr><td>code</td></tr></table></body></html>"
SPREADSHEET = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
)
AS_TEXT = "The file is called an Excel workbook, but it is text, and is read as such."


@pytest.mark.parametrize("name", ["plums.xls", "plums.XLSX", "plums.csv", "plums.txt"])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(HTML.encode(), "an HTML table", id="html"),
        pytest.param(HTML.encode("utf-16"), "an HTML table", id="html-utf-16"),
        pytest.param(
            b"\xef\xbb\xbf \r\n<!DOCTYPE HTML>" + HTML.upper().encode(),
            "an HTML table",
            id="doctype",
        ),
        pytest.param(b"<table border=1><tr>", "an HTML table", id="table-alone"),
        pytest.param(b"<html><body>Sign in</body></html>", "an HTML page", id="page"),
        pytest.param(
            SPREADSHEET.encode(), "an XML spreadsheet of Excel 2003", id="xml-2003"
        ),
        pytest.param(
            b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n",
            "a web page in one file (MHTML)",
            id="mhtml",
        ),
        pytest.param(b"<?xml version='1.0'?><rows/>", "XML", id="xml"),
        pytest.param(
            b"\t\x04\x06\0\0\0\x10\0",
            "a worksheet of a very old Excel version",
            id="excel-4",
        ),
    ],
)
def test_html_and_xml_are_refused_by_name(
    read_file: Callable[..., list[Any]], name: str, data: bytes, what: str
) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_file(data, name)

    assert caught.value.reason == (
        f"This is {what}, not an Excel workbook or CSV. {OPEN}"
    )


@pytest.mark.parametrize("name", ["plums.xls", "plums.xlsx", "plums.xlsm"])
@pytest.mark.parametrize(
    ("data", "format_"),
    [
        pytest.param(b"code,name\r\nP-1,red\r\n", "CSV", id="csv"),
        pytest.param("code\tname\r\nP-1\tred\r\n".encode("utf-16"), "CSV", id="utf-16"),
        pytest.param(b'[{"code":"P-1","name":"red"}]', "JSON", id="json"),
        pytest.param(b'{"code":"P-1","name":"red"}\n' * 2, "JSONL", id="jsonl"),
    ],
)
def test_text_that_is_called_a_workbook_is_read_as_text(
    tmp_path: Path, name: str, data: bytes, format_: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)

    head = read_head(path, name)

    assert head.format == format_
    assert head.records[0] == {"code": "P-1", "name": "red"}
    assert head.warnings[:1] == (AS_TEXT,)


@pytest.mark.parametrize("data", [b"<b>,name\n1,2\n", b"<?,name\n1,2\n"])
def test_column_may_have_any_name(
    read_file: Callable[..., list[Any]], data: bytes
) -> None:
    (record,) = read_file(data, "plums.csv")

    assert record["name"] == "2"


def test_binary_data_is_not_a_workbook(
    read_file: Callable[..., list[Any]],
) -> None:
    with pytest.raises(FileUnreadable, match="This is not an Excel workbook that can"):
        read_file(bytes(range(256)) * 9, "plums.xlsx")
