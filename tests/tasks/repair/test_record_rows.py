"""Failed records as rows of cells, and what is typed into one of them."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.failure_group import FailureFilter
from dmc_widgets.model.mend import NO_MEND, Mend
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.plan import ImportPlan, MigrationPlan
from dmc_widgets.model.task import Counts, Task, TaskPart
from dmc_widgets.tasks.repair.mending.record_rows import (
    CellEdit,
    RowColumns,
    build_row,
    mend_cell,
    part_filters,
)
from dmc_widgets.workspace import Failure

_LONG = "a text that is longer than reports keep, of which they have this…"
_RECORD = (
    '{"code":"P-1","size":7,"new":true,"price":1.25,"title":null,'
    '"state":{"key":"open"},"tags":[{"key":"a"},{"key":"b"}],"note":"'
    + _LONG
    + '","files":[{"name":"x","fileBase64":"UEsD…"}]}'
)
_PATHS: dict[str, tuple[str | int, ...]] = {
    "code": ("code",),
    "size": ("size",),
    "new": ("new",),
    "price": ("price",),
    "title": ("title",),
    "state.key": ("state", "key"),
    "tags.key_1": ("tags", 0, "key"),
    "tags.key_2": ("tags", 1, "key"),
    "note": ("note",),
    "files": ("files",),
    "colour": ("colour",),
}
_COLUMNS = RowColumns(_PATHS, {})


def _task(**traits: Any) -> Task:
    return Task(
        id=7,
        name="x",
        installation="Target",
        author="",
        created="",
        modified="",
        **{"plan": ImportPlan(entity_type="C_Picture"), **traits},
    )


def _failure(item: str = _RECORD, field: str = "size") -> Failure:
    return Failure(4, Problem("invalid-value", "Wrong.", field, "7"), item)


def _typed(column: str, text: str, mend: Mend = NO_MEND) -> Mend:
    return mend_cell(_task(), _failure(), _COLUMNS, CellEdit(column, text), mend)


def test_a_row_shows_values_as_they_are_typed() -> None:
    row = build_row(_task(), _failure(), _COLUMNS, Mend({("title",): "Flood"}))

    assert {name: cell.text for name, cell in row.cells.items()} == {
        "code": "P-1",
        "size": "7",
        "new": "true",
        "price": "1.25",
        "title": "Flood",
        "state.key": "open",
        "tags.key_1": "a",
        "tags.key_2": "b",
        "note": _LONG,
        "files": '[{"name":"x","fileBase64":"UEsD…"}]',
        "colour": "",
    }
    assert {
        name: x.before for name, x in row.cells.items() if x.before is not None
    } == {"title": ""}
    assert [name for name, cell in row.cells.items() if cell.is_locked] == [
        "note",
        "files",
    ]
    assert str(row.position) == "Record 4"


@pytest.mark.parametrize(
    ("column", "text", "path", "value"),
    [
        pytest.param("size", "9", ("size",), 9, id="number"),
        pytest.param("size", "007", ("size",), "007", id="no JSON number"),
        pytest.param("size", "many", ("size",), "many", id="text for a number"),
        pytest.param("new", "False", ("new",), False, id="truth value"),
        pytest.param("code", "12", ("code",), "12", id="text stays text"),
        pytest.param("title", "x", ("title",), "x", id="was empty"),
        pytest.param("code", "", ("code",), None, id="emptied"),
        pytest.param("state.key", "shut", ("state", "key"), "shut", id="part"),
        pytest.param("tags.key_2", "c", ("tags", 1, "key"), "c", id="in a list"),
        pytest.param("colour", "red", ("colour",), "red", id="missing field"),
    ],
)
def test_what_is_typed_keeps_the_type_of_the_value(
    column: str, text: str, path: tuple[str | int, ...], value: Any
) -> None:
    mend = _typed(column, text)

    assert mend == Mend({path: value})
    assert type(mend.values[path]) is type(value)


def test_the_original_text_takes_a_change_back() -> None:
    mend = _typed("code", "P-2", _typed("size", "9"))

    assert _typed("size", "7", mend) == Mend({("code",): "P-2"})


@pytest.mark.parametrize("column", ["note", "files"])
def test_a_value_of_which_reports_have_a_part_is_not_mended(column: str) -> None:
    with pytest.raises(
        InvalidPlan, match=f"Record 4: {column} is too long to be mended here"
    ):
        _typed(column, "short")


def test_a_record_that_cannot_be_read_shows_its_text_and_empty_cells() -> None:
    row = build_row(_task(), _failure('{"code": P-1}'), _COLUMNS)

    assert row.raw == '{"code": P-1}'
    assert {cell.text for cell in row.cells.values()} == {""}
    cut = build_row(_task(), _failure('{"code":"P-1","note":"aaa…'), _COLUMNS)
    assert (cut.is_too_long, cut.cells) == (True, {})


def test_a_secret_is_shown_neither_before_nor_after_it_was_typed() -> None:
    mend = _typed("code", "hunter2")

    row = build_row(_task(), _failure('{"code":"***"}'), _COLUMNS, mend)

    assert (row.cells["code"].text, row.cells["code"].before) == ("***", "***")


@pytest.mark.parametrize(
    ("sources", "field", "columns"),
    [
        pytest.param({}, "size", ("size",), id="same names"),
        pytest.param({}, "state", ("state.key",), id="a value with parts"),
        pytest.param({}, "tags", ("tags.key_1", "tags.key_2"), id="a list"),
        pytest.param({"width": "size"}, "width", ("size",), id="mapped"),
        pytest.param({"width": "size"}, "height", (), id="not mapped"),
        pytest.param({}, "", (), id="the whole record"),
    ],
)
def test_the_columns_at_fault_are_those_that_fill_the_field(
    sources: dict[str, str], field: str, columns: tuple[str, ...]
) -> None:
    known = RowColumns(_PATHS, sources)

    assert known.at_fault(field) == columns


def test_only_parts_with_failed_records_have_a_filter() -> None:
    parts = (
        TaskPart(entity_type="C_Room", first=1, counts=Counts(created=10)),
        TaskPart(entity_type="C_Picture", first=11, counts=Counts(created=4, failed=1)),
        TaskPart(entity_type="C_Room", links=True, first=16, counts=Counts(failed=2)),
    )

    filters = part_filters(_task(plan=MigrationPlan(source="A"), parts=parts))

    assert filters == {
        "C_Picture": FailureFilter(first=11, last=15),
        "C_Room (relationships)": FailureFilter(first=16),
    }
