"""The same table is the same records, whether it comes as CSV or as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats import FORMATS
from dmc_widgets.model.reading_options import ReadingOptions, ReadingReport, ShortRows
from dmc_widgets.model.record import UnreadableRecord
from tests.factories import workbook

NAMES = st.sampled_from(
    [
        *(
            "id",
            "title",
            "state.key",
            "state.name",
            "state",
            "tags.key_1",
            "tags.key_2",
        ),
        *("t_i18n_de_DE", "t_i18n_en_US", "\u200btitle", " id ", "title (2)", "", "0"),
    ]
)
CELLS = st.one_of(
    st.just(""),
    st.sampled_from(
        ["a", "A-1", "007", " x ", "1,5", "x;y", 'say "hi"', "'=1", "it's"]
    ),
    st.text("aß张\n '\"=;,", max_size=6),
)
TABLES = st.tuples(
    st.lists(NAMES, min_size=1, max_size=5),
    st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=6),
)


def comma_separated(rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue().encode()


def read(format_name: str, data: bytes, options: ReadingOptions) -> Any:
    """Return records, with a mark for those that fail, and warnings of columns."""
    report = ReadingReport()
    found = FORMATS[format_name].read(
        io.BytesIO(data), source="table", options=options, report=report
    )
    try:
        records = list(_marked(found))
    except FileUnreadable:
        return "nothing to read"
    return records, _settled(report)


def _marked(found: Iterator[Any]) -> Iterator[Any]:
    for each in found:
        yield "fails" if isinstance(each, UnreadableRecord) else each


def _settled(report: ReadingReport) -> list[str]:
    return [warning for warning in report.warnings if "columns are named" in warning]


@example(table=(["id"], [["", " "]]))
@given(table=TABLES)
@settings(max_examples=150, deadline=None)
def test_table_is_the_same_records_in_both_formats(
    table: tuple[list[str], list[list[str]]],
) -> None:
    names, rows = table
    options = ReadingOptions(
        delimiter=",",
        enclosing_character='"',
        encoding="UTF-8",
        short_rows=ShortRows.EMPTY,
    )

    by_commas = read("CSV", comma_separated([names, *rows]), options)
    by_cells = read("XLSX", workbook([names, *rows]), options)

    assert by_commas == by_cells


@given(table=TABLES)
@settings(max_examples=50, deadline=None)
def test_table_without_names_is_the_same_in_both_formats(
    table: tuple[list[str], list[list[str]]],
) -> None:
    """Its width is that of the first row; a workbook's rows are all as wide."""
    names, rows = table
    width = max(len(row) for row in [names, *rows])
    whole = [row + [""] * (width - len(row)) for row in [names, *rows]]
    options = ReadingOptions(
        delimiter=",", enclosing_character='"', encoding="UTF-8", headers=False
    )

    by_commas = read("CSV", comma_separated(whole), options)
    by_cells = read("XLSX", workbook(whole), options)

    assert _without_nulls(by_commas) == _without_nulls(by_cells)


def _without_nulls(found: Any) -> Any:
    """Leave out what is null: a workbook has no columns behind the last value."""
    if isinstance(found, str):
        return found
    records, warnings = found
    return [
        {k: v for k, v in record.items() if v is not None}
        if isinstance(record, dict)
        else record
        for record in records
    ], warnings
