"""The names of the columns of a table: one rule for CSV and for workbooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.formats.source import open_source
from dmc_widgets.tasks.imports.file_head import read_head
from tests.factories import workbook as xlsx_file

Rows = list[list[str]]
Write = Callable[[Path, Rows], Path]


def comma_separated(folder: Path, rows: Rows) -> Path:
    path = folder / "a.csv"
    text = "".join(",".join(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def workbook(folder: Path, rows: Rows) -> Path:
    path = folder / "a.xlsx"
    path.write_bytes(xlsx_file(rows))
    return path


both = pytest.mark.parametrize("write", [comma_separated, workbook])


def read(path: Path) -> list[Any]:
    with open_source(path) as source:
        return list(source.records())


@both
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("\u200btitle", id="zero-width-space"),
        pytest.param("ti\u00adtle", id="soft-hyphen"),
        pytest.param("title\u200e\u200f", id="direction-marks"),
        pytest.param("\ufefftitle", id="byte-order-mark"),
        pytest.param("\u2060 title\u00a0", id="joiner-and-spaces"),
    ],
)
def test_invisible_characters_are_removed_from_column_names(
    tmp_path: Path, write: Write, name: str
) -> None:
    """A name from a web page or a word processor names the field that it shows."""
    path = write(tmp_path, [["id", name], ["1", "a\u200bb"]])

    assert read(path) == [{"id": "1", "title": "a\u200bb"}]


@both
def test_columns_of_one_name_are_numbered_and_reported(
    tmp_path: Path, write: Write
) -> None:
    names = ["Name", "Name", "x", "\u200bName ", "Name (2)"]
    path = write(tmp_path, [names, ["a", "b", "c", "d", "e"]])

    head = read_head(path)

    assert head.records == (
        {"Name": "a", "Name (3)": "b", "x": "c", "Name (4)": "d", "Name (2)": "e"},
    )
    assert head.warnings == (
        "3 columns are named 'Name'. In the order of the file they are read as 'Name', "
        "'Name (3)' and 'Name (4)'.",
    )


@both
def test_second_column_of_a_part_is_a_field_of_its_own(
    tmp_path: Path, write: Write
) -> None:
    names = ["state.key", "state.key", "t_i18n_de_DE", "t_i18n_de_DE"]
    path = write(tmp_path, [names, ["a", "b", "c", "d"]])

    assert read(path) == [
        {
            "state": {"key": "a"},
            "state.key (2)": "b",
            "t_i18n": {"de_DE": "c"},
            "t_i18n_de_DE (2)": "d",
        }
    ]
