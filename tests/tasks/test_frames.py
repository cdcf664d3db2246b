"""Items become dataframes and come back without a loss."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.center import Center
from dmc_widgets.center.frames import frame_to_records, items_to_frame
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.entity_type import EntityType, Field
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.task import Counts, TaskStatus
from tests.tasks.gallery import FULL

FIELDS = tuple(
    Field(name=name, type=kind)
    for name, kind in {
        "title": "Text",
        "rank": "Integer",
        "views": "LongInteger",
        "weight": "Decimal",
        "price": "PrecisionDecimal",
        "shown": "Boolean",
        "painted": "Date",
        "hung": "DateTime",
        "opened": "DateTime",
        "colour": "Picklist",
        "tones": "MultiselectPicklist",
        "address": "object",
    }.items()
)
PICTURE = EntityType(
    name="C_Picture", label="Picture (v1.0)", class_name="x.Entry", fields=FIELDS
)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return list(frame_to_records(frame, PICTURE))


def moments(zone: str) -> st.SearchStrategy[str]:
    days = st.datetimes().filter(lambda day: 1 < day.year < 9999)
    return days.map(lambda day: day.isoformat(timespec="milliseconds") + zone)


ENTRY = st.fixed_dictionaries({"key": st.sampled_from("abc"), "name": st.text()})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "title": st.text(),
    "rank": st.integers(-(2**31), 2**31 - 1),
    "views": st.integers(-(2**53), 2**53),
    "weight": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
    "price": st.decimals(allow_nan=False, allow_infinity=False, places=9),
    "shown": st.booleans(),
    "painted": st.dates(date(1, 1, 2)).map(date.isoformat),
    "hung": moments("Z"),
    "opened": moments(""),
    "colour": ENTRY,
    "tones": st.lists(ENTRY),
    "address": st.dictionaries(st.text(min_size=1), st.text()),
}
ITEMS = st.lists(
    st.fixed_dictionaries(
        {name: st.none() | values for name, values in VALUES.items()}
    ),
    max_size=5,
)


@given(ITEMS)
def test_items_come_back_from_a_frame_as_they_were(items: list[dict[str, Any]]) -> None:
    """Only a picklist entry is its key alone, by which it is found again."""
    expected = [
        {**item, "colour": item["colour"] and item["colour"]["key"]} for item in items
    ]

    assert records_of(items_to_frame(items, FIELDS)) == expected


def test_columns_have_the_types_of_their_fields() -> None:
    item = {
        "title": "Sea",
        "rank": 3,
        "views": 2**40,
        "weight": 1.5,
        "price": Decimal("0.10"),
        "shown": True,
        "painted": "2024-01-05",
        "hung": "2024-01-05T15:00:00.000Z",
        "opened": "2024-01-05T15:00:00.000",
        "colour": {"key": "red", "name": "Red"},
        "tones": [{"key": "red", "name": "Red"}],
        "address": {"city": "Rome"},
    }

    frame = items_to_frame([item, {}], FIELDS)

    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "title": "string",
        "rank": "Int64",
        "views": "Int64",
        "weight": "Float64",
        "price": "object",
        "shown": "boolean",
        "painted": "datetime64[s]",
        "hung": "datetime64[ms, UTC]",
        "opened": "datetime64[ms]",
        "colour": "string",
        "tones": "object",
        "address": "object",
    }
    assert frame["colour"][0] == "red"


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        ("rank", 3.0, 3),
        ("rank", np.int32(3), 3),
        ("rank", 3.5, 3.5),
        ("rank", 10**30, 10**30),
        ("weight", np.float64(1.5), 1.5),
        ("weight", float("nan"), None),
        ("price", Decimal("1.10"), Decimal("1.10")),
        ("shown", np.bool_(True), True),
        ("title", pd.NA, None),
        ("title", "2024-01-05 00:00:00", "2024-01-05 00:00:00"),
        ("painted", pd.Timestamp("2024-01-05"), "2024-01-05"),
        ("painted", date(2024, 1, 5), "2024-01-05"),
        ("painted", "2024-01-05 00:00:00", "2024-01-05"),
        ("painted", "2024-01-05", "2024-01-05"),
        ("painted", 1704412800000, "2024-01-05"),
        ("painted", pd.NaT, None),
        ("hung", pd.Timestamp("2024-01-05 15:00"), "2024-01-05T15:00:00.000"),
        ("hung", datetime(2024, 1, 5, 15, tzinfo=UTC), "2024-01-05T15:00:00.000Z"),
        (
            "hung",
            pd.Timestamp("2024-01-05 16:00", tz="Europe/Rome"),
            "2024-01-05T15:00:00.000Z",
        ),
        ("hung", "2024-01-05 16:00:00+01:00", "2024-01-05T15:00:00.000Z"),
        ("hung", "2024-01-05T15:00:00Z", "2024-01-05T15:00:00Z"),
        ("hung", 1704466800000, "2024-01-05T15:00:00.000Z"),
        ("hung", "yesterday", "yesterday"),
        ("tones", ["red"], ["red"]),
        ("tones", np.array(["red"]), ["red"]),
        ("address", {"number": np.int64(3)}, {"number": 3}),
    ],
)
def test_cell_becomes_what_json_can_hold(name: str, cell: Any, expected: Any) -> None:
    frame = pd.DataFrame({name: pd.Series([cell], dtype=object)})

    (record,) = records_of(frame)

    assert record == {name: expected}
    assert type(record[name]) is type(expected)


@pytest.mark.parametrize(
    "columns", [[("address", "city"), ("title", "")], ["address.city", "title"]]
)
def test_columns_of_a_nested_value_make_one_value(columns: list[Any]) -> None:
    frame = pd.DataFrame([["Rome", "Sea"], [None, "Sky"]], columns=columns)
    if isinstance(columns[0], tuple):
        frame.columns = pd.MultiIndex.from_tuples(columns)

    assert records_of(frame) == [
        {"address": {"city": "Rome"}, "title": "Sea"},
        {"address": None, "title": "Sky"},
    ]


def test_index_that_is_called_like_a_field_is_a_column() -> None:
    frame = pd.DataFrame({"rank": [3]}, index=pd.Index(["Sea"], name="title"))

    assert records_of(frame) == [{"title": "Sea", "rank": 3}]
    assert records_of(frame.reset_index(drop=True)) == [{"rank": 3}]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([0, "title"], "The frame has a column 0. Name it with a text."),
        (["title", "title"], "The frame has two columns 'title'. Rename one of them."),
    ],
)
def test_column_without_a_name_of_its_own_is_refused(
    columns: list[Any], message: str
) -> None:
    frame = pd.DataFrame([["a", "b"]], columns=columns)

    with pytest.raises(InvalidPlan) as caught:
        records_of(frame)

    assert str(caught.value) == message


@pytest.fixture
def pictures(gallery: Center) -> Center:
    """The gallery with three pictures, one of which has a value in every field."""
    frame = pd.DataFrame(
        [
            {name: value for name, value in FULL.items() if name != "scan"},
            {"externalReferenceCode": "P-2", "title": "'=Sky\n", "price": 1},
            {"externalReferenceCode": "P-3", "title": "0012", "weight": 1e-9},
        ],
        dtype=object,
    )
    task = gallery.import_frame("gallery", "Picture", frame)
    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts(created=3))
    return gallery


def test_importing_a_frame_of_an_installation_changes_nothing(pictures: Center) -> None:
    with pictures.installations.connect("gallery") as opened:
        frame = opened.to_pandas("Picture")

    task = pictures.import_frame("gallery", "Picture", frame)

    assert len(frame) == 3
    assert [outcome.kind for outcome in task.outcomes()] == [OutcomeKind.UNCHANGED] * 3
