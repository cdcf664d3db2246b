"""Rows without any value are not records, in whatever table, and they are counted."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from dmc_widgets.formats.source import open_source
from dmc_widgets.tasks.imports.file_head import read_head
from dmc_widgets.tasks.preview.sampling import take_sample
from tests.factories import zip_archive

ROWS = [["title", "priority"], ["a", "1"], ["", ""], ["b", "2"], ["", ""]]
RECORDS = [{"title": "a", "priority": "1"}, {"title": "b", "priority": "2"}]


def comma_separated(rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\r\n" for row in rows).encode()


def tab_separated(rows: Sequence[Sequence[str]]) -> bytes:
    return comma_separated(rows, "\t")


def gzipped(rows: Sequence[Sequence[str]]) -> bytes:
    return gzip.compress(comma_separated(rows))


def zipped(rows: Sequence[Sequence[str]]) -> bytes:
    return zip_archive("table.csv", comma_separated(rows))


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
        sheet.write_string(len(rows), 0, "last")
    return stream.getvalue()


FILES = [
    pytest.param("table.csv", comma_separated, id="csv"),
    pytest.param("table.tsv", tab_separated, id="tsv"),
    pytest.param("table.csv.gz", gzipped, id="gzip"),
    pytest.param("table.zip", zipped, id="zip"),
]


@pytest.mark.parametrize(("name", "write"), FILES)
def test_line_of_delimiters_only_is_counted_and_skipped(
    tmp_path: Path, name: str, write: Callable[[Sequence[Sequence[str]]], bytes]
) -> None:
    path = tmp_path / name
    path.write_bytes(write(ROWS))

    with open_source(path) as source:
        assert list(source.records()) == RECORDS
        assert source.notes == ("2 lines without any value were skipped.",)
        list(source.records())  # reading again counts again
        assert source.notes == ("2 lines without any value were skipped.",)


def test_empty_row_of_a_workbook_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(workbook(ROWS))

    with open_source(path) as source:
        assert list(source.records())[:2] == RECORDS
        assert source.notes == ("2 rows without any value were skipped.",)


def test_row_of_blanks_only_is_counted_in_a_workbook_too(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(workbook([["a", "b"], ["1", "2"], [" ", "\t"], ["", " "]]))

    with open_source(path) as source:
        assert list(source.records()) == [
            {"a": "1", "b": "2"},
            {"a": "last", "b": None},
        ]
        assert source.notes == ("2 rows without any value were skipped.",)


@pytest.mark.parametrize(
    ("data", "records"),
    [
        pytest.param(b"a,b\n,\n", [], id="nothing-else"),
        pytest.param(
            b"a,b,c\n,\n1,2,3\n", [{"a": "1", "b": "2", "c": "3"}], id="short"
        ),
        pytest.param(b'a,b\n"",""\n', [], id="quoted"),
        pytest.param(b"a,b\n,,,,\n", [], id="long"),
        pytest.param(b"a,b\n ,\t\n", [], id="blanks"),
        pytest.param("a,b\n\xa0,\n".encode(), [], id="no-break-space"),
    ],
)
def test_width_of_a_blank_row_does_not_matter(
    tmp_path: Path, data: bytes, records: list[dict[str, str]]
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)

    with open_source(path) as source:
        assert list(source.records()) == records
        assert source.notes == ("1 line without any value was skipped.",)


@pytest.mark.parametrize("data", [b",,\na,b\n1,2\n", b"\n\na,b\n1,2\n"])
def test_rows_above_the_column_names_are_not_counted_as_skipped(
    tmp_path: Path, data: bytes
) -> None:
    """As in a workbook, where the first row with a value names the columns."""
    path = tmp_path / "table.csv"
    path.write_bytes(data)

    with open_source(path) as source:
        assert list(source.records()) == [{"a": "1", "b": "2"}]
        assert source.notes == ()


def test_head_and_samples_note_skipped_rows_once_the_file_was_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(comma_separated(ROWS))
    note = "2 lines without any value were skipped."

    assert read_head(path).notes == (note,)
    assert read_head(path, limit=1).notes == ()
    assert take_sample(path, 1, spread=True).notes == (note,)
    assert take_sample(path).notes == (note,)
