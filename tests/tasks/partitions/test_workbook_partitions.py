"""The partitions of a large workbook are read from their own rows on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.formats.excel import sheet_slices, xlsx_zip
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.reading_options import ReadingOptions
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.tasks.partitions.planner import plan_partitions
from tests.tasks.partitions.test_planner import _require_same

Rows = list[list[Any]]


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_slices, "SLICED_BYTES", 0)
    monkeypatch.setattr(sheet_slices, "SLICE_BYTES", 2_000)
    monkeypatch.setattr(xlsx_zip, "CHUNK_BYTES", 2_000)


def _write(
    path: Path, rows: Rows, *, merged: str = "", inline: bool = False, above: int = 0
) -> None:
    """Write a workbook; a tuple is a formula and its result, None an empty cell."""
    with xlsxwriter.Workbook(path, {"constant_memory": inline}) as book:
        sheet = book.add_worksheet()
        grey = book.add_format({"bg_color": "gray"})
        for number, row in enumerate(rows, start=above):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, column, *cell)
                elif cell is None:
                    sheet.write_blank(number, column, None, grey)
                else:
                    sheet.write(number, column, cell)
        if merged:
            sheet.merge_range(merged, "same")


def _tickets(number: int) -> Rows:
    names: Rows = [["title", "priority", "note"]]
    return names + [[f"T-{n}", n, "é" * (n % 9)] for n in range(number)]


_ODD_ROWS: Rows = [
    [],
    [None, None],
    [" "],
    ["\u2003"],
    ["_x0020_"],
    ["&#32;"],
    ["", 0],
    [" ", None, "\u00e9"],
    ["beyond", 1, 2, 3],
    [("=1/0", None, "#DIV/0!")],
    [("=A1", None, "")],
    [("=A1", None, " ")],
    [12345678901234567890],
]


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("as_liferay", [False, True])
def test_records_are_those_of_the_whole_workbook(
    tmp_path: Path, *, inline: bool, as_liferay: bool
) -> None:
    path = tmp_path / "tickets.xlsx"
    rows = _tickets(900)
    for at, odd in enumerate(_ODD_ROWS * 4):
        rows.insert(17 * at + 11, odd)
    _write(path, [*rows, [], [None]], inline=inline)

    partitions = _require_same(path, ReadingOptions(as_liferay=as_liferay))

    assert len(partitions) == 4
    with open_source(path) as source:
        list(source.count_records())
        counted = source.notes
        list(source.records())
        assert source.notes[:1] == counted[:1]
        assert "without any value were skipped." in counted[0]


@given(
    cells=st.lists(
        st.sampled_from(["", " ", "\u00a0", "a", "&", "_x0009_", 1, True, None]),
        min_size=1,
        max_size=30,
    ),
    inline=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_rows_are_counted_as_they_are_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[Any], *, inline: bool
) -> None:
    """Whether a cell holds a value or blanks is seen without loading it, or it is."""
    path = tmp_path_factory.mktemp("rows") / "tickets.xlsx"
    _write(path, [["title"], *([cell] for cell in cells * 40), ["end"]], inline=inline)

    with open_source(path) as source:
        counted = sum(run.number for run in source.count_records())
        skipped = source.notes
        assert counted == sum(1 for _ in source.records())
        assert source.notes == skipped


def test_rows_above_the_names_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "tickets.xlsx"
    _write(path, [["A report"], ["of today"], *_tickets(500)], above=400)
    partitions = _require_same(path, ReadingOptions(skip_lines=402))
    assert sum(part.records for part in partitions) == 500


@pytest.mark.parametrize(
    ("merged", "options"),
    [("A3:A90", ReadingOptions()), ("", ReadingOptions(headers=False))],
)
def test_rows_that_depend_on_earlier_ones_are_read_from_the_beginning(
    tmp_path: Path, merged: str, options: ReadingOptions
) -> None:
    """Also of a sheet without names, which is as wide as its widest row."""
    path = tmp_path / "tickets.xlsx"
    _write(path, _tickets(500), merged=merged)
    assert len(_require_same(path, options, cut=False)) == 3


def test_rows_of_a_partition_are_the_only_ones_that_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tickets.xlsx"
    _write(path, _tickets(2000))
    loaded: list[int] = []
    pack = sheet_slices.SlicedWorkbook.pack

    def note(self: Any, sheet: str, outline: Any, rows: bytes) -> Any:
        loaded.append(rows.count(b"<row"))
        return pack(self, sheet, outline, rows)

    monkeypatch.setattr(sheet_slices.SlicedWorkbook, "pack", note)
    with open_source(path) as source:
        partitions = plan_partitions(source, RunOptions(error_limit="90%"), workers=2)
        counting, loaded[:] = sum(loaded), []
        place = partitions[-1].place
        assert place is not None
        number = sum(1 for _ in source.records_in(place))

    assert counting < 100
    assert number <= sum(loaded) < number + 100
